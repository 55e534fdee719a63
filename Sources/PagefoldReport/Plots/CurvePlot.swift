// What packing costs along one parameter: the mean difference of accuracy, our curves beside the published one.
// Network by network is CountPanels's.

/// Mean and worst difference over the networks along a parameter.
struct CurvePlot {
    /// A published curve; a lone point has its own label.
    struct Published {
        let source: PublishedFigures.Source
        let points: [(x: Double, y: Double)]
    }

    let id: String
    let title: String
    let axis: CurveAxis
    let curves: [Curve]
    let published: [Published]
    let note: String

    private let height = 380.0

    /// Points of accuracy, or per cent of agreement where no run has labels.
    private var isDifference: Bool { curves.contains { $0.points.contains { $0.group.hasLabels } } }

    private func value(_ run: PackRecord) -> Double? {
        isDifference
            ? run.meanDifference
            : Spread(run.networks.compactMap(\.outcome.after.agreement).map { 100 * $0 })?.mean
    }

    private func worst(_ run: PackRecord) -> Double? {
        isDifference
            ? run.worstDifference : run.networks.compactMap(\.outcome.after.agreement).min().map { 100 * $0 }
    }

    private var shown: [Curve] {
        Array(
            curves.filter { curve in curve.points.contains { $0.group.spread(value) != nil } }.prefix(
                Curve.most))
    }

    private func format(_ value: Double) -> String {
        isDifference ? NumberText.points(value) : NumberText.fixed(value, 2)
    }

    var figure: Figure? {
        guard !shown.isEmpty else { return nil }
        let what =
            isDifference ? "accuracy, packed minus original, mean over the networks with labels" : "agreement"
        let sources = isDifference ? published.map(\.source.citation) : []
        return Figure(
            id: id, title: title,
            description: "Curves of \(what), along \(axis.title), of our runs and of published ones.",
            caption: """
                Mean over the networks\(isDifference ? " with labels" : "") (solid) and the worst of them (dashed); bars \
                reach from the worst to the best seed. \(note)\
                \(sources.isEmpty ? "" : " Published: \(Self.list(sources)).")
                """,
            height: height, content: content, table: table)
    }

