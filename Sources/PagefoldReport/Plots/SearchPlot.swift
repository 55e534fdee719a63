// What a budget search tried: each format with the gain of its trial, from wide to narrow. The numbers are the record's.

/// One row a format: how the mean and the worst network fared in its trial, and what became of it.
struct SearchPlot {
    let evidence: Evidence

    private let rowHeight = 28.0
    private let top = 12.0

    var figure: Figure? {
        guard let (run, note) = evidence.record({ !($0.search ?? []).isEmpty }), let points = run.search,
            points.contains(where: { $0.mean != nil })
        else { return nil }
        return Figure(
            id: "search", title: "Formats that the budget search tried",
            description: "A row for each format with the mean and the worst network's gain in its trial.",
            caption: """
                All fit into the same budget: the narrower the format, the more frames. Dots: the mean over the networks \
                after the steps at the right; rings: the worst of them. Points are of the measure on validation samples. \
                The format in strong letters was chosen; where there is no dot, it was not tried.\(note)
                """,
            height: top + Double(points.count) * rowHeight + 50, content: content(points),
            table: NumberTable(
                [
                    "format", "page", "frames", "pages on a frame", "bytes", "steps", "mean", "worst",
                    "verdict",
                ],
                points.map { point in
                    [
                        point.format, NumberText.whole(point.page), NumberText.whole(point.frames),
                        NumberText.fixed(point.sharing, 2), NumberText.whole(point.bytes),
                        NumberText.whole(point.steps),
                        point.mean.map { NumberText.points(100 * $0) } ?? "–",
                        point.worst.map { NumberText.points(100 * $0) } ?? "–",
                        point.verdict.isEmpty ? "–" : point.verdict,
                    ]
                }))
    }

    private func content(_ points: [PackRecord.SearchPoint]) -> [Element] {
        let isNarrow = Figure.isNarrow
        let bottom = top + Double(points.count) * rowHeight
        let gains = points.flatMap { [$0.mean, $0.worst] }.compactMap { $0.map { 100 * $0 } }
        let left = (points.map { SVG.width(of: $0.format, size: 13) }.max() ?? 0) + 18
        let area = PlotArea(
            x: Scale(
                covering: gains + [0], least: 1, start: left, end: Figure.fullWidth - (isNarrow ? 104 : 290)),
            y: Scale(from: 0, to: 1, start: bottom, end: top),
            xTitle: "packed − original, points", yTitle: "", yTicks: [], xTickCount: isNarrow ? 3 : 6)
        var elements = area.axes
        for tick in area.x.ticks(area.xTickCount) {
            elements.append(SVG.line(area.x(tick), top, area.x(tick), bottom, "grid"))
        }
        elements.append(SVG.line(area.x(0), top, area.x(0), bottom, "level"))
        for (number, point) in points.enumerated() {
            let y = top + (Double(number) + 0.5) * rowHeight
            let isChosen = point.verdict == "chosen"
            let style = isChosen ? "s0" : "plain"
            elements.append(
                SVG.text(left - 10, y + 4, point.format, isChosen ? "label strong" : "label", .end))
            if let mean = point.mean.map({ 100 * $0 }) {
                if let worst = point.worst.map({ 100 * $0 }) {
                    elements.append(SVG.line(area.x(worst), y, area.x(mean), y, "stem \(style)"))
                    elements.append(
                        SVG.circle(area.x(worst), y, 3.4, "ring \(style) mark").titled(
                            "\(point.format): worst network \(NumberText.points(worst)) points"))
                }
                elements.append(
                    SVG.circle(area.x(mean), y, 4.5, "dot \(style) mark").titled(
                        "\(point.format): mean \(NumberText.points(mean)) points after "
                            + "\(NumberText.whole(point.steps)) steps"))
            }
            let steps = point.mean == nil ? "" : "\(NumberText.whole(point.steps)) steps"
            let verdict = isNarrow || point.verdict.isEmpty ? [] : [SVG.short(point.verdict, 190)]
            elements.append(
                SVG.text(
                    area.right + 14, y + 4,
                    ([steps] + verdict).filter { !$0.isEmpty }.joined(separator: ", "),
                    "tick"))
        }
        return elements
    }
}
