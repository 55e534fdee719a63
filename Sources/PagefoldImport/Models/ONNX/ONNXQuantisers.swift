// Quantised tensors: what QuantizeLinear and its like do to what a network computes is a clip to the range of the type.
// Quantisers leave ReLUs out and rely on that range.

import PagefoldData

enum ONNXQuantisers {
    static let operators: [String: ONNXOperator] = [
        "QuantizeLinear": .raw(quantise), "DequantizeLinear": .raw(dequantise),
        "com.microsoft.QuantizeLinear": .raw(quantise), "com.microsoft.DequantizeLinear": .raw(dequantise),
        "DynamicQuantizeLinear": .raw(quantiseDynamically),
    ]

    static func damaged(_ text: String) -> TranslationProblem {
        TranslationProblem(text, "the file is damaged; copy it again")
    }

    /// Scale and zero point as a node has them, one or several along an axis; nil for those of blocks.
    struct Parameters {
        let scale: ConstantTensor
        let zeroPoint: ConstantTensor?
        let type: ONNXNumberType
        /// Of the operand.
        let axis: Int
        let block: Int

        /// Along an axis of what a network computes, or for all of it.
        func quantisation() throws(TranslationProblem) -> ONNXQuantisation {
            guard block == 0 else {
                throw TranslationProblem(
                    "block_size=\(block) is for constants alone", "quantise without blocks")
            }
            let count = scale.values.count
            let zeros = zeroPoint?.values ?? [Double](repeating: 0, count: count)
            guard zeros.count == count, count > 0, scale.values.allSatisfy({ $0 > 0 && $0.isFinite }) else {
                throw ONNXQuantisers.damaged(
                    "its scales are \(scale.values.prefix(4)), its zero points \(zeros.prefix(4))")
            }
            return ONNXQuantisation(
                scales: scale.values, zeroPoints: zeros, axis: count == 1 ? nil : axis, type: type)
        }
    }

    /// - Parameter fallback: the type where the node does not say it.
    private static func parameters(
        _ call: ONNXCall, rank: Int, fallback: ONNXNumberType
    ) throws(TranslationProblem) -> Parameters {
        let scale = try call.constant(1, "its scale")
        let zeroPoint = try call.optionalConstant(2, "its zero point")
        var type = fallback
        let named = Int32(clamping: try call.integer("output_dtype", 0))
        if let given = ONNXNumberType(rawValue: named), given.quantisedRange != nil {
            type = given
        } else if let given = Self.type(call.optionalValue(2)) {
            type = given
        }
        // The first axis where the operand has no second.
        let axis = rank == 1 ? 0 : try ONNXCall.axis(try call.integer("axis", 1), rank: max(rank, 2))
        return Parameters(
            scale: scale, zeroPoint: zeroPoint, type: type, axis: axis,
            block: try call.integer("block_size", 0))
    }

    /// A whole number of steps, in single precision as runtimes compute it: halves fall on the same side.
    static func quotient(_ x: Double, _ scale: Double) -> Double {
        Double((Float(x) / Float(scale)).rounded(.toNearestOrEven))
    }

    /// The type of a zero point, which is that of the whole numbers.
    static func type(_ zeroPoint: ONNXValue?) -> ONNXNumberType? {
        guard let zeroPoint else { return nil }
        return zeroPoint.narrowType ?? ONNXNumberType(zeroPoint.value.elementType)
    }

    private static func quantise(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        let x = try call.value(0)
        let parameters = try parameters(call, rank: x.sizes.count, fallback: .uint8)
        if let tensor = x.constant {
            guard let range = parameters.type.quantisedRange else {
                throw damaged("it quantises to \(parameters.type)")
            }
            let quotient = try combined(&onnx, tensor, parameters) { Self.quotient($0, $1) + $2 }
            return [
                ONNXValue(
                    .constant(
                        ConstantTensor(
                            elementType: parameters.type.element, shape: tensor.shape,
                            values: quotient.map { min(max($0, range.lowerBound), range.upperBound) })))
            ]
        }
        let numbers = x.quantisation == nil ? x : try onnx.wholeNumbers(try onnx.settled(x))
        return [try quantised(&onnx, numbers, try parameters.quantisation())]
    }

