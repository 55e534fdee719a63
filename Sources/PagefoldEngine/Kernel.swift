// A step bound to its C kernel: sizes resolved, operands as offsets into a block's arena. The table of forwards and
// backwards is in KernelForward and KernelBackward.

internal import CPagefoldKernels
public import PagefoldCore

/// Samples in a block. The last axis of every activation in an arena.
package let blockSize = 16

/// Offsets, in floats, of an activation and of its gradient in a block's arena.
struct Slot {
    var value: Int
    /// -1 when nothing upstream can learn.
    var gradient: Int
    /// Numbers for one sample.
    var count: Int
    var hasGradient: Bool { gradient >= 0 }
}

/// A step and everything that its kernels need besides weights.
struct Kernel {
    enum Operation {
        /// `argmax`: byte offset of the fused pool's argmax, or -1.
        case convolution(pf_convolution, argmax: Int)
        case dense(pf_dense)
        case bias(channels: Int32, spatial: Int32)
        case maxPool(pf_window, argmax: Int)
        case averagePool(pf_window)
        case globalAveragePool(channels: Int32, spatial: Int32)
        /// `statistics`: offset of mean and variance of the block.
        case batchNormalisation(channels: Int32, spatial: Int32, epsilon: Float, statistics: Int)
        case activation(Int32, alpha: Float)
        case softmax(classes: Int32)
        case add
        case concatenate
        case reshape
        case dropout(rate: Float, stream: UInt64)
    }

    var operation: Operation
    var x: Slot
    var second: Slot?
    var y: Slot
    /// Offsets in the flat weight vector, -1 for none.
    var weights: Int
    var bias: Int
    /// The operand's gradient already holds the share of a later reader: add, do not overwrite.
    var addsToGradient = false
    var addsToSecondGradient = false
    /// False when nothing that reaches the logits reads the result: no gradient comes back.
    var matters = true
}

/// A program prepared to run forward and backward on blocks of 16 samples.
public struct NetworkPlan: @unchecked Sendable {  // Plain values, never changed after init.
    public let program: Program
    var kernels: [Kernel] = []
    /// Kernels up to the logits: all that training needs.
    var trainedKernels = 0
    var slots: [Slot]
    /// Offsets of the shared temporary gradient and of the kernels' scratch, in floats.
    var temporary = 0
    var scratch = 0
    /// Bytes of arena that one block needs.
    private(set) var arenaBytes = 0
    /// Multiply-adds of one sample's forward pass.
    public let multiplyAdds: Int

    /// Offset of the input block in an arena.
    var inputOffset: Int { slots[0].value }
    var outputOffset: Int { slots[program.output].value }
    var inputCount: Int { program.values[0].count }

    public init(program: Program) {
        self.program = program
        multiplyAdds = program.multiplyAdds
        slots = program.values.map { Slot(value: 0, gradient: -1, count: $0.count) }
        var layout = ArenaLayout()
        let fused = program.fusedPools()
        let learns = program.learningValues()
        let hidden = Set(fused.keys.map { Int(program.steps[$0].output) })
        var widest = 0
        for (index, shape) in program.values.enumerated() where !hidden.contains(index) {
            slots[index].value = layout.take(shape.count * blockSize)
            // The loss writes the gradient of the logits even where no weight asks for it.
            if learns[index] || index == program.logits {
                slots[index].gradient = layout.take(shape.count * blockSize)
            }
            widest = max(widest, shape.count)
        }
        temporary = layout.take(widest * blockSize)

        var scratchBytes = 64
        let skipped = Set(fused.values)
        for (index, step) in program.steps.enumerated() where !skipped.contains(index) {
            let pool = fused[index].map { program.steps[$0] }
            var operation = Kernel.Operation(step, pool: pool, of: program, index: index) { layout.take($0) }
            if case .convolution(let shape, let argmax) = operation {
                var shape = shape
                scratchBytes = max(scratchBytes, pf_convolution_scratch(&shape))
                operation = .convolution(shape, argmax: argmax)
            } else if case .dense(let shape) = operation {
                var shape = shape
                scratchBytes = max(scratchBytes, pf_dense_scratch(&shape))
            }
            let output = Int(pool?.output ?? step.output)
            kernels.append(
                Kernel(
                    operation: operation, x: slots[Int(step.input)],
                    second: step.secondInput == Step.none16 ? nil : slots[Int(step.secondInput)],
                    y: slots[output], weights: step.weights == Step.none32 ? -1 : Int(step.weights),
                    bias: step.bias == Step.none32 ? -1 : Int(step.bias)))
            if output == program.logits || Int(step.output) == program.logits {
                trainedKernels = kernels.count
            }
        }
        scratch = layout.take((scratchBytes + 3) / 4)
        arenaBytes = layout.top * 4
        markSharedGradients()
    }

