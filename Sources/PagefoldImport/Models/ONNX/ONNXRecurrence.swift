// LSTM, GRU and RNN: gates in PyTorch's order, directions and layouts taken apart, one sequence at a time.

enum ONNXRecurrence {
    static let operators: [String: ONNXOperator] = [
        "LSTM": .several { (onnx, call) throws(TranslationProblem) in try layer(&onnx, call, .lstm) },
        "GRU": .several { (onnx, call) throws(TranslationProblem) in
            try layer(&onnx, call, .gru(linearBeforeReset: try call.flag("linear_before_reset")))
        },
        "RNN": .several { (onnx, call) throws(TranslationProblem) in try layer(&onnx, call, .plain) },
    ]

    private static func damaged(_ text: String) -> TranslationProblem {
        TranslationProblem(text, "the file is damaged; copy it again")
    }

    /// Sequences that are run one after the other, each with all the weights once more.
    private static let mostSequences = 16

    /// What a layer is made of.
    private struct Layer {
        let kind: RecurrentKind
        let units: Int
        let isReversed: [Bool]
        /// Whether samples stand before moments.
        let isBatchFirst: Bool
        /// Of each direction.
        let weights: [ONNXRecurrentWeights]
    }

    static func layer(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall, _ kind: RecurrentKind
    ) throws(TranslationProblem) -> [ONNXValue] {
        let layer = try read(call, kind)
        let x = try call.x()
        guard x.sizes.count == 3 else { throw damaged("it reads \(x.sizes)") }
        guard x.constant != nil else { return try Self.layer(&onnx, call, layer, x) }
        // Of constants, result by result.
        var results: [ONNXValue] = []
        for index in 0..<(kind == .lstm ? 3 : 2) {
            var inner = onnx
            results.append(
                ONNXValue(
                    try onnx.translation.evaluated([x]) { (translation, values) throws(TranslationProblem) in
                        inner.translation = translation
                        let result = try Self.layer(&inner, call, layer, values[0])[index].value
                        translation = inner.translation
                        return result
                    }))
        }
        return results
    }

    private static func layer(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall, _ layer: Layer, _ operand: TranslatedValue
    ) throws(TranslationProblem) -> [ONNXValue] {
        let kind = layer.kind
        var x = operand
        // [samples][moments][features]
        if !layer.isBatchFirst { x = try onnx.translation.transpose(x, axes: [1, 0, 2]) }
        let (samples, moments, features) = (x.sizes[0], x.sizes[1], x.sizes[2])
        // Whatever takes fewer copies of the weights.
        let isUnrolled = moments < samples && moments <= ONNXUnrolling.mostMoments
        guard samples >= 1, isUnrolled || samples <= mostSequences else {
            throw TranslationProblem(
                "it reads \(samples) sequences of \(moments) moments at a time",
                "export the model with batch size 1")
        }
        if let lengths = call.optional(4) {
            guard lengths.constant?.values.allSatisfy({ $0 == Double(moments) }) ?? false else {
                throw TranslationProblem(
                    "sequence_lens differs from the number of moments, \(moments)",
                    "export the model without sequence_lens")
            }
        }
        let hidden = try states(&onnx, call.optional(5), layer, samples)
        let cells = try states(&onnx, kind == .lstm ? call.optional(6) : nil, layer, samples)
        if isUnrolled { return try unrolled(&onnx, layer, x, hidden, cells) }
        var sequences: [TranslatedValue] = []
        var lastHidden: [TranslatedValue] = []
        var lastCells: [TranslatedValue] = []
        for sample in 0..<samples {
            let sequence = try onnx.translation.reshape(
                try onnx.translation.slice(x, axis: 0, start: sample, count: 1), to: [moments, features])
            for (direction, weights) in layer.weights.enumerated() {
                func state(_ all: TranslatedValue?) throws(TranslationProblem) -> TranslatedValue? {
                    guard let all else { return nil }
                    let row = try onnx.translation.slice(all, axis: 0, start: direction, count: 1)
                    return try onnx.translation.reshape(
                        try onnx.translation.slice(row, axis: 1, start: sample, count: 1), to: [layer.units])
                }
                let result = try onnx.translation.recurrent(
                    kind, sequence, inputWeight: weights.input, recurrentWeight: weights.recurrent,
                    inputBias: weights.inputBias, recurrentBias: weights.recurrentBias,
                    initialHidden: try state(hidden), initialCell: try state(cells),
                    isReversed: layer.isReversed[direction])
                sequences.append(result.sequence)
                lastHidden.append(result.lastHidden)
                if let cell = result.lastCell { lastCells.append(cell) }
            }
        }
        var results = [
            ONNXValue(
                try output(&onnx, sequences, layer, samples, moments), range: ONNXBounds(low: -1, high: 1)),
            ONNXValue(try last(&onnx, lastHidden, layer, samples), range: ONNXBounds(low: -1, high: 1)),
        ]
        if kind == .lstm { results.append(ONNXValue(try last(&onnx, lastCells, layer, samples))) }
        return results
    }

