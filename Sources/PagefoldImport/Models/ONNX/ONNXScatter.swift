// Operators that write some numbers of an array over, at known places.

enum ONNXScatter {
    static let operators: [String: ONNXOperator] = [
        "ScatterElements": .one(rule: scatterElements), "Scatter": .one(rule: scatterElements),
        "ScatterND": .one(rule: scatterND),
    ]

    private static func damaged(_ text: String) -> TranslationProblem { ONNXIndexing.damaged(text) }

    /// What becomes of a number that is written over.
    private static func combination(
        _ call: ONNXCall
    ) throws(TranslationProblem) -> (Double, Double) -> Double {
        let name = try call.text("reduction", "none")
        switch name {
        case "none": return { $1 }
        case "add": return { $0 + $1 }
        case "mul": return { $0 * $1 }
        case "max": return { max($0, $1) }
        case "min": return { min($0, $1) }
        default: throw call.refuse("reduction", name)
        }
    }

    private static func scatterElements(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let indices = try call.constant(1, "the places that it writes")
        var data = try call.constant(0, "what it writes into")
        let updates = try call.constant(2, "what it writes")
        let axis = try call.axis(0, rank: data.shape.count)
        let combine = try combination(call)
        guard updates.values.count == indices.values.count else { throw damaged("it has too few updates") }
        let targets = try ONNXIndexing.targets(
            indices, try ONNXIndexing.checked(indices, below: data.shape[axis]), axis: axis, in: data.shape)
        try onnx.translation.take(data.values.count)
        for (number, target) in targets.enumerated() {
            data.values[target] = combine(data.values[target], updates.values[number])
        }
        return .constant(data)
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
        if var data = x.constant, let numbers = updates.constant {
            let combine = try combination(call)
            try onnx.translation.take(data.values.count)
            for (row, start) in found.starts.enumerated() {
                for i in 0..<found.length {
                    data.values[start + i] = combine(data.values[start + i], numbers.values[row * found.length + i])
                }
            }
            return .constant(data)
        }
        guard try call.text("reduction", "none") == "none" else {
            throw call.refuse("reduction", try call.text("reduction", ""))
        }
        return try overwritten(&onnx, x, updates, rows: found.starts.map { $0 / found.length }, found.length)
    }

    /// Rows of an array with others in the place of some: runs of both, joined.
    private static func overwritten(
        _ onnx: inout ONNXTranslation, _ x: TranslatedValue, _ updates: TranslatedValue, rows: [Int], _ length: Int
    ) throws(TranslationProblem) -> TranslatedValue {
        let count = x.sizes.reduce(1, *) / length
        // The last update of a row counts.
        var sources = [Int](repeating: -1, count: count)
        for (update, row) in rows.enumerated() { sources[row] = update }
        let old = try onnx.translation.reshape(x, to: [count, length])
        let new = try onnx.translation.reshape(updates, to: [rows.count, length])
        var parts: [TranslatedValue] = []
        var row = 0
        while row < count {
            var end = row + 1
            let first = sources[row]
            while end < count, first < 0 ? sources[end] < 0 : sources[end] == first + end - row { end += 1 }
            guard parts.count < 64 else {
                throw TranslationProblem("it writes many places apart", "write runs of places that lie side by side")
            }
            parts.append(
                try onnx.translation.slice(
                    first < 0 ? old : new, axis: 0, start: first < 0 ? row : first, count: end - row))
            row = end
        }
        let joined = try onnx.translation.concatenate(parts, axis: 0)
        return try onnx.translation.reshape(joined, to: x.sizes)
    }
}
