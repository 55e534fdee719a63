// Layers of whole numbers. Each is computed as what its numbers stand for; its result is clipped to what its type can hold.

import PagefoldData

enum ONNXQuantisedLayers {
    static let operators: [String: ONNXOperator] = [
        "QLinearConv": .raw(convolution), "QLinearMatMul": .raw(matrixProduct),
        "ConvInteger": .raw(convolutionOfIntegers),
        "MatMulInteger": .raw(productOfIntegers),
        "com.microsoft.QLinearAdd": binary(.add), "com.microsoft.QLinearMul": binary(.multiply),
        "com.microsoft.QLinearSigmoid": one { (onnx, _, x) throws(TranslationProblem) in
            try onnx.translation.unary(.sigmoid, x)
        },
        "com.microsoft.QLinearLeakyRelu": one { (onnx, call, x) throws(TranslationProblem) in
            try onnx.translation.unary(.leakyRelu(try call.number("alpha", 0.01)), x)
        },
        "com.microsoft.QLinearSoftmax": one { (onnx, call, x) throws(TranslationProblem) in
            try onnx.translation.softmax(x, axis: try call.axis(-1, rank: x.sizes.count))
        },
        "com.microsoft.QLinearAveragePool": one { (onnx, call, x) throws(TranslationProblem) in
            if try call.flag("channels_last") { throw call.refuse("channels_last", "1") }
            return try ONNXPools.averagePool(
                &onnx, call, x, countsPadding: try call.flag("count_include_pad"))
        },
        "com.microsoft.QLinearGlobalAveragePool": one { (onnx, call, x) throws(TranslationProblem) in
            if try call.flag("channels_last") { throw call.refuse("channels_last", "1") }
            return try onnx.translation.reduce(
                .mean, x, axes: Array(2..<max(x.sizes.count, 2)), keepsAxes: true)
        },
        "com.microsoft.QLinearConcat": .raw(concatenate), "com.microsoft.QGemm": .raw(gemm),
        "com.microsoft.MatMulIntegerToFloat": .raw(productToFloat),
        "com.microsoft.DynamicQuantizeMatMul": .raw(dynamicProduct),
        "com.microsoft.DynamicQuantizeLSTM": .several(dynamicLSTM),
        "com.microsoft.MatMulNBits": .one(rule: packedProduct),
    ]

    // MARK: Operands and results

    /// What an operand of whole numbers stands for.
    private static func real(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall, _ index: Int, scale: Int, zeroPoint: Int,
        axis: Int = 0
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.value(index)
        let type =
            ONNXQuantisers.type(call.optionalValue(zeroPoint)) ?? ONNXNumberType(x.value.elementType)
            ?? .uint8
        let parameters = ONNXQuantisers.Parameters(
            scale: try call.constant(scale, "its scale"),
            zeroPoint: try call.optionalConstant(zeroPoint, "its zero point"), type: type, axis: axis,
            block: 0)
        return try onnx.settled(try ONNXQuantisers.dequantised(&onnx, x, parameters)).value
    }

    /// A result under the scale and zero point that the node has for it.
    private static func result(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall, _ x: TranslatedValue, scale: Int, zeroPoint: Int
    ) throws(TranslationProblem) -> ONNXValue {
        let parameters = ONNXQuantisers.Parameters(
            scale: try call.constant(scale, "the scale of its result"),
            zeroPoint: try call.optionalConstant(zeroPoint, "the zero point of its result"),
            type: ONNXQuantisers.type(call.optionalValue(zeroPoint)) ?? .uint8, axis: 0, block: 0)
        let quantisation = try parameters.quantisation()
        guard quantisation.isUniform else {
            throw TranslationProblem("its result has several scales", "quantise it with one")
        }
        return try ONNXQuantisers.quantised(&onnx, ONNXValue(x), quantisation)
    }

