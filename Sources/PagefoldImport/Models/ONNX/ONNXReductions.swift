// Operators that go along axes: reductions, softmax.

import PagefoldData

enum ONNXReductions {
    static let operators: [String: ONNXOperator] = [
        "ReduceSum": reduction(.sum), "ReduceMean": reduction(.mean), "ReduceMax": reduction(.maximum),
        "ReduceMin": reduction(.minimum), "ReduceProd": reduction(.product), "ReduceL1": reduction(.l1),
        "ReduceL2": reduction(.l2), "ReduceSumSquare": reduction(.sumSquare),
        "ReduceLogSum": reduction(.logSum),
        "ReduceLogSumExp": reduction(.logSumExp), "ArgMax": extreme(.argMax), "ArgMin": extreme(.argMin),
        "Softmax": softmax(isLogarithm: false), "LogSoftmax": softmax(isLogarithm: true),
        "Hardmax": .one(rule: hardmax),
        "GlobalAveragePool": global(.mean), "GlobalMaxPool": global(.maximum),
        "GlobalLpPool": .one(rule: globalLpPool),
    ]

    private static func reduction(_ kind: ReductionKind) -> ONNXOperator {
        .one { (onnx, call) throws(TranslationProblem) in
            let x = try call.x()
            let axes = try call.axes(1, rank: x.sizes.count) ?? []
            if axes.isEmpty, try call.flag("noop_with_empty_axes") { return x }
            let keepsAxes = try call.flag("keepdims", true)
            guard x.sizes.contains(0) else {
                return try onnx.translation.reduce(kind, x, axes: axes, keepsAxes: keepsAxes)
            }
            return .constant(try emptied(&onnx, kind, x, axes, keepsAxes))
        }
    }

    /// What a reduction makes of nothing.
    private static func emptied(
        _ onnx: inout ONNXTranslation, _ kind: ReductionKind, _ x: TranslatedValue, _ axes: [Int],
        _ keepsAxes: Bool
    ) throws(TranslationProblem) -> ConstantTensor {
        let all = axes.isEmpty ? Array(x.sizes.indices) : axes
        var sizes = x.sizes
        for axis in all { sizes[axis] = 1 }
        let count = (try onnx.emptyShape(sizes)).reduce(1, *)
        let value: Double =
            switch kind {
            case .maximum: x.elementType == .bool ? 0 : -.infinity
            case .minimum: x.elementType == .bool ? 1 : .infinity
            case .product: 1
            case .mean, .argMax, .argMin: .nan
            case .logSum, .logSumExp: -.infinity
            case .sum, .l1, .l2, .sumSquare: 0
            }
        try onnx.translation.take(count)
        let kept = keepsAxes ? sizes : sizes.indices.filter { !all.contains($0) }.map { sizes[$0] }
        return ConstantTensor(
            elementType: x.elementType, shape: kept, values: [Double](repeating: value, count: count))
    }

    /// Where the largest or smallest is: the first of equal ones, or the last, which is the first from behind.
    private static func extreme(_ kind: ReductionKind) -> ONNXOperator {
        .one { (onnx, call) throws(TranslationProblem) in
            var x = try call.x()
            let axis = try call.axis(0, rank: x.sizes.count)
            let size = x.sizes[axis]
            let keepsAxes = try call.flag("keepdims", true)
            guard try call.flag("select_last_index"), size > 0 else {
                return try onnx.translation.reduce(kind, x, axes: [axis], keepsAxes: keepsAxes)
            }
            x = try onnx.translation.slice(x, axis: axis, start: size - 1, count: size, step: -1)
            let place = try onnx.translation.reduce(kind, x, axes: [axis], keepsAxes: keepsAxes)
            return try onnx.translation.unary(.affine(factor: -1, term: Double(size - 1)), place)
        }
    }

    /// The axes of a map in space.
    private static func global(_ kind: ReductionKind) -> ONNXOperator {
        .one { (onnx, call) throws(TranslationProblem) in
            let x = try call.x()
            guard x.sizes.count > 2 else { return x }
            return try onnx.translation.reduce(kind, x, axes: Array(2..<x.sizes.count), keepsAxes: true)
        }
    }

    /// Before opset 13 the array is a matrix, parted at the axis: all behind it are classes.
    private static func softmax(isLogarithm: Bool) -> ONNXOperator {
        .one(isLogarithm ? ONNXBounds(high: 0) : ONNXBounds(low: 0, high: 1)) {
            (onnx, call) throws(TranslationProblem) in
            let x = try call.x()
            let sizes = x.sizes
            guard call.version < 13 else {
                return try onnx.translation.softmax(
                    x, axis: try call.axis(-1, rank: sizes.count), isLogarithm: isLogarithm)
            }
            // Axis 1 of a vector parts it behind its end.
            let given = try call.integer("axis", 1)
            let axis = given == sizes.count ? given : try ONNXCall.axis(given, rank: sizes.count)
            let real = sizes.indices.filter { $0 >= axis && sizes[$0] != 1 }
            if real.count == 1 {
                return try onnx.translation.softmax(x, axis: real[0], isLogarithm: isLogarithm)
            }
            let matrix = try onnx.translation.reshape(
                x, to: [sizes[..<axis].reduce(1, *), sizes[axis...].reduce(1, *)])
            let result = try onnx.translation.softmax(matrix, axis: 1, isLogarithm: isLogarithm)
            return try onnx.translation.reshape(result, to: sizes)
        }
    }

    /// 1 at the first of the largest, 0 elsewhere.
    private static func hardmax(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.x()
        guard call.version >= 13 || x.sizes.count == 2 else {
            throw TranslationProblem("it goes over several axes", "export the model with opset 13 or later")
        }
        let axis = try call.axis(call.version < 13 ? 1 : -1, rank: x.sizes.count)
        let place = try onnx.translation.reduce(.argMax, x, axes: [axis], keepsAxes: true)
        var line = [Int](repeating: 1, count: x.sizes.count)
        line[axis] = x.sizes[axis]
        guard x.sizes[axis] <= 1 << 20 else { throw TranslationProblem("it has \(x.sizes[axis]) classes") }
        let all = ConstantTensor(
            elementType: .f32, shape: line, values: (0..<x.sizes[axis]).map { Double($0) })
        return try onnx.translation.cast(
            try onnx.translation.binary(.equal, place, .constant(all)), to: x.elementType)
    }

    private static func globalLpPool(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.x()
        let exponent = try call.number("p", 2)
        let axes = Array(2..<max(x.sizes.count, 2))
        if exponent == 1 || exponent == 2 {
            return try onnx.translation.reduce(exponent == 1 ? .l1 : .l2, x, axes: axes, keepsAxes: true)
        }
        let powers = try onnx.translation.unary(.power(exponent), try onnx.translation.unary(.absolute, x))
        let sum = try onnx.translation.reduce(.sum, powers, axes: axes, keepsAxes: true)
        return try onnx.translation.unary(.power(1 / exponent), sum)
    }
}
