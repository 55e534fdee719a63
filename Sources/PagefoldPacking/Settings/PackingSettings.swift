// What a user may choose about a packing run. Defaults are Pagefold's own methods; SettingKeys.swift has their names
// in a job file, Preset.swift the choices of the papers.

public import PagefoldCore
public import PagefoldEngine

/// How many frames the pool has.
public enum PoolSize: Hashable, Sendable, Codable {
    /// As many as the budget of bytes pays for.
    case budget
    /// As many as the largest network has pages (WV section 5.1).
    case largestNetwork
    case frames(Int)
}

/// How the frame of each page is chosen.
public enum MatchingMethod: String, Sendable, Codable, CaseIterable {
    /// Exact assignment of one global loss, refined: `match`.
    case exact = "exact"
    /// As published: `matchGreedily`.
    case greedy = "greedy"
    case random = "random"
}

/// All choices of a packing run.
public struct PackingSettings: Hashable, Sendable, Codable {
    /// Bytes that the whole fold file may have: pool, page tables, tails, programs, text, headers, checksums.
    public var budget: Int
    public static let defaultPageSize = 64
    /// Weights in a page and in a frame; nil: what suits the format.
    public var page: Int?
    public var pool = PoolSize.budget
    /// What weights are stored as; training sees what the formats make of them. nil: `BudgetSearch` chooses, `Packer`
    /// takes float32.
    public var format: NumberFormat?
    /// nil: as the pool.
    public var exclusiveFormat: NumberFormat?
    /// Of tails and patches; nil: float32 with float32 frames, float8 with frames of 4 bits and fewer, else float16; or
    /// the next wider format, where a network's tail does not fit (`NumberFormat.problem`).
    public var tailFormat: NumberFormat?
    /// Page biases and other small vectors too, as published, instead of keeping them as a tail. Networks that come
    /// from a fold file keep the tail they have.
    public var pageBiases = false
    /// Samples of the training set that each network's Fisher is averaged over.
    public var fisherSamples = 2_000
    public var fisher = FisherKind.expected
    /// 1: the Fisher of every network is normalised to the same sum, so that all weigh the same in the matching.
    /// 0: it stays as it is, in units that networks share: ½ Σ F δ² is the divergence (in nats) of a network's
    /// answers when its weights move by δ. In between: the sum to that power divides.
    public var fisherNormalisation: Float = 0
    /// Stretch the Fisher of every network from its smallest and largest value to 0 … 1 (WS), before all else.
    public var fisherRange = false
    /// Give each output channel of each network a scale of its own, counted in the budget.
    public var channelScales = true
    public var matching = MatchingMethod.exact
    /// Never put two pages of one network on one frame, as in the published systems.
    public var keepsNetworksApart = false
    public var separation = SeparationSettings()
    /// Steps of each network between two looks at the validation samples.
    public var evaluateEvery = 500
    /// Validation samples of each network looked at, at most.
    public var validationSamples = 4_000
    public var training = TrainingSettings()

    public init(budget: Int) { self.budget = budget }

    /// When and on what a run looks at how good its networks are.
    var looks: Looks { Looks(every: evaluateEvery, samples: validationSamples) }

    /// What the formats come to.
    public var formats: WeightFormats {
        let pool = format ?? .float32
        return WeightFormats(
            pool: pool, exclusivePages: exclusiveFormat ?? pool)
    }

    /// Weights in a page and in a frame. Where it is left open: small frames suit more pages, but each page costs an
    /// entry of a page table and each frame a step: frames have the same bytes down to 8 bits, and 256 weights from there.
    public var pageSize: Int {
        get { page ?? min(Self.defaultPageSize * 32 / formats.pool.bits, 256) }
        set { page = newValue }
    }

    /// - Throws: `InputError` naming the setting that makes no sense.
    public func validated() throws(InputError) -> PackingSettings {
        var checks: [SettingCheck] = [
            SettingCheck(budget > 0, "budget", "\(budget) bytes", bounds: "a number of bytes above 0"),
            SettingCheck(
                (8...65_536).contains(pageSize), "page", "\(pageSize) weights",
                bounds: "a whole number in 8…65536"),
            .whole(fisherSamples, "fisher_samples", in: 1...1 << 30),
            .whole(evaluateEvery, "evaluate_every", in: 1...1 << 30),
            .whole(validationSamples, "validation_samples", in: 1...1 << 30),
            .share(fisherNormalisation, "fisher_normalisation"),
            SettingCheck(
                tailFormat.map { NumberFormat.ofVectors.contains($0) } ?? true, "tail_format",
                problem: "\(tailFormat ?? .float32) is no format of tails",
                remedy: "choose auto, "
                    + NumberFormat.ofVectors.map { "\($0)" }.joined(separator: ", ")),
        ]
        if case .frames(let count) = pool { checks.append(.whole(count, "frames", in: 1...1 << 24)) }
        checks += separation.checks(pageSize: pageSize) + training.checks
        try checks.require()
        return self
    }
}
