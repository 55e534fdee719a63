// Runs a program step by step in plain Swift: slow by design, no allocation while it runs, no operating system. It is
// the oracle of the fast kernels and the engine of last resort; it reads every weight in place. What each operation
// computes is in Operations/.

/// Runs one sample at a time in an arena that the caller owns.
public struct Interpreter {
    private let program: Program
    private let weights: WeightView
    private let arena: UnsafeMutableRawPointer
    private let places: [Int]

    /// - Parameters:
    ///   - program: a validated program (`Program.validate`).
    ///   - arena: at least `program.arenaCount` floats, or as the plan says.
    ///   - plan: of this program, where another engine shares the arena.
    public init(
        program: Program, weights: WeightView, arena: UnsafeMutablePointer<Float>, plan: ArenaPlan? = nil
    ) {
        self.program = program
        self.weights = weights
        self.arena = UnsafeMutableRawPointer(arena)
        places = (plan ?? ArenaPlan(program)).values
    }

    /// The input, to be filled before `run`: `program.inputShape` in CHW order.
    public var input: UnsafeMutablePointer<Float> { value(0) }
    /// The answer after `run`: `program.outputCount` numbers.
    public var output: UnsafeMutablePointer<Float> { value(program.output) }
    /// The scores before softmax, valid after `run`.
    public var logits: UnsafeMutablePointer<Float> { value(program.logits) }

    private func value(_ index: Int) -> UnsafeMutablePointer<Float> {
        (arena + places[index]).assumingMemoryBound(to: Float.self)
    }

    /// Computes all steps.
    public func run() {
        for step in program.steps { run(step) }
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
