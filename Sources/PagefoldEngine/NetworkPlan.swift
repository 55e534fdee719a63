// A program prepared to run forward and backward on blocks of 16 samples: where everything lies, who gets a gradient.
// What runs is in NetworkRun.swift.

internal import CPagefoldKernels
public import PagefoldCore

/// Offsets, in floats, of an activation and of its gradient in a block's arena.
struct Slot {
    var value = 0
    /// -1 when nothing upstream can learn.
    var gradient = -1
    /// Numbers for one sample.
    var count: Int
    var hasGradient: Bool { gradient >= 0 }
}

/// A bound step and its places.
struct Kernel {
    let binding: StepBinding
    let x: Slot
    var second: Slot?
    let y: Slot
    /// Offsets in the flat weight vector, -1 for none.
    let weights: Int
    let bias: Int
    /// The operand's gradient already holds the share of a later reader: add, do not overwrite.
    var addsToGradient = false
    var addsToSecondGradient = false
    /// False when nothing that reaches scores reads the result: no gradient comes back.
    var matters = true
    /// First byte of what the forward pass leaves for the backward pass.
    var kept = -1
}

/// A program prepared to run forward and backward on blocks of 16 samples.
public struct NetworkPlan: @unchecked Sendable {  // Plain values, never changed after init.
    public let program: Program
    var kernels: [Kernel] = []
    /// Kernels up to the last scores: all that training needs.
    var trainedKernels = 0
    var slots: [Slot]
    /// Offsets of the shared temporary gradient and of the kernels' scratch, in floats.
    var temporary = 0
    var scratch = 0
    /// Bytes of arena that one block needs.
    private(set) var arenaBytes = 0
    /// Multiply-adds of one sample's forward pass.
    public let multiplyAdds: Int

    /// Offset of an input's block in an arena: [numbers][16].
    func inputOffset(_ input: Int) -> Int { slots[input].value }
    /// Offset of an answer's block.
    func outputOffset(_ output: Int) -> Int { slots[program.outputs[output].value].value }
    /// Numbers of one sample, all inputs together.
    var inputCount: Int { program.values[..<program.inputs].reduce(0) { $0 + $1.count } }
    /// What a loss sees of each output, with the place of its gradient.
    var scores: [Slot] { program.outputs.map { slots[$0.scores] } }
    /// Numbers of all scores of one sample.
    var scoreCount: Int { scores.reduce(0) { $0 + $1.count } }

    public init(program: Program) {
        self.program = program
        multiplyAdds = program.multiplyAdds
        slots = program.values.map { Slot(count: $0.count) }
        // Everything is there at the end: the backward pass needs it.
        var plan = ArenaPlan(alignment: 64)
        func floats(_ count: Int) -> Int { plan.append(max(count, 1) * blockSize * 4) / 4 }
        let fused = program.fusedPools()
        let learns = program.learningValues()
        let hidden = Set(fused.keys.map { Int(program.steps[$0].output) })
        let scores = Set(program.outputs.map(\.scores))
        var widest = 0
        for (index, shape) in program.values.enumerated() where !hidden.contains(index) {
            slots[index].value = floats(shape.count)
            // The loss writes the gradient of scores even where no weight asks for it.
            if learns[index] || scores.contains(index) { slots[index].gradient = floats(shape.count) }
            widest = max(widest, shape.count)
        }
        temporary = floats(widest)

        var scratchBytes = 64
        let skipped = Set(fused.values)
        for (index, step) in program.steps.enumerated() where !skipped.contains(index) {
            let pool = fused[index].map { program.steps[$0] }
            let binding = StepBinding(step, of: program, pool: pool, index: index)
            scratchBytes = max(scratchBytes, binding.scratch(.training))
            let output = Int(pool?.output ?? step.output)
            var x = slots[Int(step.input)]
            // Who does not read a value passes no gradient on to it, and must not seem to.
            if !step.readsInput { x.gradient = -1 }
            kernels.append(
                Kernel(
                    binding: binding, x: x,
                    second: step.secondInput == Step.none16 ? nil : slots[Int(step.secondInput)],
                    y: slots[output], weights: step.weights == Step.none32 ? -1 : Int(step.weights),
                    bias: step.bias == Step.none32 ? -1 : Int(step.bias),
                    kept: binding.keptBytes > 0 ? plan.append(binding.keptBytes) : -1))
            if scores.contains(output) || scores.contains(Int(step.output)) { trainedKernels = kernels.count }
        }
        scratch = plan.append(scratchBytes) / 4
        arenaBytes = plan.append(0)
        markSharedGradients()
    }

    /// In backward order the first reader of a value overwrites its gradient, the others add.
    private mutating func markSharedGradients() {
        var seen = Set(program.outputs.map { slots[$0.scores].gradient })
        for index in (0..<trainedKernels).reversed() {
            kernels[index].matters = kernels[index].y.hasGradient && seen.contains(kernels[index].y.gradient)
            guard kernels[index].matters else { continue }
            if kernels[index].x.hasGradient {
                kernels[index].addsToGradient = !seen.insert(kernels[index].x.gradient).inserted
            }
            if let second = kernels[index].second, second.hasGradient {
                kernels[index].addsToSecondGradient = !seen.insert(second.gradient).inserted
            }
        }
    }
}

extension NetworkPlan {
    /// Why a validated program cannot be trained in blocks, which keep all values of 16 samples with their gradients.
    public static func problem(with program: Program) -> String? {
        let activations = program.values.reduce(0) { $0 + $1.count }
        guard activations <= FoldFormat.largestArena / blockSize else {
            return "\(activations) numbers of activations for one sample"
        }
        for (index, step) in program.steps.enumerated() {
            if let objection = KernelUse.training.objection(to: step, in: program) {
                return "step \(index): \(objection)"
            }
        }
        return nil
    }
}

extension Program {
    /// Values that depend on a weight, so that a gradient through them is wanted.
    func learningValues() -> [Bool] {
        var learns = [Bool](repeating: false, count: values.count)
        for step in steps where step.readsInput {
            let hasWeights = step.weights != Step.none32 || step.bias != Step.none32
            let second = step.secondInput == Step.none16 ? false : learns[Int(step.secondInput)]
            learns[Int(step.output)] = hasWeights || learns[Int(step.input)] || second
        }
        return learns
    }
}
