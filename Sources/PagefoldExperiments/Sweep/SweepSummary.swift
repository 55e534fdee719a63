// What a sweep says at its end. The whole story of each run is in its record.

import PagefoldReport

/// All runs of a sweep.
public struct SweepSummary: Hashable, Sendable, Encodable {
    /// One run, in short.
    public struct Run: Hashable, Sendable, Encodable {
        public var name: String
        public var parameters: [String: String]
        /// Path of the record.
        public var record: String
        public var bytes: Int?
        /// Float32 bytes of the originals for one byte of the fold file.
        public var ratio: Double?
        /// Points of accuracy over the networks with labels: on test samples where they were looked at, else on
        /// validation samples.
        public var meanDifference: Double?
        public var worstDifference: Double?
        /// The lowest among networks without labels, 0 … 1.
        public var leastAgreement: Double?
        public var seconds: Double?
        /// Why there is nothing else.
        public var error: String?

        enum CodingKeys: String, CodingKey {
            case name = "name", parameters = "parameters", record = "record", bytes = "bytes", ratio = "ratio"
            case meanDifference = "meanDifference", worstDifference = "worstDifference"
            case leastAgreement = "leastAgreement", seconds = "seconds", error = "error"
        }

        /// From the run's record.
        init(_ run: SweepRun) {
            name = run.name
            parameters = run.parameters
            record = run.record
            switch run.outcome() {
            case .packed(let record):
                bytes = record.bytes
                ratio = record.ratio
                meanDifference = record.meanDifference
                worstDifference = record.worstDifference
                leastAgreement = record.leastAgreement
                seconds = record.seconds
            case .failed(let failure): error = failure.error
            case nil: error = "there is no record"
            }
        }
    }
    /// The command line.
    public var command: [String]
    public var folder: String
    public var runs: [Run]

    enum CodingKeys: String, CodingKey { case command = "command", folder = "folder", runs = "runs" }

    /// Runs without a record of packing.
    public var failures: Int { runs.count { $0.error != nil } }
}
