// What `pagefold bench switch` found. Nothing is measured here.

/// Executions over all networks, by each way to go from network to network.
public struct SwitchRecord: Hashable, Sendable, Encodable {
    /// One network of the fold file.
    public struct Network: Hashable, Sendable, Encodable {
        public var name: String
        /// Of its flat float32 vector: what a switch to it moves where it is not run in place.
        public var weightBytes: Int
        /// Executions in the sequence.
        public var executions: Int

        enum CodingKeys: String, CodingKey {
            case name = "name", weightBytes = "weightBytes", executions = "executions"
        }
    }

    /// One way to go from network to network. Times are microseconds of one execution, over all rounds.
    public struct Way: Hashable, Sendable, Encodable {
        /// What is done at a switch.
        public enum Kind: String, Sendable, Encodable, CaseIterable {
            case inPlace = "in place"
            case copied = "copied from the pool"
            case warm = "restored, warm"
            case cold = "restored, cold"
        }
        public var name: Kind
        /// Bytes of weights that one switch moves, on average over the sequence.
        public var bytesCopied: Int
        /// From the number of a network to a session that can be filled and run.
        public var switchMedian: Double
        public var switchP99: Double
        /// Filling in the sample and the run.
        public var runMedian: Double
        public var runP99: Double
        /// Milliseconds of all executions of the sequence, switches and runs: the median over rounds.
        public var sequence: Double
        /// `sequence` as a multiple of that in place.
        public var againstInPlace: Double

        enum CodingKeys: String, CodingKey {
            case name = "name", bytesCopied = "bytesCopied", switchMedian = "switchMedian"
            case switchP99 = "switchP99", runMedian = "runMedian", runP99 = "runP99", sequence = "sequence"
            case againstInPlace = "againstInPlace"
        }
    }

    /// A comparison that the papers give, from their own machines.
    public struct Published: Hashable, Sendable, Encodable {
        public var method: String
        public var executions: Int
        /// Milliseconds of the executions from the shared pool, and with weights restored from a checkpoint.
        public var inMemory: Double
        public var restored: Double
        /// As published.
        public var ratio: Double

        enum CodingKeys: String, CodingKey {
            case method = "method", executions = "executions", inMemory = "inMemory", restored = "restored"
            case ratio = "ratio"
        }
    }

    public var version: String
    /// The command line.
    public var command: [String] = []
    public var fold: String
    public var instructionSet: String
    public var seed: UInt64
    public var executions: Int
    /// Rounds through the sequence.
    public var repeats: Int
    public var networks: [Network]
    public var ways: [Way]
    /// Nanoseconds to pick a session, without the clock: the mean over a sequence, the median over rounds.
    public var pickNanoseconds: Double
    /// Nanoseconds that the clock adds to each switch and to each run.
    public var clockNanoseconds: Double
    /// Microseconds of a run in place of the network that ran last: what is more after a switch, caches cost.
    public var runAgainMedian: Double
    /// Share of cold reads before which some of the file was still in the page cache.
    public var warmReads: Double
    /// Between the answers of the ways, over all executions; relative where answers are above 1.
    public var largestDifference: Float
    public var published = Self.published

    enum CodingKeys: String, CodingKey {
        case version = "version", command = "command", fold = "fold", instructionSet = "instructionSet"
        case seed = "seed", executions = "executions", repeats = "repeats", networks = "networks"
        case ways = "ways", pickNanoseconds = "pickNanoseconds", clockNanoseconds = "clockNanoseconds"
        case runAgainMedian = "runAgainMedian", warmReads = "warmReads"
        case largestDifference = "largestDifference", published = "published"
    }

    /// Neural Weight Virtualization (MobiSys 2020), five networks; Weight Separation (PerCom 2022), ten.
    public static let published = [
        Published(method: "WV", executions: 30, inMemory: 3.919, restored: 1801.7, ratio: 459),
        Published(method: "WS", executions: 50, inMemory: 39.94, restored: 2081.6, ratio: 52),
    ]
}
