// Pools that a step cannot have, dilated ones and wide ones: axis by axis, from windows of 1, 2, 4, … places.

import PagefoldCore
import PagefoldData
import PagefoldGraph

extension Translation {
    /// A pool with any window.
    /// - Parameter countsPadding: zeros around count in the mean.
    mutating func loosePool(
        _ x: TranslatedValue, _ window: WindowAttributes, _ spatialAxes: [Int], isMaximum: Bool,
        countsPadding: Bool
    ) throws(TranslationProblem) -> TranslatedValue {
        let sizes = spatialAxes.map { x.sizes[$0] }
        var exact = window
        exact.roundsUp = false
        // Places that rounding up adds do not count, whatever padding does.
        let (_, before, padded) = try explicit(exact, over: sizes)
        let (own, _, after) = try explicit(window, over: sizes)
        let isWhole =
            own.sizes == sizes && (before + after).allSatisfy { $0 == 0 }
            && own.dilations.allSatisfy { $0 == 1 }
        if isWhole { return try reduce(isMaximum ? .maximum : .mean, x, axes: spatialAxes, keepsAxes: true) }
        let border = isMaximum ? -Double(Float.greatestFiniteMagnitude) : 0
        var result = x
        var counts = ConstantTensor(elementType: .f32, shape: x.sizes.map { _ in 1 }, values: [1])
        for (index, axis) in spatialAxes.enumerated() {
            let line = PoolLine(
                axis: axis, window: own.sizes[index], stride: own.strides[index],
                dilation: own.dilations[index],
                before: before[index], after: after[index])
            result = try pooled(result, line, isMaximum ? .maximum : .add, border)
            // What each place sums.
            var shape = x.sizes.map { _ in 1 }
            shape[axis] = sizes[index]
            var ones = TranslatedValue.constant(
                ConstantTensor(
                    elementType: .f32, shape: shape, values: [Double](repeating: 1, count: sizes[index])))
            var rest = line
            if countsPadding {
                var (low, high) = (shape.map { _ in 0 }, shape.map { _ in 0 })
                low[axis] = before[index]
                high[axis] = padded[index]
                let one = PaddingMode.constant(1)
                ones = try pad(ones, before: low, after: high, mode: one)
                rest.before = 0
                rest.after = after[index] - padded[index]
            }
            if !isMaximum, let own = try pooled(ones, rest, .add, 0).constant,
                let both = counts.broadcast(with: own, { $0 * $1 })
            {
                counts = both
            }
        }
        if isMaximum { return result }
        let shares = counts.mapped { $0 == 0 ? 0 : 1 / $0 }
        guard let first = shares.values.first, shares.values.contains(where: { $0 != first }) else {
            return try unary(.affine(factor: shares.values.first ?? 1, term: 0), result)
        }
        return try binary(.multiply, result, .constant(shares))
    }

    /// A window along one axis, padded there.
    private struct PoolLine {
        var axis: Int
        var window: Int
        var stride: Int
        var dilation: Int
        var before: Int
        var after: Int
    }

    private mutating func pooled(
        _ x: TranslatedValue, _ line: PoolLine, _ function: BinaryFunction, _ border: Double
    ) throws(TranslationProblem) -> TranslatedValue {
        let axis = line.axis
        let length = x.sizes[axis] + line.before + line.after
        let count = length - (line.window - 1) * line.dilation
        guard count > 0 else {
            throw TranslationProblem("a window of \(line.window) does not fit in \(length) places")
        }
        var (low, high) = (x.sizes.map { _ in 0 }, x.sizes.map { _ in 0 })
        low[axis] = line.before
        high[axis] = line.after
        // Of windows of `reach` places; those of the window's binary digits, side by side, are the window.
        var current = try pad(x, before: low, after: high, mode: .constant(border))
        var reach = 1
        var done = 0
        var result: TranslatedValue?
        while true {
            if line.window & reach != 0 {
                let part = try slice(current, axis: axis, start: done * line.dilation, count: count)
                result =
                    try result.map { (before) throws(TranslationProblem) in
                        try binary(function, before, part)
                    } ?? part
                done += reach
            }
            guard done < line.window else { break }
            let left = current.sizes[axis] - reach * line.dilation
            current = try binary(
                function, try slice(current, axis: axis, start: 0, count: left),
                try slice(current, axis: axis, start: reach * line.dilation, count: left))
            reach *= 2
        }
        let places = (count - 1) / line.stride + 1
        return try slice(result ?? x, axis: axis, start: 0, count: places, step: line.stride)
    }
}
