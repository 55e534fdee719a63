// Operators that give the same numbers another shape, or tell a shape.

import PagefoldData

enum ONNXShapes {
    static let operators: [String: ONNXOperator] = [
        "Reshape": .moving(rule: reshape), "Flatten": .moving(rule: flatten),
        "Squeeze": .moving(rule: squeeze),
        "Unsqueeze": .moving(rule: unsqueeze), "Transpose": .moving(rule: transpose),
        "Expand": .moving(rule: expand),
        "Identity": .raw { (onnx, call) throws(TranslationProblem) in [try call.value(0)] },
        // A dictionary of scores: the scores.
        "ai.onnx.ml.ZipMap": .raw { (onnx, call) throws(TranslationProblem) in [try call.value(0)] },
        "Dropout": .raw(dropout), "Shape": .raw(shape), "Size": .raw(size),
    ]

    private static func reshape(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.x()
        let asked: [Int]
        if let attribute = try call.integers("shape") {
            asked = attribute
        } else {
            asked = try call.constant(1, "the shape that it asks for").places
        }
        let sizes = try resolved(asked, of: x.sizes, keepsZeros: try call.flag("allowzero"))
        return try onnx.translation.reshape(x, to: sizes)
    }

    /// The sizes that a reshape asks for: 0 is the operand's own, −1 what is left.
    static func resolved(
        _ asked: [Int], of sizes: [Int], keepsZeros: Bool
    ) throws(TranslationProblem) -> [Int] {
        let problem = TranslationProblem(
            "it turns \(sizes) into \(asked)",
            "where the shape has a batch in it, export the model with batch size 1 or an open batch")
        guard asked.count <= ONNXTranslation.mostAxes else { throw problem }
        var result = asked
        for (axis, size) in asked.enumerated() where size == 0 && !keepsZeros {
            guard axis < sizes.count else { throw problem }
            result[axis] = sizes[axis]
        }
        guard let count = NumericArray.elementCount(of: sizes), result.allSatisfy({ $0 >= -1 }),
            result.count(where: { $0 == -1 }) <= 1
        else { throw problem }
        if let open = result.firstIndex(of: -1) {
            result[open] = 1
            guard let known = NumericArray.elementCount(of: result) else { throw problem }
            guard known > 0, count % known == 0 else { throw problem }
            result[open] = count / known
        }
        guard NumericArray.elementCount(of: result) == count else { throw problem }
        return result
    }

    private static func flatten(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.x()
        let rank = x.sizes.count
        let given = try call.integer("axis", 1)
        guard given >= -rank, given <= rank else {
            throw TranslationProblem("axis \(given) of \(x.sizes)", "the file is damaged; copy it again")
        }
        let axis = given < 0 ? given + rank : given
        let sizes = [x.sizes[..<axis].reduce(1, *), x.sizes[axis...].reduce(1, *)]
        return try onnx.translation.reshape(x, to: sizes)
    }

    private static func squeeze(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.x()
        let axes = try call.axes(1, rank: x.sizes.count) ?? x.sizes.indices.filter { x.sizes[$0] == 1 }
        guard axes.allSatisfy({ x.sizes[$0] == 1 }) else {
            throw TranslationProblem(
                "it drops axes \(axes) of \(x.sizes), which are not all 1",
                "give it sizes with which they are 1")
        }
        let kept = x.sizes.indices.filter { !axes.contains($0) }.map { x.sizes[$0] }
        return try onnx.translation.reshape(x, to: kept)
    }

    private static func unsqueeze(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.x()
        let given: [Int]
        if let attribute = try call.integers("axes") {
            given = attribute
        } else {
            given = try call.constant(1, "axes").places
        }
        guard given.count + x.sizes.count <= ONNXTranslation.mostAxes else {
            throw TranslationProblem("it adds \(given.count) axes", "the file is damaged; copy it again")
        }
        let axes = try ONNXCall.axes(given, rank: x.sizes.count + given.count)
        var rest = x.sizes[...]
        var sizes: [Int] = []
        for axis in 0..<x.sizes.count + given.count {
            sizes.append(axes.contains(axis) ? 1 : rest.popFirst() ?? 1)
        }
        return try onnx.translation.reshape(x, to: sizes)
    }

    private static func transpose(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.x()
        return try onnx.translation.transpose(
            x, axes: try call.integers("perm") ?? Array(x.sizes.indices.reversed()))
    }

    private static func expand(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.x()
        let asked = try call.constant(1, "the shape that it asks for").places
        guard asked.count <= ONNXTranslation.mostAxes, let sizes = Translation.broadcastSizes(x.sizes, asked),
            sizes.allSatisfy({ $0 >= 0 })
        else {
            throw TranslationProblem(
                "it repeats \(x.sizes) to \(asked)", "the file is damaged; copy it again")
        }
        if sizes.contains(0) {
            return .constant(
                ConstantTensor(elementType: x.elementType, shape: try onnx.emptyShape(sizes), values: []))
        }
        return try onnx.translation.broadcast(x, to: sizes)
    }

    /// For inference: the same, and a mask that lets everything through.
    private static func dropout(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        let x = try call.value(0)
        let isTraining =
            try call.optionalConstant(2, "whether it is training")?.values.contains { $0 != 0 } ?? false
        if isTraining {
            let ratio = try call.optionalConstant(1, "its ratio")?.single ?? 0.5
            guard ratio == 0 else {
                throw TranslationProblem("it drops numbers", "export the model for inference (model.eval())")
            }
        }
        guard call.isWanted.count > 1, call.isWanted[1] else { return [x] }
        guard let count = Translation.count(x.sizes) else {
            throw TranslationProblem("its mask has the shape \(x.sizes)", "export the model for inference")
        }
        try onnx.translation.take(count)
        let mask = ConstantTensor(
            elementType: .bool, shape: x.sizes, values: [Double](repeating: 1, count: count))
        return [x, ONNXValue(.constant(mask))]
    }

    private static func shape(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        let sizes = try call.value(0).sizes
        func place(_ axis: Int) -> Int { max(0, min(sizes.count, axis < 0 ? axis + sizes.count : axis)) }
        let start = place(try call.integer("start", 0))
        let end = call.has("end") ? place(try call.integer("end", 0)) : sizes.count
        let part = start < end ? sizes[start..<end].map { Double($0) } : []
        return [ONNXValue(.constant(ConstantTensor(elementType: .i64, shape: [part.count], values: part)))]
    }

    private static func size(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        let count = NumericArray.elementCount(of: try call.value(0).sizes) ?? 0
        return [ONNXValue(.constant(ConstantTensor(elementType: .i64, shape: [], values: [Double(count)])))]
    }
}
