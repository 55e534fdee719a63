// What packing did to one network, and to all networks of one run: test samples where they are known, else
// validation samples. Several seeds are RunGroup's.

/// Scores before and after, on one set of samples.
struct Outcome: Hashable, Sendable {
    let before: PackRecord.Score
    let after: PackRecord.Score
    let labelled: Bool
    let isTest: Bool

    /// Points gained (or lost, below 0); nil where the measure is agreement.
    var difference: Double? {
        labelled && before.unit == after.unit ? after.points(over: before) : nil
    }
}

extension PackRecord.Network {
    var outcome: Outcome {
        if let testOriginal, let testPacked {
            return Outcome(
                before: testOriginal, after: testPacked, labelled: labelled && testOriginal.isLabelled,
                isTest: true)
        }
        return Outcome(
            before: original, after: packed, labelled: labelled && original.isLabelled, isTest: false)
    }
}

extension PackRecord {
    /// Points, one for each network with labels.
    private var differences: [Double] { networks.compactMap(\.outcome.difference) }

    /// Mean over the networks with labels, in points; nil where none has.
    public var meanDifference: Double? { Spread(differences)?.mean }

    /// The network that lost most, in points.
    public var worstDifference: Double? { differences.min() }

    /// Lowest agreement among networks without labels, 0 … 1.
    public var leastAgreement: Double? {
        networks.filter { $0.outcome.difference == nil }.compactMap(\.outcome.after.agreement).min()
    }

    /// Float32 bytes of the originals for one byte of the fold file.
    public var ratio: Double? { originalBytes.map { Double($0) / Double(bytes) } }

    /// What was varied or chosen, by the names of a sweep: as recorded, else from the command, settings and sizes.
    func parameter(_ name: String) -> String? {
        // "10.0" and "10" are one value.
        written(name).map { $0.hasSuffix(".0") && Double($0) != nil ? String($0.dropLast(2)) : $0 }
    }

    private func written(_ name: String) -> String? {
        if let value = parameters[name] { return value }
        switch name {
        // Without a matching loss it has no meaning.
        case "lambda" where settings["matching_loss"] == "none": return nil
        case "networks": return String(networks.count)
        case "method":
            let parts = RunGroup.methodKeys.compactMap { parameters[$0] }
            return parts.isEmpty ? nil : parts.joined(separator: " ")
        case "page": return pageSize.map { String($0) } ?? settings["page"]
        case "budget":
            if let index = command.firstIndex(of: "--budget"), index + 1 < command.count {
                return command[index + 1]
            }
            return budgetOfSettings
        case "seed":
            return settings["seed"]
        default: return settings[name]
        }
    }

    /// Settings hold a ratio as the bytes that it came to; runs with other networks then have other bytes.
    private var budgetOfSettings: String? {
        guard let text = settings["budget"], let bytes = Double(text), bytes >= 1, let originalBytes else {
            return settings["budget"]
        }
        let ratio = Double(originalBytes) / bytes
        let tenths = (10 * ratio).rounded()
        guard ratio >= 1, abs(10 * ratio - tenths) < 0.01, tenths < 1e6 else { return text }
        let whole = Int(tenths)
        return whole % 10 == 0 ? "\(whole / 10)x" : "\(whole / 10).\(whole % 10)x"
    }
}
