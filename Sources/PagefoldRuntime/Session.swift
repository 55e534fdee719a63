// A network opened for running. Switching is to run another session: nothing is loaded, nothing is copied.

internal import CPagefoldKernels
public import PagefoldCore

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
    private let engine: Engine
    private let plan: SessionPlan
    private var weights: SessionWeights
    private let memory: SessionArena
    private var interpreter: Interpreter
    private var arena: UnsafeMutablePointer<Float> { memory.start }

    /// - Parameter arena: as `FoldFile.session`.
    init(file: FoldFile, network index: Int, engine: Engine, arena given: UnsafeMutableRawBufferPointer?) {
        let view = file.reader.networks[index]
        self.engine = engine
        text = view.text
        program = view.program
        plan = SessionPlan(view.program)
        weights = SessionWeights(file, index)
        memory = SessionArena(bytes: plan.arenaBytes, given: given)
        interpreter = Interpreter(program: program, weights: view.weights, arena: memory.start)
    }

    // MARK: Two levels of memory

    /// Whether the exclusive pages are where the kernels look for them.
    public var isLoaded: Bool { weights.isLoaded }

    /// Brings the network's exclusive pages into memory, where they stay until `unload()`. Needed before `run()` where
    /// the fold file was opened with exclusive pages cached; without effect otherwise.
    /// - Throws: `InputError` when networks that are loaded leave no room within the limit, or the file cannot be read.
    public func load() throws(InputError) {
        guard !isLoaded else { return }
        try weights.load()
        interpreter = Interpreter(program: program, weights: weights.view, arena: arena)
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
        guard engine == .kernels else { return interpreter.run() }
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
        let x = UnsafePointer(arena + step.x)
        let y = arena + step.y
        switch step.operation {
        case .convolution(var shape):
            pf_single_convolution(
                &shape, weights, step.weights, step.scale, step.bias, x, arena + step.result,
                arena + plan.scratch)
            if step.result != step.y { y.update(from: arena + step.result, count: step.count) }
        case .dense(var shape):
            pf_single_dense(&shape, weights, step.weights, step.scale, step.bias, x, y)
        case .activation(let kind, let alpha, let count): pf_single_activation(kind, alpha, count, x, y)
        case .softmax(let classes): pf_single_softmax(classes, x, y)
        case .interpreted(let step): interpreter.run(step)
        }
    }
}