    private static func unrolled(
        _ onnx: inout ONNXTranslation, _ layer: Layer, _ x: TranslatedValue, _ hidden: TranslatedValue?,
        _ cells: TranslatedValue?
    ) throws(TranslationProblem) -> [ONNXValue] {
        let (samples, moments) = (x.sizes[0], x.sizes[1])
        var parts: [[TranslatedValue]] = [[], [], []]
        for (direction, weights) in layer.weights.enumerated() {
            func state(_ all: TranslatedValue?) throws(TranslationProblem) -> TranslatedValue? {
                guard let all else { return nil }
                return try onnx.translation.reshape(
                    try onnx.translation.slice(all, axis: 0, start: direction, count: 1),
                    to: [samples, layer.units])
            }
            let result = try ONNXUnrolling.layer(
                &onnx, layer.kind, x, weights, units: layer.units, hidden: try state(hidden),
                cell: try state(cells), isReversed: layer.isReversed[direction])
            parts[0].append(
                try onnx.translation.reshape(result.sequence, to: [samples, moments, 1, layer.units]))
            parts[1].append(try onnx.translation.reshape(result.hidden, to: [samples, 1, layer.units]))
            parts[2].append(try onnx.translation.reshape(result.cell, to: [samples, 1, layer.units]))
        }
        var results: [ONNXValue] = []
        for (index, list) in parts.enumerated() where index < 2 || layer.kind == .lstm {
            let whole = try onnx.translation.concatenate(list, axis: index == 0 ? 2 : 1)
            let order = index == 0 ? [1, 2, 0, 3] : [1, 0, 2]
            results.append(
                ONNXValue(layer.isBatchFirst ? whole : try onnx.translation.transpose(whole, axes: order)))
        }
        return results
    }

    // MARK: Attributes and weights

