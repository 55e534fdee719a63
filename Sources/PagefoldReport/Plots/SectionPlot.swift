// Where the bytes of one fold file are, section by section.

/// A bar for each kind of section.
struct SectionPlot {
    /// The largest first.
    let parts: [(name: String, bytes: Int)]

    var figure: Figure {
        let all = Double(max(parts.reduce(0) { $0 + $1.bytes }, 1))
        let left = min(parts.map { SVG.width(of: $0.name, size: 13) }.max() ?? 0, 150) + 14
        let bottom = 6 + Double(parts.count) * 26
        let area = PlotArea(
            x: Scale(
                from: 0, to: Double(parts.first?.bytes ?? 1) / 1024, start: left,
                end: Figure.fullWidth - (Figure.isNarrow ? 128 : 150)),
            y: Scale(from: 0, to: 1, start: bottom, end: 6), xTitle: "KiB", yTitle: "", yTicks: [])
        var elements = area.axes
        for (index, part) in parts.enumerated() {
            let y = 6 + Double(index) * 26
            let width = area.x(Double(part.bytes) / 1024) - left
            let share = NumberText.fixed(100 * Double(part.bytes) / all, 1)
            elements.append(
                SVG.text(left - 8, y + 17, SVG.short(part.name, left - 10, size: 13), "label", .end))
            elements.append(
                SVG.rect(left, y + 4, max(width, 1), 18, "tile q5 mark").titled(
                    "\(part.name): \(NumberText.whole(part.bytes)) bytes"))
            elements.append(
                SVG.text(left + width + 8, y + 17, "\(NumberText.whole(part.bytes)), \(share) %", "label"))
        }
        return Figure(
            id: "sections", title: "Where the bytes of the file are",
            description: "A bar for each kind of section, as long as its bytes.",
            caption: "Bytes of the whole file by kind of section; headers are what no section counts.",
            height: bottom + 46, content: elements,
            table: NumberTable(
                ["section", "bytes", "share %"],
                parts.map {
                    [
                        $0.name, NumberText.whole($0.bytes),
                        NumberText.fixed(100 * Double($0.bytes) / all, 2),
                    ]
                }))
    }
}
