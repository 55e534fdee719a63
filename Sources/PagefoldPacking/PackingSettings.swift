// What a user may choose about a packing run. Defaults are Pagefold's own methods.

public import PagefoldCore

/// All choices of a packing run.
public struct PackingSettings: Hashable, Sendable, Codable {
    /// Bytes that the whole fold file may have: pool, page tables, tails, programs, text, headers, checksums.
    public var budget: Int
    public static let defaultPageSize = 64
    /// Weights in a page and in a frame.
    public var pageSize = defaultPageSize
    /// Samples of the training set that each network's Fisher is averaged over.
    public var fisherSamples = 2_000
    public var fisher = FisherKind.expected
    /// 1: the Fisher of every network is normalised to the same sum, so that all weigh the same in the matching.
    /// 0: it stays as it is, in units that networks share: ½ Σ F δ² is the divergence (in nats) of a network's
    /// answers when its weights move by δ. In between: the sum to that power divides.
    public var fisherNormalisation: Float = 0
    /// Give each output channel of each network a scale of its own, counted in the budget.
    public var channelScales = true
    /// Steps between two looks at the validation samples.
    public var evaluateEvery = 500
    /// Validation samples of each network looked at, at most.
    public var validationSamples = 4_000
    public var training = TrainingSettings()

    public init(budget: Int) { self.budget = budget }

    /// - Throws: `InputError` naming the setting that makes no sense.
    public func validated() throws(InputError) -> PackingSettings {
        func require(_ condition: Bool, _ field: String, _ problem: String) throws(InputError) {
            guard condition else {
                throw InputError(
                    file: "settings", field: field, problem: problem,
                    remedy: "choose a value within the bounds")
            }
        }
        try require(budget > 0, "budget", "\(budget) bytes")
        try require((8...65_536).contains(pageSize), "page", "\(pageSize) weights, 8…65536 are possible")
        try require(fisherSamples > 0, "fisher_samples", "\(fisherSamples)")
        try require(evaluateEvery > 0, "evaluate_every", "\(evaluateEvery)")
        try require(validationSamples > 0, "validation_samples", "\(validationSamples)")
        try require((0...1).contains(fisherNormalisation), "fisher_normalisation", "\(fisherNormalisation)")
        try training.validate()
        return self
    }
}
