// How the Fisher information and the weights of each network are distributed, one small panel a network.

/// Small multiples of histograms.
struct DistributionPlot {
    enum Kind { case fisher, weights }

    let evidence: Evidence
    let kind: Kind

    private static let size = (width: 205.0, height: 180.0)

    private func histograms(_ network: PackRecord.Network) -> [(
        histogram: PackRecord.Histogram, name: String
    )] {
        let all: [(PackRecord.Histogram?, String)] =
            kind == .fisher
            ? [(network.fisher, "Fisher")]
            : [(network.weightsBefore, "before"), (network.weightsAfter, "after")]
        return all.compactMap { histogram, name in
            guard let histogram, histogram.counts.contains(where: { $0 > 0 }) else { return nil }
            return (histogram, name)
        }
    }

    var figure: Figure? {
        guard
            let (run, note) = evidence.record({ run in
                run.networks.contains { !histograms($0).isEmpty }
            })
        else { return nil }
        let networks = run.networks.filter { !histograms($0).isEmpty }
        let rows = (networks.count + Figure.columns - 1) / Figure.columns
        let head = kind == .weights ? 30.0 : 4
        var elements: [Element] = []
        if kind == .weights {
            elements += [
                SVG.rect(34, 9, 12, 10, "bars"), SVG.text(52, 18, "before packing", "label"),
                SVG.line(160, 14, 180, 14, "curve s0"), SVG.text(186, 18, "after", "label tone s0"),
            ]
        }
        for (index, network) in networks.enumerated() {
            elements += panel(
                network, Double(index % Figure.columns) * (Self.size.width + 12),
                head + Double(index / Figure.columns) * Self.size.height)
        }
        let isFisher = kind == .fisher
        return Figure(
            id: isFisher ? "fisher" : "weights",
            title: isFisher
                ? "Fisher information of each network's weights"
                : "Weights of each network before and after packing",
            description:
                "A panel for each network: a histogram of its \(isFisher ? "Fisher information" : "weights").",
            caption: isFisher
                ? """
                Number of weights (upright, logarithmic) by their Fisher information in nats for each squared unit of \
                weight (logarithmic). Weights without any are left out.\(note)
                """ : "Number of weights (upright, logarithmic) by their value.\(note)",
            height: head + Double(rows) * Self.size.height + 8, content: elements, table: table(networks))
    }

    private func panel(_ network: PackRecord.Network, _ x: Double, _ y: Double) -> [Element] {
        let histograms = histograms(network)
        let used = histograms.map(\.histogram)
        let edges = used.flatMap { histogram -> [Double] in
            // Empty bins at the ends are not worth their room.
            let first = histogram.counts.firstIndex { $0 > 0 } ?? 0
            let last = histogram.counts.lastIndex { $0 > 0 } ?? 0
            return [histogram.edges[first], histogram.edges[last + 1]]
        }
        let most = used.flatMap(\.counts).max() ?? 1
        let area = PlotArea(
            x: Scale(
                covering: edges, logarithmic: used.allSatisfy(\.logarithmic), room: 0.02, start: x + 36,
                end: x + Self.size.width - 8),
            y: Scale(
                from: 0.7, to: max(Double(most) * 1.5, 2), logarithmic: true,
                start: y + Self.size.height - 44,
                end: y + 30), xTitle: kind == .fisher ? "Fisher, nats / weight²" : "weight", yTitle: "",
            xTickCount: 4, yTickCount: 4, isSmall: true)
        var elements = area.axes
        elements.append(SVG.text(area.left, y + 18, network.name, "label strong"))
        elements.append(SVG.text(area.right, y + 18, "weights", "tick", .end))
        for (number, entry) in histograms.enumerated() {
            let isFilled = number == 0 && entry.name != "after"
            elements.append(
                outline(entry.histogram, area, isFilled: isFilled).titled(
                    "\(network.name), \(entry.name): \(NumberText.short(edges.min() ?? 0)) … "
                        + "\(NumberText.short(edges.max() ?? 0))"))
        }
        return elements
    }

    private func outline(_ histogram: PackRecord.Histogram, _ area: PlotArea, isFilled: Bool) -> Element {
        let first = histogram.counts.firstIndex { $0 > 0 } ?? 0
        let last = histogram.counts.lastIndex { $0 > 0 } ?? 0
        var path = Path()
        path.move(area.x(histogram.edges[first]), area.bottom)
        for bin in first...last {
            let y = histogram.counts[bin] > 0 ? area.y(Double(histogram.counts[bin])) : area.bottom
            path.line(area.x(histogram.edges[bin]), y)
            path.line(area.x(histogram.edges[bin + 1]), y)
        }
        path.line(area.x(histogram.edges[last + 1]), area.bottom)
        if isFilled { path.close() }
        return path.element(isFilled ? (kind == .fisher ? "fill s0 mark" : "bars mark") : "curve s0 mark")
    }

    private func table(_ networks: [PackRecord.Network]) -> NumberTable {
        var table = NumberTable(["network", "from", "to", "weights"])
        for network in networks {
            for (histogram, name) in histograms(network) {
                for (bin, count) in histogram.counts.enumerated() where count > 0 {
                    table.rows.append([
                        kind == .fisher ? network.name : "\(network.name), \(name)",
                        NumberText.short(histogram.edges[bin]), NumberText.short(histogram.edges[bin + 1]),
                        NumberText.whole(count),
                    ])
                }
            }
        }
        return table
    }
}
