// Which networks use which frames: one band a network, frames put in the order of who shares them.

/// Network × frame.
struct FrameBandPlot {
    let use: FrameUse
    /// Stands at the end of the caption.
    var note = ""

    var figure: Figure {
        let left = min(use.names.map { SVG.width(of: $0, size: 13) }.max() ?? 0, 150) + 14
        let right = Figure.fullWidth - 90
        let rowHeight = use.names.count <= 12 ? 24.0 : 14
        let order = order(use)
        let bottom = 8 + Double(use.names.count) * rowHeight
        let area = PlotArea(
            x: Scale(from: 0, to: Double(use.frames), start: left, end: right),
            y: Scale(from: 0, to: 1, start: bottom, end: 8),
            xTitle: "frames, in the order of who shares them", yTitle: "", yTicks: [])
        var elements = area.axes
        for (index, name) in use.names.enumerated() {
            let y = 8 + Double(index) * rowHeight
            let used = use.uses[index].filter { $0 > 0 }.count
            elements.append(SVG.text(left - 8, y + rowHeight / 2 + 4, name, "label", .end))
            elements.append(SVG.rect(left, y + 2, right - left, rowHeight - 4, "track"))
            elements += band(use, index, order, y + 2, rowHeight - 4, area.x).map {
                $0.titled("\(name): \(NumberText.whole(used)) frames")
            }
            elements.append(
                SVG.text(right + 8, y + rowHeight / 2 + 4, "\(NumberText.whole(used)) frames", "tick"))
        }
        return Figure(
            id: "bands", title: "Which networks use which frames",
            description: "A band for each network that is filled where the network uses a frame.",
            caption: """
                Frames of many users first. Stronger colour: more networks on the frame. A frame that one network uses several \
                times counts once.\(note)
                """,
            height: bottom + 48, content: elements, table: table(use))
    }

    private func order(_ use: FrameUse) -> [Int] {
        let keys = (0..<use.frames).map { frame in use.names.indices.map { use.uses[$0][frame] > 0 ? 0 : 1 } }
        return (0..<use.frames).sorted { first, second in
            if use.users[first] != use.users[second] { return use.users[first] > use.users[second] }
            return keys[first] == keys[second]
                ? first < second : keys[first].lexicographicallyPrecedes(keys[second])
        }
    }

    /// One path for each number of users; neighbouring frames are one rectangle.
    private func band(
        _ use: FrameUse, _ index: Int, _ order: [Int], _ y: Double, _ height: Double, _ x: Scale
    ) -> [Element] {
        var paths = Array(repeating: Path(), count: use.names.count + 1)
        var begin = 0
        while begin < order.count {
            let users = use.users[order[begin]]
            let isUsed = use.uses[index][order[begin]] > 0
            var end = begin + 1
            while end < order.count, use.users[order[end]] == users,
                (use.uses[index][order[end]] > 0) == isUsed
            { end += 1 }
            if isUsed {
                paths[users].rect(x(Double(begin)), y, x(Double(end)) - x(Double(begin)), height)
            }
            begin = end
        }
        return paths.enumerated().filter { !$0.element.steps.isEmpty }.map { users, path in
            path.element("tile q\(use.level(users)) mark")
        }
    }

    private func table(_ use: FrameUse) -> NumberTable {
        var table = NumberTable(["network", "frames", "alone"] + use.names.map { "with \($0)" })
        for (index, name) in use.names.enumerated() {
            let used = (0..<use.frames).filter { use.uses[index][$0] > 0 }
            let alone = used.filter { use.users[$0] == 1 }.count
            let common = use.names.indices.map { other in
                other == index
                    ? "–" : NumberText.whole(used.filter { use.uses[other][$0] > 0 }.count)
            }
            table.rows.append([name, NumberText.whole(used.count), NumberText.whole(alone)] + common)
        }
        return table
    }
}
