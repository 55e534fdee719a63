// The page tables, one strip a network: each page in the order of the weights, by how many networks stand on its frame.

/// Network × page.
struct PageTablePlot {
    let names: [String]
    /// Numbers from the pool's frames on mean exclusive pages.
    let tables: [[Int]]
    /// nil: no frames.
    let use: FrameUse?

    var figure: Figure {
        let left = min(names.map { SVG.width(of: $0, size: 13) }.max() ?? 0, Figure.isNarrow ? 110 : 150) + 14
        let right = Figure.fullWidth - 20
        let rowHeight = 24.0
        let most = tables.map(\.count).max() ?? 0
        let bottom = 30 + Double(names.count) * rowHeight
        let area = PlotArea(
            x: Scale(from: 0, to: Double(max(most, 1)), start: left, end: right),
            y: Scale(from: 0, to: 1, start: bottom, end: 30), xTitle: "page", yTitle: "", yTicks: [])
        var elements = key(left) + area.axes
        for (index, name) in names.enumerated() {
            let y = 30 + Double(index) * rowHeight
            elements.append(
                SVG.text(left - 8, y + 16, SVG.short(name, left - 10, size: 13), "label", .end))
            elements += strip(tables[index], name, y + 3, rowHeight - 6, area.x)
        }
        return Figure(
            id: "tables", title: "The pages of each network",
            description:
                "A strip for each network: its pages, coloured by the number of networks on their frames.",
            caption: """
                Pages in the order of the weights. Stronger colour: more networks on the page's frame; grey: a page that its \
                network has for itself.
                """,
            height: bottom + 48, content: elements,
            table: NumberTable(
                ["network", "pages", "on frames", "alone on its frame", "exclusive"],
                zip(names, tables).map { name, table in
                    let shared = table.filter { level($0) != nil }
                    let alone = shared.filter { use?.users[$0] == 1 }
                    return [name]
                        + [table.count, shared.count, alone.count, table.count - shared.count].map(
                            NumberText.whole)
                }))
    }

    /// nil for an exclusive page.
    private func level(_ entry: Int) -> Int? {
        guard let use, entry < use.frames else { return nil }
        return use.level(use.users[entry])
    }

    /// One path for each colour; neighbours of one colour are one rectangle.
    private func strip(
        _ table: [Int], _ name: String, _ y: Double, _ height: Double, _ x: Scale
    ) -> [Element] {
        var paths = [String: Path]()
        var begin = 0
        while begin < table.count {
            let level = level(table[begin])
            var end = begin + 1
            while end < table.count, self.level(table[end]) == level { end += 1 }
            let style = level.map { "q\($0)" } ?? "bars"
            let (from, to) = (x(Double(begin)), x(Double(end)))
            paths[style, default: Path()].rect(from, y, to - from, height)
            begin = end
        }
        return paths.sorted { $0.key < $1.key }.map { style, path in
            path.element("tile \(style) mark").titled("\(name): \(NumberText.whole(table.count)) pages")
        }
    }

    private func key(_ x: Double) -> [Element] {
        guard let use else { return [] }
        var place = x
        var elements: [Element] = []
        let counts = (1...max(use.mostUsers, 1)).filter {
            use.byUsers.indices.contains($0) && use.byUsers[$0] > 0
        }
        let shown =
            counts.count > 6 ? [counts[0], counts[counts.count / 2], counts[counts.count - 1]] : counts
        for count in shown {
            elements.append(SVG.rect(place, 4, 12, 12, "tile q\(use.level(count))"))
            elements.append(SVG.text(place + 16, 14, "\(count)", "tick"))
            place += 26 + SVG.width(of: "\(count)")
        }
        elements.append(SVG.text(place + 2, 14, "networks on the frame", "tick"))
        return elements
    }
}
