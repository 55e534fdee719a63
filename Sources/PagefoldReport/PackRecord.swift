// What one packing run did: the JSON that `pagefold pack --json` prints and that reports are made of. Bounds are
// RecordChecks's, and what a report makes of several runs is RunGroup's.

/// One packing run. `CodingKeys` are the keys of the JSON document (docs/report.md).
public struct PackRecord: Hashable, Sendable, Codable {
    /// One network of the run.
    public struct Network: Hashable, Sendable, Codable {
        public var name: String
        /// Weights of the original, biases included.
        public var weights: Int?
        /// Whether the measure is another than agreement with the original.
        public var labelled: Bool
        /// On validation samples, before and after.
        public var original: Score
        public var packed: Score
        /// Why it counts as ruined, in words; nil where it is whole.
        public var ruin: String?
        /// What the arithmetic of a quantised original scores on validation samples; nil for others.
        public var quantised: Score?
        /// On test samples, before and after.
        public var testOriginal: Score?
        public var testPacked: Score?
        public var pages: Int?
        public var exclusivePages: Int?
        public var fisher: Histogram?
        public var weightsBefore: Histogram?
        public var weightsAfter: Histogram?

        enum CodingKeys: String, CodingKey {
            case name = "name", weights = "weights", labelled = "labelled", original = "original"
            case packed = "packed", ruin = "ruin", quantised = "quantised", testOriginal = "testOriginal",
                testPacked =
                "testPacked", pages = "pages"
            case exclusivePages = "exclusivePages", fisher = "fisher", weightsBefore = "weightsBefore"
            case weightsAfter = "weightsAfter"
        }

        /// - Parameter labelled: nil: as the original's unit says.
        public init(name: String, original: Score, packed: Score, labelled: Bool? = nil) {
            self.name = name
            self.original = original
            self.packed = packed
            self.labelled = labelled ?? original.isLabelled
        }
    }

    /// One look at the validation samples during joint training.
    public struct Look: Hashable, Sendable, Codable {
        public var step: Int
        /// One score a network.
        public var scores: [Score]
        /// Mean training loss of each network since the look before; 0 where there was no step.
        public var losses: [Float]

        enum CodingKeys: String, CodingKey { case step = "step", scores = "scores", losses = "losses" }

        public init(step: Int, scores: [Score], losses: [Float]) {
            self.step = step
            self.scores = scores
            self.losses = losses
        }
    }

    /// How long one stage of the run took.
    public struct Stage: Hashable, Sendable, Codable {
        public var name: String
        public var seconds: Double

        enum CodingKeys: String, CodingKey { case name = "name", seconds = "seconds" }

        public init(name: String, seconds: Double) {
            self.name = name
            self.seconds = seconds
        }
    }

    /// A format that a budget search could choose, and what came of it. Gains are shares of samples.
    public struct SearchPoint: Codable, Sendable, Hashable {
        public var format: String
        public var page: Int
        public var frames: Int
        public var sharing: Double
        public var bytes: Int
        public var steps: Int
        public var mean: Double?
        public var worst: Double?
        /// Names of the networks that were ruined after these steps; nil: not tried, or not looked at.
        public var ruined: [String]?
        public var verdict: String

        enum CodingKeys: String, CodingKey {
            case format = "format", page = "page", frames = "frames", sharing = "sharing", bytes = "bytes"
            case steps = "steps", mean = "mean", worst = "worst", ruined = "ruined", verdict = "verdict"
        }

        public init(
            format: String, page: Int, frames: Int, sharing: Double, bytes: Int, steps: Int, mean: Double?,
            worst: Double?, ruined: [String]? = nil, verdict: String
        ) {
            self.format = format
            self.page = page
            self.frames = frames
            self.sharing = sharing
            self.bytes = bytes
            self.steps = steps
            self.mean = mean
            self.worst = worst
            self.ruined = ruined
            self.verdict = verdict
        }
    }

    /// The version of Pagefold that packed.
    public var version: String?
    /// The command line.
    public var command: [String] = []
    /// Names the job and all settings of a run of a sweep: while both stay as they are, the run is not made again.
    public var identity: String?
    /// What a sweep varied, by the names `networks`, `page`, `lambda`, `method`, `budget`, `seed` and others.
    public var parameters: [String: String] = [:]
    /// All settings, by their keys in the job file.
    public var settings: [String: String] = [:]
    /// Path of the fold file.
    public var output: String?
    /// Bytes of the fold file, and of all weights of the originals as float32.
    public var bytes: Int
    public var originalBytes: Int?
    public var frames: Int?
    /// Weights in a page and in a frame.
    public var pageSize: Int?
    public var exclusivePages: Int?
    public var overrideBlocks: Int?
    public var overrideBytes: Int?
    /// Second-order loss that the matching left.
    public var matchingLoss: Double?
    public var networks: [Network]
    /// Step of the snapshot that was chosen.
    public var bestStep: Int?
    public var history: [Look] = []
    /// For each network, page → frame; numbers from `frames` on mean an exclusive page.
    public var pageTables: [[Int]]?
    /// Network × network: second-order loss between their pages on common frames.
    public var sharingCost: [[Double]]?
    /// What a budget search tried, from wide to narrow formats.
    public var search: [SearchPoint]?
    /// Bytes of the fold in which no two pages share a frame, by format; nothing of that was tried.
    public var withoutSharing: [String: Int]?
    public var stages: [Stage] = []
    public var seconds: Double?
    /// The step from which the run went on after it had been cut off; stages and seconds count from there.
    public var resumedStep: Int?
    /// Largest resident memory of the process, bytes.
    public var peakMemory: Int?
    public var threads: Int?

