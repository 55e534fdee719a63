// Recurrent layers of foreign graphs.

import PagefoldCore
import PagefoldData
import PagefoldGraph

/// The cell of a recurrent layer.
enum RecurrentKind: Hashable {
    case plain, lstm
    /// - linearBeforeReset: the reset gate multiplies what the recurrent weights give, not what they read.
    case gru(linearBeforeReset: Bool)
}

/// What a recurrent layer gives.
struct RecurrentResult {
    /// [moments][units]
    var sequence: TranslatedValue
    /// [units]: of the moment that was computed last.
    var lastHidden: TranslatedValue
    /// [units], of an LSTM.
    var lastCell: TranslatedValue?
}

extension Translation {
    /// - Parameters:
    ///   - x: [moments][features].
    ///   - inputWeight: [gates · units][features]; gates of LSTM i, f, g, o, of GRU r, z, n.
    ///   - recurrentWeight: [gates · units][units].
    ///   - inputBias, recurrentBias: [gates · units].
    ///   - initialHidden, initialCell: [units].
    mutating func recurrent(
        _ kind: RecurrentKind, _ x: TranslatedValue, inputWeight: ConstantTensor,
        recurrentWeight: ConstantTensor,
        inputBias: ConstantTensor?, recurrentBias: ConstantTensor?, initialHidden: TranslatedValue?,
        initialCell: TranslatedValue?, isReversed: Bool
    ) throws(TranslationProblem) -> RecurrentResult {
        let form = RecurrentForm(kind.cell, isReversed: isReversed)
        guard x.sizes.count == 2, recurrentWeight.shape.count == 2, let units = recurrentWeight.shape.last,
            units > 0,
            recurrentWeight.shape[0] == form.gates * units,
            inputWeight.shape == [form.gates * units, x.sizes[1]]
        else {
            throw TranslationProblem(
                "its weights are \(inputWeight.shape) and \(recurrentWeight.shape), its operand \(x.sizes)")
        }
        let (moments, features) = (x.sizes[0], x.sizes[1])
        let rows = form.gates * units
        var weights: [Double] = []
        weights.reserveCapacity(rows * (features + units))
        for row in 0..<rows {
            weights += inputWeight.values[row * features..<(row + 1) * features]
            weights += recurrentWeight.values[row * units..<(row + 1) * units]
        }
        var parameters = [try parameter(.weight, [rows, features + units], weights)]
        if inputBias != nil || recurrentBias != nil {
            let zeros = [Double](repeating: 0, count: rows)
            let (first, second) = (inputBias?.values ?? zeros, recurrentBias?.values ?? zeros)
            guard first.count == rows, second.count == rows else {
                throw TranslationProblem(
                    "its biases have \(first.count) and \(second.count) numbers, \(rows) are due")
            }
            var biases = zip(first, second).map { $0 + $1 }
            if kind.cell == .gru {
                // The candidate's two biases stand apart.
                biases.replaceSubrange(2 * units..<3 * units, with: first[(2 * units)...])
                biases += second[(2 * units)...]
            }
            parameters.append(try parameter(.bias, [biases.count], biases))
        }
        let operand = try grouped(try computed(x), [[0], [1]]).node
        var inputs = [operand]
        if let state = try firstState(kind, units, initialHidden, initialCell) { inputs.append(state) }
        let node = try append(.recurrent(form, units: units), inputs, parameters)
        let whole = TranslatedValue.computed(
            ComputedValue(node: node, layout: AxisLayout([moments, form.results * units])))
        let sequence = try slice(whole, axis: 1, start: 0, count: units)
        let last = try slice(whole, axis: 0, start: isReversed ? 0 : moments - 1, count: 1)
        return RecurrentResult(
            sequence: sequence,
            lastHidden: try reshape(try slice(last, axis: 1, start: 0, count: units), to: [units]),
            lastCell: kind == .lstm
                ? try reshape(try slice(last, axis: 1, start: units, count: units), to: [units]) : nil)
    }

    /// A node with the first state; nil where it is zeros.
    private mutating func firstState(
        _ kind: RecurrentKind, _ units: Int, _ hidden: TranslatedValue?, _ cell: TranslatedValue?
    ) throws(TranslationProblem) -> Int? {
        func isZero(_ x: TranslatedValue?) -> Bool {
            x?.constant?.values.allSatisfy { $0 == 0 } ?? (x == nil)
        }
        if isZero(hidden), kind != .lstm || isZero(cell) { return nil }
        let zeros = TranslatedValue.constant(
            ConstantTensor(elementType: .f32, shape: [units], values: [Double](repeating: 0, count: units)))
        var parts: [TranslatedValue] = []
        for part in kind == .lstm ? [hidden, cell] : [hidden] {
            guard (part ?? zeros).sizes.reduce(1, *) == units else {
                throw TranslationProblem(
                    "begins with a state of \((part ?? zeros).sizes), \(units) numbers are due")
            }
            parts.append(try reshape(part ?? zeros, to: [units]))
        }
        return try rowMajor(try computed(try concatenate(parts, axis: 0))).node
    }
}

extension RecurrentKind {
    fileprivate var cell: RecurrentForm.Cell {
        switch self {
        case .plain: .plain
        case .lstm: .lstm
        case .gru(let linearBeforeReset): linearBeforeReset ? .gru : .gruResetFirst
        }
    }
}
