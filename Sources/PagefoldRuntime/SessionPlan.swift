// A program bound to the kernels for one sample: what is fused, where in the arena everything lies. Nothing is run here.

internal import CPagefoldKernels
internal import PagefoldCore
internal import PagefoldEngine

/// One call of a kernel, or one step of the interpreter.
struct SessionStep {
    enum Operation {
        case convolution(pf_convolution)
        case dense(pf_dense)
        case activation(Int32, alpha: Float, count: Int)
        case softmax(classes: Int32)
        case interpreted(Step)
    }
    let operation: Operation
    /// Offsets into the arena, in floats.
    let x: Int
    let y: Int
    /// Where the kernel leaves its result to be moved to `y`, and how many floats; the same as `y` where nothing moves.
    let result: Int
    let count: Int
    /// Offsets into the flat vector of weights; -1 for none.
    let weights: Int64
    let scale: Int64
    let bias: Int64
}

/// How a network runs one sample at a time.
struct SessionPlan {
    private(set) var steps: [SessionStep] = []
    /// Offset of the kernels' scratch, in floats.
    let scratch: Int
    /// Bytes of the arena: all values, and the kernels' scratch.
    private(set) var arenaBytes: Int

    init(_ program: Program) {
        scratch = (program.arenaCount + PF_SINGLE_SLACK + 15) / 16 * 16
        let fused = program.fusedPools()
        let pools = Set(fused.values)
        var scratchBytes = 0
        for (index, step) in program.steps.enumerated() where !pools.contains(index) {
            let pool = fused[index].map { program.steps[$0] }
            let operation = Self.operation(step, pooled: pool != nil, of: program)
            if case .convolution(var shape) = operation {
                scratchBytes = max(scratchBytes, pf_single_convolution_scratch(&shape))
            }
            func offset(_ weight: UInt32) -> Int64 { weight == Step.none32 ? -1 : Int64(weight) }
            let x = program.arenaOffsets[Int(step.input)]
            let output = Int(pool?.output ?? step.output)
            let y = program.arenaOffsets[output]
            let count = program.values[output].count
            // A pool's result may lie where the convolution's input was, which a fused kernel is still reading.
            let overlaps = pool != nil && y < x + program.values[Int(step.input)].count && x < y + count
            steps.append(
                SessionStep(
                    operation: operation, x: x, y: y,
                    result: overlaps ? program.arenaOffsets[Int(step.output)] : y, count: count,
                    weights: offset(step.weights), scale: offset(step.scale), bias: offset(step.bias)))
            // The interpreter computes one step at a time, each at its own place.
            if case .interpreted = operation, let pool {
                steps.append(
                    SessionStep(
                        operation: .interpreted(pool), x: x, y: y, result: y, count: count, weights: -1,
                        scale: -1, bias: -1))
            }
        }
        arenaBytes = 4 * scratch + scratchBytes
    }

    /// Whether the kernel's scratch stays within bounds: a forged program may ask for windows far larger than its image.
    private static func isOrdinary(_ step: Step, _ x: Shape, _ y: Shape) -> Bool {
        func reach(_ kernel: UInt8, _ dilation: UInt8, _ stride: UInt8) -> Double {
            Double((Int(kernel) - 1) * Int(dilation) / Int(stride))
        }
        let height = Double(y.height) + reach(step.kernelHeight, step.dilationHeight, step.strideHeight)
        let width = Double(y.width) + reach(step.kernelWidth, step.dilationWidth, step.strideWidth)
        let phases = Double(step.strideHeight) * Double(step.strideWidth)
        let planes = Double(x.channels) * phases * height * width
        let sums = 8 * Double(y.height) * max(Double(x.width), width, Double(y.width) + 16)
        let taps = 8 * Double(x.channels) * Double(step.kernelHeight) * Double(step.kernelWidth)
        return max(planes, sums, taps) <= Double(1 << 26)
    }

    private static func operation(_ step: Step, pooled: Bool, of program: Program) -> SessionStep.Operation {
        let x = program.values[Int(step.input)]
        let y = program.values[Int(step.output)]
        let activation = Int32(step.activation.rawValue)
        switch step.opcode {
        case .convolution:
            guard isOrdinary(step, x, y) else { return .interpreted(step) }
            return .convolution(pf_convolution(step, of: program, isPooled: pooled))
        case .dense: return .dense(pf_dense(step, of: program))
        case .activation: return .activation(activation, alpha: step.alpha, count: x.count)
        case .softmax: return .softmax(classes: Int32(x.count))
        default: return .interpreted(step)
        }
    }
}
