// Definitions, in double precision, of tables and of layers that go through time, as their papers have them: one vector and
// one matrix after the other.

import Foundation
import PagefoldCore
import PagefoldGraph

extension ReferenceNetwork {
    static func embedded(_ numbers: [Double], _ table: [Double], _ rows: Int, _ length: Int) -> [Double] {
        numbers.flatMap { number in
            let row = Int(min(max(number, 0), Double(rows - 1)))
            return table[row * length..<(row + 1) * length]
        }
    }
}

/// A recurrent layer: its weights as a matrix for the features and one for the state, gate by gate.
struct ReferenceRecurrent {
    private let form: RecurrentForm
    private let units: Int
    private let shape: Shape
    private let weights: [Double]
    private let biases: [Double]

    init(_ form: RecurrentForm, _ units: Int, _ shape: Shape, _ w: [[Double]]) {
        self.form = form
        self.units = units
        self.shape = shape
        weights = w[0]
        biases = w.count > 1 ? w[1] : [Double](repeating: 0, count: form.biases * units)
    }

    func run(_ x: [Double], first: [Double]?) -> [Double] {
        let features = shape.height
        let zeros = [Double](repeating: 0, count: units)
        var h = first.map { Array($0[..<units]) } ?? zeros
        var c = first.map { $0.count > units ? Array($0[units...]) : zeros } ?? zeros
        var results = [[Double]](repeating: [], count: shape.channels)
        let order = form.isReversed ? Array((0..<shape.channels).reversed()) : Array(0..<shape.channels)
        for moment in order {
            let now = Array(x[moment * features..<(moment + 1) * features])
            results[moment] = step(now, &h, &c)
        }
        return Array(results.joined())
    }

    private func step(_ x: [Double], _ h: inout [Double], _ c: inout [Double]) -> [Double] {
        switch form.cell {
        case .plain:
            h = gate(0, x, h).map { tanh($0) }
            return h
        case .lstm:
            let (i, f) = (gate(0, x, h).map(sigmoid), gate(1, x, h).map(sigmoid))
            let (g, o) = (gate(2, x, h).map { tanh($0) }, gate(3, x, h).map(sigmoid))
            c = (0..<units).map { f[$0] * c[$0] + i[$0] * g[$0] }
            h = (0..<units).map { o[$0] * tanh(c[$0]) }
            return h + c
        case .gru:
            let (r, z) = (gate(0, x, h).map(sigmoid), gate(1, x, h).map(sigmoid))
            let input = sums(2, x, of: 0)
            let state = sums(2, h, of: x.count)
            let n = (0..<units).map {
                tanh(input[$0] + biases[2 * units + $0] + r[$0] * (state[$0] + biases[3 * units + $0]))
            }
            h = (0..<units).map { (1 - z[$0]) * n[$0] + z[$0] * h[$0] }
            return h
        case .gruResetFirst:
            let (r, z) = (gate(0, x, h).map(sigmoid), gate(1, x, h).map(sigmoid))
            let n = gate(2, x, zip(r, h).map(*)).map { tanh($0) }
            h = (0..<units).map { (1 - z[$0]) * n[$0] + z[$0] * h[$0] }
            return h + r
        }
    }

    private func gate(_ index: Int, _ x: [Double], _ h: [Double]) -> [Double] {
        let (input, state) = (sums(index, x, of: 0), sums(index, h, of: x.count))
        return (0..<units).map { input[$0] + state[$0] + biases[index * units + $0] }
    }

    /// A gate's matrix times a vector; its columns begin at `start`.
    private func sums(_ gate: Int, _ vector: [Double], of start: Int) -> [Double] {
        let length = shape.height + units
        return (0..<units).map { unit in
            let row = (gate * units + unit) * length + start
            return vector.indices.reduce(0) { $0 + weights[row + $1] * vector[$1] }
        }
    }

    private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
}
