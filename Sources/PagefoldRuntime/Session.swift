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
    private var interpreter: Interpreter

    /// - Parameter arena: as `FoldFile.session`.
    init(file: FoldFile, network index: Int, engine: Engine, arena given: UnsafeMutableRawBufferPointer?) {
        let view = file.reader.networks[index]
        text = view.text
        program = view.program
        plan = SessionPlan(view.program, engine)
        weights = SessionWeights(file, index)
        memory = SessionArena(bytes: plan.arenaBytes, given: given)
        interpreter = Interpreter(
            program: program, weights: view.weights, arena: memory.start, plan: plan.arena)
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
            program: program, weights: weights.view, arena: memory.start, plan: plan.arena)
    }

    /// The exclusive pages may leave memory; those of the network that runs next may come.
    public func unload() { weights.unload() }

    /// Asks the system to read the exclusive pages ahead, and returns at once: for the network that will run next.
    public func prefetch() { weights.prefetch() }

    // MARK: Running

    /// To be filled before `run()`: `program.inputShape` in CHW order, preprocessed as `text.preprocessing` says. What
    /// stands there is lost in a run.
    public var input: UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: interpreter.input, count: program.inputShape.count)
    }

    /// The answer after `run()`: `program.outputCount` numbers, probabilities where the network ends in softmax. Valid
    /// until the next run, and as long as the session is kept.
    public var output: UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(start: interpreter.output, count: program.outputCount)
    }

    /// Answers the sample in `input`. Allocates nothing and takes no lock.
    public func run() {
        precondition(isLoaded, "a session of cached exclusive pages is loaded before it runs")
        // By index: the iterator of an array allocates in a build that is not optimised.
        for index in 0..<plan.steps.count { run(plan.steps[index]) }
    }

    /// The answer to one sample.
    /// - Parameter sample: as `input`.
    /// - Returns: as `output`.
    public func run(_ sample: [Float]) -> [Float] {
        precondition(
            sample.count == program.inputShape.count, "a sample has \(program.inputShape.count) numbers")
        _ = input.update(fromContentsOf: sample)
        run()
        return Array(output)
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
