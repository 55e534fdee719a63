// Operators that count places: one-hot, numbers that are not 0, triangles, running sums, the largest ones.

import PagefoldData

enum ONNXCounting {
    static let operators: [String: ONNXOperator] = [
        "OneHot": .one(rule: oneHot), "NonZero": .one(rule: nonZero), "Trilu": .one(rule: triangle),
        "CumSum": .one(rule: cumulativeSum), "TopK": .several(largest),
    ]

    private static func damaged(_ text: String) -> TranslationProblem { ONNXIndexing.damaged(text) }

    private static func steps(_ shape: [Int]) -> [Int] { ONNXIndexing.steps(shape) }

    private static func oneHot(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.x()
        let depth = try call.constant(1, "its depth")
        let values = try call.constant(2, "its values")
        guard let count = depth.places.first, (1...1 << 20).contains(count), values.values.count == 2 else {
            throw damaged("it has a depth of \(depth.values) and \(values.values.count) values")
        }
        let rank = x.sizes.count
        let axis = try ONNXCall.axis(try call.integer("axis", -1), rank: rank + 1)
        var sizes = x.sizes
        sizes.insert(1, at: axis)
        var indices = try onnx.translation.reshape(x, to: sizes)
        // Places below zero count from the end.
        let zero = ConstantTensor(elementType: indices.elementType, shape: [], values: [0])
        let isBelow = try onnx.translation.binary(.less, indices, .constant(zero))
        indices = try onnx.translation.binary(
            .add, indices, try onnx.translation.unary(.affine(factor: Double(count), term: 0), isBelow))
        var line = [Int](repeating: 1, count: rank + 1)
        line[axis] = count
        let all = ConstantTensor(elementType: .f32, shape: line, values: (0..<count).map { Double($0) })
        let isHere = try onnx.translation.binary(.equal, indices, .constant(all))
        func single(_ index: Int) -> TranslatedValue {
            .constant(
                ConstantTensor(elementType: values.elementType, shape: [], values: [values.values[index]]))
        }
        return try onnx.translation.select(isHere, single(1), single(0))
    }

    /// Places of numbers that are not 0, [axes][count].
    private static func nonZero(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.constant(0, "what it counts")
        let places = x.values.indices.filter { x.values[$0] != 0 }
        let own = steps(x.shape)
        try onnx.translation.take(places.count * max(x.shape.count, 1))
        var values: [Double] = []
        for axis in x.shape.indices { values += places.map { Double($0 / own[axis] % x.shape[axis]) } }
        return .constant(
            ConstantTensor(
                elementType: .i64, shape: [x.shape.count, x.shape.isEmpty ? 0 : places.count], values: values)
        )
    }

    /// What lies on one side of a diagonal of the last two axes; the rest is 0.
    private static func triangle(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.x()
        guard x.sizes.count >= 2 else { throw damaged("it takes a triangle of \(x.sizes)") }
        let diagonal = try call.optionalConstant(1, "its diagonal")?.places.first ?? 0
        let isUpper = try call.flag("upper", true)
        let (rows, columns) = (x.sizes[x.sizes.count - 2], x.sizes[x.sizes.count - 1])
        let (count, isTooLarge) = rows.multipliedReportingOverflow(by: columns)
        guard !isTooLarge else { throw damaged("it takes a triangle of \(x.sizes)") }
        guard count > 0, !x.sizes.contains(0) else { return x }
        try onnx.translation.take(count)
        let mask = (0..<count).map { place in
            let offset = place % columns - place / columns
            return (isUpper ? offset >= diagonal : offset <= diagonal) ? 1.0 : 0
        }
        let triangle = ConstantTensor(elementType: .bool, shape: [rows, columns], values: mask)
        guard x.constant != nil else {
            // What is infinite outside the triangle would not vanish: it does not in a network.
            return try onnx.translation.binary(.multiply, x, .constant(triangle))
        }
        let zero = ConstantTensor(elementType: x.elementType, shape: [], values: [0])
        return try onnx.translation.select(.constant(triangle), x, .constant(zero))
    }

