// Recurrent layers that a converter wrote as a loop: the body has the weights, and what it computes is compared with what an
// LSTM or a GRU with these weights computes. Converters arrange the same cell in many ways; numbers do not care.

import PagefoldCore
import PagefoldGraph

/// The cell of a recurrent layer with its weights, gates in the order of `Translation.recurrent`.
struct TFLiteCell {
    var kind: RecurrentKind
    var inputWeight: ConstantTensor
    var recurrentWeight: ConstantTensor
    var inputBias: ConstantTensor
    var recurrentBias: ConstantTensor

    var units: Int { recurrentWeight.shape[1] }
    var features: Int { inputWeight.shape[1] }

    /// What one turn makes of some of the units, in double precision.
    func turn(
        _ x: [Double], _ hidden: [Double], _ cell: [Double], units due: Range<Int>
    ) -> (hidden: [Double], cell: [Double]) {
        let units = units
        func sum(_ weight: ConstantTensor, _ bias: ConstantTensor, _ x: [Double], _ gate: Int, _ unit: Int)
            -> Double
        {
            let row = gate * units + unit
            return x.indices.reduce(bias.values[row]) { $0 + weight.values[row * x.count + $1] * x[$1] }
        }
        func read(_ gate: Int, _ unit: Int) -> Double { sum(inputWeight, inputBias, x, gate, unit) }
        func fedBack(_ gate: Int, _ unit: Int, _ hidden: [Double]) -> Double {
            sum(recurrentWeight, recurrentBias, hidden, gate, unit)
        }
        func sigmoid(_ gate: Int, _ unit: Int) -> Double {
            UnaryFunction.sigmoid(read(gate, unit) + fedBack(gate, unit, hidden))
        }
        func tanh(_ x: Double) -> Double { UnaryFunction.tanh(x) }
        var result: (hidden: [Double], cell: [Double]) = ([], [])
        switch kind {
        case .lstm:
            for unit in due {
                let new = tanh(read(2, unit) + fedBack(2, unit, hidden))
                let state = sigmoid(1, unit) * cell[unit] + sigmoid(0, unit) * new
                result.cell.append(state)
                result.hidden.append(sigmoid(3, unit) * tanh(state))
            }
        default:
            let isLinear = kind == .gru(linearBeforeReset: true)
            let left = isLinear ? hidden : hidden.indices.map { sigmoid(0, $0) * hidden[$0] }
            for unit in due {
                let back = fedBack(2, unit, left)
                let new = tanh(read(2, unit) + (isLinear ? sigmoid(0, unit) * back : back))
                let update = sigmoid(1, unit)
                result.hidden.append((1 - update) * new + update * hidden[unit])
            }
        }
        return result
    }
}

/// A loop that is a recurrent layer, and which of its arguments is what.
struct TFLiteRecurrence {
    private(set) var cell: TFLiteCell
    /// Places of the arguments: the sequence that is read, the states, lists that get the state of each turn, and those that
    /// hold the last one alone.
    private(set) var sequence: Int
    private(set) var hidden: Int
    private(set) var cellState: Int?
    private(set) var lists: [Int] = []
    private(set) var lasts: [Int] = []

    /// Nil for other loops.
    init?(_ loop: TFLiteLoop) {
        guard let probe = TFLiteProbe(loop) else { return nil }
        for layer in probe.layers {
            for sequence in probe.constantPlaces where probe.count(sequence) == probe.moments * layer.features
            {
                for hidden in probe.changingPlaces where probe.count(hidden) == layer.units {
                    let others = probe.changingPlaces.filter {
                        $0 != hidden && probe.count($0) == layer.units
                    }
                    let states: [Int?] = layer.gates == 4 ? others.map { $0 } : [nil]
                    for cellState in states {
                        guard
                            let cell = layer.cell(where: {
                                probe.isTurn(of: $0, sequence, hidden, cellState)
                            })
                        else { continue }
                        self.init(cell: cell, sequence: sequence, hidden: hidden)
                        self.cellState = cellState
                        guard sortLists(probe) else { return nil }
                        return
                    }
                }
            }
        }
        return nil
    }

    private init(cell: TFLiteCell, sequence: Int, hidden: Int) {
        self.cell = cell
        self.sequence = sequence
        self.hidden = hidden
    }

    /// Whether everything else that changes is a list of the states, or the last of them.
    private mutating func sortLists(_ probe: TFLiteProbe) -> Bool {
        for place in probe.changingPlaces where place != hidden && place != cellState {
            if probe.isLast(place, of: hidden) {
                lasts.append(place)
            } else if probe.isList(place, of: hidden) {
                lists.append(place)
            } else {
                return false
            }
        }
        return true
    }
}
