// Operations of foreign graphs that go over one or several axes: reductions, softmax, normalisations.

import PagefoldCore
import PagefoldData
import PagefoldGraph

extension Translation {
    /// - Parameter axes: none: all.
    mutating func reduce(
        _ kind: ReductionKind, _ x: TranslatedValue, axes: [Int], keepsAxes: Bool
    ) throws(TranslationProblem) -> TranslatedValue {
        var places: [Int] = []
        for axis in axes.isEmpty ? Array(x.sizes.indices) : axes { places.append(try checked(axis, x)) }
        places = Array(Set(places)).sorted()
        if kind == .argMax || kind == .argMin, places.count > 1 {
            throw TranslationProblem("looks for the largest along \(places.count) axes")
        }
        var result: TranslatedValue
        if let tensor = x.constant {
            try take(tensor.values.count)
            result = .constant(tensor.reduced(kind, axes: places))
        } else {
            result = try reduced(kind, x, places)
        }
        if !keepsAxes {
            let kept = result.sizes.indices.filter { !places.contains($0) }.map { result.sizes[$0] }
            result = try reshape(result, to: kept)
        }
        if kind == .argMax || kind == .argMin, case .computed(var value) = result {
            value.elementType = .i64
            return .computed(value)
        }
        return result
    }

    private mutating func reduced(
        _ kind: ReductionKind, _ x: TranslatedValue, _ axes: [Int]
    ) throws(TranslationProblem) -> TranslatedValue {
        switch kind {
        case .sum: return try folded(.sum, x, axes)
        case .mean: return try folded(.mean, x, axes)
        case .maximum: return try folded(.maximum, x, axes)
        case .minimum: return try folded(.minimum, x, axes)
        case .product: return try folded(.product, x, axes)
        case .argMax: return try folded(.argMax, x, axes)
        case .argMin: return try folded(.argMin, x, axes)
        case .l1: return try folded(.sum, try unary(.absolute, x), axes)
        case .sumSquare: return try folded(.sum, try unary(.square, x), axes)
        case .l2: return try unary(.sqrt, try folded(.sum, try unary(.square, x), axes))
        case .logSum: return try unary(.log, try folded(.sum, x, axes))
        case .logSumExp:
            let largest = try folded(.maximum, x, axes)
            let powers = try unary(.exp, try binary(.subtract, x, largest))
            return try binary(.add, try unary(.log, try folded(.sum, powers, axes)), largest)
        }
    }

    /// Axes become 1, several together where they lie side by side in memory.
    private mutating func folded(
        _ reduction: Reduction, _ x: TranslatedValue, _ axes: [Int]
    ) throws(TranslationProblem) -> TranslatedValue {
        var value = try computed(x)
        var left = axes.filter { value.sizes[$0] != 1 }
        if left.isEmpty, reduction == .argMax || reduction == .argMin {
            return try unary(.affine(factor: 0, term: 0), x)
        }
        while let next = left.first {
            if value.layout.memoryAxes == nil { value = try rowMajor(value) }
            let memory = value.layout.memoryAxes ?? []
            // The longest run of axes to be reduced around the next one.
            var first = memory.firstIndex(of: next) ?? 0
            var end = first + 1
            while first > 0, left.contains(memory[first - 1]) { first -= 1 }
            while end < memory.count, left.contains(memory[end]) { end += 1 }
            let run = Array(memory[first..<end])
            value = try foldedRun(reduction, value, memory, first..<end)
            left.removeAll { run.contains($0) }
        }
        return .computed(value)
    }

    private mutating func foldedRun(
        _ reduction: Reduction, _ value: ComputedValue, _ memory: [Int], _ run: Range<Int>
    ) throws(TranslationProblem) -> ComputedValue {
        let sizes = value.sizes
        func size(_ range: Range<Int>) -> Int { memory[range].reduce(1) { $0 * sizes[$1] } }
        let (outer, length, inner) = (
            size(0..<run.lowerBound), size(run), size(run.upperBound..<memory.count)
        )
        let shape = shapes[value.node]
        var result = value
        if reduction == .mean, inner == 1 {
            let map = shape.channels == outer ? shape : Shape(channels: outer, height: length)
            result.node = try append(.globalAveragePool, [try shaped(value.node, as: map)])
        } else if outer == 1, shape.channels == length {
            result.node = try append(.reduce(reduction, axis: 0), [value.node])
        } else if inner == 1, shape.width == length {
            result.node = try append(.reduce(reduction, axis: 2), [value.node])
        } else {
            let due = Shape(channels: outer, height: length, width: inner)
            result.node = try append(.reduce(reduction, axis: 1), [try shaped(value.node, as: due)])
        }
        var left = sizes
        for axis in memory[run] { left[axis] = 1 }
        let kept = memory.filter { left[$0] != 1 }
        result.layout = AxisLayout(left, memory: kept + left.indices.filter { !kept.contains($0) })
        return result
    }