    /// What a network computes, under a quantisation: clipped to what that can hold.
    static func quantised(
        _ onnx: inout ONNXTranslation, _ x: ONNXValue, _ quantisation: ONNXQuantisation
    ) throws(TranslationProblem) -> ONNXValue {
        guard let range = quantisation.type.quantisedRange else {
            throw damaged("it quantises to \(quantisation.type)")
        }
        if let tensor = x.constant, quantisation.isUniform {
            var result = tensor.mapped {
                let number = quotient($0, quantisation.scales[0]) + quantisation.zeroPoints[0]
                return min(max(number, range.lowerBound), range.upperBound)
            }
            result.elementType = quantisation.type.element
            return ONNXValue(.constant(result))
        }
        let lows = zip(quantisation.scales, quantisation.zeroPoints).map { (range.lowerBound - $1) * $0 }
        let highs = zip(quantisation.scales, quantisation.zeroPoints).map { (range.upperBound - $1) * $0 }
        var result = x
        if quantisation.isUniform {
            // A bound that the numbers pass by less than one step of the quantisation is left as it is.
            let there = x.bounds
            let step = onnx.options.roundsActivations ? 0 : quantisation.scales[0]
            let bounds = ONNXBounds(
                low: lows[0] > there.low + step ? lows[0] : -.infinity,
                high: highs[0] < there.high - step ? highs[0] : .infinity)
            if bounds != ONNXBounds() { result = x.clipped(to: bounds, by: onnx.translation.node) }
            if onnx.options.roundsActivations {
                result = try onnx.settled(result)
                result.value = try onnx.translation.rounded(result.value, to: quantisation.scales[0])
            }
        } else {
            result = try onnx.settled(x)
            let axis = quantisation.axis ?? 0
            guard axis < x.sizes.count, x.sizes[axis] == lows.count else {
                throw damaged("it has \(lows.count) scales for \(x.sizes)")
            }
            var shape = [Int](repeating: 1, count: x.sizes.count - axis)
            shape[0] = lows.count
            func along(_ values: [Double]) -> TranslatedValue {
                .constant(ConstantTensor(elementType: .f32, shape: shape, values: values))
            }
            result.value = try onnx.translation.binary(.maximum, result.value, along(lows))
            result.value = try onnx.translation.binary(.minimum, result.value, along(highs))
            if onnx.options.roundsActivations {
                let scales = quantisation.scales
                var codes = try onnx.translation.binary(
                    .multiply, result.value, along(scales.map { 1 / $0 }))
                codes = try onnx.translation.unary(.round, codes)
                result.value = try onnx.translation.binary(.multiply, codes, along(scales))
            }
        }
        result.quantisation = quantisation
        return result
    }

    private static func dequantise(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        let x = try call.value(0)
        let fallback = ONNXNumberType(x.value.elementType) ?? .uint8
        let parameters = try parameters(call, rank: x.sizes.count, fallback: fallback)
        return [try dequantised(&onnx, x, parameters)]
    }

    /// (x − zero point) · scale.
    static func dequantised(
        _ onnx: inout ONNXTranslation, _ x: ONNXValue, _ parameters: Parameters
    ) throws(TranslationProblem) -> ONNXValue {
        if let tensor = x.constant {
            let values = try combined(&onnx, tensor, parameters) { ($0 - $2) * $1 }
            return ONNXValue(
                .constant(ConstantTensor(elementType: .f32, shape: tensor.shape, values: values)))
        }
        let quantisation = try parameters.quantisation()
        if let own = x.quantisation {
            if own.isDynamic
                || own.scales == quantisation.scales && own.zeroPoints == quantisation.zeroPoints
                    && own.axis == quantisation.axis
            {
                var result = x
                result.quantisation = nil
                return result
            }
        }
        let numbers = try onnx.wholeNumbers(try onnx.settled(x)).value
        guard quantisation.isUniform else {
            let axis = quantisation.axis ?? 0
            guard axis < x.sizes.count, x.sizes[axis] == quantisation.scales.count else {
                throw damaged("it has \(quantisation.scales.count) scales for \(x.sizes)")
            }
            var shape = [Int](repeating: 1, count: x.sizes.count - axis)
            shape[0] = quantisation.scales.count
            func vector(_ values: [Double]) -> TranslatedValue {
                .constant(ConstantTensor(elementType: .f32, shape: shape, values: values))
            }
            let moved = try onnx.translation.binary(.subtract, numbers, vector(quantisation.zeroPoints))
            return ONNXValue(
                ONNXTranslation.typed(
                    try onnx.translation.binary(.multiply, moved, vector(quantisation.scales)), .f32))
        }
        let (scale, zeroPoint) = (quantisation.scales[0], quantisation.zeroPoints[0])
        let value = try onnx.translation.unary(.affine(factor: scale, term: -zeroPoint * scale), numbers)
        return ONNXValue(ONNXTranslation.typed(value, .f32))
    }

