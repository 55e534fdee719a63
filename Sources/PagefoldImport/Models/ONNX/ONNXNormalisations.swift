// Normalisations: of batches with stored statistics, of layers, groups and instances with their own.

import PagefoldData

enum ONNXNormalisations {
    static let operators: [String: ONNXOperator] = [
        "BatchNormalization": .several(batch), "InstanceNormalization": .one(rule: instance),
        "GroupNormalization": .one(rule: group), "LayerNormalization": .several(layer),
        "RMSNormalization": .several(rootMeanSquare),
        "SimplifiedLayerNormalization": .several(rootMeanSquare),
        "LpNormalization": .one(rule: length), "MeanVarianceNormalization": .one(rule: meanVariance),
        "LRN": .one(rule: localResponse), "ai.onnx.ml.Normalizer": .one(rule: normalizer),
        "com.microsoft.SkipLayerNormalization": .several(skip),
        "com.microsoft.SkipSimplifiedLayerNormalization": .several(skip),
    ]

    private static func batch(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        let remedy = "export the model for inference (model.eval())"
        if try call.flag("training_mode") {
            throw TranslationProblem("training_mode=1: it takes the statistics of the batch", remedy)
        }
        if call.version < 9, try !call.flag("spatial", true) { throw call.refuse("spatial", "0") }
        if call.isWanted.dropFirst().contains(true) {
            throw TranslationProblem("its statistics are read, as in training", remedy)
        }
        let x = try call.x()
        guard x.sizes.count >= 2 else {
            throw TranslationProblem("it normalises \(x.sizes)", "the file is damaged")
        }
        return [
            ONNXValue(
                try onnx.translation.batchNormalisation(
                    x, gamma: try call.constant(1, "its scale"), beta: try call.constant(2, "its bias"),
                    mean: try call.constant(3, "its mean"), variance: try call.constant(4, "its variance"),
                    epsilon: try call.number("epsilon", 1e-5), channelAxis: 1))
        ]
    }

    /// One number a channel, so that it meets maps with axes in space.
    private static func perChannel(
        _ onnx: inout ONNXTranslation, _ x: TranslatedValue, rank: Int
    ) throws(TranslationProblem) -> TranslatedValue {
        try onnx.translation.reshape(
            x, to: [x.sizes.reduce(1, *)] + [Int](repeating: 1, count: max(rank - 2, 0)))
    }

    private static func instance(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.x()
        let rank = x.sizes.count
        let axes = try ONNXConvolutions.spatialAxes(x)
        return try onnx.translation.layerNormalisation(
            x, axes: axes, scale: try perChannel(&onnx, try call.x(1), rank: rank),
            bias: try perChannel(&onnx, try call.x(2), rank: rank), epsilon: try call.number("epsilon", 1e-5))
    }

    /// Before opset 21 scale and bias are of groups.
    private static func group(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.x()
        let groups = try call.integer("num_groups", 0)
        guard x.sizes.count >= 2, groups > 0, x.sizes[1] % groups == 0 else {
            throw TranslationProblem(
                "it makes \(groups) groups of \(x.sizes)", "the file is damaged; copy it again")
        }
        let rest = x.sizes[2...].reduce(1, *)
        let grouped = try onnx.translation.reshape(
            x, to: [x.sizes[0], groups, x.sizes[1] / groups * rest])
        var (scale, bias) = (try call.x(1), try call.x(2))
        let epsilon = try call.number("epsilon", 1e-5)
        if call.version < 21, scale.sizes.reduce(1, *) == groups {
            scale = try onnx.translation.reshape(scale, to: [groups, 1])
            bias = try onnx.translation.reshape(bias, to: [groups, 1])
            let result = try onnx.translation.layerNormalisation(
                grouped, axes: [2], scale: scale, bias: bias, epsilon: epsilon)
            return try onnx.translation.reshape(result, to: x.sizes)
        }
        let normal = try onnx.translation.layerNormalisation(
            grouped, axes: [2], scale: nil, bias: nil, epsilon: epsilon)
        let whole = try onnx.translation.reshape(normal, to: x.sizes)
        let scaled = try onnx.translation.binary(
            .multiply, whole, try perChannel(&onnx, scale, rank: x.sizes.count))
        return try onnx.translation.binary(.add, scaled, try perChannel(&onnx, bias, rank: x.sizes.count))
    }

    /// Axes from one on.
    private static func axes(_ call: ONNXCall, _ x: TranslatedValue) throws(TranslationProblem) -> [Int] {
        Array(try call.axis(-1, rank: x.sizes.count)..<x.sizes.count)
    }

    /// Beside the result, its mean and the inverse of its deviation where they are read.
    private static func layer(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        let x = try call.x()
        let (axes, epsilon) = (try axes(call, x), try call.number("epsilon", 1e-5))
        var results = [
            ONNXValue(
                try onnx.translation.layerNormalisation(
                    x, axes: axes, scale: call.optional(1), bias: call.optional(2), epsilon: epsilon))
        ]
        guard call.isWanted.dropFirst().contains(true) else { return results }
        let mean = try onnx.translation.reduce(.mean, x, axes: axes, keepsAxes: true)
        let centred = try onnx.translation.binary(.subtract, x, mean)
        let variance = try onnx.translation.reduce(
            .mean, try onnx.translation.unary(.square, centred), axes: axes, keepsAxes: true)
        let inverse = try onnx.translation.unary(
            .rsqrt, try onnx.translation.unary(.affine(factor: 1, term: epsilon), variance))
        results += [ONNXValue(mean), ONNXValue(inverse)]
        return results
    }

