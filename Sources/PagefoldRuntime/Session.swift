// A network opened for running. Switching is to run another session: nothing is loaded, nothing is copied.

internal import CPagefoldKernels
public import PagefoldCore
internal import PagefoldEngine

/// One network of a fold file with an arena for its activations. Not for two threads at the same time: open one
/// session for each thread, which costs an arena and no weights.
public final class Session {
    /// What computes.
    public enum Engine: Sendable {
        /// Vector kernels.
        case kernels
        /// Plain Swift, slow: the oracle of the kernels.
        case interpreter
    }

    public let text: NetworkText
    public let program: Program
    private let plan: SessionPlan
    private var weights: SessionWeights
    private let memory: SessionArena
    private let states: SessionStates
    private var interpreter: Interpreter

    /// - Parameter arena: as `FoldFile.session`.
    init(file: FoldFile, network index: Int, engine: Engine, arena given: UnsafeMutableRawBufferPointer?) {
        let view = file.reader.networks[index]
        text = view.text
        program = view.program
        plan = SessionPlan(view.program, engine)
        weights = SessionWeights(file, index)
        memory = SessionArena(bytes: plan.arenaBytes, given: given)
        states = SessionStates(program)
        interpreter = Interpreter(
            program: program, weights: view.weights, arena: memory.start, states: states.start,
            plan: plan.arena)
    }

    /// The steps that the interpreter computes, which is slow, and why no kernel does.
    public var interpretedSteps: [InterpretedStep] { plan.interpreted }

    // MARK: Two levels of memory

    /// Whether the exclusive pages are where the kernels look for them.
    public var isLoaded: Bool { weights.isLoaded }

    /// Brings the network's exclusive pages into memory, where they stay until `unload()`. Needed before `run()` where
    /// the fold file was opened with exclusive pages cached; without effect otherwise.
    /// - Throws: `InputError` when networks that are loaded leave no room within the limit, or the file cannot be read.
    public func load() throws(InputError) {
        guard !isLoaded else { return }
        try weights.load()
        interpreter = Interpreter(
            program: program, weights: weights.view, arena: memory.start, states: states.start,
            plan: plan.arena)
    }

    /// The exclusive pages may leave memory; those of the network that runs next may come.
    public func unload() { weights.unload() }

    /// Asks the system to read the exclusive pages ahead, and returns at once: for the network that will run next.
    public func prefetch() { weights.prefetch() }

    // MARK: Inputs and outputs

    /// An input, to be filled before `run()`: as many numbers as value `index` of the program has, in CHW order, preprocessed
    /// as `text.inputs[index]` says. What stands there is lost in a run.
    public func input(at index: Int) -> UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: interpreter.input(at: index), count: program.values[index].count)
    }

    /// An answer after `run()`, in CHW order; probabilities where it ends in softmax. Valid until the next run, and as long
    /// as the session is kept.
    public func output(at index: Int) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(
            start: interpreter.output(at: index), count: program.values[program.outputs[index].value].count)
    }

    /// The input of that name, as `input(at:)`.
    /// - Throws: `InputError` naming those there are.
    public func input(_ name: String) throws(InputError) -> UnsafeMutableBufferPointer<Float> {
        input(at: try text.inputs.index(of: name, "input", network: text.name))
    }

    /// The output of that name, as `output(at:)`.
    /// - Throws: `InputError` naming those there are.
    public func output(_ name: String) throws(InputError) -> UnsafeBufferPointer<Float> {
        output(at: try text.outputs.index(of: name, "output", network: text.name))
    }

    /// The only input, as `input(at: 0)`; a network with several is asked by index or name.
    public var input: UnsafeMutableBufferPointer<Float> {
        precondition(program.inputs == 1, "the network has \(program.inputs) inputs: use input(at:)")
        return input(at: 0)
    }

    /// The only output, as `output(at: 0)`; a network with several is asked by index or name.
    public var output: UnsafeBufferPointer<Float> {
        precondition(
            program.outputs.count == 1, "the network has \(program.outputs.count) outputs: use output(at:)")
        return output(at: 0)
    }

    /// Bytes of the arena that a session of a network needs: its activations and the scratch of its kernels.
    /// - Parameters:
    ///   - program: a valid one, such as that of an open file or of a network that was lowered.
    ///   - engine: what computes.
    public static func arenaBytes(of program: Program, engine: Engine = .kernels) -> Int {
        SessionPlan(program, engine).arenaBytes
    }

    // MARK: Running

    /// Bytes that live between runs, the session's own whoever's the arena is.
    public var stateBytes: Int { states.bytes }

    /// Makes the states what they were before the first run: zeros.
    public func resetState() { states.reset() }

    /// Answers the sample in the inputs. Allocates nothing and takes no lock.
    public func run() {
        precondition(isLoaded, "a session of cached exclusive pages is loaded before it runs")
        interpreter.bringStates()
        // By index: the iterator of an array allocates in a build that is not optimised.
        for index in 0..<plan.steps.count { run(plan.steps[index]) }
        interpreter.keepStates()
    }

    /// The answer to one sample, of a network with one input and one output.
    /// - Parameter sample: as `input`.
    /// - Returns: as `output`.
    /// - Throws: `InputError` when the sample has another number of numbers, or the network several inputs or outputs.
    public func run(_ sample: [Float]) throws(InputError) -> [Float] {
        try program.requireSinglePorts(network: text.name, file: text.name)
        guard sample.count == program.inputShape.count else {
            throw InputError(
                file: text.name, field: "sample",
                problem: "\(sample.count) numbers, it takes \(program.inputShape)",
                remedy: "give samples of that shape")
        }
        _ = input.update(fromContentsOf: sample)
        run()
        return Array(output)
    }

    /// The answers to one sample, by names of inputs and outputs.
    /// - Throws: `InputError` when an input is missing, unknown or has another number of numbers.
    public func run(_ inputs: [String: [Float]]) throws(InputError) -> [String: [Float]] {
        for (index, numbers) in try text.ordered(inputs).enumerated() {
            let input = input(at: index)
            guard numbers.count == input.count else {
                throw InputError(
                    file: text.name, field: "input \(text.inputs[index].name)",
                    problem: "\(numbers.count) numbers, it takes \(program.values[index])",
                    remedy: "give samples of that shape")
            }
            _ = input.update(fromContentsOf: numbers)
        }
        run()
        var answers = [String: [Float]]()
        for (index, port) in text.outputs.enumerated() { answers[port.name] = Array(output(at: index)) }
        return answers
    }

    private func run(_ step: SessionStep) {
        // Read only: kernels are told a place, not given leave to write there.
        withUnsafePointer(to: weights.paged) { run(step, $0) }
    }

    private func run(_ step: SessionStep, _ weights: UnsafePointer<pf_paged_weights>) {
        guard let kernel = step.kernel else { return interpreter.run(step.step) }
        let arena = UnsafeMutableRawPointer(memory.start)
        kernel(
            SampleCall(
                x: UnsafePointer((arena + step.x).assumingMemoryBound(to: Float.self)),
                second: UnsafePointer((arena + step.second).assumingMemoryBound(to: Float.self)),
                y: (arena + step.y).assumingMemoryBound(to: Float.self), weights: weights,
                scratch: arena + plan.scratch))
    }
}
