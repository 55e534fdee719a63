// Operators that make fewer numbers of many: pools, reductions, softmax, normalisation.

import PagefoldCore
import PagefoldData
import PagefoldGraph

extension TFLiteTranslation {
    mutating func pool(_ op: TFLiteOperator, _ code: TFLiteCode) throws(TranslationProblem) -> TFLiteValue {
        var x = try map(op, 0)
        let window = WindowAttributes(
            sizes: [try op.options.int(4), try op.options.int(3)],
            strides: [try op.options.int(2), try op.options.int(1)],
            padding: try op.options.isSame(0) ? .sameUpper : .explicit(before: [0, 0], after: [0, 0]))
        x.fused = try op.options.fused(5)
        switch code {
        case .maxPool2D:
            x.value = try translation.maxPool(x.value, window, channelAxis: 3, spatialAxes: [1, 2])
        case .averagePool2D:
            x.value = try translation.averagePool(
                x.value, window, countsPadding: false, channelAxis: 3, spatialAxes: [1, 2])
        default:
            let squares = try translation.unary(.square, x.value)
            let means = try translation.averagePool(
                squares, window, countsPadding: false, channelAxis: 3, spatialAxes: [1, 2])
            x.value = try translation.unary(.sqrt, means)
            x.range = TFLiteRange(low: 0)
        }
        return x
    }

    /// Axes as an operand lists them; all where the list is empty.
    private mutating func axes(
        _ op: TFLiteOperator, of x: TFLiteValue
    ) throws(TranslationProblem) -> [Int] {
        var result: [Int] = []
        for axis in try integers(op, 1, "axes") {
            let axis = try self.axis(axis, rank: x.sizes.count)
            if !result.contains(axis) { result.append(axis) }
        }
        return result
    }

    mutating func reduction(
        _ op: TFLiteOperator, _ code: TFLiteCode
    ) throws(TranslationProblem) -> TFLiteValue {
        var x = try filled(op, 0)
        let axes = try axes(op, of: x)
        // Without axes nothing is reduced.
        guard !axes.isEmpty else { return x }
        let kind: ReductionKind =
            switch code {
            case .mean: .mean
            case .sum: .sum
            case .reduceProd: .product
            case .reduceMin, .reduceAll: .minimum
            default: .maximum
            }
        let count = axes.reduce(1.0) { $0 * Double(x.sizes[$1]) }
        x.value = try translation.reduce(kind, x.value, axes: axes, keepsAxes: try op.options.flag(0))
        switch kind {
        case .sum: x.range = TFLiteRange(low: x.range.low * count, high: x.range.high * count)
        case .product: x.range = .all
        default: break
        }
        return x
    }

    mutating func place(_ op: TFLiteOperator, isMaximum: Bool) throws(TranslationProblem) -> TFLiteValue {
        let x = try filled(op, 0)
        let axis = try axis(try integer(op, 1, "axis"), rank: x.sizes.count)
        return TFLiteValue(
            try translation.reduce(isMaximum ? .argMax : .argMin, x.value, axes: [axis], keepsAxes: false))
    }

    mutating func softmax(_ op: TFLiteOperator, isLogarithm: Bool) throws(TranslationProblem) -> TFLiteValue {
        var x = try filled(op, 0).value
        guard !x.sizes.isEmpty else { throw TranslationProblem("its input is a single number") }
        if !isLogarithm {
            let beta = op.options.table == nil ? 1 : try op.options.float(0)
            if beta != 1 { x = try translation.unary(.affine(factor: beta, term: 0), x) }
        }
        return TFLiteValue(
            try translation.softmax(x, axis: x.sizes.count - 1, isLogarithm: isLogarithm),
            range: isLogarithm ? TFLiteRange(high: 0) : .unit)
    }

    /// Vectors along the last axis get the length 1.
    mutating func normalisation(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        let x = try filled(op, 0).value
        guard !x.sizes.isEmpty else { throw TranslationProblem("its input is a single number") }
        var length = try translation.reduce(.l2, x, axes: [x.sizes.count - 1], keepsAxes: true)
        length = try translation.unary(.clip(low: 1e-6, high: .infinity), length)
        return TFLiteValue(
            try translation.binary(.divide, x, length), range: TFLiteRange(low: -1, high: 1),
            fused: try op.options.fused(0))
    }

    mutating func cumulativeSum(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        let x = try filled(op, 0).value
        let axis = try axis(try integer(op, 1, "axis"), rank: x.sizes.count)
        let size = x.sizes[axis]
        let (isExclusive, isReversed) = (try op.options.flag(0), try op.options.flag(1))
        guard (1...1024).contains(size) else { throw TranslationProblem("adds up \(size) places") }
        // The axis as the last one, times a triangle of ones.
        var axes = Array(x.sizes.indices)
        axes.swapAt(axis, axes.count - 1)
        var triangle = [Double](repeating: 0, count: size * size)
        for from in 0..<size {
            for to in 0..<size {
                let counts = isReversed ? from > to : from < to
                if counts || (from == to && !isExclusive) { triangle[from * size + to] = 1 }
            }
        }
        let turned = try translation.transpose(x, axes: axes)
        let sums = try translation.matrixProduct(
            turned, .constant(ConstantTensor(elementType: .f32, shape: [size, size], values: triangle)))
        return TFLiteValue(try translation.transpose(sums, axes: axes))
    }
}
