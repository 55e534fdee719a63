// Accuracy of each labelled network before and after, and the difference enlarged beside it. Networks without labels
// are AgreementPlot's.

/// One row a network: left the accuracies, right the differences with every seed.
struct AccuracyPlot {
    let evidence: Evidence

    private var shown: [RunGroup] { evidence.peers }
    private var rows: [Int] {
        evidence.featured.networks.indices.filter { index in
            shown.contains { $0.spread(network: index, \.difference) != nil }
        }
    }

    var figure: Figure? {
        guard !rows.isEmpty else { return nil }
        let samples = Set(shown.map(\.samples)).sorted().joined(separator: " or ")
        let published = rows.contains { separated($0) != nil }
        return Figure(
            id: "accuracy", title: "Accuracy of each network before and after packing",
            description: """
                For each network, left its \(samples) accuracy alone and packed, right the difference in percentage \
                points with the range over seeds.
                """,
            caption: """
                On \(samples) samples. Rings: the original networks; dots: the packed ones. Right: bars reach from the \
                worst to the best seed, the large dot is the mean.\
                \(published ? " Diamonds: Weight Separation on its own originals (\(PublishedFigures.separation.citation))." : "") \
                \(evidence.note(shown))
                """,
            height: top + Double(rows.count) * rowHeight + 50, content: content, table: table)
    }

    private var rowHeight: Double { 26 + 10 * Double(shown.count - 1) }
    private var top: Double { shown.count > 1 ? 64 : 40 }
    private var nameWidth: Double {
        min(
            rows.map { SVG.width(of: evidence.featured.networks[$0], size: 13) }.max() ?? 0,
            Figure.isNarrow ? 90 : 150) + 14
    }

    /// Length of the left axis.
    private var half: Double { Figure.isNarrow ? (Figure.fullWidth - nameWidth - 42) / 2 : 340 }

    private func separated(_ index: Int) -> PublishedFigures.Change? {
        PublishedFigures.separated.first {
            PublishedFigures.isSame(evidence.featured.networks[index], $0.network)
        }
    }

    private var content: [Element] {
        let bottom = top + Double(rows.count) * rowHeight
        let scores = rows.flatMap { index in
            shown.flatMap { group in
                group.runs.map(\.networks[index].outcome).flatMap { outcome in
                    [outcome.before.share, outcome.after.share].compactMap { $0.map { 100 * $0 } }
                }
            }
        }
        let differences = rows.flatMap { index in
            shown.flatMap { $0.runs.compactMap(\.networks[index].outcome.difference) }
                + (separated(index).map { [$0.difference] } ?? [])
        }
        let units = Set(rows.map { evidence.featured.first.networks[$0].outcome.after.unit })
        let flat = Scale(from: 0, to: 1, start: bottom, end: top)
        let left = PlotArea(
            x: Scale(
                covering: scores, least: 2, bounds: units.contains(.relativeError) ? nil : 0...100,
                start: nameWidth, end: nameWidth + half),
            y: flat,
            xTitle: Figure.isNarrow
                ? "%" : units == [.accuracy] ? "accuracy, %" : "accuracy, area or error, %",
            yTitle: "", yTicks: [])
        let right = PlotArea(
            x: Scale(
                covering: differences + [0], least: 1, start: left.right + (Figure.isNarrow ? 30 : 50),
                end: Figure.fullWidth - (Figure.isNarrow ? 12 : 24)),
            y: flat, xTitle: Figure.isNarrow ? "points" : "packed − original, percentage points", yTitle: "",
            yTicks: [])
        var elements = left.axes + right.axes + Evidence.key(shown, x: nameWidth, y: 20)
        elements.append(SVG.text(left.left, top - 12, "before and after", "name"))
        elements.append(SVG.text(right.left, top - 12, "difference", "name"))
        for tick in left.x.ticks(left.xTickCount) {
            elements.append(SVG.line(left.x(tick), top, left.x(tick), bottom, "grid"))
        }
        for tick in right.x.ticks(right.xTickCount) {
            elements.append(SVG.line(right.x(tick), top, right.x(tick), bottom, "grid"))
        }
        elements.append(SVG.line(right.x(0), top, right.x(0), bottom, "level"))
        for (row, index) in rows.enumerated() {
            let middle = top + (Double(row) + 0.5) * rowHeight
            elements.append(
                SVG.text(
                    nameWidth - 10, middle + 4,
                    SVG.short(evidence.featured.networks[index], nameWidth - 12, size: 13), "label", .end))
            if row > 0 {
                let y = top + Double(row) * rowHeight
                elements.append(SVG.line(0, y, right.right, y, "hair"))
            }
            for (number, group) in shown.enumerated() {
                let y = middle + 10 * (Double(number) - Double(shown.count - 1) / 2)
                elements += marks(group, number, index, y, left.x, right.x)
            }
            if let separated = separated(index) {
                elements.append(
                    SVG.diamond(right.x(separated.difference), middle, 4.5, "ring published mark").titled(
                        "\(separated.network), Weight Separation: \(NumberText.fixed(separated.before, 2)) → "
                            + "\(NumberText.fixed(separated.after, 2)) %, "
                            + "\(NumberText.points(separated.difference)) points"))
            }
        }
        return elements
    }

