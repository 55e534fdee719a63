// A program bound to the kernels for one sample: what is fused, what the interpreter computes, where in the arena
// everything lies. Nothing is run here.

internal import CPagefoldKernels
internal import PagefoldCore
internal import PagefoldEngine

/// A step that a session computes with the interpreter, which is slow, because no kernel does.
public struct InterpretedStep: Hashable, Sendable {
    /// Of the step in its program.
    public let index: Int
    /// Of its operation (`OperationSpec.name`).
    public let operation: String
    /// Why no kernel computes it.
    public let reason: String
}

/// One call of a kernel, or one step of the interpreter.
struct SessionStep {
    let step: Step
    /// nil: the interpreter computes it.
    let kernel: ((SampleCall) -> Void)?
    /// Places in the arena, in bytes.
    let x: Int
    let second: Int
    let y: Int
}

/// How a network runs one sample at a time.
struct SessionPlan {
    private(set) var steps: [SessionStep] = []
    /// The steps that no kernel computes, with the reason.
    private(set) var interpreted: [InterpretedStep] = []
    /// Where values lie.
    let arena: ArenaPlan
    /// First byte of the kernels' scratch.
    let scratch: Int
    /// Bytes of the arena: all values, and the kernels' scratch.
    let arenaBytes: Int

    init(_ program: Program, _ engine: Session.Engine) {
        // The interpreter computes one step at a time.
        let fused = program.fusedPools {
            engine == .kernels && KernelUse.sample.supports($0, in: program)
        }
        let pools = Set(fused.values)
        var plan = ArenaPlan(program, fusing: fused, alignment: 64)
        let places = plan.values
        var scratchBytes = 0
        for (index, step) in program.steps.enumerated() where !pools.contains(index) {
            let pool = fused[index].map { program.steps[$0] }
            let binding = StepBinding(step, of: program, pool: pool, index: index)
            let objection = engine == .kernels ? binding.objection(.sample) : "the interpreter is asked for"
            if let objection {
                interpreted.append(
                    InterpretedStep(index: index, operation: step.opcode.spec.name, reason: objection))
            } else {
                scratchBytes = max(scratchBytes, binding.scratch(.sample))
            }
            let x = places[Int(step.input)]
            steps.append(
                SessionStep(
                    step: step, kernel: objection == nil ? binding.sample : nil, x: x,
                    second: step.secondInput == Step.none16 ? x : places[Int(step.secondInput)],
                    y: places[Int(pool?.output ?? step.output)]))
        }
        arena = plan
        _ = plan.append(PF_SINGLE_SLACK * MemoryLayout<Float>.size)
        scratch = plan.append(scratchBytes, alignment: 64)
        arenaBytes = plan.byteCount
    }
}
