// Operators of matrices: Gemm, MatMul, Einsum.

import PagefoldData

enum ONNXProducts {
    static let operators: [String: ONNXOperator] = [
        "Gemm": .one(rule: gemm), "MatMul": .one(rule: matrixProduct), "Einsum": .one(rule: einsum),
        "ai.onnx.ml.LinearRegressor": .one(rule: linearRegressor),
        "com.microsoft.FusedGemm": .several(fusedGemm), "com.microsoft.FusedMatMul": .one(rule: fusedMatMul),
    ]

    /// alpha · A B + beta · C, each of A and B turned where the file says so.
    static func gemm(_ onnx: inout ONNXTranslation, _ call: ONNXCall) throws(TranslationProblem)
        -> TranslatedValue
    {
        try gemm(&onnx, call, try call.x(0), try call.x(1), call.optional(2))
    }

    static func gemm(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall, _ left: TranslatedValue, _ right: TranslatedValue,
        _ third: TranslatedValue?
    ) throws(TranslationProblem) -> TranslatedValue {
        var (a, b, c) = (left, right, third)
        let (alpha, beta) = (try call.number("alpha", 1), try call.number("beta", 1))
        guard a.sizes.count == 2, b.sizes.count == 2 else {
            throw TranslationProblem("it multiplies \(a.sizes) and \(b.sizes)", "give it matrices")
        }
        if try call.flag("transA") { a = try onnx.translation.transpose(a, axes: [1, 0]) }
        let isTurned = try call.flag("transB")
        if beta != 1, let term = c { c = try onnx.translation.unary(.affine(factor: beta, term: 0), term) }
        if beta == 0 { c = nil }
        if let weight = b.constant, a.constant == nil {
            // [out][in]
            var matrix = isTurned ? weight : weight.transposed([1, 0])
            if alpha != 1 { matrix = matrix.mapped { $0 * alpha } }
            // A bias that is the same for all rows is the layer's own.
            if let bias = c?.constant,
                let row = try bias.asBias(matrix.shape[0], &onnx)
            {
                return try onnx.translation.dense(a, weight: matrix, bias: row)
            }
            let product = try onnx.translation.dense(a, weight: matrix, bias: nil)
            return try c.map { (term) throws(TranslationProblem) in
                try onnx.translation.binary(.add, product, term)
            }
                ?? product
        }
        if isTurned { b = try onnx.translation.transpose(b, axes: [1, 0]) }
        var product = try onnx.translation.matrixProduct(a, b)
        if alpha != 1 { product = try onnx.translation.unary(.affine(factor: alpha, term: 0), product) }
        return try c.map { (term) throws(TranslationProblem) in
            try onnx.translation.binary(.add, product, term)
        }
            ?? product
    }

    private static func matrixProduct(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        try onnx.translation.matrixProduct(try call.x(0), try call.x(1))
    }

    private static func fusedGemm(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        [try ONNXConvolutions.activated(&onnx, call, try gemm(&onnx, call))]
    }

    private static func fusedMatMul(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        var operands: [TranslatedValue] = []
        for (index, name) in ["A", "B"].enumerated() {
            var x = try call.x(index)
            let (isTurned, isBatchTurned) = (
                try call.flag("trans" + name), try call.flag("transBatch" + name)
            )
            if isTurned || isBatchTurned, x.sizes.count > 1 {
                var axes = Array(x.sizes.indices)
                // The first axis stands behind those of the batch.
                if isBatchTurned { axes.insert(axes.removeFirst(), at: axes.count - 1) }
                if isTurned { axes.swapAt(axes.count - 1, axes.count - 2) }
                x = try onnx.translation.transpose(x, axes: axes)
            }
            operands.append(x)
        }
        let product = try onnx.translation.matrixProduct(operands[0], operands[1])
        return try onnx.translation.unary(.affine(factor: try call.number("alpha", 1), term: 0), product)
    }

    private static func linearRegressor(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let (x, targets) = (try call.x(), try call.integer("targets", 1))
        let after = try call.text("post_transform", "NONE")
        guard after == "NONE" else { throw call.refuse("post_transform", after) }
        let weights = try call.numbers("coefficients") ?? []
        guard targets > 0, let features = x.sizes.last, features > 0, weights.count % targets == 0,
            weights.count / targets == features
        else {
            throw TranslationProblem(
                "it has \(weights.count) weights for \(x.sizes)", "the file is damaged; copy it again")
        }
        let bias = try call.numbers("intercepts").map {
            ConstantTensor(elementType: .f32, shape: [$0.count], values: $0)
        }
        return try onnx.translation.dense(
            x, weight: ConstantTensor(elementType: .f32, shape: [targets, features], values: weights),
            bias: bias)
    }

