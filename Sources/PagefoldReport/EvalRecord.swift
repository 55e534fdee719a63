// What `pagefold eval --json` prints, and how it joins the packing run whose fold file it looked at.

/// Test scores of the networks of one fold file.
struct EvalRecord: Hashable, Sendable, Decodable {
    struct Network: Hashable, Sendable, Decodable {
        var name: String
        var original: PackRecord.Score
        var packed: PackRecord.Score?
    }
    var fold: String?
    var bytes: Int?
    var originalBytes: Int?
    var networks: [Network]

    func checked() throws(RecordProblem) -> EvalRecord {
        try RecordProblem.require(!networks.isEmpty, "networks", "there is none")
        for (field, value) in [("bytes", bytes), ("originalBytes", originalBytes)] {
            try RecordProblem.require((1...PackRecord.largest).contains(value ?? 1), field, "\(value ?? 1)")
        }
        for (index, network) in networks.enumerated() {
            try network.original.check("networks[\(index)].original")
            try network.packed?.check("networks[\(index)].packed")
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
