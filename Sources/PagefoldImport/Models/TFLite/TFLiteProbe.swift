// One turn of a loop, tried out: what it makes of numbers that are made up, and the weights that it has.

import PagefoldCore
import PagefoldGraph

/// A loop's body at two of its turns.
struct TFLiteProbe {
    /// Turns of the loop.
    let moments: Int
    /// Places of arguments that the body leaves alone and that are computed, and of those that it changes; without counters.
    private(set) var constantPlaces: [Int] = []
    private(set) var changingPlaces: [Int] = []
    /// Pairs of matrices that could be those of a recurrent layer.
    private(set) var layers: [TFLiteRecurrentLayer] = []
    private var trials: [Trial] = []

    private struct Trial {
        var turn: Int
        var before: [Int: [Double]] = [:]
        var after: [Int: [Double]] = [:]
    }

    private static let mostNumbers = 1 << 22
    private static let mostArguments = 16
    private static let tolerance = 2e-4

    /// Nil where the body cannot be translated.
    init?(_ loop: TFLiteLoop) {
        guard loop.arguments.count <= Self.mostArguments else { return nil }
        moments = loop.counters.count - 1
        let graph = loop.model.subgraphs[loop.body]
        let counting = loop.counters[moments]
        for place in loop.arguments.indices where counting[place] == nil {
            if graph.inputs[place] != graph.outputs[place] {
                changingPlaces.append(place)
            } else if loop.arguments[place].value.constant == nil {
                constantPlaces.append(place)
            }
        }
        let counts = (constantPlaces + changingPlaces).map { Translation.count(loop.arguments[$0].sizes) }
        guard !changingPlaces.isEmpty, counts.allSatisfy({ $0 != nil }),
            counts.reduce(0, { $0 + ($1 ?? 0) }) <= Self.mostNumbers
        else { return nil }
        for turn in Set([0, moments - 1]).sorted() {
            var body = TFLiteTranslation(model: loop.model, subgraph: loop.body, name: "turn")
            body.isTrial = true
            do throws(TranslationProblem) {
                for (place, tensor) in graph.inputs.enumerated() {
                    let argument = loop.arguments[place]
                    if counting[place] != nil {
                        body.frame.values[tensor] = loop.counters[turn][place]
                    } else if constantPlaces.contains(place) || changingPlaces.contains(place) {
                        body.frame.values[tensor] = TFLiteValue(
                            try body.translation.input(NetworkPort(name: "\(place)"), sizes: argument.sizes))
                    } else {
                        body.frame.values[tensor] = argument
                    }
                }
                body.run(for: changingPlaces.map { graph.outputs[$0] })
                guard body.problems.isEmpty, body.variables.isEmpty else { return nil }
                if turn == 0 { layers = TFLiteRecurrentLayer.all(in: &body) }
                for place in changingPlaces {
                    let value = try body.value(of: graph.outputs[place])
                    guard value.sizes.reduce(1, *) == loop.arguments[place].sizes.reduce(1, *) else {
                        return nil
                    }
                    try body.translation.output(value.value, NetworkPort(name: "\(place)", meaning: .raw))
                }
            } catch { return nil }
            guard let network = try? body.translation.finish().lowered(for: .inference),
                let trial = trial(network, turn)
            else { return nil }
            trials.append(trial)
        }
    }

    /// Runs a turn on numbers that are made up.
    private func trial(_ network: LoweredNetwork, _ turn: Int) -> Trial? {
        var result = Trial(turn: turn)
        var random = RandomSource(seed: 12)
        var inputs: [[Float]] = []
        for (index, port) in network.text.inputs.enumerated() {
            guard let place = Int(port.name) else { return nil }
            let outside = (0..<network.program.values[index].count).map { _ in Double(random.uniform(-1, 1)) }
            result.before[place] = outside
            inputs.append(outside.map { Float($0) })
        }
        for (answer, port) in zip(ModelRun(network).answer(to: inputs), network.text.outputs) {
            guard let place = Int(port.name) else { return nil }
            result.after[place] = answer.map { Double($0) }
        }
        return result
    }

    /// Numbers of an argument.
    func count(_ place: Int) -> Int { trials[0].before[place]?.count ?? 0 }

    private static func areEqual(_ a: ArraySlice<Double>, _ b: ArraySlice<Double>) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance }
    }

    /// Whether each turn is what a cell makes of the sequence's next moment.
    func isTurn(of cell: TFLiteCell, _ sequence: Int, _ hidden: Int, _ state: Int?) -> Bool {
        // A few units tell most cells that are others.
        [0..<min(2, cell.units), 0..<cell.units].allSatisfy { due in
            trials.allSatisfy { trial in
                let first = trial.turn * cell.features
                guard let x = trial.before[sequence], let h = trial.before[hidden],
                    let after = trial.after[hidden],
                    first + cell.features <= x.count
                else { return false }
                let c = state.flatMap { trial.before[$0] } ?? []
                let given = cell.turn(Array(x[first..<first + cell.features]), h, c, units: due)
                guard Self.areEqual(given.hidden[...], after[due]) else { return false }
                return state.flatMap { trial.after[$0] }.map { Self.areEqual(given.cell[...], $0[due]) }
                    ?? true
            }
        }
    }

    /// Whether an argument becomes the state of each turn.
    func isLast(_ place: Int, of hidden: Int) -> Bool {
        trials.allSatisfy { trial in
            guard let list = trial.after[place], let state = trial.after[hidden] else { return false }
            return Self.areEqual(list[...], state[...])
        }
    }

    /// Whether an argument is a list that gets the state of each turn at its place.
    func isList(_ place: Int, of hidden: Int) -> Bool {
        trials.allSatisfy { trial in
            guard let before = trial.before[place], let after = trial.after[place],
                let state = trial.after[hidden],
                before.count == after.count, after.count == moments * state.count
            else { return false }
            var due = before
            due.replaceSubrange(trial.turn * state.count..<(trial.turn + 1) * state.count, with: state)
            return Self.areEqual(due[...], after[...])
        }
    }
}
