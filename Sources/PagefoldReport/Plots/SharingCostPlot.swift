// What sharing costs each pair of networks: the second-order loss between their pages on common frames.

/// A heat map, network × network.
struct SharingCostPlot {
    let evidence: Evidence

    var figure: Figure? {
        guard let (run, note) = evidence.record({ ($0.sharingCost ?? []).joined().contains { $0 > 0 } }),
            let costs = run.sharingCost
        else { return nil }
        let names = run.networks.map(\.name)
        let left = min(names.map { SVG.width(of: $0, size: 13) }.max() ?? 0, 150) + 12
        let cell = min((Figure.fullWidth - left - 130) / Double(names.count), 64)
        let row = min(cell, 40)
        let top = 34.0
        let most = costs.joined().max() ?? 0
        var elements: [Element] = []
        for (index, name) in names.enumerated() {
            elements.append(
                SVG.text(left - 8, top + (Double(index) + 0.5) * row + 4, name, "label", .end))
            elements.append(
                SVG.text(left + (Double(index) + 0.5) * cell, top - 10, short(name, cell), "label", .middle))
            for (column, cost) in costs[index].enumerated() {
                let level = cost > 0 ? level(cost, most) : 0
                let (x, y) = (left + Double(column) * cell, top + Double(index) * row)
                elements.append(
                    SVG.rect(x, y, cell - 2, row - 2, "tile q\(level) mark").titled(
                        "\(name) with \(names[column]): \(NumberText.short(cost)) nats"))
                if cell > 44 {
                    let text = cost > 0 ? NumberText.short(cost) : "–"
                    elements.append(
                        SVG.text(
                            x + cell / 2 - 1, y + row / 2 + 3, text,
                            "inside \(level >= 5 ? "over" : "under")",
                            .middle))
                }
            }
        }
        elements += key(left + Double(names.count) * cell + 24, top, most)
        return Figure(
            id: "sharing-cost", title: "Sharing cost between networks",
            description:
                "A heat map: the second-order loss of every pair of networks on their common frames.",
            caption: """
                Second-order loss in nats between the pages of two networks on common frames, before joint training. \
                Colour follows its square root.\(note)
                """,
            height: max(top + Double(names.count) * row + 10, top + 150), content: elements,
            table: NumberTable(
                ["nats"] + names,
                zip(names, costs).map { name, row in [name] + row.map { $0 > 0 ? NumberText.short($0) : "–" }
                }))
    }

    /// 1 … 8.
    private func level(_ cost: Double, _ most: Double) -> Int {
        1 + min(Int((cost / most).squareRoot() * 8), 7)
    }

    private func key(_ x: Double, _ y: Double, _ most: Double) -> [Element] {
        var elements = [SVG.text(x, y - 10, "nats", "tick")]
        for level in 1...8 {
            let place = y + Double(8 - level) * 15
            elements.append(SVG.rect(x, place, 14, 14, "tile q\(level)"))
            let share = Double(level) / 8
            elements.append(
                SVG.text(x + 20, place + 4, NumberText.short(most * share * share), "tick"))
        }
        elements.append(SVG.text(x + 20, y + 8 * 15 + 4, "0", "tick"))
        return elements
    }

    private func short(_ name: String, _ width: Double) -> String {
        var text = name
        while SVG.width(of: text) > width - 2, text.count > 3 { text.removeLast() }
        return text == name ? name : text + "…"
    }
}
