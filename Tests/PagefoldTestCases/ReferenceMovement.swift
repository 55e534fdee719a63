// Definitions, in double precision, of operations that move numbers along axes, reduce them, or multiply values as
// matrices. By coordinates: nothing here knows how numbers lie in memory but `place`.

import PagefoldCore
import PagefoldGraph

/// Of a number: channel, row, column.
typealias Coordinates = [Int]

extension Shape {
    private var sizes: [Int] { [channels, height, width] }
    /// All coordinates, in the order of memory.
    var coordinates: [Coordinates] {
        (0..<channels).flatMap { c in (0..<height).flatMap { h in (0..<width).map { [c, h, $0] } } }
    }
    func place(_ at: Coordinates) -> Int { (at[0] * height + at[1]) * width + at[2] }
    func size(_ axis: UInt8) -> Int { sizes[Int(axis)] }
}

extension Array where Element == Int {
    fileprivate func moved(along axis: UInt8, to place: Int) -> Coordinates {
        var result = self
        result[Int(axis)] = place
        return result
    }
}

extension ReferenceNetwork {
    /// nil for another operation.
    static func moved(
        _ operation: PagefoldGraph.Operation, _ x: [[Double]], _ shapes: [Shape], _ out: Shape
    ) -> [Double]? {
        let shape = shapes[0]
        func number(_ at: Coordinates) -> Double { x[0][shape.place(at)] }
        switch operation {
        case .transpose(let order):
            let axes: [Int] =
                switch order {
                case .cwh: [0, 2, 1]
                case .hcw: [1, 0, 2]
                case .hwc: [1, 2, 0]
                case .wch: [2, 0, 1]
                case .whc: [2, 1, 0]
                }
            return out.coordinates.map { to in
                var from = [0, 0, 0]
                for (place, axis) in axes.enumerated() { from[axis] = to[place] }
                return number(from)
            }
        case .slice(let axis, let start, _, let pace, let border, let outside):
            let length = shape.size(axis)
            return out.coordinates.map { to in
                let place = start + to[Int(axis)] * pace
                return inside(place, length, border).map { number(to.moved(along: axis, to: $0)) }
                    ?? Double(outside)
            }
        case .reduce(let kind, let axis):
            return out.coordinates.map { to in
                reduced((0..<shape.size(axis)).map { number(to.moved(along: axis, to: $0)) }, kind)
            }
        case .resize(let axis, _, let interpolation, let factor, let first):
            let last = Double(shape.size(axis) - 1)
            return out.coordinates.map { to in
                let exact = Double(factor) * Double(to[Int(axis)]) + Double(first)
                let place = min(max(exact, 0), last)
                func at(_ place: Double) -> Double { number(to.moved(along: axis, to: Int(place))) }
                switch interpolation {
                case .floor: return at(place.rounded(.down))
                case .ceiling: return at(place.rounded(.up))
                case .linear:
                    let share = place - place.rounded(.down)
                    return at(place.rounded(.down)) * (1 - share) + at(place.rounded(.up)) * share
                }
            }
        case .matrixProduct(let isSecondTransposed):
            let second = shapes[1]
            return out.coordinates.map { to in
                let channel = second.channels == 1 ? 0 : to[0]
                return (0..<shape.width).reduce(0) { sum, k in
                    let at = isSecondTransposed ? [channel, to[2], k] : [channel, k, to[2]]
                    return sum + number([to[0], to[1], k]) * x[1][second.place(at)]
                }
            }
        default: return nil
        }
    }

    private static func inside(_ place: Int, _ length: Int, _ border: SliceBorder) -> Int? {
        if (0..<length).contains(place) { return place }
        switch border {
        case .constant: return nil
        case .edge: return place < 0 ? 0 : length - 1
        case .reflect: return place < 0 ? -place : 2 * length - 2 - place
        case .wrap:
            var place = place
            while place < 0 { place += length }
            while place >= length { place -= length }
            return place
        }
    }

    private static func reduced(_ line: [Double], _ kind: Reduction) -> Double {
        switch kind {
        case .sum: line.reduce(0, +)
        case .mean: line.reduce(0, +) / Double(line.count)
        case .maximum: line.max()!
        case .minimum: line.min()!
        case .product: line.reduce(1, *)
        case .argMax: Double(line.firstIndex(of: line.max()!)!)
        case .argMin: Double(line.firstIndex(of: line.min()!)!)
        }
    }
}
