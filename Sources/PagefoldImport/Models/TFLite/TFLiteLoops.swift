// Loops: those whose end is known while the file is read. A loop that is a recurrent layer becomes one; others are written
// out, turn by turn, where that is little. How a recurrent layer is known is TFLiteRecurrence's.

import PagefoldCore
import PagefoldData
import PagefoldGraph

extension TFLiteTranslation {
    private static let mostTurns = 4096
    /// Numbers that a loop may be written out into, and operators.
    private static let mostWeights = 1 << 20
    private static let mostOperators = 1 << 14

    mutating func loop(_ op: TFLiteOperator) throws(TranslationProblem) -> [TFLiteValue] {
        guard !isTrial else { throw TranslationProblem("is a loop within a loop") }
        let (condition, body) = (try op.options.int(0), try op.options.int(1))
        let arguments = try arguments(op, from: 0)
        guard model.subgraphs.indices.contains(condition), model.subgraphs.indices.contains(body),
            model.subgraphs[condition].inputs.count == arguments.count,
            model.subgraphs[condition].outputs.count == 1,
            model.subgraphs[body].inputs.count == arguments.count,
            model.subgraphs[body].outputs.count == arguments.count
        else {
            throw TranslationProblem(
                "its subgraphs do not fit its inputs", "the file is damaged; copy or download it again")
        }
        let turns = try turns(arguments, condition, body)
        guard let last = turns.last else { return arguments }
        let loop = TFLiteLoop(model: model, body: body, arguments: arguments, counters: turns)
        if let recurrence = TFLiteRecurrence(loop) {
            return try results(of: recurrence, loop, after: last)
        }
        return try written(op, loop)
    }

    /// What counts, before each turn and behind the last: for each place of the arguments that does, its value.
    private mutating func turns(
        _ arguments: [TFLiteValue], _ condition: Int, _ body: Int
    ) throws(TranslationProblem) -> [[Int: TFLiteValue]] {
        var counters: [Int: TFLiteValue] = [:]
        for (place, argument) in arguments.enumerated()
        where argument.value.constant.map({ $0.values.count <= 16 }) ?? false {
            counters[place] = argument
        }
        var turns: [[Int: TFLiteValue]] = []
        while true {
            guard let goesOn = known(condition, counters, [0])[0]?.value.constant, goesOn.values.count == 1
            else {
                throw TranslationProblem(
                    "when it ends is computed by the network",
                    "convert recurrent layers for sequences of a fixed length")
            }
            turns.append(counters)
            if goesOn.values[0] == 0 { return turns.count == 1 ? [] : turns }
            guard turns.count <= Self.mostTurns else {
                throw TranslationProblem(
                    "has more than \(Self.mostTurns) turns", "convert it for shorter sequences")
            }
            counters = known(body, counters, Array(counters.keys))
        }
    }

    /// Outputs of a subgraph that follow from the inputs that are known, alone.
    private mutating func known(
        _ subgraph: Int, _ inputs: [Int: TFLiteValue], _ places: [Int]
    ) -> [Int: TFLiteValue] {
        let graph = model.subgraphs[subgraph]
        var other = TFLiteTranslation(model: model, subgraph: subgraph, name: "loop")
        other.isTrial = true
        budget -= graph.cost
        other.budget = budget
        defer { budget = other.budget }
        guard budget > 0 else { return [:] }
        for (place, tensor) in graph.inputs.enumerated() {
            if let value = inputs[place] {
                other.frame.values[tensor] = value
            } else {
                other.frame.unknown.insert(tensor)
            }
        }
        other.run(for: places.map { graph.outputs[$0] })
        var result: [Int: TFLiteValue] = [:]
        for place in places {
            let tensor = graph.outputs[place]
            guard !other.frame.unknown.contains(tensor), let value = try? other.value(of: tensor),
                value.value.constant != nil
            else { continue }
            result[place] = value
        }
        return result
    }

    // MARK: Recurrent layers

    private mutating func results(
        of recurrence: TFLiteRecurrence, _ loop: TFLiteLoop, after last: [Int: TFLiteValue]
    ) throws(TranslationProblem) -> [TFLiteValue] {
        func argument(_ place: Int) -> TranslatedValue { loop.arguments[place].value }
        let cell = recurrence.cell
        let moments = loop.counters.count - 1
        let sequence = argument(recurrence.sequence)
        let x = try translation.reshape(
            sequence, to: [sequence.sizes.reduce(1, *) / cell.features, cell.features])
        let result = try translation.recurrent(
            cell.kind, try translation.slice(x, axis: 0, start: 0, count: moments),
            inputWeight: cell.inputWeight,
            recurrentWeight: cell.recurrentWeight, inputBias: cell.inputBias,
            recurrentBias: cell.recurrentBias,
            initialHidden: try translation.reshape(argument(recurrence.hidden), to: [cell.units]),
            initialCell: try recurrence.cellState.map { place throws(TranslationProblem) in
                try translation.reshape(argument(place), to: [cell.units])
            }, isReversed: false)
        var values = loop.arguments
        for (place, value) in last { values[place] = value }
        func give(_ place: Int, _ value: TranslatedValue) throws(TranslationProblem) {
            values[place] = TFLiteValue(try translation.reshape(value, to: loop.arguments[place].sizes))
        }
        try give(recurrence.hidden, result.lastHidden)
        if let place = recurrence.cellState, let value = result.lastCell { try give(place, value) }
        for place in recurrence.lists { try give(place, result.sequence) }
        for place in recurrence.lasts { try give(place, result.lastHidden) }
        return values
    }

    // MARK: Written out

    private mutating func written(
        _ op: TFLiteOperator, _ loop: TFLiteLoop
    ) throws(TranslationProblem) -> [TFLiteValue] {
        let graph = model.subgraphs[loop.body]
        let turns = loop.counters.count - 1
        let weights = graph.tensors.reduce(0) { sum, tensor in
            constants.hasNumbers(tensor)
                ? min(sum + min(NumericArray.elementCount(of: tensor.sizes) ?? 0, 1 << 24), 1 << 24) : sum
        }
        guard weights <= Self.mostWeights / turns, graph.operators.count <= Self.mostOperators / turns else {
            throw TranslationProblem(
                "it is no recurrent layer that is known here, and too large to be written out \(turns) times",
                "convert recurrent layers as Keras has them: with tanh and sigmoid, and for a fixed length")
        }
        var values = loop.arguments
        for turn in 0..<turns {
            for (place, value) in loop.counters[turn] { values[place] = value }
            guard let next = try call(loop.body, values) else { return noted(op) }
            values = next
        }
        for (place, value) in loop.counters[turns] { values[place] = value }
        return values
    }
}

/// A loop with a known number of turns.
struct TFLiteLoop {
    let model: TFLiteModel
    /// The subgraph that runs in each turn.
    let body: Int
    let arguments: [TFLiteValue]
    /// Before each turn and behind the last, what is known by place.
    let counters: [[Int: TFLiteValue]]
}
