// Recurrent operators: LSTM and plain cells over a sequence, in one direction and in both. What they remember from run to
// run are variables.

import PagefoldCore
import PagefoldData
import PagefoldGraph

/// Where the tensors of an LSTM stand among an operator's inputs.
private struct LongShortTermMemoryPlaces {
    /// Gates in the order input, forget, cell, output.
    var input: [Int]
    var recurrent: [Int]
    var peepholes: [Int]
    var biases: [Int]
    var projection: Int
    var projectionBias: Int
    var hidden: Int
    var cell: Int
    var normalisation: [Int] = []

    static let single = LongShortTermMemoryPlaces(
        input: [1, 2, 3, 4], recurrent: [5, 6, 7, 8], peepholes: [9, 10, 11], biases: [12, 13, 14, 15],
        projection: 16, projectionBias: 17, hidden: 18, cell: 19, normalisation: [20, 21, 22, 23])
    static let forward = LongShortTermMemoryPlaces(
        input: [1, 2, 3, 4], recurrent: [5, 6, 7, 8], peepholes: [9, 10, 11], biases: [12, 13, 14, 15],
        projection: 16, projectionBias: 17, hidden: 35, cell: 36)
    static let backward = LongShortTermMemoryPlaces(
        input: [18, 19, 20, 21], recurrent: [22, 23, 24, 25], peepholes: [26, 27, 28],
        biases: [29, 30, 31, 32], projection: 33, projectionBias: 34, hidden: 37, cell: 38)
}

extension TFLiteTranslation {
    /// A sequence as [moments][features], and how to give it back.
    /// - Parameter isTimeMajor: whether moments are the first axis, or the one behind the batch.
    private mutating func sequence(
        _ op: TFLiteOperator, isTimeMajor: Bool
    ) throws(TranslationProblem) -> (x: TranslatedValue, sizes: [Int]) {
        let x = try operand(op, 0).value
        let sizes = x.sizes
        switch sizes.count {
        case 2:
            // One moment of a batch of one.
            guard sizes[0] == 1 else { throw TranslationProblem("its input is \(sizes), a batch") }
            return (x, [1])
        case 3:
            guard sizes[isTimeMajor ? 1 : 0] == 1 else {
                throw TranslationProblem("its input is \(sizes), a batch")
            }
            return (
                try translation.reshape(x, to: [sizes[isTimeMajor ? 0 : 1], sizes[2]]), [sizes[0], sizes[1]]
            )
        default: throw TranslationProblem("its input is \(sizes), not a sequence")
        }
    }

    // MARK: LSTM

    mutating func longShortTermMemory(
        _ op: TFLiteOperator, _ code: TFLiteCode
    ) throws(TranslationProblem) -> [TFLiteValue] {
        if code == .lstm, try op.options.choice(3) == 1 { return try basicCell(op) }
        let isTimeMajor = code == .lstm ? false : try op.options.flag(3)
        let (x, sizes) = try sequence(op, isTimeMajor: isTimeMajor)
        let result = try longShortTermMemory(op, .single, x, isReversed: false)
        return [try givenBack(result, sizes)]
    }

    private mutating func givenBack(
        _ x: TFLiteValue, _ sizes: [Int]
    ) throws(TranslationProblem) -> TFLiteValue {
        var x = x
        x.value = try translation.reshape(x.value, to: sizes + [x.sizes[1]])
        return x
    }

    mutating func bidirectionalLongShortTermMemory(
        _ op: TFLiteOperator
    ) throws(TranslationProblem) -> [TFLiteValue] {
        guard (39..<48).allSatisfy({ reference(op, $0) == nil }) else {
            throw TranslationProblem("reads a second sequence", "convert it without auxiliary input")
        }
        let (x, sizes) = try sequence(op, isTimeMajor: try op.options.flag(4, true))
        let forward = try givenBack(try longShortTermMemory(op, .forward, x, isReversed: false), sizes)
        let backward = try givenBack(try longShortTermMemory(op, .backward, x, isReversed: true), sizes)
        return try merged(forward, backward, try op.options.flag(3))
    }

    private mutating func merged(
        _ forward: TFLiteValue, _ backward: TFLiteValue, _ isMerged: Bool
    ) throws(TranslationProblem) -> [TFLiteValue] {
        guard isMerged else { return [forward, backward] }
        let value = try translation.concatenate(
            [forward.value, backward.value], axis: forward.sizes.count - 1)
        return [TFLiteValue(value, range: forward.range.union(backward.range))]
    }

