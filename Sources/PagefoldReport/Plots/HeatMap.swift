// A value for every pair of networks as a coloured cell. What the values are, those say who have them.

/// Network × network; colour follows the square root of a value.
struct HeatMap {
    let names: [String]
    let values: [[Double]]
    /// Heads the key and the table, and stands in tooltips.
    let unit: String
    let format: (Double) -> String

    private var left: Double { min(names.map { SVG.width(of: $0, size: 13) }.max() ?? 0, 130) + 32 }
    private var cell: Double { min((Figure.fullWidth - left - 130) / Double(max(names.count, 1)), 64) }
    private var hasRoom: Bool { cell > 44 }
    private var row: Double { min(max(cell, 16), 40) }
    private let top = 34.0
    private var most: Double { values.joined().max() ?? 0 }

    var height: Double { max(top + Double(names.count) * row + 10, top + 150) }

    var content: [Element] {
        var elements: [Element] = []
        for (index, name) in names.enumerated() {
            // Where names have no room above, numbers stand for them.
            let number = "\(index + 1)"
            let own = hasRoom ? name : "\(number) \(name)"
            elements.append(
                SVG.text(
                    left - 8, top + (Double(index) + 0.5) * row + 4,
                    SVG.short(own, left - 10, size: 13), "label", .end))
            if hasRoom || SVG.width(of: number, size: 11.5) < cell - 3 {
                elements.append(
                    SVG.text(
                        left + (Double(index) + 0.5) * cell, top - 10,
                        hasRoom ? SVG.short(name, cell - 4, size: 13) : number, hasRoom ? "label" : "tick",
                        .middle))
            }
            for (column, value) in values[index].enumerated() {
                let level = value > 0 ? level(value) : 0
                let (x, y) = (left + Double(column) * cell, top + Double(index) * row)
                elements.append(
                    SVG.rect(x, y, max(cell - 2, 1), row - 2, "tile q\(level) mark").titled(
                        "\(name) with \(names[column]): \(format(value)) \(unit)"))
                if hasRoom {
                    elements.append(
                        SVG.text(
                            x + cell / 2 - 1, y + row / 2 + 3, value > 0 ? format(value) : "–",
                            "inside \(level >= 5 ? "over" : "under")", .middle))
                }
            }
        }
        return elements + key(left + Double(names.count) * cell + 24)
    }

    var table: NumberTable {
        NumberTable(
            [unit] + names,
            zip(names, values).map { name, row in [name] + row.map { $0 > 0 ? format($0) : "–" } })
    }

    /// 1 … 8.
    private func level(_ value: Double) -> Int { 1 + min(Int((value / most).squareRoot() * 8), 7) }

    private func key(_ x: Double) -> [Element] {
        var elements = [SVG.text(x, top - 10, unit, "tick")]
        for level in 1...8 {
            let place = top + Double(8 - level) * 15
            elements.append(SVG.rect(x, place, 14, 14, "tile q\(level)"))
            let share = Double(level) / 8
            elements.append(SVG.text(x + 20, place + 4, format(most * share * share), "tick"))
        }
        elements.append(SVG.text(x + 20, top + 8 * 15 + 4, "0", "tick"))
        return elements
    }
}
