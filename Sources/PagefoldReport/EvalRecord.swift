// What `pagefold eval --json` prints, and how it joins the packing run whose fold file it looked at.

/// Test scores of the networks of one fold file, or of originals alone.
public struct EvalRecord: Hashable, Sendable, Codable {
    public struct Network: Hashable, Sendable, Codable {
        public var name: String
        public var original: PackRecord.Score
        /// Nil where there is no fold file.
        public var packed: PackRecord.Score?
        /// What the arithmetic of a quantised original scores; nil for others.
        public var quantised: PackRecord.Score?

        enum CodingKeys: String, CodingKey {
            case name = "name", original = "original", packed = "packed", quantised = "quantised"
        }

        public init(name: String, original: PackRecord.Score, packed: PackRecord.Score? = nil) {
            self.name = name
            self.original = original
            self.packed = packed
        }
    }
    /// The command line.
    public var command: [String]?
    /// Path of the fold file and its size; nil for originals alone.
    public var fold: String?
    public var bytes: Int?
    /// Float32 bytes of all originals.
    public var originalBytes: Int?
    public var networks: [Network]

    enum CodingKeys: String, CodingKey {
        case command = "command", fold = "fold", bytes = "bytes", originalBytes = "originalBytes"
        case networks = "networks"
    }

    public init(fold: String?, bytes: Int?, originalBytes: Int, networks: [Network]) {
        self.fold = fold
        self.bytes = bytes
        self.originalBytes = originalBytes
        self.networks = networks
    }

    func checked() throws(RecordProblem) -> EvalRecord {
        try RecordProblem.require(!networks.isEmpty, "networks", "there is none")
        for (field, value) in [("bytes", bytes), ("originalBytes", originalBytes)] {
            try RecordProblem.require((1...PackRecord.largest).contains(value ?? 1), field, "\(value ?? 1)")
        }
        for (index, network) in networks.enumerated() {
            try network.original.check("networks[\(index)].original")
            try network.packed?.check("networks[\(index)].packed")
            try network.quantised?.check("networks[\(index)].quantised")
        }
        return self
    }

    /// Whether this evaluation is of the fold file that `run` wrote: the same path, or the same name of a file
    /// that was moved, and the same bytes where they are known.
    func isOf(_ run: PackRecord, samePath: Bool) -> Bool {
        guard let fold, let output = run.output, bytes ?? run.bytes == run.bytes else { return false }
        func name(_ path: String) -> Substring? { path.split(separator: "/").last }
        return samePath ? fold == output : name(fold) == name(output)
    }

    /// Writes the test scores into a run, by the names of the networks.
    func join(_ run: inout PackRecord) {
        for index in run.networks.indices {
            guard let network = networks.first(where: { $0.name == run.networks[index].name }),
                let packed = network.packed
            else { continue }
            run.networks[index].testOriginal = network.original
            run.networks[index].testPacked = packed
        }
    }

    /// A run of which only this evaluation is known; nil for an evaluation of originals alone.
    var alone: PackRecord? {
        guard let bytes else { return nil }
        let known = networks.compactMap { network in
            network.packed.map { packed in
                var result = PackRecord.Network(
                    name: network.name, original: network.original, packed: packed)
                result.testOriginal = network.original
                result.testPacked = packed
                return result
            }
        }
        guard !known.isEmpty else { return nil }
        var run = PackRecord(bytes: bytes, networks: known)
        run.originalBytes = originalBytes
        run.output = fold
        return run
    }
}
