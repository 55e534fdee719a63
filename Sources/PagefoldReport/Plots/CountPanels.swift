// Accuracy of each network by the number of networks in the pool, one small panel a network, with the published
// curve. The mean over the networks is CurvePlot's.

/// Small multiples along the number of networks.
struct CountPanels {
    let curve: Curve

    private struct Point {
        let count: Double
        let after: Spread
        let before: Double
        let isLabelled: Bool
        let axisTitle: String
        let bounds: ClosedRange<Double>?
    }

    private var names: [String] {
        curve.points.reduce(into: []) { names, point in
            for name in point.group.networks where !names.contains(name) { names.append(name) }
        }
    }

    private func points(_ name: String) -> [Point] {
        curve.points.compactMap { place in
            guard let index = place.group.networks.firstIndex(of: name),
                let after = place.group.spread(network: index, { 100 * $0.after.measure }),
                let before = place.group.spread(network: index, { 100 * $0.before.measure })
            else { return nil }
            let outcome = place.group.first.networks[index].outcome
            return Point(
                count: place.x, after: after, before: before.mean, isLabelled: outcome.difference != nil,
                axisTitle: outcome.after.axisTitle, bounds: outcome.after.bounds)
        }
    }

    private func published(_ name: String) -> PublishedFigures.ByCount? {
        PublishedFigures.byCount.first { PublishedFigures.isSame(name, $0.network) }
    }

    private static let diamonds =
        " Diamonds: \(PublishedFigures.replication.citation), whose originals differ; a triangle at the lower edge is a "
        + "network that collapsed."
    private static let size = (width: 205.0, height: 190.0)

    var figure: Figure? {
        let names = names
        guard !names.isEmpty else { return nil }
        let counts = curve.points.map(\.x)
        let rows = (names.count + Figure.columns - 1) / Figure.columns
        return Figure(
            id: "networks-each", title: "Each network by the number of networks in the pool",
            description:
                "A panel for each network: its accuracy along the number of networks.",
            caption: """
                Accuracy in % (agreement where there are no labels) over the number of networks. Dotted: the original.\
                \(names.contains { published($0) != nil } ? Self.diamonds : "")
                """,
            height: Double(rows) * Self.size.height + 8,
            content: names.enumerated().flatMap { index, name in
                panel(
                    name, Double(index % Figure.columns) * (Self.size.width + 12),
                    Double(index / Figure.columns) * Self.size.height, counts)
            }, table: table)
    }

    private func panel(_ name: String, _ x: Double, _ y: Double, _ counts: [Double]) -> [Element] {
        let points = points(name)
        let isLabelled = points.first?.isLabelled ?? false
        let theirs =
            isLabelled
            ? published(name)?.packed.sorted { $0.key < $1.key }.map { (Double($0.key), $0.value) } ?? [] : []
        let own = points.flatMap { [$0.after.least, $0.after.most] + (isLabelled ? [$0.before] : []) }
        let lowest = own.min() ?? 0
        let near = theirs.map(\.1).filter { $0 > lowest - 25 }
        let area = PlotArea(
            x: Scale(covering: counts + theirs.map(\.0), start: x + 34, end: x + Self.size.width - 6),
            y: Scale(
                covering: own + near, least: 2, bounds: points.first?.bounds,
                start: y + Self.size.height - 44, end: y + 30
            ),
            xTitle: "networks", yTitle: "", xTicks: Set(counts).sorted(), yTickCount: 4, isSmall: true)
        var elements = area.axes
        elements.append(SVG.text(area.left, y + 18, name, "label strong"))
        elements.append(
            SVG.text(area.right, y + 18, points.first?.axisTitle ?? "", "tick", .end))
        if isLabelled, let before = points.last?.before { elements.append(area.level(before)) }
        elements += area.curve(theirs.map { ($0.0, $0.1) }, "curve dashes published")
        for (count, value) in theirs {
            let text = "\(name), replication, \(Int(count)) networks: \(NumberText.fixed(value, 2)) %"
            elements.append(
                (value < area.y.low
                    ? SVG.pointer(area.x(count), area.bottom - 6, 4, "solid published mark")
                    : SVG.diamond(area.x(count), area.y(value), 4, "ring published mark")).titled(text))
        }
        elements += area.curve(points.map { ($0.count, $0.after.mean) }, "curve s0")
        for point in points {
            if point.after.count > 1 {
                let (top, bottom) = (area.y(point.after.most), area.y(point.after.least))
                elements.append(
                    SVG.rect(area.x(point.count) - 2, top - 1, 4, bottom - top + 2, "range s0 mark"))
            }
            let text = point.after.text { NumberText.fixed($0, 2) }
            elements.append(
                SVG.circle(area.x(point.count), area.y(point.after.mean), 3.6, "dot s0 mark").titled(
                    "\(name), \(Int(point.count)) networks: \(text) %"))
        }
        return elements
    }

    private var table: NumberTable {
        var table = NumberTable([
            "network", "networks", "original %", "packed %", "least %", "most %", "replication %",
        ])
        for name in names {
            let published = published(name)
            for point in points(name) {
                table.rows.append([
                    name, "\(Int(point.count))", NumberText.fixed(point.before, 2),
                    NumberText.fixed(point.after.mean, 2), NumberText.fixed(point.after.least, 2),
                    NumberText.fixed(point.after.most, 2),
                    published?.packed[Int(point.count)].map { NumberText.fixed($0, 2) } ?? "–",
                ])
            }
        }
        return table.withoutEmptyColumns
    }
}
