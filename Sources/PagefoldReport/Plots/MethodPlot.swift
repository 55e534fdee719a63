// Methods of packing side by side: the mean difference of accuracy of each. Drawn only where runs differ by method.

/// One row a method and setting, published ones below.
struct MethodPlot {
    let evidence: Evidence

    private struct Row {
        let name: String
        let mean: Spread
        let worst: Spread?
        let style: String
    }

    private var rows: [Row] {
        guard Set(evidence.groups.map { $0.parameter("method") ?? "" }).count > 1 else { return [] }
        // The setting in which most methods were tried; the others are in the table of runs.
        let settings = Dictionary(grouping: evidence.groups.filter { $0.parameter("method") != nil }) {
            RunGroup.key($0.first, ignoring: ["method"])
        }
        let best = settings.values.max { first, second in
            let (a, b) = (first.count, second.count)
            return a == b ? first[0].networks.count < second[0].networks.count : a < b
        }
        let own = (best ?? []).compactMap { group in
            group.spread(\.meanDifference).map { mean in
                Row(
                    name: RunGroup.text(parameter: "method", value: group.parameter("method") ?? ""),
                    mean: mean,
                    worst: group.spread(\.worstDifference), style: "dot s0")
            }
        }
        guard own.count > 1 else { return [] }
        let isPublished = PublishedFigures.cover(evidence.featured.networks)
        let theirs = (isPublished ? PublishedFigures.differenceByMethod : []).compactMap { method, y in
            Spread([y]).map {
                Row(name: "\(method), replication", mean: $0, worst: nil, style: "ring published")
            }
        }
        return own.sorted { $0.mean.mean > $1.mean.mean } + theirs
    }

    var figure: Figure? {
        let rows = rows
        guard !rows.isEmpty else { return nil }
        return Figure(
            id: "methods", title: "Methods of packing",
            description: "Mean difference of accuracy of each method, with the range over seeds.",
            caption: """
                Mean over the networks with labels (large), the worst of them (small ring).\
                \(rows.contains { $0.worst == nil && $0.style.hasSuffix("published") } ? " Below, five networks of \(PublishedFigures.replication.citation)." : "")
                """,
            height: Double(rows.count) * 28 + 62, content: content(rows),
            table: NumberTable(
                ["method", "runs", "mean, points", "least", "most", "worst network"],
                rows.map { row in
                    [
                        row.name, "\(row.mean.count)", NumberText.points(row.mean.mean),
                        NumberText.points(row.mean.least), NumberText.points(row.mean.most),
                        row.worst.map { NumberText.points($0.least) } ?? "–",
                    ]
                }))
    }

    private func content(_ rows: [Row]) -> [Element] {
        let left =
            min(rows.map { SVG.width(of: $0.name, size: 13) }.max() ?? 0, Figure.isNarrow ? 150 : 240) + 14
        let bottom = 10 + Double(rows.count) * 28
        let values = rows.flatMap { row -> [Double] in
            [row.mean.least, row.mean.most, row.worst?.mean ?? 0, 0]
        }
        let area = PlotArea(
            x: Scale(covering: values, least: 1, start: left, end: Figure.fullWidth - 70),
            y: Scale(from: 0, to: 1, start: bottom, end: 10),
            xTitle: "packed − original, percentage points", yTitle: "", yTicks: [])
        var elements = area.axes
        for tick in area.x.ticks(area.xTickCount) {
            elements.append(SVG.line(area.x(tick), area.top, area.x(tick), area.bottom, "grid"))
        }
        elements.append(SVG.line(area.x(0), area.top, area.x(0), area.bottom, "level"))
        for (number, row) in rows.enumerated() {
            let y = 10 + (Double(number) + 0.5) * 28
            elements.append(
                SVG.text(left - 10, y + 4, SVG.short(row.name, left - 12, size: 13), "label", .end))
            if row.mean.count > 1 {
                let (from, to) = (area.x(row.mean.least), area.x(row.mean.most))
                elements.append(SVG.rect(from - 1, y - 2.5, to - from + 2, 5, "range s0 mark"))
            }
            if let worst = row.worst {
                elements.append(
                    SVG.circle(area.x(worst.mean), y, 2.6, "ring s0 mark").titled(
                        "\(row.name): worst network \(worst.text(NumberText.points))"))
            }
            let title = "\(row.name): \(row.mean.text(NumberText.points)) points"
            let mark =
                row.style.hasPrefix("ring")
                ? SVG.diamond(area.x(row.mean.mean), y, 5, row.style + " mark")
                : SVG.circle(area.x(row.mean.mean), y, 4.5, row.style + " mark")
            elements.append(mark.titled(title))
            elements.append(
                SVG.text(
                    area.x(row.mean.most) + 10, y + 4, NumberText.points(row.mean.mean),
                    "label tone \(row.worst == nil ? "published" : "s0")"))
        }
        return elements
    }
}