    private mutating func longShortTermMemory(
        _ op: TFLiteOperator, _ places: LongShortTermMemoryPlaces, _ x: TranslatedValue, isReversed: Bool
    ) throws(TranslationProblem) -> TFLiteValue {
        guard try op.options.fused(0) == .tanh else {
            throw TranslationProblem("has another activation than tanh", "convert it with tanh")
        }
        for (list, what) in [
            (places.peepholes, "peephole connections"), (places.normalisation, "layer normalisation"),
        ] where list.contains(where: { reference(op, $0) != nil }) {
            throw TranslationProblem("has \(what)", "train it without")
        }
        // Converters write a limit of 10, where tanh is 1 anyway.
        let limit = try op.options.float(1)
        guard limit == 0 || limit >= 8 else {
            throw TranslationProblem("limits its cells to \(limit)", "train it without")
        }
        let input = try gates(op, places.input)
        var recurrent = try gates(op, places.recurrent)
        let biases = try biases(op, places)
        var projection: ConstantTensor?
        if reference(op, places.projection) != nil {
            // What is fed back is a product of the projection: weights that read it can read what it reads.
            let matrix = try constant(op, places.projection, "weights")
            guard reference(op, places.projectionBias) == nil, try op.options.float(2) == 0,
                matrix.shape.count == 2, recurrent.shape[1] == matrix.shape[0],
                case .constant(let product) = try translation.matrixProduct(
                    .constant(recurrent), .constant(matrix))
            else { throw TranslationProblem("has a projection with a bias or a limit", "train it without") }
            recurrent = product
            projection = matrix
        }
        let units = recurrent.shape[1]
        let (hidden, cell) = (
            try memory(op, places.hidden, units), try memory(op, places.cell, units)
        )
        let result = try translation.recurrent(
            .lstm, x, inputWeight: input, recurrentWeight: recurrent, inputBias: biases, recurrentBias: nil,
            initialHidden: hidden, initialCell: cell, isReversed: isReversed)
        try remember(op, places.hidden, result.lastHidden)
        if let last = result.lastCell { try remember(op, places.cell, last) }
        guard let projection else {
            return TFLiteValue(result.sequence, range: TFLiteRange(low: -1, high: 1))
        }
        return TFLiteValue(try translation.dense(result.sequence, weight: projection, bias: nil))
    }

    /// The matrices of four gates, one under the other. Without an input gate, that is what the forget gate leaves: its
    /// sigmoid of the negated sum.
    private mutating func gates(
        _ op: TFLiteOperator, _ places: [Int]
    ) throws(TranslationProblem) -> ConstantTensor {
        var parts: [ConstantTensor] = []
        for place in places.dropFirst() { parts.append(try constant(op, place, "weights")) }
        parts.insert(
            reference(op, places[0]) == nil
                ? parts[0].mapped { -$0 } : try constant(op, places[0], "weights"), at: 0)
        guard let shape = parts.first?.shape, shape.count == 2, parts.allSatisfy({ $0.shape == shape }) else {
            throw TranslationProblem(
                "its gates are \(parts.map(\.shape))", "the file is damaged; copy or download it again")
        }
        return ConstantTensor(
            elementType: .f32, shape: [4 * shape[0], shape[1]], values: parts.flatMap(\.values))
    }

    private mutating func biases(
        _ op: TFLiteOperator, _ places: LongShortTermMemoryPlaces
    ) throws(TranslationProblem) -> ConstantTensor? {
        var parts: [ConstantTensor?] = []
        for (gate, place) in places.biases.enumerated() {
            let weight = reference(op, places.input[gate]) == nil ? places.input[1] : places.input[gate]
            let bias = try bias(op, place, weight: weight)
            guard bias == nil || bias?.value.constant != nil else {
                throw TranslationProblem(
                    "its biases are computed by the network", "convert it with fixed biases")
            }
            parts.append(bias?.value.constant)
        }
        if reference(op, places.input[0]) == nil { parts[0] = parts[1]?.mapped { -$0 } }
        guard let first = parts.compactMap({ $0 }).first else { return nil }
        let zeros = [Double](repeating: 0, count: first.values.count)
        let values = parts.flatMap { $0?.values ?? zeros }
        return ConstantTensor(elementType: .f32, shape: [values.count], values: values)
    }

