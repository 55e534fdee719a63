// Operators that make constants: literal ones, filled ones, ranges.

import PagefoldData

enum ONNXConstants {
    static let operators: [String: ONNXOperator] = [
        "Constant": .several(constant), "ConstantOfShape": .one(rule: filled),
        "ConstantFill": .one(rule: filled),
        "Range": .one(rule: range), "EyeLike": .one(rule: identity),
    ]

    private static func constant(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        func list(_ type: ElementType, _ values: [Double], isSingle: Bool = false) -> [ONNXValue] {
            [
                ONNXValue(
                    .constant(
                        ConstantTensor(
                            elementType: type, shape: isSingle ? [] : [values.count], values: values)))
            ]
        }
        for (name, attribute) in call.attributes {
            switch (name, attribute) {
            case ("value", .tensor(let tensor)): return [try onnx.constant(tensor)]
            case ("sparse_value", .sparse(let tensor)):
                return [ONNXValue(.constant(try onnx.constant(tensor)))]
            case ("value_float", .number(let value)): return list(.f32, [value], isSingle: true)
            case ("value_int", .integer(let value)): return list(.i64, [Double(value)], isSingle: true)
            case ("value_floats", .numbers(let values)): return list(.f32, values)
            case ("value_floats", .integers(let values)) where values.isEmpty: return list(.f32, [])
            case ("value_ints", .integers(let values)): return list(.i64, values.map { Double($0) })
            case ("value_string", _), ("value_strings", _):
                throw TranslationProblem("texts are not supported", "leave them to the application")
            default: continue
            }
        }
        throw TranslationProblem("it has no value", "the file is damaged; copy it again")
    }

    private static func filled(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let asked = try call.constant(0, "its shape").places
        guard asked.count <= ONNXTranslation.mostAxes else {
            throw TranslationProblem(
                "it makes an array of too many axes", "the file is damaged; copy it again")
        }
        let sizes = try onnx.emptyShape(asked)
        let count = sizes.reduce(1, *)
        var value = ConstantTensor(elementType: .f32, shape: [1], values: [0])
        if case .tensor(let stored)? = call.attributes["value"] {
            value = try onnx.constant(stored).constant ?? value
        } else {
            value.values = [try call.number("value", 0)]
        }
        guard let number = value.single else {
            throw TranslationProblem("its value is no single number", "the file is damaged; copy it again")
        }
        try onnx.translation.take(count)
        return .constant(
            ConstantTensor(
                elementType: value.elementType, shape: sizes,
                values: [Double](repeating: number, count: count)))
    }

    private static func range(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let start = try call.constant(0, "its start")
        guard let first = start.single, let limit = try call.constant(1, "its end").single,
            let pace = try call.constant(2, "its step").single,
            let count = Int(exactly: max(0, ((limit - first) / pace).rounded(.up))),
            count <= Translation.countLimit
        else { throw TranslationProblem("its range has no end", "the file is damaged; copy it again") }
        try onnx.translation.take(count)
        return .constant(
            ConstantTensor(
                elementType: start.elementType, shape: [count],
                values: (0..<count).map { first + Double($0) * pace }))
    }

    /// Ones on a diagonal.
    private static func identity(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.x()
        guard x.sizes.count == 2, let count = Translation.count(x.sizes) else {
            throw TranslationProblem("it makes a matrix \(x.sizes)", "the file is damaged; copy it again")
        }
        let diagonal = try call.integer("k", 0)
        var type = x.elementType
        if call.has("dtype") {
            let number = Int32(clamping: try call.integer("dtype", 1))
            guard let given = ONNXNumberType(rawValue: number) else {
                throw call.refuse("dtype", ONNXNumberType.name(number))
            }
            type = given.element
        }
        try onnx.translation.take(count)
        let columns = x.sizes[1]
        let values = (0..<count).map { $0 % columns - $0 / columns == diagonal ? 1.0 : 0 }
        return .constant(ConstantTensor(elementType: type, shape: x.sizes, values: values))
    }
}