    /// One operand with its scale and zero point, and those of the result.
    private static func one(
        _ rule:
            @escaping @Sendable (inout ONNXTranslation, ONNXCall, TranslatedValue) throws(TranslationProblem)
            ->
            TranslatedValue
    ) -> ONNXOperator {
        .raw { (onnx, call) throws(TranslationProblem) in
            let x = try real(&onnx, call, 0, scale: 1, zeroPoint: 2)
            return [try result(&onnx, call, try rule(&onnx, call, x), scale: 3, zeroPoint: 4)]
        }
    }

    private static func binary(_ function: BinaryFunction) -> ONNXOperator {
        .raw { (onnx, call) throws(TranslationProblem) in
            let a = try real(&onnx, call, 0, scale: 1, zeroPoint: 2)
            let b = try real(&onnx, call, 3, scale: 4, zeroPoint: 5)
            return [
                try result(&onnx, call, try onnx.translation.binary(function, a, b), scale: 6, zeroPoint: 7)
            ]
        }
    }

    private static func concatenate(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        var parts: [TranslatedValue] = []
        for index in stride(from: 2, to: call.inputs.count, by: 3) {
            parts.append(try real(&onnx, call, index, scale: index + 1, zeroPoint: index + 2))
        }
        guard let first = parts.first else { throw ONNXQuantisers.damaged("it joins nothing") }
        let joined = try onnx.translation.concatenate(parts, axis: try call.axis(0, rank: first.sizes.count))
        return [try result(&onnx, call, joined, scale: 0, zeroPoint: 1)]
    }

    // MARK: Layers with scales

    private static func convolution(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        let x = try real(&onnx, call, 0, scale: 1, zeroPoint: 2)
        guard let weight = try real(&onnx, call, 3, scale: 4, zeroPoint: 5).constant else {
            throw ONNXCall.computed("its weight")
        }
        let bias = try bias(call, 8, inputScale: 1, weightScale: 4)
        let y = try ONNXConvolutions.convolution(&onnx, call, x, weight, bias)
        return [try result(&onnx, call, y, scale: 6, zeroPoint: 7)]
    }

    /// A bias in units of both scales together.
    private static func bias(
        _ call: ONNXCall, _ index: Int, inputScale: Int, weightScale: Int
    ) throws(TranslationProblem) -> ConstantTensor? {
        guard var bias = try call.optionalConstant(index, "its bias") else { return nil }
        let scales = try call.constant(weightScale, "its scale").values
        guard let own = try call.constant(inputScale, "its scale").single,
            scales.count == 1 || scales.count == bias.values.count
        else {
            throw ONNXQuantisers.damaged(
                "its bias has \(bias.values.count) numbers, its weight \(scales.count) scales")
        }
        for i in bias.values.indices { bias.values[i] *= own * scales[scales.count == 1 ? 0 : i] }
        bias.elementType = .f32
        return bias
    }

    private static func matrixProduct(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        let a = try real(&onnx, call, 0, scale: 1, zeroPoint: 2, axis: max(0, try call.x(0).sizes.count - 2))
        let b = try real(&onnx, call, 3, scale: 4, zeroPoint: 5, axis: max(0, try call.x(3).sizes.count - 1))
        return [
            try result(&onnx, call, try onnx.translation.matrixProduct(a, b), scale: 6, zeroPoint: 7)
        ]
    }

    private static func gemm(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        let a = try real(&onnx, call, 0, scale: 1, zeroPoint: 2)
        let b = try real(&onnx, call, 3, scale: 4, zeroPoint: 5, axis: try call.flag("transB") ? 0 : 1)
        let alpha = try call.number("alpha", 1)
        let bias = try bias(call, 6, inputScale: 1, weightScale: 4)?.mapped { $0 * alpha }
        let y = try ONNXProducts.gemm(&onnx, call, a, b, bias.map { .constant($0) })
        if call.optional(7) == nil { return [ONNXValue(y)] }
        return [try result(&onnx, call, y, scale: 7, zeroPoint: 8)]
    }

    // MARK: Layers of integers without scales