    /// The older cell: one matrix for everything, its state given and taken openly.
    private mutating func basicCell(_ op: TFLiteOperator) throws(TranslationProblem) -> [TFLiteValue] {
        let (x, _) = try sequence(op, isTimeMajor: false)
        let (hidden, cell) = (try operand(op, 1), try operand(op, 4))
        let weight = try constant(op, 2, "weights")
        guard weight.shape.count == 2, weight.shape[0] > 0, weight.shape[0] % 4 == 0,
            weight.shape[1] == x.sizes[1] + weight.shape[0] / 4
        else { throw TranslationProblem("its weights \(weight.shape) do not fit \(x.sizes)") }
        let (units, features) = (weight.shape[0] / 4, x.sizes[1])
        guard let bias = try bias(op, 3, weight: 2)?.value.constant, bias.values.count == 4 * units else {
            throw TranslationProblem("has no bias of \(4 * units) numbers")
        }
        // Gates stand in the order input, cell, forget, output.
        let order = [0, 2, 1, 3]
        let rows = order.flatMap { Array($0 * units..<($0 + 1) * units) }
        var (input, recurrent): ([Double], [Double]) = ([], [])
        for row in rows {
            let start = row * weight.shape[1]
            input += weight.values[start..<start + features]
            recurrent += weight.values[start + features..<start + weight.shape[1]]
        }
        func tensor(_ shape: [Int], _ values: [Double]) -> ConstantTensor {
            ConstantTensor(elementType: .f32, shape: shape, values: values)
        }
        let result = try translation.recurrent(
            .lstm, x, inputWeight: tensor([4 * units, features], input),
            recurrentWeight: tensor([4 * units, units], recurrent),
            inputBias: tensor([4 * units], rows.map { bias.values[$0] }), recurrentBias: nil,
            initialHidden: hidden.value, initialCell: cell.value, isReversed: false)
        let last = try result.lastCell.map { cell throws(TranslationProblem) in
            try translation.reshape(cell, to: [1, units])
        }
        return [TFLiteValue(try translation.reshape(result.lastHidden, to: [1, units]))]
            + (last.map { [TFLiteValue($0)] } ?? [])
    }

    // MARK: Plain cells

    mutating func plainRecurrence(
        _ op: TFLiteOperator, _ code: TFLiteCode
    ) throws(TranslationProblem) -> TFLiteValue {
        let isSequence = code == .unidirectionalSequenceRnn
        let isTimeMajor = isSequence ? try op.options.flag(0) : false
        let (x, sizes) = try sequence(op, isTimeMajor: isTimeMajor)
        let fused = try op.options.fused(isSequence ? 1 : 0)
        return try givenBack(try plain(op, first: 1, x, fused, isReversed: false), sizes)
    }

    mutating func bidirectionalPlainRecurrence(
        _ op: TFLiteOperator
    ) throws(TranslationProblem) -> [TFLiteValue] {
        guard (9...11).allSatisfy({ reference(op, $0) == nil }) else {
            throw TranslationProblem("reads a second sequence", "convert it without auxiliary input")
        }
        let (x, sizes) = try sequence(op, isTimeMajor: try op.options.flag(0))
        let fused = try op.options.fused(1)
        let forward = try givenBack(try plain(op, first: 1, x, fused, isReversed: false), sizes)
        let backward = try givenBack(try plain(op, first: 5, x, fused, isReversed: true), sizes)
        return try merged(forward, backward, try op.options.flag(2))
    }

    /// - Parameter first: place of the input's weights; recurrent weights, bias and state follow.
    private mutating func plain(
        _ op: TFLiteOperator, first: Int, _ x: TranslatedValue, _ fused: TFLiteFused, isReversed: Bool
    ) throws(TranslationProblem) -> TFLiteValue {
        let (input, recurrent) = (
            try constant(op, first, "weights"), try constant(op, first + 1, "weights")
        )
        guard recurrent.shape.count == 2, recurrent.shape[0] == recurrent.shape[1] else {
            throw TranslationProblem("its weights are \(recurrent.shape)")
        }
        let units = recurrent.shape[0]
        let (bias, _) = try split(try bias(op, first + 2, weight: first), count: units)
        let hidden = try memory(op, first + 3, units)
        if fused == .tanh {
            let result = try translation.recurrent(
                .plain, x, inputWeight: input, recurrentWeight: recurrent, inputBias: bias,
                recurrentBias: nil,
                initialHidden: hidden, initialCell: nil, isReversed: isReversed)
            try remember(op, first + 3, result.lastHidden)
            return TFLiteValue(result.sequence, range: fused.range)
        }
        guard x.sizes[0] == 1 else {
            throw TranslationProblem("has another activation than tanh", "convert it with tanh")
        }
        var value = try translation.dense(x, weight: input, bias: bias)
        if let hidden {
            let before = try translation.reshape(hidden, to: [1, units])
            value = try translation.binary(
                .add, value, try translation.dense(before, weight: recurrent, bias: nil))
        }
        switch fused {
        case .relu: value = try translation.unary(.relu, value)
        case .relu6: value = try translation.unary(.relu6, value)
        case .reluN1To1: value = try translation.unary(.clip(low: -1, high: 1), value)
        default: break
        }
        try remember(op, first + 3, value)
        return TFLiteValue(value, range: fused.range)
    }
}
