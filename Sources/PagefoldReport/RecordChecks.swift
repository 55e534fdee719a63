// The bounds of a record's fields that everything after may rely on. Which files there are is RecordFile's business.

extension PackRecord {
    /// Checks what decoding alone does not: ranges, and lengths that must agree.
    /// - Throws: `RecordProblem` with the first field that is wrong.
    func checked() throws(RecordProblem) -> PackRecord {
        try RecordProblem.require(!networks.isEmpty, "networks", "there is none")
        for (field, value) in [
            ("bytes", bytes), ("originalBytes", originalBytes ?? 1), ("pageSize", pageSize ?? 1),
        ] { try RecordProblem.require((1...Self.largest).contains(value), field, "\(value)") }
        for (field, value) in [
            ("frames", frames), ("exclusivePages", exclusivePages), ("overrideBlocks", overrideBlocks),
            ("overrideBytes", overrideBytes), ("bestStep", bestStep), ("peakMemory", peakMemory),
            ("threads", threads),
        ] { try RecordProblem.require((0...Self.largest).contains(value ?? 0), field, "\(value ?? 0)") }
        try RecordProblem.requireSize(matchingLoss ?? 0, "matchingLoss")
        try RecordProblem.requireSize(seconds ?? 0, "seconds")
        for (index, network) in networks.enumerated() { try network.check("networks[\(index)]") }
        for (index, look) in history.enumerated() {
            try look.check("history[\(index)]", networks: networks.count)
        }
        for (index, stage) in stages.enumerated() {
            try RecordProblem.requireSize(stage.seconds, "stages[\(index)].seconds")
        }
        if let pageTables {
            try RecordProblem.require(frames != nil, "frames", "is missing beside pageTables")
            try RecordProblem.require(
                pageTables.count == networks.count, "pageTables", "must have one row a network")
            for (index, table) in pageTables.enumerated() {
                try RecordProblem.require(
                    table.allSatisfy { (0...Self.largest).contains($0) }, "pageTables[\(index)]",
                    "has a number that is no page")
            }
        }
        if let sharingCost {
            try RecordProblem.require(
                sharingCost.count == networks.count
                    && sharingCost.allSatisfy { $0.count == networks.count },
                "sharingCost", "must have one row and one column a network")
            for row in sharingCost { for cost in row { try RecordProblem.requireSize(cost, "sharingCost") } }
        }
        return self
    }

    /// Above every count that a run can have; sums of many of them still fit.
    static let largest = 1 << 48
}

extension PackRecord.Network {
    fileprivate func check(_ field: String) throws(RecordProblem) {
        for (key, value) in [("weights", weights), ("pages", pages), ("exclusivePages", exclusivePages)] {
            try RecordProblem.require(
                (0...PackRecord.largest).contains(value ?? 0), "\(field).\(key)", "\(value ?? 0)")
        }
        for (key, score) in [
            ("original", original), ("packed", packed), ("quantised", quantised),
            ("testOriginal", testOriginal),
            ("testPacked", testPacked),
        ] { try score?.check("\(field).\(key)") }
        for (key, histogram) in [
            ("fisher", fisher), ("weightsBefore", weightsBefore), ("weightsAfter", weightsAfter),
        ] { try histogram?.check("\(field).\(key)") }
    }
}

extension PackRecord.Look {
    fileprivate func check(_ field: String, networks: Int) throws(RecordProblem) {
        try RecordProblem.require((0...PackRecord.largest).contains(step), "\(field).step", "\(step)")
        try RecordProblem.require(
            scores.count == networks, "\(field).scores", "must have one score a network")
        try RecordProblem.require(
            losses.count == networks, "\(field).losses", "must have one loss a network")
        for (index, score) in scores.enumerated() { try score.check("\(field).scores[\(index)]") }
        for loss in losses { try RecordProblem.requireSize(Double(loss), "\(field).losses") }
    }
}

extension PackRecord.Histogram {
    fileprivate func check(_ field: String) throws(RecordProblem) {
        try RecordProblem.require(
            !counts.isEmpty && edges.count == counts.count + 1, "\(field).edges",
            "must be one more than the counts")
        for edge in edges { try RecordProblem.requireSize(edge, "\(field).edges") }
        try RecordProblem.require(
            zip(edges, edges.dropFirst()).allSatisfy { $0 < $1 }, "\(field).edges", "must rise")
        try RecordProblem.require(
            !logarithmic || edges[0] > 0, "\(field).edges", "must be above 0 where logarithmic")
        try RecordProblem.require(
            counts.allSatisfy { (0...PackRecord.largest).contains($0) }, "\(field).counts",
            "must be 0 or more")
    }
}

/// The field of a record that is wrong, before the file's name is known.
struct RecordProblem: Error {
    let field: String
    let problem: String

    static func require(
        _ condition: Bool, _ field: String, _ problem: @autoclosure () -> String
    ) throws(RecordProblem) {
        guard condition else { throw RecordProblem(field: field, problem: problem()) }
    }

    /// Finite, and of a size that can be drawn.
    static func requireSize(_ value: Double, _ field: String) throws(RecordProblem) {
        try require(value.isFinite && abs(value) < 1e60, field, "\(value) is too large")
    }
}
