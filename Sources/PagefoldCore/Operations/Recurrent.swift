// Layers that go through time: LSTM (Hochreiter and Schmidhuber 1997, with a forget gate), GRU (Cho et al. 2014), and the
// plain recurrent layer.

/// Which recurrent layer a step is, as `Step.mode` says it: bits 0 and 1 the cell, bit 2 the direction.
public struct RecurrentForm: Hashable, Sendable {
    /// Raw values are part of the fold file's format.
    public enum Cell: UInt8, Sendable, CaseIterable {
        /// h = tanh(W x + U h + b).
        case plain = 0
        /// Gates i, f, g, o in the order of the weights' rows.
        case lstm = 1
        /// Gates r, z, n; r multiplies what the recurrent weights of n give, with a bias of its own.
        case gru = 2
        /// Gates r, z, n; r multiplies the state before the recurrent weights of n see it.
        case gruResetFirst = 3
    }
    public var cell: Cell
    /// From the last moment to the first. Moments keep their places.
    public var isReversed: Bool

    public init(_ cell: Cell, isReversed: Bool = false) {
        self.cell = cell
        self.isReversed = isReversed
    }

    public init?(mode: UInt8) {
        guard mode < 8, let cell = Cell(rawValue: mode & 3) else { return nil }
        self.init(cell, isReversed: mode & 4 != 0)
    }

    public var mode: UInt8 { cell.rawValue | (isReversed ? 4 : 0) }
    /// Rows of weights for each unit.
    public var gates: Int {
        switch cell {
        case .plain: 1
        case .lstm: 4
        case .gru, .gruResetFirst: 3
        }
    }
    /// Numbers of the bias for each unit: GRU has a fourth, for what r multiplies.
    public var biases: Int { cell == .gru ? 4 : gates }
    /// Numbers of the result for each unit at each moment: the state h; behind all of them LSTM's cell c, or the gate r of
    /// a GRU that resets first.
    public var results: Int { cell == .lstm || cell == .gruResetFirst ? 2 : 1 }
    /// Numbers of the first state for each unit: h, and behind all of them LSTM's c.
    public var states: Int { cell == .lstm ? 2 : 1 }
}

extension OperationSpec {
    /// The operand is [moments][features]: channels and height. The second operand, where there is one, is the first state.
    static let recurrent = OperationSpec(
        "recurrent", operands: 1...2, fields: [.weights, .bias, .scale, .mode],
        rule: { (shapes) throws(StepProblem) in
            guard let form = RecurrentForm(mode: shapes.step.mode) else {
                throw StepProblem("there is no recurrent layer \(shapes.step.mode)")
            }
            guard shapes.x.width == 1, shapes.y.width == 1, shapes.y.height % form.results == 0,
                shapes.y.height > 0
            else { throw StepProblem("makes \(shapes.y) of \(shapes.x)") }
            let units = shapes.y.height / form.results
            // Lengths of rows and their number stay far from what an integer of 32 bits holds.
            guard units <= 1 << 14, shapes.x.height <= 1 << 16 else {
                throw StepProblem("\(units) units over \(shapes.x.height) features")
            }
            if let second = shapes.second, second.count != units * form.states {
                throw StepProblem("begins with \(second), \(units * form.states) numbers are due")
            }
            return Shape(channels: shapes.x.channels, height: shapes.y.height)
        },
        reads: { shapes in
            guard let form = RecurrentForm(mode: shapes.step.mode) else { return [] }
            let units = shapes.y.height / form.results
            return [
                ParameterSpec(.weight, [form.gates * units, shapes.x.height + units]),
                ParameterSpec(.bias, [form.biases * units], isOptional: true),
            ]
        },
        multiplyAdds: { shapes in
            guard let form = RecurrentForm(mode: shapes.step.mode) else { return 0 }
            let units = shapes.y.height / form.results
            return shapes.y.channels * form.gates * units * (shapes.x.height + units)
        },
        run: { run in
            guard let form = RecurrentForm(mode: run.step.mode) else { return }
            let layer = RecurrentRun(run, form)
            for moment in 0..<run.xShape.channels {
                layer.compute(
                    form.isReversed ? run.xShape.channels - 1 - moment : moment, isFirst: moment == 0)
            }
        })
}

