// What a packing run takes: resident memory or time by the number of networks, ours beside the published ones.

/// One point a group along the number of networks, on a logarithmic axis.
struct CostPlot {
    enum Kind { case memory, time }

    let evidence: Evidence
    let kind: Kind

    private func value(_ run: PackRecord) -> Double? {
        let value = kind == .memory ? run.peakMemory.map { Double($0) / 1_048_576 } : run.seconds
        return value.flatMap { $0 > 0 ? $0 : nil }
    }

    private var published: [(x: Double, y: Double)] {
        guard PublishedFigures.cover(evidence.featured.networks) else { return [] }
        return kind == .memory
            ? PublishedFigures.memory.map { ($0.x, $0.y / 1_048_576) } : PublishedFigures.seconds
    }

    private func text(_ value: Double) -> String {
        kind == .memory ? NumberText.bytes(value * 1_048_576) : NumberText.seconds(value)
    }

    /// As it was published: memory in GB of a thousand million bytes.
    private func publishedText(_ value: Double) -> String {
        kind == .memory ? NumberText.fixed(value * 1.048576 / 1000, 1) + " GB" : NumberText.seconds(value)
    }

    private let height = 320.0

    var figure: Figure? {
        let points = evidence.groups.compactMap { group in
            group.spread(value).map { (Double(group.networks.count), $0, group) }
        }
        guard !points.isEmpty else { return nil }
        let isMemory = kind == .memory
        let threads = Set(points.flatMap { $0.2.runs.compactMap(\.threads) }).sorted()
        let citation =
            " Published: \(PublishedFigures.replication.citation)\(isMemory ? "" : ", five rounds on its own machine")."
        let used =
            threads.isEmpty ? "" : " Threads: \(threads.map(String.init).joined(separator: ", "))."
        return Figure(
            id: isMemory ? "memory" : "time",
            title: isMemory ? "Memory that packing takes" : "Time that packing takes",
            description:
                "\(isMemory ? "Peak resident memory" : "Seconds") by number of networks\(published.isEmpty ? "" : ", ours and published").",
            caption: """
                \(isMemory ? "Largest resident memory of the process" : "Wall-clock time of a whole run"), logarithmic; \
                each dot is a group of runs.\(isMemory ? "" : used)\(published.isEmpty ? "" : citation)
                """,
            height: height, content: content(points),
            table: NumberTable(
                ["runs of", "networks", "runs", "mean", "least", "most"],
                points.map { x, spread, group in
                    [group.label, NumberText.fixed(x, 0), "\(spread.count)"]
                        + [spread.mean, spread.least, spread.most].map(text)
                }
                    + published.map {
                        ["replication", NumberText.fixed($0.x, 0), "–", publishedText($0.y), "–", "–"]
                    }))
    }

    private func content(_ points: [(Double, Spread, RunGroup)]) -> [Element] {
        let xs = points.map(\.0) + published.map(\.x)
        let area = PlotArea(
            x: Scale(covering: xs, room: 0.06, least: 4, start: 62, end: Figure.fullWidth - 150),
            y: Scale(
                covering: points.flatMap { [$0.1.least, $0.1.most] } + published.map(\.y), logarithmic: true,
                room: 0.1, least: 4, start: height - 52, end: 34),
            xTitle: "networks", yTitle: kind == .memory ? "peak memory, MiB" : "time, seconds",
            xTicks: Set(xs).sorted())
        var elements = area.axes
        elements += area.curve(published, "curve dashes published")
        for point in published {
            elements.append(
                SVG.diamond(area.x(point.x), area.y(point.y), 5, "ring published mark").titled(
                    "replication, \(Int(point.x)) networks: \(publishedText(point.y))"))
        }
        // Runs of one number of networks lie beside each other.
        let columns = Dictionary(grouping: points.indices) { points[$0].0 }
        for (index, point) in points.enumerated() {
            let column = columns[point.0] ?? []
            let rank = Double(column.firstIndex(of: index) ?? 0) - Double(column.count - 1) / 2
            let x = area.x(point.0) + rank * min(9, 60 / Double(max(column.count, 1)))
            if point.1.count > 1 {
                let (top, bottom) = (area.y(point.1.most), area.y(point.1.least))
                elements.append(SVG.rect(x - 2, top - 1, 4, bottom - top + 2, "range s0 mark"))
            }
            elements.append(
                SVG.circle(x, area.y(point.1.mean), 4.5, "dot s0 mark").titled(
                    "\(point.2.label): \(point.1.text(text))"))
        }
        var ends: [(x: Double, y: Double, text: String, style: String)] = []
        if let last = published.last {
            ends.append(
                (area.x(last.x), area.y(last.y), "replication, \(publishedText(last.y))", "published"))
        }
        if let last = points.first(where: { $0.2.label == evidence.featured.label }) ?? points.last {
            let column = min(9 * Double(columns[last.0]?.count ?? 1), 60) / 2
            ends.append(
                (area.x(last.0) + column, area.y(last.1.mean), "Pagefold, \(text(last.1.mean))", "s0"))
        }
        let places = PlotArea.apart(ends.map(\.y), gap: 16, within: area.top...area.bottom)
        for (end, y) in zip(ends, places) {
            elements.append(SVG.text(end.x + 12, y + 4, end.text, "label tone \(end.style)"))
        }
        return elements
    }
}
