// Operators that look numbers up by their places, which have to be known unless a table of constants is read.

import PagefoldData

enum ONNXIndexing {
    static let operators: [String: ONNXOperator] = [
        "Gather": .moving(rule: gather), "ai.onnx.ml.ArrayFeatureExtractor": .moving(rule: features),
        "GatherElements": .one(rule: gatherElements),
        "GatherND": .moving(rule: gatherND), "Compress": .moving(rule: compress),
    ]

    static func damaged(_ text: String) -> TranslationProblem {
        TranslationProblem(text, "the file is damaged; copy it again")
    }

    private static func gather(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let (x, indices) = (try call.x(), try call.x(1))
        let axis = try call.axis(0, rank: x.sizes.count)
        // A constant table of rows is an embedding.
        if indices.constant == nil, x.constant == nil || axis != 0 {
            return try ONNXLookups.gather(&onnx, x, indices, axis: axis)
        }
        return try onnx.translation.gather(x, indices: indices, axis: axis)
    }

    /// Places of the last axis.
    private static func features(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.x()
        var list = try call.constant(1, "the places that it takes")
        guard !x.sizes.isEmpty else { throw damaged("it takes of \(x.sizes)") }
        list.shape = [list.values.count]
        return try onnx.translation.gather(x, indices: .constant(list), axis: x.sizes.count - 1)
    }

    /// Places along an axis; those below zero count from its end.
    static func checked(_ indices: ConstantTensor, below size: Int) throws(TranslationProblem) -> [Int] {
        var places: [Int] = []
        places.reserveCapacity(indices.values.count)
        for value in indices.places {
            let place = value < 0 ? value + size : value
            guard (0..<size).contains(place) else { throw damaged("it names place \(value) of \(size)") }
            places.append(place)
        }
        return places
    }

    /// From one place of each axis to the next.
    static func steps(_ shape: [Int]) -> [Int] {
        var steps = [Int](repeating: 1, count: shape.count)
        for axis in shape.indices.dropLast().reversed() { steps[axis] = steps[axis + 1] * shape[axis + 1] }
        return steps
    }

    /// For each of the indices, the number of a larger array that it means: its own place, but along one axis.
    static func targets(
        _ indices: ConstantTensor, _ places: [Int], axis: Int, in shape: [Int]
    ) throws(TranslationProblem) -> [Int] {
        guard indices.shape.count == shape.count,
            shape.indices.allSatisfy({ $0 == axis || indices.shape[$0] <= shape[$0] })
        else { throw damaged("its indices \(indices.shape) do not fit \(shape)") }
        let (own, whole) = (steps(indices.shape), steps(shape))
        return places.indices.map { number in
            var target = places[number] * whole[axis]
            for other in shape.indices where other != axis {
                target += number / own[other] % indices.shape[other] * whole[other]
            }
            return target
        }
    }

    private static func gatherElements(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.x()
        let axis = try call.axis(0, rank: x.sizes.count)
        guard let indices = try call.x(1).constant else {
            return try ONNXLookups.gatherElements(&onnx, x, try call.x(1), axis: axis)
        }
        let places = try checked(indices, below: x.sizes[axis])
        let targets = try targets(indices, places, axis: axis, in: x.sizes)
        return try taken(&onnx, x, targets, as: indices.shape)
    }

    /// Numbers of an array by their places in row-major order.
    private static func taken(
        _ onnx: inout ONNXTranslation, _ x: TranslatedValue, _ targets: [Int], as shape: [Int]
    ) throws(TranslationProblem) -> TranslatedValue {
        try onnx.translation.take(targets.count)
        if let tensor = x.constant {
            return .constant(
                ConstantTensor(
                    elementType: tensor.elementType, shape: shape, values: targets.map { tensor.values[$0] }))
        }
        let flat = try onnx.translation.reshape(x, to: [x.sizes.reduce(1, *)])
        let list = ConstantTensor(
            elementType: .i64, shape: [targets.count], values: targets.map { Double($0) })
        let result = try onnx.translation.gather(flat, indices: .constant(list), axis: 0)
        return try onnx.translation.reshape(result, to: shape)
    }

    /// For each row of a list of places in the first axes of an array, the number of its first number there.
    static func slices(
        _ indices: ConstantTensor, of shape: [Int], batch: Int = 0
    ) throws(TranslationProblem) -> (starts: [Int], length: Int, outer: [Int], inner: [Int]) {
        guard let depth = indices.shape.last, depth > 0, batch >= 0, batch < indices.shape.count,
            batch + depth <= shape.count, indices.shape.prefix(batch) == shape.prefix(batch)
        else { throw damaged("its indices \(indices.shape) do not fit \(shape)") }
        let whole = steps(shape)
        let outer = Array(indices.shape.dropLast())
        let inner = Array(shape[(batch + depth)...])
        let rows = indices.values.count / depth
        let blocks = shape.prefix(batch).reduce(1, *)
        let each = blocks > 0 ? rows / blocks : 0
        let blockLength = shape.dropFirst(batch).reduce(1, *)
        let places = indices.places
        var starts: [Int] = []
        starts.reserveCapacity(rows)
        for row in 0..<rows {
            var start = batch > 0 && each > 0 ? row / each * blockLength : 0
            for index in 0..<depth {
                let (value, size) = (places[row * depth + index], shape[batch + index])
                let place = value < 0 ? value + size : value
                guard (0..<size).contains(place) else { throw damaged("it names place \(value) of \(size)") }
                start += place * whole[batch + index]
            }
            starts.append(start)
        }
        return (starts, inner.reduce(1, *), outer, inner)
    }

    private static func gatherND(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.x()
        let indices = try call.constant(1, "the places that it takes")
        let found = try slices(indices, of: x.sizes, batch: try call.integer("batch_dims", 0))
        guard found.length > 0 else { throw damaged("it takes nothing of \(x.sizes)") }
        // Rows of equal length, taken by their numbers.
        let count = x.sizes.reduce(1, *) / found.length
        let rows = try onnx.translation.reshape(x, to: [count, found.length])
        let list = ConstantTensor(
            elementType: .i64, shape: [found.starts.count],
            values: found.starts.map { Double($0 / found.length) })
        let result = try onnx.translation.gather(rows, indices: .constant(list), axis: 0)
        return try onnx.translation.reshape(result, to: found.outer + found.inner)
    }

    private static func compress(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        var x = try call.x()
        let condition = try call.constant(1, "its condition")
        if !call.has("axis") {
            guard let count = NumericArray.elementCount(of: x.sizes) else {
                throw damaged("it takes of \(x.sizes)")
            }
            x = try onnx.translation.reshape(x, to: [count])
        }
        let axis = try call.axis(0, rank: x.sizes.count)
        let places = condition.values.indices.filter { condition.values[$0] != 0 }
        guard places.last ?? 0 < x.sizes[axis], !places.isEmpty else {
            throw damaged("it takes nothing of \(x.sizes)")
        }
        let list = ConstantTensor(elementType: .i64, shape: [places.count], values: places.map { Double($0) })
        return try onnx.translation.gather(x, indices: .constant(list), axis: axis)
    }
}