    /// An operand less its zero point.
    private static func moved(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall, _ index: Int, zeroPoint: Int, axis: Int
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.value(index)
        let zero = try call.optionalConstant(zeroPoint, "its zero point")
        if x.quantisation?.isDynamic == true {
            guard zero?.values.allSatisfy({ $0 == 0 }) ?? true else {
                throw TranslationProblem(
                    "its zero point is not that of its operand", "export the model again")
            }
            return try onnx.settled(x).value
        }
        let numbers = try onnx.wholeNumbers(try onnx.settled(x)).value
        guard let zero, zero.values.contains(where: { $0 != 0 }) else { return typed(numbers) }
        if let single = zero.single {
            return typed(try onnx.translation.unary(.affine(factor: 1, term: -single), numbers))
        }
        var shape = [Int](repeating: 1, count: numbers.sizes.count - axis)
        guard zero.shape.count == 1, zero.values.count == numbers.sizes[axis] else {
            return typed(try onnx.translation.binary(.subtract, numbers, .constant(zero)))
        }
        shape[0] = zero.values.count
        return typed(
            try onnx.translation.binary(
                .subtract, numbers, try onnx.translation.reshape(.constant(zero), to: shape)))
    }

    /// Differences need a sign.
    private static func typed(_ x: TranslatedValue) -> TranslatedValue {
        guard var tensor = x.constant else { return ONNXTranslation.typed(x, .i32) }
        tensor.elementType = .i32
        return .constant(tensor)
    }

    private static func convolutionOfIntegers(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        let x = try moved(&onnx, call, 0, zeroPoint: 2, axis: 1)
        guard let weight = try moved(&onnx, call, 1, zeroPoint: 3, axis: 0).constant else {
            throw ONNXCall.computed("its weight")
        }
        let y = try ONNXConvolutions.convolution(&onnx, call, x, weight, nil)
        return [ONNXValue(sum(y, call))]
    }

    private static func productOfIntegers(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        let y = try product(&onnx, call, leftZero: 2, rightZero: 3)
        return [ONNXValue(sum(y, call))]
    }

    /// Sums of what is quantised dynamically are no integers here.
    private static func sum(_ y: TranslatedValue, _ call: ONNXCall) -> TranslatedValue {
        let isDynamic = call.inputs.contains { $0?.quantisation?.isDynamic ?? false }
        return isDynamic ? ONNXTranslation.typed(y, .f32) : typed(y)
    }

    private static func product(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall, leftZero: Int, rightZero: Int
    ) throws(TranslationProblem) -> TranslatedValue {
        let a = try moved(
            &onnx, call, 0, zeroPoint: leftZero, axis: max(0, try call.x(0).sizes.count - 2))
        let b = try moved(
            &onnx, call, 1, zeroPoint: rightZero, axis: max(0, try call.x(1).sizes.count - 1))
        return try onnx.translation.matrixProduct(a, b)
    }

    /// A, B, their scales, their zero points, a bias.
    private static func productToFloat(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        var y = ONNXTranslation.typed(try product(&onnx, call, leftZero: 4, rightZero: 5), .f32)
        y = try onnx.translation.binary(.multiply, y, try call.x(2))
        y = try onnx.translation.binary(.multiply, y, try call.x(3))
        if let bias = call.optional(6) { y = try onnx.translation.binary(.add, y, bias) }
        return [ONNXValue(y)]
    }

    /// A of floats; B, its scale, its zero point, a bias.
    private static func dynamicProduct(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        let a = try onnx.wholeNumbers(try onnx.settled(try call.value(0))).value
        let b = try moved(&onnx, call, 1, zeroPoint: 3, axis: max(0, try call.x(1).sizes.count - 1))
        var y = try onnx.translation.matrixProduct(a, b)
        y = try onnx.translation.binary(.multiply, y, try call.x(2))
        if let bias = call.optional(4) { y = try onnx.translation.binary(.add, y, bias) }
        return [ONNXValue(y)]
    }

