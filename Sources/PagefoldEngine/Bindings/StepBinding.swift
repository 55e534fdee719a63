// A step bound to its C kernels: sizes are resolved, memory is told at each call. One table serves training, batches
// and sessions; the bindings themselves are in the files beside this one, by family.

package import CPagefoldKernels
public import PagefoldCore

/// Samples in a block. The last axis of every activation in an arena of a block.
package let blockSize = 16

/// Who asks for a step to be computed by kernels.
public enum KernelUse: Sendable, CaseIterable {
    /// Blocks of 16 samples, forward and backward.
    case training
    /// Blocks of 16 samples, forward.
    case batch
    /// One sample, weights in place.
    case sample

    /// Why the kernels do not compute a step of a validated program; nil where they do.
    public func objection(to step: Step, in program: Program) -> String? {
        StepBinding(step, of: program).objection(self)
    }

    /// Whether the kernels compute a step of a validated program.
    public func supports(_ step: Step, in program: Program) -> Bool {
        objection(to: step, in: program) == nil
    }
}

/// Memory of a block's step.
struct BlockCall {
    /// [count][16], as all activations.
    let x: UnsafePointer<Float>
    /// The first operand once more where there is no second.
    let second: UnsafePointer<Float>
    let y: UnsafeMutablePointer<Float>
    /// The step's first weight; of no meaning where it has none.
    let weights: UnsafePointer<Float>
    let bias: UnsafePointer<Float>?
    /// `keptBytes` that the forward pass leaves for the backward pass; nil where there is none.
    let kept: UnsafeMutableRawPointer?
    let scratch: UnsafeMutablePointer<Float>
    let mode: BlockMode
}

/// Memory of the way back through a block's step.
struct GradientCall {
    let block: BlockCall
    let dy: UnsafePointer<Float>
    /// The gradient of an operand, to be overwritten; nil where it is not wanted.
    let dx: UnsafeMutablePointer<Float>?
    /// Gradients of weights and bias, to be added to.
    let dw: UnsafeMutablePointer<Float>
    let db: UnsafeMutablePointer<Float>?
    /// 1: each sample's gradient is squared before samples are summed.
    let squared: Int32
    /// Room for the gradient of an operand that is not wanted.
    let spare: UnsafeMutablePointer<Float>
}

/// Memory of one sample's step.
package struct SampleCall {
    let x: UnsafePointer<Float>
    let second: UnsafePointer<Float>
    let y: UnsafeMutablePointer<Float>
    let weights: UnsafePointer<pf_paged_weights>
    let scratch: UnsafeMutableRawPointer

    /// - Parameters:
    ///   - second: the first operand once more where there is no second.
    ///   - scratch: as many bytes as the binding asks for, 64-byte aligned.
    package init(
        x: UnsafePointer<Float>, second: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>,
        weights: UnsafePointer<pf_paged_weights>, scratch: UnsafeMutableRawPointer
    ) {
        self.x = x
        self.second = second
        self.y = y
        self.weights = weights
        self.scratch = scratch
    }
}

/// The kernels of one step.
package struct StepBinding {
    var forward: (BlockCall) -> Void
    /// To the weights and to the first operand; nothing where training does not go through the step.
    var backward: (GradientCall) -> Void = { _ in }
    /// To the second operand, whose gradient is then the call's `dx`.
    var backwardSecond: (GradientCall) -> Void = { _ in }
    /// nil where there is no kernel for one sample: the interpreter computes it.
    package var sample: ((SampleCall) -> Void)?
    /// Bytes that `forward` leaves for `backward`.
    var keptBytes = 0
    /// Bytes of scratch that one call needs.
    package var scratch: (KernelUse) -> Int = { _ in 0 }
    /// Why the kernels cannot compute it although they are there.
    private var limit: (KernelUse) -> String? = { _ in nil }

    init(
        forward: @escaping (BlockCall) -> Void, backward: @escaping (GradientCall) -> Void = { _ in },
        backwardSecond: @escaping (GradientCall) -> Void = { _ in }, sample: ((SampleCall) -> Void)?,
        keptBytes: Int = 0, scratch: @escaping (KernelUse) -> Int = { _ in 0 },
        limit: @escaping (KernelUse) -> String? = { _ in nil }
    ) {
        self.forward = forward
        self.backward = backward
        self.backwardSecond = backwardSecond
        self.sample = sample
        self.keptBytes = keptBytes
        self.scratch = scratch
        self.limit = limit
    }

    /// - Parameters:
    ///   - pool: the max-pool that is computed together with a convolution (`Program.fusedPools`).
    ///   - index: of the step in its program; names its dropout masks.
    package init(_ step: Step, of program: Program, pool: Step? = nil, index: Int = 0) {
        let shapes = program.shapes(of: step)
        switch step.opcode {
        case .convolution:
            self = .convolution(shapes, pooled: pool.map { program.values[Int($0.output)] })
        case .dense: self = .dense(shapes)
        case .bias: self = .bias(shapes)
        case .maxPool: self = .maxPool(shapes)
        case .averagePool: self = .averagePool(shapes)
        case .globalAveragePool: self = .globalAveragePool(shapes)
        case .batchNormalisation: self = .batchNormalisation(shapes)
        case .activation: self = .activation(shapes)
        case .softmax: self = .softmax(shapes)
        case .add: self = .add(shapes)
        case .concatenate: self = .concatenate(shapes)
        case .reshape: self = .copy(shapes)
        case .dropout: self = .dropout(shapes, stream: UInt64(index))
        case .multiply: self = .multiply(shapes)
        case .transpose: self = .transpose(shapes)
        case .slice: self = .slice(shapes)
        case .reduce: self = .reduce(shapes)
        case .matrixProduct: self = .matrixProduct(shapes)
        case .resize: self = .resize(shapes)
        case .embedding: self = .embedding(shapes)
        case .recurrent: self = .recurrent(shapes)
        case .subtract: self = .arithmetic(shapes, PF_SUBTRACT)
        case .divide: self = .arithmetic(shapes, PF_DIVIDE)
        case .maximum: self = .arithmetic(shapes, PF_MAXIMUM)
        case .minimum: self = .arithmetic(shapes, PF_MINIMUM)
        case .power: self = .arithmetic(shapes, PF_POWER)
        case .less: self = .arithmetic(shapes, PF_LESS)
        case .equal: self = .arithmetic(shapes, PF_EQUAL)
        case .mask: self = .arithmetic(shapes, PF_MASK)
        case .function: self = .function(shapes)
        case .constant: self = .constant(shapes)
        case .parametricRelu: self = .parametricRelu(shapes)
        }
    }

    /// Why the kernels do not compute the step for this use, or nil.
    package func objection(_ use: KernelUse) -> String? {
        if use == .sample && sample == nil { return "there is no kernel for one sample" }
        return limit(use)
    }
}