    enum CodingKeys: String, CodingKey {
        case version = "version", command = "command", identity = "identity", parameters = "parameters"
        case settings = "settings", output = "output", bytes = "bytes", originalBytes = "originalBytes"
        case frames = "frames", pageSize = "pageSize", exclusivePages = "exclusivePages"
        case overrideBlocks = "overrideBlocks", overrideBytes = "overrideBytes", matchingLoss = "matchingLoss"
        case networks = "networks", bestStep = "bestStep", history = "history", pageTables = "pageTables"
        case sharingCost = "sharingCost", search = "search", withoutSharing = "withoutSharing", stages =
            "stages", seconds = "seconds"
        case resumedStep = "resumedStep", peakMemory = "peakMemory", threads = "threads"
    }

    public init(bytes: Int, networks: [Network]) {
        self.bytes = bytes
        self.networks = networks
    }
}

extension PackRecord {
    /// Everything but `networks` and `bytes` may be missing; `settings` may be nested, as records of version 0.1
    /// have them.
    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        networks = try members.decode([Network].self, forKey: .networks)
        bytes = try members.decode(Int.self, forKey: .bytes)
        version = try members.decodeIfPresent(String.self, forKey: .version)
        command = try members.decodeIfPresent([String].self, forKey: .command) ?? []
        identity = try members.decodeIfPresent(String.self, forKey: .identity)
        resumedStep = try members.decodeIfPresent(Int.self, forKey: .resumedStep)
        parameters = try members.decodeIfPresent([String: String].self, forKey: .parameters) ?? [:]
        settings = RecordSettings.flat(
            try members.decodeIfPresent(JSONValue.self, forKey: .settings) ?? .null)
        output = try members.decodeIfPresent(String.self, forKey: .output)
        originalBytes = try members.decodeIfPresent(Int.self, forKey: .originalBytes)
        frames = try members.decodeIfPresent(Int.self, forKey: .frames)
        pageSize =
            try members.decodeIfPresent(Int.self, forKey: .pageSize) ?? settings["page"].flatMap { Int($0) }
        exclusivePages = try members.decodeIfPresent(Int.self, forKey: .exclusivePages)
        overrideBlocks = try members.decodeIfPresent(Int.self, forKey: .overrideBlocks)
        overrideBytes = try members.decodeIfPresent(Int.self, forKey: .overrideBytes)
        matchingLoss = try members.decodeIfPresent(Double.self, forKey: .matchingLoss)
        bestStep = try members.decodeIfPresent(Int.self, forKey: .bestStep)
        history = try members.decodeIfPresent([Look].self, forKey: .history) ?? []
        pageTables = try members.decodeIfPresent([[Int]].self, forKey: .pageTables)
        sharingCost = try members.decodeIfPresent([[Double]].self, forKey: .sharingCost)
        search = try members.decodeIfPresent([SearchPoint].self, forKey: .search)
        withoutSharing = try members.decodeIfPresent([String: Int].self, forKey: .withoutSharing)
        stages = try members.decodeIfPresent([Stage].self, forKey: .stages) ?? []
        seconds = try members.decodeIfPresent(Double.self, forKey: .seconds)
        peakMemory = try members.decodeIfPresent(Int.self, forKey: .peakMemory)
        threads = try members.decodeIfPresent(Int.self, forKey: .threads)
    }
}

extension PackRecord.Network {
    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        name = try members.decode(String.self, forKey: .name)
        original = try members.decode(PackRecord.Score.self, forKey: .original)
        packed = try members.decode(PackRecord.Score.self, forKey: .packed)
        ruin = try members.decodeIfPresent(String.self, forKey: .ruin)
        labelled = try members.decodeIfPresent(Bool.self, forKey: .labelled) ?? original.isLabelled
        weights = try members.decodeIfPresent(Int.self, forKey: .weights)
        testOriginal = try members.decodeIfPresent(PackRecord.Score.self, forKey: .testOriginal)
        testPacked = try members.decodeIfPresent(PackRecord.Score.self, forKey: .testPacked)
        pages = try members.decodeIfPresent(Int.self, forKey: .pages)
        exclusivePages = try members.decodeIfPresent(Int.self, forKey: .exclusivePages)
        fisher = try members.decodeIfPresent(PackRecord.Histogram.self, forKey: .fisher)
        weightsBefore = try members.decodeIfPresent(PackRecord.Histogram.self, forKey: .weightsBefore)
        weightsAfter = try members.decodeIfPresent(PackRecord.Histogram.self, forKey: .weightsAfter)
    }
}
