// Which frame each page of each network lies on, and what that costs before any retraining.
// Not the page table of a fold file: no exclusive pages, no byte layout.

public import PagefoldCore

/// A frame for each (network, page). Several pages of one network may share a frame.
public struct PageAssignment: Sendable, Equatable {
    /// Frames of the pool.
    public let frameCount: Int
    /// Frame of each page of each network, `[network][page]`, in `0..<frameCount`.
    public let frameOf: [[Int]]

    /// - Throws: `InputError` where a frame number lies outside the pool.
    public init(frameCount: Int, frameOf: [[Int]]) throws(InputError) {
        for (network, frames) in frameOf.enumerated() {
            for (page, frame) in frames.enumerated() where frame < 0 || frame >= frameCount {
                throw InputError(
                    .part("network \(network)"), field: "page \(page)",
                    problem: "frame \(frame) of \(frameCount)",
                    remedy: "assign frames 0..<\(max(frameCount, 0))")
            }
        }
        self.frameCount = frameCount
        self.frameOf = frameOf
    }

    /// From frames of pages numbered through all networks, as the matching keeps them.
    init(store: PageStore, frameCount: Int, frames: [Int]) {
        self.frameCount = frameCount
        frameOf = (0..<store.networkCount).map { Array(frames[store.pages(of: $0)]) }
    }

    /// Pages on each frame.
    public var occupancy: [Int] {
        var counts = [Int](repeating: 0, count: frameCount)
        for frame in frameOf.joined() { counts[frame] += 1 }
        return counts
    }

    /// Second-order loss: Σ F(w − w*)² over all weights, with w* the Fisher-weighted mean of each frame position.
    ///
    /// - Throws: `InputError` where the assignment does not belong to these networks.
    public func secondOrderLoss(of networks: [PagedWeights]) throws(InputError) -> Double {
        let store = try PageStore(networks)
        try store.checkFrameCount(frameCount)
        return FrameContents(store: store, frameCount: frameCount, frameOf: try frames(of: networks))
            .totalLoss
    }

    /// The pool to start retraining from: each position at the Fisher-weighted mean of the weights on it, at their
    /// plain mean where all Fisher values are 0, and at 0 where there is only padding.
    ///
    /// - Returns: `[frameCount][pageSize]`.
    /// - Throws: `InputError` where the assignment does not belong to these networks.
    public func frameWeights(of networks: [PagedWeights]) throws(InputError) -> [Float] {
        var fisher = try zeros(for: networks)
        var weighted = fisher
        var plain = fisher
        var users = fisher
        visit(networks) { position, f, w in
            fisher[position] += f
            weighted[position] += f * w
            plain[position] += w
            users[position] += 1
        }
        return fisher.indices.map { i in
            if fisher[i] > 0 { return Float(weighted[i] / fisher[i]) }
            return users[i] > 0 ? Float(plain[i] / users[i]) : 0
        }
    }

    /// Fisher sum of each position of each frame, `[frameCount][pageSize]`.
    ///
    /// - Throws: `InputError` where the assignment does not belong to these networks.
    public func fisherSums(of networks: [PagedWeights]) throws(InputError) -> [Double] {
        var fisher = try zeros(for: networks)
        visit(networks) { position, f, _ in fisher[position] += f }
        return fisher
    }

    private func zeros(for networks: [PagedWeights]) throws(InputError) -> [Double] {
        _ = try frames(of: networks)
        try PageStore(networks).checkFrameCount(frameCount)
        return [Double](repeating: 0, count: frameCount * networks[0].pageSize)
    }

    /// Position in the pool, Fisher and value of every real weight.
    private func visit(_ networks: [PagedWeights], _ body: (Int, Double, Double) -> Void) {
        for (network, frames) in zip(networks, frameOf) {
            for i in 0..<network.weightCount {
                let position = frames[i / network.pageSize] * network.pageSize + i % network.pageSize
                body(position, Double(network.fisher[i]), Double(network.weights[i]))
            }
        }
    }

    /// Frames of the pages numbered through all networks.
    func frames(of networks: [PagedWeights]) throws(InputError) -> [Int] {
        guard networks.map(\.pageCount) == frameOf.map(\.count) else {
            throw InputError(
                .part("assignment"), field: "pages",
                problem: "\(frameOf.map(\.count)) pages, but the networks have \(networks.map(\.pageCount))",
                remedy: "use the networks that were matched, in their order")
        }
        return Array(frameOf.joined())
    }
}