    /// In backward order the first reader of a value overwrites its gradient, the others add.
    private mutating func markSharedGradients() {
        var seen: Set<Int> = [slots[program.logits].gradient]
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

extension Kernel.Operation {
    /// - Parameters:
    ///   - pool: the max-pool that is computed together with a convolution.
    ///   - index: of the step; names its dropout masks.
    ///   - take: finds place for so many floats that the backward pass needs; negative where there is none.
    init(_ step: Step, pool: Step?, of program: Program, index: Int, take: (_ floats: Int) -> Int) {
        let x = program.values[Int(step.input)]
        let y = program.values[Int(step.output)]
        switch step.opcode {
        case .convolution:
            let pooled = pool.map { program.values[Int($0.output)].count }
            self = .convolution(
                pf_convolution(step, of: program, isPooled: pool != nil),
                argmax: pooled.map { take($0 * blockSize / 4) * 4 } ?? -1)
        case .dense: self = .dense(pf_dense(step, of: program))
        case .bias: self = .bias(channels: Int32(x.channels), spatial: Int32(x.spatial))
        case .maxPool, .averagePool:
            let window = pf_window(
                channels: Int32(x.channels), height_in: Int32(x.height), width_in: Int32(x.width),
                height_out: Int32(y.height), width_out: Int32(y.width), kernel_h: Int32(step.kernelHeight),
                kernel_w: Int32(step.kernelWidth), stride_h: Int32(step.strideHeight),
                stride_w: Int32(step.strideWidth), pad_top: Int32(step.padTop), pad_left: Int32(step.padLeft))
            self =
                step.opcode == .averagePool
                ? .averagePool(window) : .maxPool(window, argmax: take(y.count * blockSize / 2) * 4)
        case .globalAveragePool:
            self = .globalAveragePool(channels: Int32(x.channels), spatial: Int32(x.spatial))
        case .batchNormalisation:
            self = .batchNormalisation(
                channels: Int32(x.channels), spatial: Int32(x.spatial), epsilon: step.alpha,
                statistics: take(2 * x.channels))
        case .activation: self = .activation(Int32(step.activation.rawValue), alpha: step.alpha)
        case .softmax: self = .softmax(classes: Int32(x.count))
        case .add: self = .add
        case .concatenate: self = .concatenate
        case .reshape: self = .reshape
        case .dropout: self = .dropout(rate: step.alpha, stream: UInt64(index))
        }
    }
}

/// Hands out 64-byte aligned places in an arena, in floats.
struct ArenaLayout {
    private(set) var top = 0
    mutating func take(_ floats: Int) -> Int {
        defer { top += (max(floats, 1) + 15) / 16 * 16 }
        return top
    }
}

extension Program {
    /// Values that depend on a weight, so that a gradient through them is wanted.
    func learningValues() -> [Bool] {
        var learns = [Bool](repeating: false, count: values.count)
        for step in steps {
            let hasWeights = step.weights != Step.none32 || step.bias != Step.none32
            let second = step.secondInput == Step.none16 ? false : learns[Int(step.secondInput)]
            learns[Int(step.output)] = hasWeights || learns[Int(step.input)] || second
        }
        return learns
    }

    /// Multiply-adds of convolutions and dense layers for one sample.
    public var multiplyAdds: Int {
        steps.reduce(0) { sum, step in
            let x = values[Int(step.input)]
            let y = values[Int(step.output)]
            switch step.opcode {
            case .convolution:
                return sum + y.count * x.channels / Int(step.groups) * Int(step.kernelHeight)
                    * Int(step.kernelWidth)
            case .dense: return sum + x.count * y.count
            default: return sum
            }
        }
    }
}

extension NetworkPlan {
    /// Why a program cannot be trained in blocks, which keep all values of 16 samples with their gradients.
    public static func problem(with program: Program) -> String? {
        let activations = program.values.reduce(0) { $0 + $1.count }
        guard activations > FoldFormat.largestArena / blockSize else { return nil }
        return "\(activations) numbers of activations for one sample"
    }

    /// What a loss sees of each output, with the place of its gradient.
    var scores: [Slot] { [slots[program.logits]] }
    /// Numbers of all scores of one sample.
    var scoreCount: Int { scores.reduce(0) { $0 + $1.count } }
}
