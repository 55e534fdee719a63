// Runs a program step by step in plain Swift: slow by design, no allocation, no operating system. It is the oracle
// of the fast kernels and the engine of last resort; it reads every weight in place.

/// Runs one sample at a time in an arena that the caller owns.
public struct Interpreter {
    private let program: Program
    private let weights: WeightView
    private let arena: UnsafeMutablePointer<Float>

    /// - Parameters:
    ///   - program: a validated program (`Program.validate`).
    ///   - arena: at least `program.arenaCount` floats.
    public init(program: Program, weights: WeightView, arena: UnsafeMutablePointer<Float>) {
        self.program = program
        self.weights = weights
        self.arena = arena
    }

    /// The input, to be filled before `run`: `program.inputShape` in CHW order.
    public var input: UnsafeMutablePointer<Float> { value(0) }
    /// The answer after `run`: `program.outputCount` numbers.
    public var output: UnsafeMutablePointer<Float> { value(program.output) }
    /// The scores before softmax, valid after `run` where nothing later overwrote them.
    public var logits: UnsafeMutablePointer<Float> { value(program.logits) }

    private func value(_ index: Int) -> UnsafeMutablePointer<Float> { arena + program.arenaOffsets[index] }

    /// Computes all steps.
    public func run() {
        for step in program.steps { run(step) }
    }

    /// Computes one step, for engines that have kernels for the others.
    package func run(_ step: Step) {
        let x = value(Int(step.input))
        let y = value(Int(step.output))
        let xShape = program.values[Int(step.input)]
        let yShape = program.values[Int(step.output)]
        switch step.opcode {
        case .convolution:
            convolution(step, x, xShape, y, yShape)
            activate(step, y, yShape.count)
        case .dense:
            dense(step, x, xShape.count, y, yShape.count)
            activate(step, y, yShape.count)
        case .bias:
            var bias = weights.cursor(at: Int(step.bias))
            forEachChannel(xShape) { channel in
                let b = bias.next()
                for i in channel { y[i] = x[i] + b }
            }
        case .maxPool, .averagePool:
            pool(step, x, xShape, y, yShape)
        case .globalAveragePool:
            for c in 0..<xShape.channels {
                var sum: Float = 0
                for i in 0..<xShape.spatial { sum += x[c * xShape.spatial + i] }
                y[c] = sum / Float(xShape.spatial)
            }
        case .batchNormalisation:
            batchNormalisation(step, x, y, xShape)
        case .activation:
            copy(x, y, yShape.count)
            activate(step, y, yShape.count)
        case .softmax:
            softmax(x, y, yShape.count)
        case .add:
            let z = value(Int(step.secondInput))
            for i in 0..<yShape.count { y[i] = x[i] + z[i] }
        case .concatenate:
            copy(x, y, xShape.count)
            copy(value(Int(step.secondInput)), y + xShape.count, yShape.count - xShape.count)
        case .reshape, .dropout:
            copy(x, y, yShape.count)
        }
    }

    private func copy(_ x: UnsafeMutablePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
        if x != y { y.update(from: x, count: count) }
    }

    private func forEachChannel(_ shape: Shape, _ body: (Range<Int>) -> Void) {
        for c in 0..<shape.channels { body(c * shape.spatial..<(c + 1) * shape.spatial) }
    }

    private func convolution(
        _ step: Step, _ x: UnsafeMutablePointer<Float>, _ xShape: Shape, _ y: UnsafeMutablePointer<Float>,
        _ yShape: Shape
    ) {
        let groups = Int(step.groups)
        let inputs = xShape.channels / groups
        let outputs = yShape.channels / groups
        var weight = weights.cursor(at: Int(step.weights))
        var bias = cursor(step.bias)
        var scale = cursor(step.scale)
        for out in 0..<yShape.channels {
            let target = y + out * yShape.spatial
            for i in 0..<yShape.spatial { target[i] = 0 }
            let first = out / outputs * inputs
            for c in first..<first + inputs {
                for ky in 0..<Int(step.kernelHeight) {
                    for kx in 0..<Int(step.kernelWidth) {
                        accumulate(
                            weight.next(), x + c * xShape.spatial, xShape, target, yShape, step,
                            dy: ky * Int(step.dilationHeight) - Int(step.padTop),
                            dx: kx * Int(step.dilationWidth) - Int(step.padLeft))
                    }
                }
            }
            let factor = scale?.next() ?? 1
            let offset = bias?.next() ?? 0
            for i in 0..<yShape.spatial { target[i] = target[i] * factor + offset }
        }
    }