    private static func read(_ call: ONNXCall, _ kind: RecurrentKind) throws(TranslationProblem) -> Layer {
        let direction = try call.text("direction", "forward")
        let isReversed: [Bool]
        switch direction {
        case "forward": isReversed = [false]
        case "reverse": isReversed = [true]
        case "bidirectional": isReversed = [false, true]
        default: throw call.refuse("direction", direction)
        }
        let usual: [String] =
            switch kind {
            case .lstm: ["Sigmoid", "Tanh", "Tanh"]
            case .gru: ["Sigmoid", "Tanh"]
            case .plain: ["Tanh"]
            }
        let functions = try call.texts("activations") ?? []
        let due = isReversed.flatMap { _ in usual }
        guard functions.isEmpty || functions == due || functions == usual else {
            throw call.refuse(
                "activations", functions.joined(separator: ", "), "train it with the usual activations")
        }
        if call.has("clip") { throw call.refuse("clip", "\(try call.number("clip", 0))") }
        if try call.flag("input_forget") { throw call.refuse("input_forget", "1") }
        if kind == .lstm, let peepholes = call.optional(7) {
            guard peepholes.constant?.values.allSatisfy({ $0 == 0 }) ?? false else {
                throw TranslationProblem("peepholes are not supported", "train the layer without peepholes")
            }
        }
        let (input, recurrent) = (
            try call.constant(1, "its weight"), try call.constant(2, "its recurrent weight")
        )
        let bias = try call.optionalConstant(3, "its bias")
        guard recurrent.shape.count == 3, let units = recurrent.shape.last, (1...1 << 16).contains(units)
        else {
            throw damaged("its recurrent weight is \(recurrent.shape)")
        }
        let order = gateOrder(kind)
        let (directions, rows) = (isReversed.count, order.count * units)
        guard input.shape.count == 3, input.shape[0] == directions, input.shape[1] == rows,
            recurrent.shape == [directions, rows, units], try call.integer("hidden_size", units) == units,
            bias.map({ $0.shape == [directions, 2 * rows] }) ?? true
        else {
            throw damaged(
                "its weights are \(input.shape) and \(recurrent.shape), its bias \(bias?.shape ?? []), for \(directions) directions of \(units) units"
            )
        }
        let features = input.shape[2]
        /// Gates of one direction in this project's order.
        func gates(_ tensor: ConstantTensor, from start: Int, columns: Int, shape: [Int]) -> ConstantTensor {
            var values: [Double] = []
            values.reserveCapacity(rows * columns)
            for gate in order {
                let first = start + gate * units * columns
                values += tensor.values[first..<first + units * columns]
            }
            return ConstantTensor(elementType: tensor.elementType, shape: shape, values: values)
        }
        let weights = (0..<directions).map { direction in
            ONNXRecurrentWeights(
                input: gates(
                    input, from: direction * rows * features, columns: features, shape: [rows, features]),
                recurrent: gates(
                    recurrent, from: direction * rows * units, columns: units, shape: [rows, units]),
                inputBias: bias.map { gates($0, from: direction * 2 * rows, columns: 1, shape: [rows]) },
                recurrentBias: bias.map {
                    gates($0, from: (direction * 2 + 1) * rows, columns: 1, shape: [rows])
                })
        }
        return Layer(
            kind: kind, units: units, isReversed: isReversed, isBatchFirst: try call.flag("layout"),
            weights: weights)
    }

    /// Which of ONNX's gates (i o f c; z r h) are i f g o and r z n.
    private static func gateOrder(_ kind: RecurrentKind) -> [Int] {
        switch kind {
        case .lstm: [0, 2, 3, 1]
        case .gru: [1, 0, 2]
        case .plain: [0]
        }
    }

    // MARK: States and results

    /// A first state as [directions][samples][units].
    private static func states(
        _ onnx: inout ONNXTranslation, _ x: TranslatedValue?, _ layer: Layer, _ samples: Int
    ) throws(TranslationProblem) -> TranslatedValue? {
        guard var x else { return nil }
        if layer.isBatchFirst, x.sizes.count == 3 { x = try onnx.translation.transpose(x, axes: [1, 0, 2]) }
        guard x.sizes == [layer.isReversed.count, samples, layer.units] else {
            throw damaged("its first state is \(x.sizes)")
        }
        return x
    }

    /// [moments][directions][samples][units], or samples first.
    private static func output(
        _ onnx: inout ONNXTranslation, _ parts: [TranslatedValue], _ layer: Layer, _ samples: Int,
        _ moments: Int
    ) throws(TranslationProblem) -> TranslatedValue {
        let directions = layer.isReversed.count
        var all: [TranslatedValue] = []
        for sample in 0..<samples {
            var own: [TranslatedValue] = []
            for part in parts[sample * directions..<(sample + 1) * directions] {
                own.append(try onnx.translation.reshape(part, to: [1, moments, 1, layer.units]))
            }
            all.append(try onnx.translation.concatenate(own, axis: 2))
        }
        // [samples][moments][directions][units]
        let whole = try onnx.translation.concatenate(all, axis: 0)
        return layer.isBatchFirst ? whole : try onnx.translation.transpose(whole, axes: [1, 2, 0, 3])
    }

    /// [directions][samples][units], or samples first.
    private static func last(
        _ onnx: inout ONNXTranslation, _ parts: [TranslatedValue], _ layer: Layer, _ samples: Int
    ) throws(TranslationProblem) -> TranslatedValue {
        var rows: [TranslatedValue] = []
        for part in parts { rows.append(try onnx.translation.reshape(part, to: [1, layer.units])) }
        let joined = try onnx.translation.concatenate(rows, axis: 0)
        let whole = try onnx.translation.reshape(joined, to: [samples, layer.isReversed.count, layer.units])
        return layer.isBatchFirst ? whole : try onnx.translation.transpose(whole, axes: [1, 0, 2])
    }
}