/// A recurrent step at work, one unit after the other: nothing but the result is written.
private struct RecurrentRun {
    let run: StepRun
    let form: RecurrentForm
    let units: Int
    let features: Int
    let hasState: Bool

    init(_ run: StepRun, _ form: RecurrentForm) {
        self.run = run
        self.form = form
        units = run.yShape.height / form.results
        features = run.xShape.height
        hasState = run.step.secondInput != Step.none16
    }

    func compute(_ moment: Int, isFirst: Bool) {
        let x = run.x + moment * features
        let y = run.y + moment * run.yShape.height
        var before: UnsafePointer<Float>?
        if isFirst {
            before = hasState ? run.second : nil
        } else {
            before = UnsafePointer(y + (form.isReversed ? 1 : -1) * run.yShape.height)
        }
        if form.cell == .gruResetFirst {
            // All of r is needed before the first n.
            for j in 0..<units { y[units + j] = sigmoid(sum(0, j, x, before) + bias(0, j)) }
        }
        for j in 0..<units { computeUnit(j, x, before, y) }
    }

    private func computeUnit(
        _ j: Int, _ x: UnsafePointer<Float>, _ before: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>
    ) {
        func gate(_ g: Int) -> Float { sum(g, j, x, before) + bias(g, j) }
        switch form.cell {
        case .plain: y[j] = hyperbolicTangent(gate(0))
        case .lstm:
            let c =
                sigmoid(gate(1)) * (before?[units + j] ?? 0) + sigmoid(gate(0)) * hyperbolicTangent(gate(2))
            y[units + j] = c
            y[j] = sigmoid(gate(3)) * hyperbolicTangent(c)
        case .gru:
            let (r, z) = (sigmoid(gate(0)), sigmoid(gate(1)))
            let (input, recurrent) = parts(2, j, x, before)
            let n = hyperbolicTangent(input + bias(2, j) + r * (recurrent + bias(3, j)))
            y[j] = (1 - z) * n + z * (before?[j] ?? 0)
        case .gruResetFirst:
            let z = sigmoid(gate(1))
            let (input, recurrent) = parts(2, j, x, before, factors: y + units)
            y[j] = (1 - z) * hyperbolicTangent(input + recurrent + bias(2, j)) + z * (before?[j] ?? 0)
        }
    }

    private func sum(_ gate: Int, _ j: Int, _ x: UnsafePointer<Float>, _ before: UnsafePointer<Float>?)
        -> Float
    {
        let parts = parts(gate, j, x, before)
        return parts.input + parts.recurrent
    }

    /// A row's weighted sums of the features and of the state.
    private func parts(
        _ gate: Int, _ j: Int, _ x: UnsafePointer<Float>, _ before: UnsafePointer<Float>?,
        factors: UnsafePointer<Float>? = nil
    ) -> (input: Float, recurrent: Float) {
        let row = gate * units + j
        var weight = run.weights.cursor(at: Int(run.step.weights) + row * (features + units))
        var input: Float = 0
        for i in 0..<features { input += weight.next() * x[i] }
        var recurrent: Float = 0
        if let before { for i in 0..<units { recurrent += weight.next() * before[i] * (factors?[i] ?? 1) } }
        let scale = number(run.step.scale, row) ?? 1
        return (input * scale, recurrent * scale)
    }

    private func bias(_ gate: Int, _ j: Int) -> Float { number(run.step.bias, gate * units + j) ?? 0 }

    private func number(_ offset: UInt32, _ index: Int) -> Float? {
        guard offset != Step.none32 else { return nil }
        var cursor = run.weights.cursor(at: Int(offset) + index)
        return cursor.next()
    }

    private func sigmoid(_ x: Float) -> Float { 1 / (1 + exponential(-x)) }
}
