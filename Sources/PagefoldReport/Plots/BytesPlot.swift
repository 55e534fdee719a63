// Where the bytes are before and after packing: one bar of the originals, one of each fold file.

/// Bars of bytes. Before: network by network; after: frames, exclusive pages, overrides and the rest.
struct BytesPlot {
    let evidence: Evidence

    private struct Part {
        let name: String
        let bytes: Double
        let style: String
    }

    private struct Bar {
        let name: String
        let parts: [Part]
        var bytes: Double { parts.reduce(0) { $0 + $1.bytes } }
    }

    var figure: Figure? {
        guard let original = evidence.featured.first.originalBytes else { return nil }
        let bars = [Bar(name: "originals", parts: originalParts(original))] + evidence.peers.map(packedBar)
        let caption = """
            Float32 bytes of the original weights above; below the whole fold file: page tables, biases, scales, \
            programs and names are counted. The factor says how much smaller the file is.
            """
        return Figure(
            id: "bytes", title: "Bytes before and after packing",
            description:
                "Bars of the bytes of the original networks and of the fold file, with what they are made of.",
            caption: caption, height: Double(bars.count) * 58 + 54, content: content(bars, Double(original)),
            table: NumberTable(
                ["part", "bytes", "share of originals %"],
                bars.flatMap { bar in
                    bar.parts.map { part in
                        [
                            "\(bar.name): \(part.name)", NumberText.fixed(part.bytes, 0),
                            NumberText.fixed(100 * part.bytes / Double(original), 2),
                        ]
                    } + [
                        [
                            "\(bar.name), all", NumberText.fixed(bar.bytes, 0),
                            NumberText.fixed(100 * bar.bytes / Double(original), 2),
                        ]
                    ]
                }))
    }

    private func originalParts(_ bytes: Int) -> [Part] {
        let networks = evidence.featured.first.networks
        let weights = networks.compactMap { $0.weights.map(Double.init) }
        let sum = weights.reduce(0, +)
        guard weights.count == networks.count, sum > 0 else {
            return [Part(name: "all networks", bytes: Double(bytes), style: "tile q3")]
        }
        return zip(networks, weights).enumerated().map { index, pair in
            Part(
                name: pair.0.name, bytes: Double(bytes) * pair.1 / sum,
                style: "tile \(index % 2 == 0 ? "q3" : "q2")")
        }
    }

    private func packedBar(_ group: RunGroup) -> Bar {
        let run = group.first
        let name = evidence.peers.count > 1 ? "packed, \(group.label)" : "packed"
        let page = 4 * Double(run.pageSize ?? 0)
        let frames = page * Double(run.frames ?? 0)
        let exclusive = page * Double(run.exclusivePages ?? 0)
        let overrides = Double(run.overrideBytes ?? 0)
        let rest = Double(run.bytes) - frames - exclusive - overrides
        guard frames > 0, rest >= 0 else {
            return Bar(
                name: name, parts: [Part(name: "fold file", bytes: Double(run.bytes), style: "tile q6")])
        }
        let parts = [
            Part(name: "shared frames", bytes: frames, style: "tile q6"),
            Part(name: "exclusive pages", bytes: exclusive, style: "tile q5"),
            Part(name: "overrides", bytes: overrides, style: "tile q4"),
            Part(name: "tails, page tables, programs", bytes: rest, style: "tile q3"),
        ]
        return Bar(name: name, parts: parts.filter { $0.bytes > 0 })
    }

    private func content(_ bars: [Bar], _ original: Double) -> [Element] {
        let most = bars.map(\.bytes).max() ?? original
        let scale = Scale(from: 0, to: most / 1024, start: 6, end: Figure.fullWidth - 190)
        let bottom = Double(bars.count) * 58 + 4
        let area = PlotArea(
            x: scale, y: Scale(from: 0, to: 1, start: bottom, end: 0), xTitle: "KiB", yTitle: "", yTicks: [])
        var elements = area.axes
        for (row, bar) in bars.enumerated() {
            let y = Double(row) * 58 + 20
            let ratio = row == 0 ? "" : ", \(NumberText.fixed(original / max(bar.bytes, 1), 2))×"
            elements.append(SVG.text(6, y - 6, bar.name, "label"))
            var x = 6.0
            for part in bar.parts {
                let width = scale(part.bytes / 1024) - scale(0)
                elements.append(
                    SVG.rect(x, y, max(width - 1, 0.6), 26, "\(part.style) mark").titled(
                        "\(bar.name): \(part.name), \(NumberText.fixed(part.bytes, 0)) bytes"))
                if SVG.width(of: part.name, size: 11) + 10 < width {
                    let light = part.style.hasSuffix("q6") || part.style.hasSuffix("q5")
                    elements.append(
                        SVG.text(x + 6, y + 17, part.name, "inside \(light ? "over" : "under")"))
                }
                x += width
            }
            elements.append(
                SVG.text(x + 8, y + 17, NumberText.fixed(bar.bytes, 0) + ratio, "label strong"))
        }
        return elements
    }
}
