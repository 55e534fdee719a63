// Runs a program step by step in plain Swift: slow by design, no allocation while it runs, no operating system. It is
// the oracle of the fast kernels and the engine of last resort; it reads every weight in place. What each operation
// computes is in Operations/.

/// Runs one sample at a time in an arena that the caller owns.
public struct Interpreter {
    private let program: Program
    private let weights: WeightView
    private let arena: UnsafeMutableRawPointer
    private let places: [Int]
    private let states: UnsafeMutablePointer<Float>?

    /// - Parameters:
    ///   - program: a validated program (`Program.validate`).
    ///   - arena: at least `program.arenaCount` floats, or as the plan says. Between runs they may be used for something
    ///     else.
    ///   - states: `program.stateCount` floats, one state behind the other: zeros before the first run, left alone between
    ///     runs. Needed where the program has states.
    ///   - plan: of this program, where another engine shares the arena.
    public init(
        program: Program, weights: WeightView, arena: UnsafeMutablePointer<Float>,
        states: UnsafeMutablePointer<Float>? = nil, plan: ArenaPlan? = nil
    ) {
        precondition(states != nil || program.states.isEmpty, "a program with states needs memory for them")
        self.program = program
        self.weights = weights
        self.arena = UnsafeMutableRawPointer(arena)
        self.states = states
        places = (plan ?? ArenaPlan(program)).values
    }

    /// The only input, to be filled before `run`: `program.inputShape` in CHW order.
    public var input: UnsafeMutablePointer<Float> { value(0) }
    /// The only answer after `run`: `program.outputCount` numbers.
    public var output: UnsafeMutablePointer<Float> { value(program.output) }
    /// The scores before softmax of the only answer, valid after `run`.
    public var logits: UnsafeMutablePointer<Float> { value(program.logits) }

    /// An input, to be filled before `run`: the shape of value `index` in CHW order.
    public func input(at index: Int) -> UnsafeMutablePointer<Float> {
        precondition(index < program.inputs, "there is no such input")
        return value(index)
    }
    /// An answer after `run`: as many numbers as its value has.
    public func output(at index: Int) -> UnsafeMutablePointer<Float> { value(program.outputs[index].value) }

    private func value(_ index: Int) -> UnsafeMutablePointer<Float> {
        (arena + places[index]).assumingMemoryBound(to: Float.self)
    }

    /// Computes all steps.
    public func run() {
        bringStates()
        for step in program.steps { run(step) }
        keepStates()
    }

    /// Puts the states where steps read them. Before the first step.
    package func bringStates() {
        guard var state = states else { return }
        for index in 0..<program.states.count {
            let count = program.stateShape(index).count
            value(program.inputs + index).update(from: state, count: count)
            state += count
        }
    }

    /// Takes what the states have become. After the last step.
    package func keepStates() {
        guard var state = states else { return }
        for index in 0..<program.states.count {
            let count = program.stateShape(index).count
            state.update(from: value(program.states[index]), count: count)
            state += count
        }
    }

    /// Computes one step, for engines that have kernels for the others.
    package func run(_ step: Step) {
        let second = Int(step.secondInput == Step.none16 ? step.input : step.secondInput)
        let spec = step.opcode.spec
        let run = StepRun(
            step: step, x: value(Int(step.input)), xShape: program.values[Int(step.input)],
            second: value(second), secondShape: program.values[second], y: value(Int(step.output)),
            yShape: program.values[Int(step.output)], weights: weights)
        spec.run(run)
        if spec.fields.contains(.activation) { run.activate() }
    }
}
