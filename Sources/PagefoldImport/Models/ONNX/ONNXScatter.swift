// Operators that write some numbers of an array over, at known places.

import PagefoldData

enum ONNXScatter {
    static let operators: [String: ONNXOperator] = [
        "ScatterElements": .one(rule: scatterElements), "Scatter": .one(rule: scatterElements),
        "ScatterND": .one(rule: scatterND),
    ]

    private static func damaged(_ text: String) -> TranslationProblem { ONNXIndexing.damaged(text) }

    /// What becomes of a number that is written over.
    private struct Combination {
        /// Nil: the new one takes its place.
        var function: BinaryFunction?
        /// A number that changes nothing.
        var neutral = 0.0
    }

    private static func combination(_ call: ONNXCall) throws(TranslationProblem) -> Combination {
        let name = try call.text("reduction", "none")
        let largest = Double(Float.greatestFiniteMagnitude)
        switch name {
        case "none": return Combination()
        case "add": return Combination(function: .add)
        case "mul": return Combination(function: .multiply, neutral: 1)
        case "max": return Combination(function: .maximum, neutral: -largest)
        case "min": return Combination(function: .minimum, neutral: largest)
        default: throw call.refuse("reduction", name)
        }
    }

    private static func scatterElements(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let (x, updates) = (try call.x(), try call.x(2))
        let indices = try call.constant(1, "the places that it writes")
        let axis = try call.axis(0, rank: x.sizes.count)
        let combine = try combination(call)
        guard updates.sizes == indices.shape, !x.sizes.contains(0) else {
            throw damaged("its updates are \(updates.sizes)")
        }
        let places = try ONNXIndexing.checked(indices, below: x.sizes[axis])
        let targets = try ONNXIndexing.targets(indices, places, axis: axis, in: x.sizes)
        return try written(&onnx, x, updates, rows: targets, length: 1, combine)
    }

    private static func scatterND(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let (x, updates) = (try call.x(), try call.x(2))
        let indices = try call.constant(1, "the places that it writes")
        let found = try ONNXIndexing.slices(indices, of: x.sizes)
        guard updates.sizes == found.outer + found.inner, found.length > 0 else {
            throw damaged("its updates are \(updates.sizes), \(found.outer + found.inner) are due")
        }
        return try written(
            &onnx, x, updates, rows: found.starts.map { $0 / found.length }, length: found.length,
            try combination(call))
    }

    /// An array seen as rows of equal length, some of which are written over or combined with others.
    /// - Parameter rows: for each row of the updates, the row that it goes to.
    private static func written(
        _ onnx: inout ONNXTranslation, _ x: TranslatedValue, _ updates: TranslatedValue, rows: [Int],
        length: Int,
        _ combine: Combination
    ) throws(TranslationProblem) -> TranslatedValue {
        guard !rows.isEmpty else { return x }
        let count = x.sizes.reduce(1, *) / length
        try onnx.translation.take(count * length)
        if var data = x.constant, let numbers = updates.constant {
            for (row, target) in rows.enumerated() {
                for i in 0..<length {
                    let (old, new) = (data.values[target * length + i], numbers.values[row * length + i])
                    data.values[target * length + i] =
                        combine.function.map { $0(old, new, isWhole: false) } ?? new
                }
            }
            return .constant(data)
        }
        let old = try onnx.translation.reshape(x, to: [count, length])
        let new = try onnx.translation.reshape(updates, to: [rows.count, length])
        guard let function = combine.function else {
            // The last update of a row counts.
            var sources = Array(0..<count)
            for (update, target) in rows.enumerated() { sources[target] = count + update }
            let all = try onnx.translation.concatenate([old, new], axis: 0)
            return try onnx.translation.reshape(try taken(&onnx, all, sources), to: x.sizes)
        }
        // Updates of the same row come one after the other; rows without one meet a number that changes nothing.
        let nothing = ConstantTensor(
            elementType: x.elementType, shape: [1, length],
            values: [Double](repeating: combine.neutral, count: length))
        let all = try onnx.translation.concatenate([new, .constant(nothing)], axis: 0)
        var result = old
        var left = Array(rows.enumerated())
        for _ in 0..<8 where !left.isEmpty {
            var sources = [Int](repeating: rows.count, count: count)
            var later: [(offset: Int, element: Int)] = []
            for (update, target) in left {
                if sources[target] == rows.count {
                    sources[target] = update
                } else {
                    later.append((update, target))
                }
            }
            result = try onnx.translation.binary(function, result, try taken(&onnx, all, sources))
            left = later
        }
        guard left.isEmpty else { throw TranslationProblem("it writes a place more than 8 times") }
        return try onnx.translation.reshape(result, to: x.sizes)
    }

    private static func taken(
        _ onnx: inout ONNXTranslation, _ x: TranslatedValue, _ rows: [Int]
    ) throws(TranslationProblem) -> TranslatedValue {
        let list = ConstantTensor(elementType: .i64, shape: [rows.count], values: rows.map { Double($0) })
        return try onnx.translation.gather(x, indices: .constant(list), axis: 0)
    }
}