    private static func list(_ sources: [String]) -> String {
        sources.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }.joined(separator: "; ")
    }

    private var content: [Element] {
        let groups = shown.flatMap(\.points)
        let own = groups.flatMap { point in
            [value, worst].compactMap { point.group.spread($0) }.flatMap { [$0.least, $0.most] }
        }
        let theirs = isDifference ? published : []
        let (low, high) = (own.min() ?? 0, own.max() ?? 0)
        // A collapse must not press everything else flat; it is shown at the edge with its value.
        let reach = max(2 * (high - low), 6)
        let near = theirs.flatMap(\.points).map(\.y).filter { $0 > low - reach && $0 < high + reach }
        let xs = groups.map(\.x) + theirs.flatMap(\.points).map(\.x)
        let distinct = Set(xs).sorted()
        let labels = shown.map(\.label) + theirs.map(\.source.label)
        // On a phone the names stand above, one below the other.
        let right = Figure.isNarrow ? 24 : min(labels.map { SVG.width(of: $0) }.max() ?? 0, 250) + 78
        let head = Figure.isNarrow ? 18 * Double(labels.count) : 0
        let area = PlotArea(
            x: Scale(
                covering: xs, logarithmic: axis.isLogarithmic, room: 0.05, least: 1, start: 56,
                end: Figure.fullWidth - right),
            y: Scale(
                covering: own + near + (isDifference ? [0] : []), least: 1, start: height - 52, end: 34 + head
            ),
            xTitle: Figure.isNarrow ? axis.shortTitle : axis.title,
            yTitle: isDifference
                ? "packed − original, percentage points" : "agreement with the originals, %",
            xTicks: distinct.count <= 8 && axis.parameter != "ratio" ? distinct : nil)
        var elements = area.axes
        if isDifference { elements.append(area.level(0)) }
        var ends: [(x: Double, y: Double, text: String, style: String)] = []
        for curve in theirs { elements += marks(curve, area, &ends) }
        for (number, curve) in shown.enumerated() { elements += marks(curve, number, area, &ends) }
        guard !Figure.isNarrow else {
            let styles = shown.indices.map { "s\($0)" } + theirs.map { _ in "published" }
            for (number, (label, style)) in zip(labels, styles).enumerated() {
                let text = SVG.short(label, Figure.fullWidth - 8, size: 12.5)
                elements.append(SVG.text(0, 14 + 18 * Double(number), text, "label tone \(style)"))
            }
            return elements
        }
        let places = PlotArea.apart(ends.map(\.y), gap: 16, within: area.top...area.bottom)
        for (end, y) in zip(ends, places) {
            elements.append(SVG.text(end.x + 12, y + 4, end.text, "label tone \(end.style)"))
        }
        return elements
    }

    private func marks(
        _ curve: Curve, _ number: Int, _ area: PlotArea,
        _ ends: inout [(x: Double, y: Double, text: String, style: String)]
    ) -> [Element] {
        let style = "s\(number)"
        let means = curve.points.compactMap { point in
            point.group.spread(value).map { (point.x, $0, point.group) }
        }
        let worsts = curve.points.compactMap { point in
            point.group.spread(worst).map { (point.x, $0, point.group) }
        }
        var elements = area.curve(worsts.map { ($0.0, $0.1.mean) }, "thin \(style)")
        elements += area.curve(means.map { ($0.0, $0.1.mean) }, "curve \(style)")
        for (x, spread, group) in worsts {
            elements.append(
                SVG.circle(area.x(x), area.y(spread.mean), 2.6, "ring \(style) mark").titled(
                    "\(group.label): worst network \(spread.text(format))"))
        }
        for (x, spread, group) in means {
            if spread.count > 1 {
                let (top, bottom) = (area.y(spread.most), area.y(spread.least))
                elements.append(
                    SVG.rect(area.x(x) - 2.5, top - 1, 5, bottom - top + 2, "range \(style) mark"))
            }
            elements.append(
                SVG.circle(area.x(x), area.y(spread.mean), 4.5, "dot \(style) mark").titled(
                    "\(group.label): mean \(spread.text(format)), \(spread.count) \(spread.count == 1 ? "run" : "runs")"
                ))
        }
        if let last = means.last { ends.append((area.x(last.0), area.y(last.1.mean), curve.label, style)) }
        if let last = worsts.last, abs(area.y(last.1.mean) - area.y(means.last?.1.mean ?? 0)) > 18 {
            ends.append((area.x(last.0), area.y(last.1.mean), "worst network", style))
        }
        return elements
    }

    private func marks(
        _ curve: Published, _ area: PlotArea,
        _ ends: inout [(x: Double, y: Double, text: String, style: String)]
    ) -> [Element] {
        var elements = area.curve(curve.points.map { ($0.x, $0.y) }, "curve dashes published")
        for point in curve.points {
            let text = "\(curve.source.label), \(axis.title) \(NumberText.short(point.x)): \(format(point.y))"
            if point.y < area.y.low {
                let x = area.x(point.x)
                elements.append(SVG.pointer(x, area.bottom - 8, 5, "solid published mark").titled(text))
                if point.x == curve.points.last?.x {
                    ends.append(
                        (x, area.bottom - 8, "\(curve.source.label) \(format(point.y))", "published"))
                } else {
                    elements.append(
                        SVG.text(x + 9, area.bottom - 5, format(point.y), "label tone published"))
                }
            } else {
                elements.append(
                    SVG.diamond(area.x(point.x), area.y(point.y), 5, "ring published mark").titled(text))
            }
        }
        if let last = curve.points.last, last.y >= area.y.low {
            ends.append((area.x(last.x), area.y(last.y), curve.source.label, "published"))
        }
        return elements
    }

    private var table: NumberTable {
        var table = NumberTable([
            "curve", axis.title, "runs", "mean", "least", "most", "worst network",
        ])
        for curve in curves {
            for point in curve.points {
                guard let mean = point.group.spread(value), let worst = point.group.spread(worst) else {
                    continue
                }
                table.rows.append([
                    curve.label, NumberText.short(point.x), "\(mean.count)", format(mean.mean),
                    format(mean.least),
                    format(mean.most), format(worst.least),
                ])
            }
        }
        for curve in isDifference ? published : [] {
            for point in curve.points {
                table.rows.append([
                    curve.source.label, NumberText.short(point.x), "–", format(point.y), "–", "–", "–",
                ])
            }
        }
        return table
    }
}