    /// Adds one weight times one shifted input channel to one output channel.
    private func accumulate(
        _ weight: Float, _ x: UnsafeMutablePointer<Float>, _ xShape: Shape, _ y: UnsafeMutablePointer<Float>,
        _ yShape: Shape, _ step: Step, dy: Int, dx: Int
    ) {
        for row in 0..<yShape.height {
            let inputRow = row * Int(step.strideHeight) + dy
            guard inputRow >= 0, inputRow < xShape.height else { continue }
            let source = x + inputRow * xShape.width
            let target = y + row * yShape.width
            for column in 0..<yShape.width {
                let inputColumn = column * Int(step.strideWidth) + dx
                if inputColumn >= 0 && inputColumn < xShape.width {
                    target[column] += weight * source[inputColumn]
                }
            }
        }
    }

    private func dense(
        _ step: Step, _ x: UnsafeMutablePointer<Float>, _ inputs: Int, _ y: UnsafeMutablePointer<Float>,
        _ outputs: Int
    ) {
        var weight = weights.cursor(at: Int(step.weights))
        var bias = cursor(step.bias)
        var scale = cursor(step.scale)
        for out in 0..<outputs {
            var sum: Float = 0
            for i in 0..<inputs { sum += weight.next() * x[i] }
            y[out] = sum * (scale?.next() ?? 1) + (bias?.next() ?? 0)
        }
    }

    private func cursor(_ offset: UInt32) -> WeightCursor? {
        offset == Step.none32 ? nil : weights.cursor(at: Int(offset))
    }

    private func pool(
        _ step: Step, _ x: UnsafeMutablePointer<Float>, _ xShape: Shape, _ y: UnsafeMutablePointer<Float>,
        _ yShape: Shape
    ) {
        for c in 0..<xShape.channels {
            let source = x + c * xShape.spatial
            for row in 0..<yShape.height {
                for column in 0..<yShape.width {
                    let top = row * Int(step.strideHeight) - Int(step.padTop)
                    let left = column * Int(step.strideWidth) - Int(step.padLeft)
                    var best = -Float.infinity
                    var sum: Float = 0
                    var count: Float = 0
                    for iy in max(top, 0)..<max(min(top + Int(step.kernelHeight), xShape.height), max(top, 0))
                    {
                        for ix in max(
                            left, 0)..<max(min(left + Int(step.kernelWidth), xShape.width), max(left, 0))
                        {
                            let value = source[iy * xShape.width + ix]
                            best = max(best, value)
                            sum += value
                            count += 1
                        }
                    }
                    let index = (c * yShape.height + row) * yShape.width + column
                    y[index] = step.opcode == .maxPool ? best : sum / max(count, 1)
                }
            }
        }
    }

    private func batchNormalisation(
        _ step: Step, _ x: UnsafeMutablePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ shape: Shape
    ) {
        let start = Int(step.weights)
        var gamma = weights.cursor(at: start)
        var beta = weights.cursor(at: start + shape.channels)
        var mean = weights.cursor(at: start + 2 * shape.channels)
        var variance = weights.cursor(at: start + 3 * shape.channels)
        forEachChannel(shape) { channel in
            let scale = gamma.next() / (max(variance.next(), 0) + step.alpha).squareRoot()
            let offset = beta.next() - mean.next() * scale
            for i in channel { y[i] = x[i] * scale + offset }
        }
    }

    private func softmax(_ x: UnsafeMutablePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
        var largest = x[0]
        for i in 0..<count { largest = max(largest, x[i]) }
        var sum: Float = 0
        for i in 0..<count {
            y[i] = exponential(x[i] - largest)
            sum += y[i]
        }
        for i in 0..<count { y[i] /= sum }
    }

    private func activate(_ step: Step, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
        switch step.activation {
        case .none: break
        case .relu: for i in 0..<count { y[i] = max(y[i], 0) }
        case .relu6: for i in 0..<count { y[i] = min(max(y[i], 0), 6) }
        case .leakyRelu: for i in 0..<count { y[i] = y[i] > 0 ? y[i] : step.alpha * y[i] }
        case .sigmoid: for i in 0..<count { y[i] = 1 / (1 + exponential(-y[i])) }
        case .tanh: for i in 0..<count { y[i] = 2 / (1 + exponential(-2 * y[i])) - 1 }
        }
    }
}

/// eˣ without a mathematics library: 2ⁿ · eʳ with |r| ≤ ln 2 / 2 and a Taylor polynomial of degree 7
/// (relative error below 3e-7). Saturates instead of overflowing.
public func exponential(_ x: Float) -> Float {
    guard !x.isNaN else { return x }  // Weights of a damaged file may make one: it must not trap below.
    let bounded = min(max(x, -87), 88)
    let n = (bounded * 1.442_695_04).rounded()
    let r = bounded - n * 0.693_359_375 + n * 2.121_944_4e-4
    var sum: Float = 1 / 5040
    sum = sum * r + 1 / 720
    sum = sum * r + 1 / 120
    sum = sum * r + 1 / 24
    sum = sum * r + 1 / 6
    sum = sum * r + 1 / 2
    sum = sum * r + 1
    sum = sum * r + 1
    return sum * Float(sign: .plus, exponent: Int(n), significand: 1)
}