    mutating func softmax(
        _ x: TranslatedValue, axis: Int, isLogarithm: Bool = false
    ) throws(TranslationProblem) -> TranslatedValue {
        let axis = try checked(axis, x)
        guard case .computed(let value) = x else {
            return try evaluated([x]) { (translation, values) throws(TranslationProblem) in
                try translation.softmax(values[0], axis: axis, isLogarithm: isLogarithm)
            }
        }
        let view = try view(value, axis: axis)
        let operation: Operation =
            view.side == 0 && !isLogarithm
            ? .softmax : .softmaxAlong(axis: view.side, isLogarithm: isLogarithm)
        return .computed(
            self.value(
                try append(operation, [view.node]), view, axis: axis, size: value.sizes[axis],
                value.elementType))
    }

    /// gamma · (x − mean) / √(variance + epsilon) + beta along an axis.
    mutating func batchNormalisation(
        _ x: TranslatedValue, gamma: ConstantTensor, beta: ConstantTensor, mean: ConstantTensor,
        variance: ConstantTensor, epsilon: Double, channelAxis: Int
    ) throws(TranslationProblem) -> TranslatedValue {
        let axis = try checked(channelAxis, x)
        let count = x.sizes[axis]
        let vectors = [gamma, beta, mean, variance].map(\.values)
        guard vectors.allSatisfy({ $0.count == count }) else {
            throw TranslationProblem("normalises \(count) channels with \(vectors.map(\.count)) numbers")
        }
        guard variance.values.allSatisfy({ $0 >= 0 && $0 + epsilon > 0 }) else {
            throw TranslationProblem("has a variance below zero")
        }
        if case .computed(var value) = x, value.layout.memoryAxes?.first == axis || count == 1,
            shapes[value.node].channels == count
        {
            var parameters: [Parameter] = []
            for (role, vector) in zip([ParameterRole.gamma, .beta, .mean, .variance], vectors) {
                parameters.append(try parameter(role, [count], vector))
            }
            value.node = try append(.batchNormalisation(epsilon: Float(epsilon)), [value.node], parameters)
            return .computed(value)
        }
        var shape = [Int](repeating: 1, count: x.sizes.count - axis)
        shape[0] = count
        let factors = (0..<count).map { gamma.values[$0] / (variance.values[$0] + epsilon).squareRoot() }
        let terms = (0..<count).map { beta.values[$0] - mean.values[$0] * factors[$0] }
        func tensor(_ values: [Double]) -> TranslatedValue {
            .constant(ConstantTensor(elementType: .f32, shape: shape, values: values))
        }
        return try binary(.add, try binary(.multiply, x, tensor(factors)), tensor(terms))
    }

    /// scale · (x − mean) / √(variance + epsilon) + bias, with mean and variance over the axes (Ba et al. 2016).
    mutating func layerNormalisation(
        _ x: TranslatedValue, axes: [Int], scale: TranslatedValue?, bias: TranslatedValue?, epsilon: Double
    ) throws(TranslationProblem) -> TranslatedValue {
        let mean = try reduce(.mean, x, axes: axes, keepsAxes: true)
        let centred = try binary(.subtract, x, mean)
        let variance = try reduce(.mean, try unary(.square, centred), axes: axes, keepsAxes: true)
        let factor = try unary(.rsqrt, try unary(.affine(factor: 1, term: epsilon), variance))
        var result = try binary(.multiply, centred, factor)
        if let scale { result = try binary(.multiply, result, scale) }
        if let bias { result = try binary(.add, result, bias) }
        return result
    }

    /// Runs an operation on constants alone, by a network of its own.
    mutating func evaluated(
        _ constants: [TranslatedValue],
        _ operation: (inout Translation, [TranslatedValue]) throws(TranslationProblem) -> TranslatedValue
    ) throws(TranslationProblem) -> TranslatedValue {
        var translation = Translation(name: node)
        var inputs: [TranslatedValue] = []
        for (index, constant) in constants.enumerated() {
            inputs.append(try translation.input(NetworkPort(name: "operand\(index)"), sizes: constant.sizes))
        }
        let result = try operation(&translation, inputs)
        let sizes = result.sizes
        try take(Self.count(sizes) ?? 0)
        let last = try translation.rowMajor(try translation.computed(result))
        try translation.output(.computed(last), NetworkPort(name: "result", meaning: .raw))
        let lowered: LoweredNetwork
        do { lowered = try translation.finish().lowered(for: .inference) } catch {
            throw TranslationProblem("its constants cannot be computed: \(error.problem)")
        }
        // A small file may ask for a large window over many repeated numbers.
        guard lowered.program.multiplyAdds <= 1 << 30 else {
            throw TranslationProblem("its constants take \(lowered.program.multiplyAdds) multiply-adds")
        }
        // A port may have taken over a transpose: it says where each number is due.
        let operands = constants.map { ($0.constant?.values ?? []).map { Self.finite($0) } }
        let values = ModelRun(lowered).answer(to: operands)[0].map { Double($0) }
        return .constant(ConstantTensor(elementType: .f32, shape: sizes, values: values))
    }
}