    /// An LSTM whose weights are quantised and stand as [directions][features][gates · units].
    private static func dynamicLSTM(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        var plain = call
        plain.inputs =
            Array(call.inputs.prefix(8)) + [ONNXValue?](repeating: nil, count: max(0, 8 - call.inputs.count))
        for (index, scale) in [(1, 8), (2, 10)] {
            var weight = try call.constant(index, "its weight")
            let (scales, zeros) = (
                try call.constant(scale, "its scale").values,
                try call.optionalConstant(scale + 1, "its zero point")?.values
            )
            guard weight.shape.count == 3, weight.shape.allSatisfy({ $0 > 0 }) else {
                throw ONNXQuantisers.damaged("its weight is \(weight.shape)")
            }
            // One scale for each direction, or one for each row of it.
            let (directions, rows) = (weight.shape[0], weight.shape[2])
            let each = weight.values.count / directions
            guard scales.count == directions || scales.count == directions * rows,
                zeros == nil || zeros?.count == scales.count
            else { throw ONNXQuantisers.damaged("its weight \(weight.shape) has \(scales.count) scales") }
            try onnx.translation.take(weight.values.count)
            for place in weight.values.indices {
                let own = scales.count == directions ? place / each : place / each * rows + place % rows
                weight.values[place] = (weight.values[place] - (zeros?[own] ?? 0)) * scales[own]
            }
            weight.elementType = .f32
            plain.inputs[index] = ONNXValue(.constant(weight.transposed([0, 2, 1])))
        }
        return try ONNXRecurrence.layer(&onnx, plain, .lstm)
    }

    /// A product with a weight [out][blocks][bytes] of 2, 4 or 8 bits, a scale and a zero point for each block.
    private static func packedProduct(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let (inputs, outputs) = (try call.integer("K", 0), try call.integer("N", 0))
        let (bits, block) = (try call.integer("bits", 4), try call.integer("block_size", 0))
        let (packed, scales) = (try call.constant(1, "its weight"), try call.constant(2, "its scale").values)
        let zeros = try call.optionalConstant(3, "its zero point")
        if call.optional(4) != nil { throw call.refuse("g_idx", "given") }
        guard [2, 4, 8].contains(bits), (1...1 << 20).contains(inputs), (1...1 << 20).contains(outputs),
            (8...1 << 20).contains(block)
        else { throw call.refuse("bits", "\(bits), block_size=\(block), K=\(inputs), N=\(outputs)") }
        let blocks = (inputs + block - 1) / block
        let (bytes, zeroBytes) = (block * bits / 8, (blocks * bits + 7) / 8)
        let isPacked = zeros?.elementType == .u8
        guard packed.elementType == .u8,
            packed.values.count == NumericArray.elementCount(of: [outputs, blocks, bytes]),
            scales.count == NumericArray.elementCount(of: [outputs, blocks]),
            let count = NumericArray.elementCount(of: [outputs, inputs]),
            zeros.map({
                $0.values.count == NumericArray.elementCount(of: [outputs, isPacked ? zeroBytes : blocks])
            }) ?? true
        else { throw ONNXQuantisers.damaged("its weight \(packed.shape) does not fit \(outputs)×\(inputs)") }
        try onnx.translation.take(count)
        /// The number at a place of packed ones.
        func unpacked(_ values: [Double], _ start: Int, _ place: Int) -> Double {
            let byte = Int(values[start + place * bits / 8])
            return Double(byte >> (place * bits % 8) & (1 << bits - 1))
        }
        var weight = ConstantTensor(elementType: .f32, shape: [outputs, inputs], values: [])
        weight.values.reserveCapacity(count)
        for row in 0..<outputs {
            for column in 0..<inputs {
                let own = row * blocks + column / block
                let zero =
                    zeros.map {
                        isPacked
                            ? unpacked($0.values, row * zeroBytes, column / block) : $0.values[own]
                    } ?? Double(1 << (bits - 1))
                weight.values.append(
                    (unpacked(packed.values, own * bytes, column % block) - zero) * scales[own])
            }
        }
        return try onnx.translation.dense(
            try call.x(), weight: weight, bias: try call.optionalConstant(5, "its bias"))
    }
}