    /// A function of each number of a constant with its scale and its zero point.
    static func combined(
        _ onnx: inout ONNXTranslation, _ x: ConstantTensor, _ parameters: Parameters,
        _ function: (Double, Double, Double) -> Double
    ) throws(TranslationProblem) -> [Double] {
        try onnx.translation.take(x.values.count)
        let (scale, zeros) = (parameters.scale, parameters.zeroPoint)
        guard zeros == nil || zeros?.values.count == scale.values.count else {
            throw damaged("it has \(scale.values.count) scales and \(zeros?.values.count ?? 0) zero points")
        }
        func zero(_ place: Int) -> Double { zeros?.values[place] ?? 0 }
        if scale.values.count == 1 { return x.values.map { function($0, scale.values[0], zero(0)) } }
        let (axis, block) = (parameters.axis, parameters.block)
        guard axis < x.shape.count else {
            throw damaged("it has \(scale.values.count) scales for \(x.shape)")
        }
        let step = ONNXIndexing.steps(x.shape)[axis]
        let size = x.shape[axis]
        if block == 0 {
            guard scale.values.count == size else {
                throw damaged("it has \(scale.values.count) scales for \(x.shape)")
            }
            return x.values.enumerated().map { place, value in
                let channel = place / step % size
                return function(value, scale.values[channel], zero(channel))
            }
        }
        // One for each block along the axis, and for each place of the others.
        guard block > 0, block <= 1 << 20, scale.shape.count == x.shape.count,
            scale.shape.indices.allSatisfy({
                scale.shape[$0] == ($0 == axis ? (x.shape[$0] + block - 1) / block : x.shape[$0])
            })
        else { throw damaged("its scales \(scale.shape) do not fit \(x.shape) in blocks of \(block)") }
        return x.values.enumerated().map { place, value in
            let (outer, along, inner) = (place / step / size, place / step % size, place % step)
            let own = (outer * scale.shape[axis] + along / block) * step + inner
            return function(value, scale.values[own], zero(own))
        }
    }

    /// Scale and zero point follow from the numbers: of a constant they are computed; what a network computes stays as it
    /// is, with a scale of 1.
    private static func quantiseDynamically(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        let x = try call.value(0)
        func single(_ type: ElementType, _ value: Double) -> ONNXValue {
            ONNXValue(.constant(ConstantTensor(elementType: type, shape: [], values: [value])))
        }
        if let tensor = x.constant {
            try onnx.translation.take(tensor.values.count)
            let (low, high) = (min(0, tensor.values.min() ?? 0), max(0, tensor.values.max() ?? 0))
            let scale = high == low ? 1 : Double(Float((high - low) / 255))
            let zeroPoint = min(max(quotient(-low, scale), 0), 255)
            var result = tensor.mapped {
                min(max(quotient($0, scale) + zeroPoint, 0), 255)
            }
            result.elementType = .u8
            return [ONNXValue(.constant(result)), single(.f32, scale), single(.u8, zeroPoint)]
        }
        for output in call.node.outputs where onnx.isOutput(output) {
            throw TranslationProblem(
                "\(output) is an output, and its scale follows from the input",
                "name the value before it with output:")
        }
        var result = x.quantisation == nil ? x : try onnx.wholeNumbers(try onnx.settled(x))
        result.quantisation = ONNXQuantisation(
            scales: [1], zeroPoints: [0], axis: nil, type: .uint8, isDynamic: true)
        return [result, single(.f32, 1), single(.u8, 0)]
    }
}

extension ONNXTranslation {
    /// The value as the whole numbers that the file has there, where it is quantised.
    mutating func wholeNumbers(_ value: ONNXValue) throws(TranslationProblem) -> ONNXValue {
        guard let quantisation = value.quantisation else { return value }
        guard !quantisation.isDynamic else {
            throw TranslationProblem(
                "it reads numbers that are quantised by their own range",
                "give the model as it was before it was quantised")
        }
        let x = try settled(value).value
        let result: TranslatedValue
        if quantisation.isUniform {
            result = try translation.unary(
                .affine(factor: 1 / quantisation.scales[0], term: quantisation.zeroPoints[0]), x)
        } else {
            let axis = quantisation.axis ?? 0
            var shape = [Int](repeating: 1, count: max(x.sizes.count - axis, 1))
            shape[0] = quantisation.scales.count
            let factors = ConstantTensor(
                elementType: .f32, shape: shape, values: quantisation.scales.map { 1 / $0 })
            let terms = ConstantTensor(elementType: .f32, shape: shape, values: quantisation.zeroPoints)
            result = try translation.binary(
                .add, try translation.binary(.multiply, x, .constant(factors)), .constant(terms))
        }
        return ONNXValue(Self.typed(result, quantisation.type.element))
    }
}
