// Runs that differ by their seed alone are one group; what a plot shows of them is their mean and spread.

/// Runs with the same networks, parameters and settings, whatever their seed.
struct RunGroup: Sendable {
    let runs: [PackRecord]
    /// What sets this group apart from the others on the page.
    var label = ""

    /// There is no empty group.
    var first: PackRecord { runs[0] }
    var networks: [String] { first.networks.map(\.name) }

    /// Names of parameters that a report knows how to order and to write.
    static let known = ["networks", "page", "lambda", "method", "budget", "format"]

    /// Settings that together say by which method was packed.
    static let methodKeys = ["preset", "optimisation", "matching", "separation"]

    func parameter(_ name: String) -> String? { first.parameter(name) }

    func spread(_ value: (PackRecord) -> Double?) -> Spread? { Spread(runs.compactMap(value)) }

    /// Over the seeds, of one network.
    func spread(network index: Int, _ value: (Outcome) -> Double?) -> Spread? {
        Spread(runs.compactMap { value($0.networks[index].outcome) })
    }

    /// Whether every score that is compared is of test samples, none, or some.
    var samples: String {
        let tests = runs.flatMap(\.networks).filter(\.outcome.isTest).count
        let all = runs.reduce(0) { $0 + $1.networks.count }
        return tests == all ? "test" : tests == 0 ? "validation" : "test or validation"
    }

    var hasLabels: Bool { first.meanDifference != nil }

    /// What two runs must share to be in one group; with `ignoring`, what two groups must share to be on one curve
    /// along those parameters.
    static func key(_ run: PackRecord, ignoring ignored: Set<String> = []) -> [String] {
        // What has a place among the parameters is compared there.
        let apart = Set(known).union(["seed", "threads"])
        var key: [String] = []
        if !ignored.contains("networks") { key.append(run.networks.map(\.name).joined(separator: "\u{1}")) }
        for name in Set(known).union(run.parameters.keys).subtracting(methodKeys).subtracting(ignored)
            .subtracting(["seed"]).sorted()
        where name != "networks" {
            key.append("\(name)=\(run.parameter(name) ?? "")")
        }
        if run.parameters.isEmpty && run.settings.isEmpty && run.parameter("budget") == nil
            && !ignored.contains("budget")
        {
            key.append("bytes=\(run.bytes)")
        }
        // Another method may bring other settings with it.
        guard !ignored.contains("method") else { return key }
        for name in run.settings.keys.sorted()
        where !apart.contains(name) && !ignored.contains(name) && run.parameters[name] == nil {
            key.append("\(name):\(run.settings[name] ?? "")")
        }
        return key
    }

    /// Groups of runs, by number of networks, then page size, λ, method and ratio; each with a label.
    static func grouped(_ runs: [PackRecord]) -> [RunGroup] {
        var order: [[String]] = []
        var members: [[String]: [PackRecord]] = [:]
        for run in runs {
            let key = key(run)
            if members[key] == nil { order.append(key) }
            members[key, default: []].append(run)
        }
        var groups = order.compactMap { members[$0].map { RunGroup(runs: $0) } }
        let positions = groups.indices.sorted { first, second in
            let (a, b) = (groups[first].sortingKey, groups[second].sortingKey)
            return a == b ? first < second : a.lexicographicallyPrecedes(b)
        }
        groups = positions.map { groups[$0] }
        let varied = variedParameters(groups)
        for index in groups.indices { groups[index].label = label(groups[index], varied) }
        // Settings that no label names may differ: then the bytes tell groups apart, and a number after that.
        for (label, indices) in Dictionary(grouping: groups.indices, by: { groups[$0].label })
        where indices.count > 1 {
            for (number, index) in indices.enumerated() { groups[index].label = "\(label) (\(number + 1))" }
        }
        return groups
    }

    private var sortingKey: [Double] {
        [
            Double(networks.count), number("page") ?? 0, number("lambda") ?? -1, first.ratio ?? 0,
        ]
    }

    /// A parameter as a number: for `networks` their count, for `ratio` what was reached.
    func number(_ name: String) -> Double? {
        switch name {
        case "networks": Double(networks.count)
        case "ratio": spread(\.ratio)?.mean
        default: parameter(name).flatMap(Double.init)
        }
    }

    private static func variedParameters(_ groups: [RunGroup]) -> [String] {
        let names = groups.reduce(into: Set(known)) { names, group in
            for run in group.runs { names.formUnion(run.parameters.keys) }
        }
        let others = names.subtracting(known).subtracting(methodKeys).subtracting(["seed"]).sorted()
        return (known + others).filter { name in Set(groups.map { $0.parameter(name) ?? "" }).count > 1 }
    }

    private static func label(_ group: RunGroup, _ varied: [String]) -> String {
        // A setting that some other run varied is worth a word only where it was varied too.
        let parts = varied.filter { known.contains($0) || group.first.parameters[$0] != nil }.compactMap {
            name in
            group.parameter(name).map { text(parameter: name, value: $0) }
        }
        return parts.isEmpty ? "all runs" : parts.joined(separator: ", ")
    }

    /// `5 networks`, `pages of 100`, `λ 10`, `round robin`, `5.9×`.
    static func text(parameter: String, value: String) -> String {
        switch parameter {
        case "networks": return value == "1" ? "1 network" : "\(value) networks"
        case "page": return "pages of \(Int(value).map(NumberText.whole) ?? value)"
        case "lambda": return "λ \(value)"
        case "format": return value
        case "method": return value.replacing("_", with: " ")
        case "budget":
            if value.hasSuffix("x"), Double(value.dropLast()) != nil { return value.dropLast() + "×" }
            return Int(value).map { NumberText.whole($0) + " bytes" } ?? value
        default: return "\(parameter.replacing("_", with: " ")) \(value)"
        }
    }

    /// The group that figures of a single run are made of: most networks, then most seeds, then the one that most
    /// others differ from by one parameter (the centre of a sweep), then the smallest file.
    static func featured(_ groups: [RunGroup]) -> RunGroup? {
        let values = groups.map { group in known.map { group.parameter($0) ?? "" } }
        let ranks = groups.indices.map { index in
            let neighbours = values.filter { other in
                zip(values[index], other).filter { $0 != $1 }.count == 1
            }
            return [
                groups[index].networks.count, groups[index].runs.count, neighbours.count,
                -groups[index].first.bytes,
            ]
        }
        return groups.indices.max { ranks[$0].lexicographicallyPrecedes(ranks[$1]) }.map { groups[$0] }
    }
}