    /// For constants by adding up; else as a product with a triangle of ones.
    private static func cumulativeSum(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.x()
        let (isExclusive, isReversed) = (try call.flag("exclusive"), try call.flag("reverse"))
        guard let given = try call.constant(1, "its axis").places.first else {
            throw damaged("it has no axis")
        }
        let axis = try ONNXCall.axis(given, rank: x.sizes.count)
        let size = x.sizes[axis]
        if var tensor = x.constant {
            try onnx.translation.take(tensor.values.count)
            let step = steps(tensor.shape)[axis]
            let source = tensor.values
            for start in tensor.values.indices where start / step % size == 0 {
                var sum = 0.0
                for i in 0..<size {
                    let place = start + (isReversed ? size - 1 - i : i) * step
                    tensor.values[place] = isExclusive ? sum : sum + source[place]
                    sum += source[place]
                }
            }
            return .constant(tensor)
        }
        guard size <= 1 << 10 else { throw TranslationProblem("it adds up an axis of \(size)") }
        let weights = (0..<size * size).map { place in
            let (row, column) = (place / size, place % size)
            let isIn = isReversed ? column >= row : column <= row
            return isIn && !(isExclusive && row == column) ? 1.0 : 0
        }
        var axes = Array(x.sizes.indices)
        axes.swapAt(axis, axes.count - 1)
        let last = try onnx.translation.transpose(x, axes: axes)
        let sum = try onnx.translation.dense(
            last, weight: ConstantTensor(elementType: .f32, shape: [size, size], values: weights), bias: nil)
        return try onnx.translation.transpose(sum, axes: axes)
    }

    /// The largest one of what a network computes; of constants any number.
    private static func largest(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        let x = try call.x()
        let axis = try call.axis(-1, rank: x.sizes.count)
        let count =
            call.version < 10
            ? try call.integer("k", 1) : try call.constant(1, "how many it takes").places.first ?? 0
        let isLargest = try call.flag("largest", true)
        guard count >= 1, count <= x.sizes[axis] else {
            throw damaged("it takes \(count) of \(x.sizes[axis])")
        }
        if let tensor = x.constant { return try sorted(&onnx, tensor, axis, count, isLargest) }
        guard count == 1 else {
            throw TranslationProblem(
                "it sorts \(count) of what the network computes",
                "leave it to the application: name a value before it with output:")
        }
        return [
            ONNXValue(
                try onnx.translation.reduce(isLargest ? .maximum : .minimum, x, axes: [axis], keepsAxes: true)
            ),
            ONNXValue(
                try onnx.translation.reduce(isLargest ? .argMax : .argMin, x, axes: [axis], keepsAxes: true)),
        ]
    }

    private static func sorted(
        _ onnx: inout ONNXTranslation, _ tensor: ConstantTensor, _ axis: Int, _ count: Int, _ isLargest: Bool
    ) throws(TranslationProblem) -> [ONNXValue] {
        try onnx.translation.take(2 * tensor.values.count)
        var shape = tensor.shape
        shape[axis] = count
        var values = ConstantTensor(
            elementType: tensor.elementType, shape: shape,
            values: [Double](repeating: 0, count: shape.reduce(1, *)))
        var indices = values
        indices.elementType = .i64
        let (size, step) = (tensor.shape[axis], steps(tensor.shape)[axis])
        for start in tensor.values.indices where start / step % size == 0 {
            let line = (0..<size).map { tensor.values[start + $0 * step] }
            let order = (0..<size).sorted {
                line[$0] == line[$1] ? $0 < $1 : (line[$0] > line[$1]) == isLargest
            }
            let target = start / (size * step) * count * step + start % step
            for i in 0..<count {
                values.values[target + i * step] = line[order[i]]
                indices.values[target + i * step] = Double(order[i])
            }
        }
        return [ONNXValue(.constant(values)), ONNXValue(.constant(indices))]
    }
}