    // MARK: Einsum

    /// One operand is turned and summed; two become a product of matrices over what they share.
    private static func einsum(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let equation = try call.text("equation", "").filter { !$0.isWhitespace }
        let sides = equation.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let terms = sides[0].split(separator: ",", omittingEmptySubsequences: false).map { Array($0) }
        let refusal = TranslationProblem(
            "equation=\(equation) is not supported", "write it as MatMul, Transpose and ReduceSum")
        guard terms.count == call.inputs.count, terms.count <= 2, !equation.contains(".") else {
            throw refusal
        }
        var result: [Character]
        if sides.count > 1 {
            result = Array(sides[1].dropFirst())
        } else {
            let all = terms.flatMap { $0 }
            result = Set(all).filter { label in all.count { $0 == label } == 1 }.sorted()
        }
        for term in terms + [result] {
            guard Set(term).count == term.count, term.allSatisfy({ $0.isLetter }),
                term.count <= ONNXTranslation.mostAxes
            else { throw refusal }
        }
        var values: [(labels: [Character], value: TranslatedValue)] = []
        for (index, labels) in terms.enumerated() {
            let value = try call.x(index)
            guard value.sizes.count == labels.count else { throw refusal }
            // What neither the result nor the other operand has is summed first.
            let others = result + (terms.count > 1 ? terms[1 - index] : [])
            let lost = labels.indices.filter { !others.contains(labels[$0]) }
            let summed =
                lost.isEmpty ? value : try onnx.translation.reduce(.sum, value, axes: lost, keepsAxes: false)
            values.append((labels.filter { others.contains($0) }, summed))
        }
        guard result.allSatisfy({ label in values.contains { $0.labels.contains(label) } }) else {
            throw refusal
        }
        let (labels, value) =
            values.count == 1 ? values[0] : try product(&onnx, values[0], values[1], result)
        let order = result.map { label in labels.firstIndex(of: label) ?? 0 }
        return try onnx.translation.transpose(value, axes: order)
    }

    private static func product(
        _ onnx: inout ONNXTranslation, _ a: (labels: [Character], value: TranslatedValue),
        _ b: (labels: [Character], value: TranslatedValue), _ result: [Character]
    ) throws(TranslationProblem) -> (labels: [Character], value: TranslatedValue) {
        let shared = a.labels.filter { b.labels.contains($0) }
        let batch = shared.filter { result.contains($0) }
        let inner = shared.filter { !result.contains($0) }
        let rows = a.labels.filter { !shared.contains($0) }
        let columns = b.labels.filter { !shared.contains($0) }
        func size(_ labels: [Character], _ x: (labels: [Character], value: TranslatedValue)) -> [Int] {
            labels.map { label in x.value.sizes[x.labels.firstIndex(of: label) ?? 0] }
        }
        func matrices(
            _ x: (labels: [Character], value: TranslatedValue), _ first: [Character], _ second: [Character]
        ) throws(TranslationProblem) -> TranslatedValue {
            let order = (batch + first + second).map { label in x.labels.firstIndex(of: label) ?? 0 }
            let turned = try onnx.translation.transpose(x.value, axes: order)
            return try onnx.translation.reshape(
                turned, to: size(batch, x) + [size(first, x).reduce(1, *), size(second, x).reduce(1, *)])
        }
        let left = try matrices(a, rows, inner)
        let right = try matrices(b, inner, columns)
        let value = try onnx.translation.matrixProduct(left, right)
        return (
            batch + rows + columns,
            try onnx.translation.reshape(value, to: size(batch, a) + size(rows, a) + size(columns, b))
        )
    }
}

extension ConstantTensor {
    /// One number for each column where all rows are alike: a bias; nil for others.
    fileprivate func asBias(
        _ count: Int, _ onnx: inout ONNXTranslation
    ) throws(TranslationProblem) -> ConstantTensor? {
        guard shape.dropLast().allSatisfy({ $0 == 1 }), values.count == 1 || shape.last == count else {
            return nil
        }
        if values.count == count {
            return ConstantTensor(elementType: elementType, shape: [count], values: values)
        }
        guard values.count == 1 else { return nil }
        try onnx.translation.take(count)
        return ConstantTensor(
            elementType: elementType, shape: [count], values: [Double](repeating: values[0], count: count))
    }
}
