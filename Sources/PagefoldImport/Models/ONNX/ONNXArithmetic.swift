// Operators of numbers with numbers: sums, products, comparisons, choices, types.

import PagefoldData

enum ONNXArithmetic {
    static let operators: [String: ONNXOperator] = [
        "Add": binary(.add), "Sub": binary(.subtract), "Mul": binary(.multiply), "Div": binary(.divide),
        "Pow": .one(rule: power),
        "Less": binary(.less), "Greater": binary(.greater), "LessOrEqual": binary(.lessOrEqual),
        "GreaterOrEqual": binary(.greaterOrEqual), "Equal": binary(.equal),
        "And": binary(.and), "Or": binary(.or), "Xor": binary(.xor),
        "Max": several(.maximum), "Min": several(.minimum), "Sum": several(.add), "Mean": .one(rule: mean),
        "Mod": .one(rule: modulo), "Where": .one(rule: choose),
        "Cast": .raw(cast), "CastLike": .raw(castLike),
        "Affine": .one(rule: affine), "Scale": .one(rule: affine), "ImageScaler": .one(rule: imageScaler),
        "ai.onnx.ml.Scaler": .one(rule: featureScaler), "ai.onnx.ml.Binarizer": .one(rule: binarizer),
    ]

    private static func binary(_ function: BinaryFunction) -> ONNXOperator {
        .one { (onnx, call) throws(TranslationProblem) in
            let (a, b) = try operands(&onnx, call)
            return try onnx.translation.binary(function, a, b)
        }
    }

    private static func several(_ function: BinaryFunction) -> ONNXOperator {
        .one { (onnx, call) throws(TranslationProblem) in
            try folded(&onnx, function, try call.all())
        }
    }

    private static func folded(
        _ onnx: inout ONNXTranslation, _ function: BinaryFunction, _ values: [TranslatedValue]
    ) throws(TranslationProblem) -> TranslatedValue {
        var result = values[0]
        for value in values.dropFirst() {
            result = try onnx.translation.binary(function, result, value)
        }
        return result
    }

    /// Both operands. Before opset 7 the second is laid on the first's axes from `axis` on.
    private static func operands(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> (TranslatedValue, TranslatedValue) {
        let (a, b) = (try call.x(0), try call.x(1))
        guard call.version < 7, try call.flag("broadcast"), call.has("axis") else { return (a, b) }
        let axis = try call.axis(0, rank: a.sizes.count)
        let behind = a.sizes.count - axis - b.sizes.count
        guard behind > 0 else { return (a, b) }
        let sizes = b.sizes + [Int](repeating: 1, count: behind)
        return (a, try onnx.translation.reshape(b, to: sizes))
    }

    /// The result has the type of the base.
    private static func power(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let (a, b) = try operands(&onnx, call)
        let result = try onnx.translation.binary(.power, a, b)
        return try onnx.translation.cast(result, to: a.elementType)
    }

    private static func mean(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let values = try call.all()
        let sum = try folded(&onnx, .add, values)
        return try onnx.translation.unary(.affine(factor: 1 / Double(values.count), term: 0), sum)
    }

    private static func modulo(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let function: BinaryFunction = try call.flag("fmod") ? .remainder : .modulo
        return try onnx.translation.binary(function, try call.x(0), try call.x(1))
    }

    private static func choose(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        try onnx.translation.select(try call.x(0), try call.x(1), try call.x(2))
    }

    // MARK: Types

    private static func cast(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        // The first version names types by text.
        let number =
            call.version < 6
            ? Int(try call.text("to", "").lowercased() == "float" ? 1 : 0) : try call.integer("to", 0)
        guard let type = ONNXNumberType(rawValue: Int32(clamping: number)) else {
            throw call.refuse("to", ONNXNumberType.name(Int32(clamping: number)))
        }
        return [try cast(&onnx, try call.value(0), type.element)]
    }

    private static func castLike(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        [try cast(&onnx, try call.value(0), try call.x(1).elementType)]
    }

    private static func cast(
        _ onnx: inout ONNXTranslation, _ value: ONNXValue, _ type: ElementType
    ) throws(TranslationProblem) -> ONNXValue {
        // From one type with fractions to another nothing happens here.
        if value.constant == nil, value.quantisation == nil, !type.isInteger, type != .bool,
            !value.value.elementType.isInteger, value.value.elementType != .bool
        {
            return value
        }
        let numbers = try onnx.wholeNumbers(try onnx.settled(value))
        // A sum of products of dynamically quantised numbers stands for what they stand for.
        if value.quantisation?.isDynamic == true { return numbers }
        return ONNXValue(try onnx.translation.cast(numbers.value, to: type), range: numbers.range)
    }

    // MARK: Operators of converters from Core ML

    private static func affine(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let factor = try call.number(call.has("scale") ? "scale" : "alpha", 1)
        return try onnx.translation.unary(
            .affine(factor: factor, term: try call.number("beta", 0)), try call.x())
    }

    /// scale · x and a bias for each channel.
    private static func imageScaler(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let scaled = try onnx.translation.unary(
            .affine(factor: try call.number("scale", 1), term: 0), try call.x())
        guard let bias = try call.numbers("bias"), bias.contains(where: { $0 != 0 }) else { return scaled }
        let terms = ConstantTensor(elementType: .f32, shape: [bias.count, 1, 1], values: bias)
        return try onnx.translation.binary(.add, scaled, .constant(terms))
    }

    /// (x − offset) · scale, one or one for each feature.
    private static func featureScaler(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        func vector(_ numbers: [Double]) -> TranslatedValue {
            .constant(ConstantTensor(elementType: .f32, shape: [numbers.count], values: numbers))
        }
        var result = try call.x()
        if let offset = try call.numbers("offset"), !offset.isEmpty {
            result = try onnx.translation.binary(.subtract, result, vector(offset))
        }
        if let scale = try call.numbers("scale"), !scale.isEmpty {
            result = try onnx.translation.binary(.multiply, result, vector(scale))
        }
        return result
    }

    private static func binarizer(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let bound = ConstantTensor(elementType: .f32, shape: [], values: [try call.number("threshold", 0)])
        let x = try call.x()
        let isAbove = try onnx.translation.binary(.greater, x, .constant(bound))
        return try onnx.translation.cast(isAbove, to: x.elementType)
    }
}
