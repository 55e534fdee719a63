// Bytes against the measure: every group of runs of the featured networks is a point, and those that no other beats in
// both are joined. What was varied to get there does not matter here.

/// How much of the measure the bytes buy.
struct FrontierPlot {
    let evidence: Evidence

    private struct Point {
        let bytes: Double
        let mean: Spread
        let group: RunGroup
        var isOnFrontier = false
    }

    private let height = 340.0

    private var isDifference: Bool { evidence.featured.hasLabels }

    private func value(_ run: PackRecord) -> Double? {
        isDifference ? run.meanDifference : run.leastAgreement.map { 100 * $0 }
    }

    /// From few bytes to many.
    private var points: [Point] {
        var points = evidence.groups.filter { $0.networks == evidence.featured.networks }.compactMap {
            group in
            group.spread(value).map { mean in
                Point(
                    bytes: group.spread { Double($0.bytes) }?.mean ?? Double(group.first.bytes), mean: mean,
                    group: group)
            }
        }.sorted { ($0.bytes, -$0.mean.mean) < ($1.bytes, -$1.mean.mean) }
        var best = -Double.infinity
        for index in points.indices where points[index].mean.mean > best {
            points[index].isOnFrontier = true
            best = points[index].mean.mean
        }
        return points
    }

    var figure: Figure? {
        let points = points
        guard !points.isEmpty else { return nil }
        let (what, unit) =
            isDifference
            ? ("the mean difference to the originals", "points")
            : ("the least agreement with the originals", "%")
        return Figure(
            id: "frontier", title: "What the bytes buy",
            description: "Points of bytes and \(what), with the line of those that none beats in both.",
            caption: """
                Each dot is a group of runs of these networks, by the bytes of the whole file and \(what); bars reach over \
                the seeds. The line joins the groups that no other beats in both: more for as many bytes is not known.
                """,
            height: height, content: content(points),
            table: NumberTable(
                ["runs", "bytes", "ratio", unit, "least", "most", "on the line"],
                points.map { point in
                    [
                        point.group.label, NumberText.fixed(point.bytes, 0),
                        point.group.spread(\.ratio).map { NumberText.fixed($0.mean, 2) + "×" } ?? "–",
                        text(point.mean.mean), text(point.mean.least), text(point.mean.most),
                        point.isOnFrontier ? "yes" : "no",
                    ]
                }))
    }

    private func text(_ value: Double) -> String {
        isDifference ? NumberText.points(value) : NumberText.fixed(value, 2)
    }

    private func content(_ points: [Point]) -> [Element] {
        let sizes = points.map { $0.bytes / 1024 }
        let isWide = (sizes.max() ?? 1) / max(sizes.min() ?? 1, 1e-9) > 4
        let area = PlotArea(
            x: Scale(
                covering: sizes, logarithmic: isWide, room: 0.12,
                least: isWide ? 2 : 0.2 * (sizes.max() ?? 1),
                start: 56, end: Figure.fullWidth - 30),
            y: Scale(
                covering: points.flatMap { [$0.mean.least, $0.mean.most] } + (isDifference ? [0] : []),
                room: 0.1, least: 1, bounds: isDifference ? nil : 0...100, start: height - 52, end: 34),
            xTitle: "bytes of the fold file, KiB\(isWide ? ", logarithmic" : "")",
            yTitle: isDifference ? "packed − original, points" : "least agreement, %",
            xTickCount: Figure.isNarrow ? 4 : 6)
        var elements = area.axes
        if isDifference { elements.append(area.level(0)) }
        let frontier = points.filter(\.isOnFrontier)
        // Between two points nothing better is known than the smaller one.
        var steps: [(x: Double, y: Double)] = []
        for point in frontier {
            if let last = steps.last { steps.append((point.bytes / 1024, last.y)) }
            steps.append((point.bytes / 1024, point.mean.mean))
        }
        elements += area.curve(steps, "curve s0")
        for point in points {
            let (x, style) = (area.x(point.bytes / 1024), point.isOnFrontier ? "s0" : "plain")
            if point.mean.count > 1 {
                let (top, bottom) = (area.y(point.mean.most), area.y(point.mean.least))
                elements.append(SVG.rect(x - 2, top - 1, 4, bottom - top + 2, "range \(style) mark"))
            }
            elements.append(
                SVG.circle(
                    x, area.y(point.mean.mean), point.isOnFrontier ? 4.8 : 3.6,
                    "\(point.isOnFrontier ? "dot" : "ring") \(style) mark"
                ).titled(
                    "\(point.group.label): \(NumberText.fixed(point.bytes, 0)) bytes, \(point.mean.text(text))"
                ))
        }
        return elements + labels(frontier, area)
    }

    /// Ratios beside the line's points, as far as they do not lie on each other.
    private func labels(_ frontier: [Point], _ area: PlotArea) -> [Element] {
        var elements: [Element] = []
        var free = -Double.infinity
        for point in frontier {
            guard let ratio = point.group.spread(\.ratio)?.mean else { continue }
            let (x, text) = (area.x(point.bytes / 1024), NumberText.fixed(ratio, 1) + "×")
            let half = SVG.width(of: text, size: 12.5) / 2
            guard x - half > free + 6, x + half < Figure.fullWidth, x - half > area.left else { continue }
            elements.append(SVG.text(x, area.y(point.mean.most) - 11, text, "label tone s0", .middle))
            free = x + half
        }
        return elements
    }
}
