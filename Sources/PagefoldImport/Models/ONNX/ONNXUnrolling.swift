// Recurrent layers over many sequences and few moments: written out moment by moment, all sequences side by side. A layer
// over one sequence is a node of its own.

import PagefoldData

/// One direction of a recurrent layer, gates in this project's order.
struct ONNXRecurrentWeights {
    /// [gates · units][features]
    let input: ConstantTensor
    /// [gates · units][units]
    let recurrent: ConstantTensor
    /// [gates · units]
    let inputBias: ConstantTensor?
    let recurrentBias: ConstantTensor?
}

enum ONNXUnrolling {
    /// Moments that are written out at most: each has the recurrent weights once more.
    static let mostMoments = 8

    /// - Parameters:
    ///   - x: [sequences][moments][features].
    ///   - hidden, cell: [sequences][units].
    /// - Returns: [sequences][moments][units], and the last states as [sequences][units].
    static func layer(
        _ onnx: inout ONNXTranslation, _ kind: RecurrentKind, _ x: TranslatedValue,
        _ weights: ONNXRecurrentWeights,
        units: Int, hidden: TranslatedValue?, cell: TranslatedValue?, isReversed: Bool
    ) throws(TranslationProblem) -> (
        sequence: TranslatedValue, hidden: TranslatedValue, cell: TranslatedValue
    ) {
        let (sequences, moments) = (x.sizes[0], x.sizes[1])
        func zeros() throws(TranslationProblem) -> TranslatedValue {
            guard let count = NumericArray.elementCount(of: [sequences, units]) else {
                throw TranslationProblem("it has \(units) units for \(sequences) sequences")
            }
            try onnx.translation.take(count)
            return .constant(
                ConstantTensor(
                    elementType: .f32, shape: [sequences, units], values: [Double](repeating: 0, count: count)
                ))
        }
        let none = hidden == nil || cell == nil ? try zeros() : nil
        guard var state = hidden ?? none, var memory = cell ?? none else {
            throw TranslationProblem("it has no first state", "the file is damaged; copy it again")
        }
        // What the operand gives, for all moments at once.
        let given = try onnx.translation.dense(x, weight: weights.input, bias: weights.inputBias)
        var results: [TranslatedValue] = []
        for moment in isReversed ? Array((0..<moments).reversed()) : Array(0..<moments) {
            let now = try onnx.translation.reshape(
                try onnx.translation.slice(given, axis: 1, start: moment, count: 1),
                to: [sequences, given.sizes[2]])
            switch kind {
            case .plain:
                state = try onnx.translation.unary(
                    .tanh, try sum(&onnx, now, try recurrent(&onnx, state, weights)))
            case .lstm:
                let gates = try sum(&onnx, now, try recurrent(&onnx, state, weights))
                (state, memory) = try lstm(&onnx, gates, memory, units)
            case .gru(let isLinear):
                state = try gru(&onnx, now, state, weights, units, isLinear: isLinear)
            }
            results.append(try onnx.translation.reshape(state, to: [sequences, 1, units]))
        }
        let sequence = try onnx.translation.concatenate(isReversed ? results.reversed() : results, axis: 1)
        return (sequence, state, memory)
    }

    private static func sum(
        _ onnx: inout ONNXTranslation, _ a: TranslatedValue, _ b: TranslatedValue
    ) throws(TranslationProblem) -> TranslatedValue { try onnx.translation.binary(.add, a, b) }

    private static func product(
        _ onnx: inout ONNXTranslation, _ a: TranslatedValue, _ b: TranslatedValue
    ) throws(TranslationProblem) -> TranslatedValue { try onnx.translation.binary(.multiply, a, b) }

    private static func recurrent(
        _ onnx: inout ONNXTranslation, _ state: TranslatedValue, _ weights: ONNXRecurrentWeights
    ) throws(TranslationProblem) -> TranslatedValue {
        try onnx.translation.dense(state, weight: weights.recurrent, bias: weights.recurrentBias)
    }

    private static func gate(
        _ onnx: inout ONNXTranslation, _ x: TranslatedValue, _ index: Int, _ units: Int
    ) throws(TranslationProblem) -> TranslatedValue {
        try onnx.translation.slice(x, axis: 1, start: index * units, count: units)
    }

    private static func lstm(
        _ onnx: inout ONNXTranslation, _ gates: TranslatedValue, _ cell: TranslatedValue, _ units: Int
    ) throws(TranslationProblem) -> (hidden: TranslatedValue, cell: TranslatedValue) {
        let input = try onnx.translation.unary(.sigmoid, try gate(&onnx, gates, 0, units))
        let forget = try onnx.translation.unary(.sigmoid, try gate(&onnx, gates, 1, units))
        let candidate = try onnx.translation.unary(.tanh, try gate(&onnx, gates, 2, units))
        let output = try onnx.translation.unary(.sigmoid, try gate(&onnx, gates, 3, units))
        let next = try sum(&onnx, try product(&onnx, forget, cell), try product(&onnx, input, candidate))
        return (try product(&onnx, output, try onnx.translation.unary(.tanh, next)), next)
    }

    private static func gru(
        _ onnx: inout ONNXTranslation, _ now: TranslatedValue, _ state: TranslatedValue,
        _ weights: ONNXRecurrentWeights, _ units: Int, isLinear: Bool
    ) throws(TranslationProblem) -> TranslatedValue {
        let both = try recurrent(&onnx, state, weights)
        let reset = try onnx.translation.unary(
            .sigmoid, try sum(&onnx, try gate(&onnx, now, 0, units), try gate(&onnx, both, 0, units)))
        let update = try onnx.translation.unary(
            .sigmoid, try sum(&onnx, try gate(&onnx, now, 1, units), try gate(&onnx, both, 1, units)))
        let inner: TranslatedValue
        if isLinear {
            inner = try product(&onnx, reset, try gate(&onnx, both, 2, units))
        } else {
            // The recurrent weights of the candidate read what the reset gate leaves.
            let rows = 2 * units..<3 * units
            let weight = ConstantTensor(
                elementType: .f32, shape: [units, units],
                values: Array(weights.recurrent.values[rows.lowerBound * units..<rows.upperBound * units]))
            let bias = weights.recurrentBias.map {
                ConstantTensor(elementType: .f32, shape: [units], values: Array($0.values[rows]))
            }
            inner = try onnx.translation.dense(try product(&onnx, reset, state), weight: weight, bias: bias)
        }
        let candidate = try onnx.translation.unary(
            .tanh, try sum(&onnx, try gate(&onnx, now, 2, units), inner))
        // (1 − z) · n + z · h
        let difference = try onnx.translation.binary(.subtract, state, candidate)
        return try sum(&onnx, candidate, try product(&onnx, update, difference))
    }
}
