// What operations of foreign graphs make of constant arrays of any rank: slices, joints, broadcasts, reductions, products.

import Foundation
import PagefoldCore
import PagefoldData

extension ConstantTensor {
    /// From one place of each axis to the next, in numbers.
    private static func steps(_ shape: [Int]) -> [Int] {
        var steps = [Int](repeating: 1, count: shape.count)
        for axis in shape.indices.dropLast().reversed() { steps[axis] = steps[axis + 1] * shape[axis + 1] }
        return steps
    }

    private func around(_ axis: Int) -> (outer: Int, inner: Int) {
        (shape[..<axis].reduce(1, *), shape[(axis + 1)...].reduce(1, *))
    }

    /// `count` places of an axis from `start` on, `pace` apart; outside is the border.
    func taken(
        axis: Int, start: Int, count: Int, pace: Int, _ border: SliceBorder, _ number: Double
    ) -> ConstantTensor {
        let (outer, inner) = around(axis)
        let length = shape[axis]
        var result = self
        result.shape[axis] = count
        result.values = []
        result.values.reserveCapacity(outer * count * inner)
        for line in 0..<outer {
            for i in 0..<count {
                if length > 0, let place = border.place(start + i * pace, of: length) {
                    let from = (line * length + place) * inner
                    result.values += values[from..<from + inner]
                } else {
                    result.values += [Double](repeating: number, count: inner)
                }
            }
        }
        return result
    }

    /// The places of an axis that a list names, in its order. Precondition: they are there.
    func gathered(_ places: [Int], axis: Int) -> ConstantTensor {
        let (outer, inner) = around(axis)
        var result = self
        result.shape[axis] = places.count
        result.values = []
        result.values.reserveCapacity(outer * places.count * inner)
        for line in 0..<outer {
            for place in places {
                let from = (line * shape[axis] + place) * inner
                result.values += values[from..<from + inner]
            }
        }
        return result
    }

    /// One behind the other along an axis. Precondition: other axes are equal; at least one tensor.
    static func joined(_ tensors: [ConstantTensor], axis: Int) -> ConstantTensor {
        var result = tensors[0]
        result.shape[axis] = tensors.reduce(0) { $0 + $1.shape[axis] }
        let (outer, _) = result.around(axis)
        result.values = []
        for line in 0..<outer {
            for tensor in tensors {
                let length = tensor.values.count / max(outer, 1)
                result.values += tensor.values[line * length..<(line + 1) * length]
            }
        }
        return result
    }

    /// A function of two tensors, missing sides repeated; nil where they do not fit. The element type is the first's.
    func broadcast(with other: ConstantTensor, _ function: (Double, Double) -> Double) -> ConstantTensor? {
        guard let sizes = Translation.broadcastSizes(shape, other.shape) else { return nil }
        var result = self
        result.shape = sizes
        let count = sizes.reduce(1, *)
        let (left, right) = (places(in: sizes), other.places(in: sizes))
        result.values = (0..<count).map { function(values[left($0)], other.values[right($0)]) }
        return result
    }

    /// Where the number of a larger array is in this one.
    private func places(in sizes: [Int]) -> (Int) -> Int {
        if shape == sizes { return { $0 } }
        if values.count == 1 { return { _ in 0 } }
        let missing = sizes.count - shape.count
        let whole = Self.steps(sizes)
        let own = Self.steps(shape)
        let moves = sizes.indices.map { $0 < missing || shape[$0 - missing] == 1 ? 0 : own[$0 - missing] }
        return { index in
            var rest = index
            var place = 0
            for axis in sizes.indices {
                place += rest / whole[axis] * moves[axis]
                rest %= whole[axis]
            }
            return place
        }
    }

    /// Axes become 1.
    func reduced(_ kind: ReductionKind, axes: [Int]) -> ConstantTensor {
        let kept = shape.indices.filter { !axes.contains($0) }
        let moved = transposed(kept + axes)
        let length = axes.reduce(1) { $0 * shape[$1] }
        let count = kept.reduce(1) { $0 * shape[$1] }
        var result = self
        for axis in axes { result.shape[axis] = 1 }
        let whole = elementType.isInteger
        result.values = (0..<count).map {
            kind.reduced(moved.values[$0 * length..<($0 + 1) * length], isWhole: whole)
        }
        if kind == .argMax || kind == .argMin { result.elementType = .i64 }
        return result
    }
}

extension ReductionKind {
    fileprivate func reduced(_ x: ArraySlice<Double>, isWhole: Bool) -> Double {
        func sum(_ function: (Double) -> Double) -> Double { x.reduce(0) { $0 + function($1) } }
        switch self {
        case .sum: return sum { $0 }
        case .mean:
            let mean = sum { $0 } / Double(x.count)
            return isWhole ? mean.rounded(.towardZero) : mean
        case .maximum: return x.max() ?? -.infinity
        case .minimum: return x.min() ?? .infinity
        case .product: return x.reduce(1, *)
        case .argMax:
            return Double(x.indices.max { (x[$0], $1) < (x[$1], $0) }.map { $0 - x.startIndex } ?? 0)
        case .argMin:
            return Double(x.indices.min { (x[$0], $0) < (x[$1], $1) }.map { $0 - x.startIndex } ?? 0)
        case .l1: return sum { $0.magnitude }
        case .l2: return sum { $0 * $0 }.squareRoot()
        case .sumSquare: return sum { $0 * $0 }
        case .logSum: return log(sum { $0 })
        case .logSumExp:
            let largest = x.max() ?? 0
            guard largest.isFinite else { return largest }
            return largest + log(sum { exp($0 - largest) })
        }
    }
}
