// The rectangle that data are drawn in, with its grid, ticks and axis titles; and labels that keep apart.

/// Axes of a plot. The value of the upright axis stands above it, where it is read without turning one's head.
struct PlotArea {
    let x: Scale
    let y: Scale
    let xTitle: String
    let yTitle: String
    /// Values with a tick; nil: round ones.
    var xTicks: [Double]?
    var yTicks: [Double]?
    var xTickCount = Figure.isNarrow ? 3 : 6
    var yTickCount = 5
    /// Ticks and titles of small panels are nearer to the axes.
    var isSmall = false

    var left: Double { min(x.start, x.end) }
    var right: Double { max(x.start, x.end) }
    var top: Double { min(y.start, y.end) }
    var bottom: Double { max(y.start, y.end) }

    /// Everything but the data.
    var axes: [Element] {
        let xs = xTicks ?? x.ticks(xTickCount)
        let ys = yTicks ?? y.ticks(yTickCount)
        var elements: [Element] = []
        for tick in ys {
            elements.append(SVG.line(left, y(tick), right, y(tick), "grid"))
            elements.append(SVG.text(left - 6, y(tick) + 4, y.text(tick, ys), "tick", .end))
        }
        elements.append(SVG.line(left, bottom, right, bottom, "axis"))
        var free = -Double.infinity
        for tick in xs.sorted(by: { x($0) < x($1) }) {
            elements.append(SVG.line(x(tick), bottom, x(tick), bottom + 4, "axis"))
            // Where ticks are near to each other, not each has its text.
            let text = x.text(tick, xs)
            let half = SVG.width(of: text, size: 11.5) / 2
            guard x(tick) - half >= free else { continue }
            elements.append(SVG.text(x(tick), bottom + 17, text, "tick", .middle))
            free = x(tick) + half + 4
        }
        let up = isSmall ? 8.0 : 12.0
        if !yTitle.isEmpty { elements.append(SVG.text(left, top - up, yTitle, "name")) }
        if !xTitle.isEmpty {
            elements.append(
                SVG.text(
                    (left + right) / 2, bottom + (isSmall ? 31 : 34), xTitle, isSmall ? "tick" : "name",
                    .middle))
        }
        return elements
    }

    /// The line of values that mean "no change" or "the original".
    func level(_ value: Double) -> Element { SVG.line(left, y(value), right, y(value), "level") }

    /// A curve through points, cut off at the lower and upper end of the area.
    func curve(_ points: [(x: Double, y: Double)], _ style: String) -> [Element] {
        var paths: [Element] = []
        var run: [(x: Double, y: Double)] = []
        func finish() {
            if run.count > 1 { paths.append(Path(through: run).element(style)) }
            run = []
        }
        for (index, point) in points.enumerated() {
            let place = (x: x(point.x), y: y(point.y))
            let isInside = place.y >= top - 0.01 && place.y <= bottom + 0.01
            if index > 0 {
                let before = (x: x(points[index - 1].x), y: y(points[index - 1].y))
                let wasInside = before.y >= top - 0.01 && before.y <= bottom + 0.01
                if wasInside != isInside {
                    let outside = isInside ? before.y : place.y
                    let edge = outside > bottom ? bottom : top
                    let share = (edge - before.y) / (place.y - before.y)
                    run.append((x: before.x + share * (place.x - before.x), y: edge))
                    if !isInside { finish() }
                }
            }
            if isInside { run.append(place) }
        }
        finish()
        return paths
    }

    /// Moves labels apart so that each has `gap` to the next, as little as possible, within `low` … `high`.
    static func apart(_ wanted: [Double], gap: Double, within bounds: ClosedRange<Double>) -> [Double] {
        let order = wanted.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
        var places = order.map { wanted[$0] }
        for _ in 0..<60 {
            for index in places.indices.dropFirst() {
                let lack = gap - (places[index] - places[index - 1])
                if lack > 0.01 {
                    places[index - 1] -= lack / 2
                    places[index] += lack / 2
                }
            }
            if let last = places.last, last > bounds.upperBound {
                places[places.count - 1] = bounds.upperBound
            }
            if let first = places.first, first < bounds.lowerBound { places[0] = bounds.lowerBound }
        }
        var result = wanted
        for (rank, index) in order.enumerated() { result[index] = places[rank] }
        return result
    }
}