    private func marks(
        _ group: RunGroup, _ number: Int, _ index: Int, _ y: Double, _ accuracy: Scale, _ points: Scale
    ) -> [Element] {
        guard let before = group.spread(network: index, { $0.before.share.map { 100 * $0 } }),
            let after = group.spread(network: index, { $0.after.share.map { 100 * $0 } }),
            let difference = group.spread(network: index, \.difference)
        else { return [] }
        let style = "s\(number)"
        let name = "\(group.networks[index])\(shown.count > 1 ? ", " + group.label : "")"
        var elements = [
            SVG.line(accuracy(before.mean), y, accuracy(after.mean), y, "stem \(style)"),
            SVG.circle(accuracy(before.mean), y, 4.5, "ring plain mark").titled(
                "\(name): original \(before.text { NumberText.fixed($0, 2) }) %"),
            SVG.circle(accuracy(after.mean), y, 4.5, "dot \(style) mark").titled(
                "\(name): packed \(after.text { NumberText.fixed($0, 2) }) %"),
        ]
        if difference.count > 1 {
            let (from, to) = (points(difference.least), points(difference.most))
            elements.append(SVG.rect(from - 1, y - 2.5, to - from + 2, 5, "range \(style) mark"))
            for run in group.runs {
                guard let value = run.networks[index].outcome.difference else { continue }
                let seed = run.parameter("seed").map { ", seed \($0)" } ?? ""
                elements.append(
                    SVG.circle(points(value), y, 1.8, "seed \(style)").titled(
                        "\(name)\(seed): \(NumberText.points(value)) points"))
            }
        }
        elements.append(
            SVG.circle(points(difference.mean), y, 4.5, "dot \(style) mark").titled(
                "\(name): \(difference.text(NumberText.points)) points"))
        return elements
    }

    /// All groups of the page, not only those that fit into the plot.
    private var table: NumberTable {
        var table = NumberTable([
            "network", "runs", "samples", "original %", "packed %", "least %", "most %", "difference",
            "agreement %",
        ])
        for group in evidence.groups {
            for (index, name) in group.networks.enumerated() {
                guard let before = group.spread(network: index, { $0.before.share.map { 100 * $0 } }),
                    let after = group.spread(network: index, { $0.after.share.map { 100 * $0 } }),
                    let difference = group.spread(network: index, \.difference)
                else { continue }
                let agreement = group.spread(network: index, { $0.after.agreement.map { 100 * $0 } })
                let outcome = group.first.networks[index].outcome
                table.rows.append([
                    evidence.groups.count > 1 ? "\(name), \(group.label)" : name, "\(after.count)",
                    "\(NumberText.whole(outcome.after.count)) \(outcome.isTest ? "test" : "validation")",
                    NumberText.fixed(before.mean, 2), NumberText.fixed(after.mean, 2),
                    NumberText.fixed(after.least, 2), NumberText.fixed(after.most, 2),
                    NumberText.points(difference.mean), agreement.map { NumberText.fixed($0.mean, 2) } ?? "–",
                ])
            }
        }
        return table
    }
}