    private static func rootMeanSquare(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        let x = try call.x()
        let result = try rootMeanSquare(
            &onnx, x, try axes(call, x), call.optional(1), try call.number("epsilon", 1e-5))
        return [ONNXValue(result)]
    }

    private static func rootMeanSquare(
        _ onnx: inout ONNXTranslation, _ x: TranslatedValue, _ axes: [Int], _ scale: TranslatedValue?,
        _ epsilon: Double
    ) throws(TranslationProblem) -> TranslatedValue {
        let square = try onnx.translation.reduce(
            .mean, try onnx.translation.unary(.square, x), axes: axes, keepsAxes: true)
        let factor = try onnx.translation.unary(
            .rsqrt, try onnx.translation.unary(.affine(factor: 1, term: epsilon), square))
        let normal = try onnx.translation.binary(.multiply, x, factor)
        return try scale.map { (scale) throws(TranslationProblem) in
            try onnx.translation.binary(.multiply, normal, scale)
        } ?? normal
    }

    /// x, a second operand and a bias are added before.
    private static func skip(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        var sum = try onnx.translation.binary(.add, try call.x(0), try call.x(1))
        let isSimple = call.operation == "SkipSimplifiedLayerNormalization"
        if let bias = call.optional(isSimple ? 3 : 4) { sum = try onnx.translation.binary(.add, sum, bias) }
        let (last, epsilon) = ([sum.sizes.count - 1], try call.number("epsilon", 1e-12))
        let result =
            isSimple
            ? try rootMeanSquare(&onnx, sum, last, call.optional(2), epsilon)
            : try onnx.translation.layerNormalisation(
                sum, axes: last, scale: call.optional(2), bias: call.optional(3), epsilon: epsilon)
        if call.isWanted.count > 1, call.isWanted[1] || call.isWanted.dropFirst(2).first == true {
            throw TranslationProblem("its statistics are not supported", "export the model without them")
        }
        return [ONNXValue(result)]
            + (call.isWanted.count > 3 ? [ONNXValue(result), ONNXValue(result), ONNXValue(sum)] : [])
    }

    /// x / its length along an axis.
    private static func length(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.x()
        let exponent = try call.integer("p", 2)
        guard exponent == 1 || exponent == 2 else { throw call.refuse("p", "\(exponent)") }
        let axis = try call.axis(-1, rank: x.sizes.count)
        return try onnx.translation.binary(
            .divide, x,
            try onnx.translation.reduce(exponent == 1 ? .l1 : .l2, x, axes: [axis], keepsAxes: true))
    }

    private static func normalizer(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.x()
        let kind: ReductionKind
        let name = try call.text("norm", "MAX")
        switch name {
        case "MAX": kind = .maximum
        case "L1": kind = .l1
        case "L2": kind = .l2
        default: throw call.refuse("norm", name)
        }
        return try onnx.translation.binary(
            .divide, x, try onnx.translation.reduce(kind, x, axes: [x.sizes.count - 1], keepsAxes: true))
    }

    private static func meanVariance(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.x()
        var axes = try call.integers("axes") ?? [0, 2, 3]
        if call.version < 9 {
            axes = try call.flag("across_channels") ? [0, 1, 2, 3] : [0, 2, 3]
        }
        axes = try ONNXCall.axes(axes, rank: x.sizes.count)
        guard axes.first != 0 || x.sizes[0] == 1 else {
            throw TranslationProblem("it takes the mean over samples", "give it one sample at a time")
        }
        // The operator divides by the deviation plus 1e-9.
        return try onnx.translation.layerNormalisation(x, axes: axes, scale: nil, bias: nil, epsilon: 1e-18)
    }

    /// x / (bias + alpha / size · Σ x² over neighbouring channels)^beta (Krizhevsky et al. 2012, section 3.3).
    private static func localResponse(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.x()
        let axes = try ONNXConvolutions.spatialAxes(x)
        let size = try call.integer("size", 0)
        let channels = x.sizes[1]
        guard size > 0, channels <= 1 << 11 else { throw call.refuse("size", "\(size)") }
        let share = try call.number("alpha", 1e-4) / Double(size)
        let (before, after) = ((size - 1) / 2, size - 1 - (size - 1) / 2)
        try onnx.translation.take(channels * channels)
        // A convolution with a window of one place sums the neighbours.
        let weights = (0..<channels * channels).map { place in
            let offset = place % channels - place / channels
            return offset >= -before && offset <= after ? share : 0
        }
        let weight = ConstantTensor(
            elementType: .f32, shape: [channels, channels] + axes.map { _ in 1 }, values: weights)
        let bias = ConstantTensor(
            elementType: .f32, shape: [channels],
            values: [Double](repeating: try call.number("bias", 1), count: channels))
        let ones = axes.map { _ in 1 }
        let sums = try onnx.translation.convolution(
            try onnx.translation.unary(.square, x), weight: weight, bias: bias,
            WindowAttributes(
                strides: ones, padding: .explicit(before: axes.map { _ in 0 }, after: axes.map { _ in 0 })),
            groups: 1, channelAxis: 1, spatialAxes: axes)
        return try onnx.translation.binary(
            .multiply, x, try onnx.translation.unary(.power(-(try call.number("beta", 0.75))), sums))
    }
}
