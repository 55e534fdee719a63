// Groups that differ by one parameter alone make a curve along it. Drawing is CurvePlot's.

/// A parameter that runs are compared along.
struct CurveAxis: Sendable {
    /// As in `RunGroup.number`.
    let parameter: String
    let title: String
    /// For phones.
    let shortTitle: String
    let isLogarithmic: Bool
    /// Parameters that may differ between the points of one curve.
    let ignored: Set<String>

    static let networks = CurveAxis(
        parameter: "networks", title: "networks in the pool", shortTitle: "networks", isLogarithmic: false,
        ignored: ["networks"])
    static let page = CurveAxis(
        parameter: "page", title: "weights in a page", shortTitle: "weights in a page", isLogarithmic: true,
        ignored: ["page"])
    static let lambda = CurveAxis(
        parameter: "lambda", title: "λ, factor of the matching loss", shortTitle: "λ", isLogarithmic: true,
        ignored: ["lambda"]
    )
    static let ratio = CurveAxis(
        parameter: "ratio", title: "bytes of the originals for one byte of the fold file",
        shortTitle: "times smaller",
        isLogarithmic: false, ignored: ["budget"])
}

/// One curve of our own runs.
struct Curve: Sendable {
    let label: String
    let points: [(x: Double, group: RunGroup)]

    /// A plot with more is not read any more; the table has all of them.
    static let most = 4

    /// Curves along a parameter, the longest first.
    static func along(_ axis: CurveAxis, _ groups: [RunGroup]) -> [Curve] {
        var order: [[String]] = []
        var members: [[String]: [RunGroup]] = [:]
        for group in groups {
            guard let x = group.number(axis.parameter), !axis.isLogarithmic || x > 0 else { continue }
            let key = RunGroup.key(group.first, ignoring: axis.ignored)
            if members[key] == nil { order.append(key) }
            members[key, default: []].append(group)
        }
        let sets = order.compactMap { members[$0] }.filter { set in
            Set(set.compactMap { $0.number(axis.parameter) }).count > 1
        }
        let names = RunGroup.known + sets.flatMap { $0[0].first.parameters.keys }.sorted()
        var varied: [String] = []
        for name in names
        where !axis.ignored.contains(name) && name != "seed" && !varied.contains(name)
            && !RunGroup.methodKeys.contains(name)
        {
            if Set(sets.map { $0[0].parameter(name) ?? "" }).count > 1 { varied.append(name) }
        }
        let curves = sets.map { set in
            let parts = varied.compactMap { name in
                set[0].parameter(name).map { RunGroup.text(parameter: name, value: $0) }
            }
            return Curve(
                label: (["Pagefold"] + parts).joined(separator: ", "),
                points: set.compactMap { group in group.number(axis.parameter).map { ($0, group) } }
                    .sorted { $0.0 < $1.0 })
        }
        return curves.enumerated().sorted {
            ($1.element.points.count, $0.offset) < ($0.element.points.count, $1.offset)
        }.map(\.element)
    }
}
