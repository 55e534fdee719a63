// How often packed networks answer as their originals do: the measure of networks without labels.

/// One row a network without labels.
struct AgreementPlot {
    let evidence: Evidence

    private var shown: [RunGroup] { evidence.peers }
    private var rows: [Int] {
        evidence.featured.networks.indices.filter {
            evidence.featured.first.networks[$0].outcome.difference == nil
        }
    }

    var figure: Figure? {
        guard !rows.isEmpty else { return nil }
        let names = rows.map { evidence.featured.networks[$0] }
        return Figure(
            id: "agreement", title: "Agreement of the networks without labels",
            description: """
                Share of samples on which each packed network without labels answers as its original does, with the \
                range over seeds.
                """,
            caption: """
                No labels are known for \(names.joined(separator: ", ")): a sample counts when the packed network gives \
                the class of its original. Bars reach from the worst to the best seed. \(evidence.note(shown))
                """,
            height: top + Double(rows.count) * rowHeight + 46, content: content, table: table)
    }

    private var rowHeight: Double { 26 + 10 * Double(shown.count - 1) }
    private var top: Double { shown.count > 1 ? 44 : 16 }

    private func agreement(_ outcome: Outcome) -> Double? { outcome.after.agreement.map { 100 * $0 } }

    private var content: [Element] {
        let names = evidence.featured.networks
        let left = min(rows.map { SVG.width(of: names[$0], size: 13) }.max() ?? 0, 150) + 14
        let bottom = top + Double(rows.count) * rowHeight
        let values = rows.flatMap { index in
            shown.compactMap { $0.spread(network: index, agreement) }.flatMap { [$0.least, $0.most] }
        }
        let area = PlotArea(
            x: Scale(
                covering: values + [100], least: 2, bounds: 0...100, start: left, end: Figure.fullWidth - 80),
            y: Scale(from: 0, to: 1, start: bottom, end: top), xTitle: "agreement with the original, %",
            yTitle: "", yTicks: [])
        var elements = area.axes + Evidence.key(shown, x: left, y: 20)
        for tick in area.x.ticks(area.xTickCount) {
            elements.append(SVG.line(area.x(tick), top, area.x(tick), bottom, "grid"))
        }
        for (row, index) in rows.enumerated() {
            let middle = top + (Double(row) + 0.5) * rowHeight
            elements.append(SVG.text(left - 10, middle + 4, names[index], "label", .end))
            for (number, group) in shown.enumerated() {
                guard let spread = group.spread(network: index, agreement) else { continue }
                let y = middle + 10 * (Double(number) - Double(shown.count - 1) / 2)
                if spread.count > 1 {
                    let (from, to) = (area.x(spread.least), area.x(spread.most))
                    elements.append(SVG.rect(from - 1, y - 2.5, to - from + 2, 5, "range s\(number) mark"))
                }
                let text = spread.text { NumberText.fixed($0, 2) }
                elements.append(
                    SVG.circle(area.x(spread.mean), y, 4.5, "dot s\(number) mark").titled(
                        "\(names[index])\(shown.count > 1 ? ", " + group.label : ""): \(text) %"))
                if shown.count == 1 {
                    elements.append(
                        SVG.text(
                            area.x(spread.most) + 9, y + 4, NumberText.fixed(spread.mean, 2), "label tone s0")
                    )
                }
            }
        }
        return elements
    }

    private var table: NumberTable {
        var table = NumberTable(["network", "runs", "samples", "agreement %", "least %", "most %"])
        for group in evidence.groups {
            for (index, name) in group.networks.enumerated()
            where group.first.networks[index].outcome.difference == nil {
                guard let spread = group.spread(network: index, agreement) else { continue }
                let outcome = group.first.networks[index].outcome
                table.rows.append([
                    evidence.groups.count > 1 ? "\(name), \(group.label)" : name, "\(spread.count)",
                    "\(NumberText.whole(outcome.after.count)) \(outcome.isTest ? "test" : "validation")",
                    NumberText.fixed(spread.mean, 2), NumberText.fixed(spread.least, 2),
                    NumberText.fixed(spread.most, 2),
                ])
            }
        }
        return table
    }
}
