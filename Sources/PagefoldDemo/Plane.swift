// A small grey picture with smooth edges: strokes, polygons and discs, drawn by distance. No colours, no
// files.

import PagefoldCore

struct Point {
    var x: Float
    var y: Float

    init(_ x: Float, _ y: Float) {
        self.x = x
        self.y = y
    }
}

/// Turns, shears, scales, then moves points.
struct Affine {
    var xx: Float
    var xy: Float
    var yx: Float
    var yy: Float
    var centre: Point

    /// - Parameters:
    ///   - turn: Rotation in turns, clockwise on a picture whose y axis points down.
    ///   - shear: How far x moves for one of y, before the rotation.
    init(centre: Point, scaleX: Float, scaleY: Float, turn: Float = 0, shear: Float = 0) {
        let c = Wave.cosine(turn)
        let s = Wave.sine(turn)
        xx = c * scaleX
        xy = c * shear * scaleX - s * scaleY
        yx = s * scaleX
        yy = s * shear * scaleX + c * scaleY
        self.centre = centre
    }

    func callAsFunction(_ p: Point) -> Point {
        Point(xx * p.x + xy * p.y + centre.x, yx * p.x + yy * p.y + centre.y)
    }

    func callAsFunction(_ points: [Point]) -> [Point] { points.map { self($0) } }
}

/// Row-major picture; pixel (x, y) has its centre at (x, y). Drawing raises the coverage to at most 1.
struct Plane {
    let width: Int
    let height: Int
    var values: [Float]

    init(width: Int, height: Int, level: Float = 0) {
        self.width = width
        self.height = height
        values = [Float](repeating: level, count: width * height)
    }

    /// Calls `body` for the pixels of a box, cut to the picture.
    private mutating func raise(
        _ low: Point, _ high: Point, margin: Float, to coverage: (_ x: Float, _ y: Float) -> Float
    ) {
        let x0 = max(0, Int((low.x - margin).rounded(.down)))
        let x1 = min(width - 1, Int((high.x + margin).rounded(.up)))
        let y0 = max(0, Int((low.y - margin).rounded(.down)))
        let y1 = min(height - 1, Int((high.y + margin).rounded(.up)))
        guard x0 <= x1, y0 <= y1 else { return }
        for y in y0...y1 {
            for x in x0...x1 {
                let value = min(1, max(0, coverage(Float(x), Float(y))))
                let index = y * width + x
                if value > values[index] { values[index] = value }
            }
        }
    }

    /// Draws the line through the points, `thickness` pixels wide, with round ends.
    mutating func stroke(_ points: [Point], thickness: Float, closed: Bool = false) {
        let radius = thickness / 2
        var pairs = Array(zip(points, points.dropFirst()))
        if closed, let first = points.first, let last = points.last { pairs.append((last, first)) }
        for (a, b) in pairs {
            raise(
                Point(min(a.x, b.x), min(a.y, b.y)), Point(max(a.x, b.x), max(a.y, b.y)), margin: radius + 1
            ) { x, y in
                radius + 0.5 - squaredDistance(Point(x, y), a, b).squareRoot()
            }
        }
    }

    /// Fills the polygon (even–odd rule).
    mutating func fill(_ points: [Point]) {
        guard let first = points.first, let last = points.last else { return }
        var low = first
        var high = first
        for p in points {
            low = Point(min(low.x, p.x), min(low.y, p.y))
            high = Point(max(high.x, p.x), max(high.y, p.y))
        }
        raise(low, high, margin: 1) { x, y in
            var inside = false
            var nearest = Float.greatestFiniteMagnitude
            var a = last
            for b in points {
                nearest = min(nearest, squaredDistance(Point(x, y), a, b))
                if (a.y > y) != (b.y > y), x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x { inside.toggle() }
                a = b
            }
            return inside ? 0.5 + nearest.squareRoot() : 0.5 - nearest.squareRoot()
        }
    }

    /// Takes the other picture's coverage away from this one.
    mutating func subtract(_ other: Plane) {
        for i in values.indices { values[i] *= 1 - other.values[i] }
    }

    /// Paints a level through the mask's coverage.
    mutating func paint(_ level: Float, through mask: Plane) {
        for i in values.indices { values[i] += (level - values[i]) * mask.values[i] }
    }

    /// Smooths with the binomial kernel (1, 2, 1) / 4 along rows and columns; the border repeats.
    mutating func blur() {
        var rows = values
        for y in 0..<height {
            for x in 0..<width {
                let i = y * width + x
                rows[i] = (values[x > 0 ? i - 1 : i] + 2 * values[i] + values[x < width - 1 ? i + 1 : i]) / 4
            }
        }
        for y in 0..<height {
            for x in 0..<width {
                let i = y * width + x
                let above = rows[y > 0 ? i - width : i]
                values[i] = (above + 2 * rows[i] + rows[y < height - 1 ? i + width : i]) / 4
            }
        }
    }

    /// Adds independent noise to every pixel, then cuts to [0, 1].
    mutating func addNoise(_ deviation: Float, _ random: inout RandomSource) {
        for i in values.indices { values[i] = min(1, max(0, values[i] + deviation * random.bell())) }
    }
}

/// Squared distance from a point to the segment between two others.
private func squaredDistance(_ p: Point, _ a: Point, _ b: Point) -> Float {
    let dx = b.x - a.x
    let dy = b.y - a.y
    let length = dx * dx + dy * dy
    let along = length > 0 ? min(1, max(0, ((p.x - a.x) * dx + (p.y - a.y) * dy) / length)) : 0
    let ex = p.x - a.x - along * dx
    let ey = p.y - a.y - along * dy
    return ex * ex + ey * ey
}

/// Points along an ellipse, from one angle to another, in turns; angle 0 is right, 0.25 is down.
func arc(_ x: Float, _ y: Float, _ rx: Float, _ ry: Float, from: Float = 0, to: Float = 1) -> [Point] {
    let parts = max(2, Int((abs(to - from) * 16).rounded(.up)))
    return (0...parts).map { i in
        let turn = from + (to - from) * Float(i) / Float(parts)
        return Point(x + rx * Wave.cosine(turn), y + ry * Wave.sine(turn))
    }
}

/// Corners of a regular polygon of radius 1, the first one above; a star where `inner` is below 1.
func regularPolygon(_ corners: Int, inner: Float? = nil) -> [Point] {
    let count = inner == nil ? corners : corners * 2
    return (0..<count).map { i in
        let turn = Float(i) / Float(count) - 0.25
        let radius = i % 2 == 1 ? inner ?? 1 : 1
        return Point(radius * Wave.cosine(turn), radius * Wave.sine(turn))
    }
}
