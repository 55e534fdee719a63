// The numbers of a set of packed networks, each kind by its name: what training starts from, what it gives, what a
// checkpoint keeps and what a fold is made of. Which page lies where is FrameTable's.

/// All weights of a set of packed networks.
public struct PackedWeights: Hashable, Sendable {
    /// [frames][page size]: the shared frames, then the exclusive pages.
    public var pool: [Float]
    /// [frames]: the factor of each frame's codes; 1 where its format has none. NaN before training: to be found.
    public var quanta: [Float]
    /// For each network its tail, [tailCount].
    public var tails: [[Float]]
    /// For each network the weights of its patches, [patches][patch size].
    public var patches: [[Float]]

    public init(pool: [Float], quanta: [Float], tails: [[Float]], patches: [[Float]]) {
        self.pool = pool
        self.quanta = quanta
        self.tails = tails
        self.patches = patches
    }
}

/// One vector of weights with Adam's moments, as values.
public struct AdamVectors: Hashable, Sendable {
    public var weights: [Float]
    public var first: [Float]
    public var second: [Float]

    public init(weights: [Float], first: [Float], second: [Float]) {
        self.weights = weights
        self.first = first
        self.second = second
    }

    public var isFinite: Bool { [weights, first, second].allSatisfy { $0.allSatisfy(\.isFinite) } }
}

/// The weights behind the rounded ones, with their moments: what training goes on from.
public struct UnroundedWeights: Hashable, Sendable {
    /// Of all frames; of each network's tail; of each network's patches.
    public var pool: AdamVectors
    /// [frames]: how many times as large a frame's quantum is as that for normally distributed weights.
    public var stretches: [Float]
    public var tails: [AdamVectors]
    public var patches: [AdamVectors]

    public init(pool: AdamVectors, stretches: [Float], tails: [AdamVectors], patches: [AdamVectors]) {
        self.pool = pool
        self.stretches = stretches
        self.tails = tails
        self.patches = patches
    }

    public var isFinite: Bool {
        pool.isFinite && stretches.allSatisfy(\.isFinite) && (tails + patches).allSatisfy(\.isFinite)
    }
}
