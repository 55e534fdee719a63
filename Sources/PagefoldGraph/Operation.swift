// Every operation a graph can have, on one screen, and the step that it becomes. What each computes is in
// docs/adding-an-op.md's table; what holds of it, in PagefoldCore/Operations.

public import PagefoldCore

/// Padding of a window in pixels.
public struct Padding: Hashable, Sendable {
    public var top = 0
    public var left = 0
    public var bottom = 0
    public var right = 0

    public init(top: Int = 0, left: Int = 0, bottom: Int = 0, right: Int = 0) {
        self.top = top
        self.left = left
        self.bottom = bottom
        self.right = right
    }
}

/// A window that slides over height and width.
public struct Window: Hashable, Sendable {
    public var height: Int
    public var width: Int
    public var strideHeight: Int
    public var strideWidth: Int
    public var padding: Padding

    public init(
        height: Int, width: Int, strideHeight: Int = 1, strideWidth: Int = 1, padding: Padding = Padding()
    ) {
        self.height = height
        self.width = width
        self.strideHeight = strideHeight
        self.strideWidth = strideWidth
        self.padding = padding
    }
}

/// One operation. Shapes are of one sample, channels first.
public enum Operation: Hashable, Sendable {
    case input(Shape)
    /// Parameters: weight [outputs][inputs / groups][height][width], then an optional bias [outputs].
    case convolution(
        outputs: Int, window: Window, dilationHeight: Int = 1, dilationWidth: Int = 1, groups: Int = 1)
    /// Parameters: weight [outputs][count of the input, in CHW order], then an optional bias [outputs].
    case dense(outputs: Int)
    /// Parameter: bias [channels].
    case bias
    case maxPool(Window)
    /// Padding does not count in the mean.
    case averagePool(Window)
    case globalAveragePool
    /// Parameters: gamma, beta, mean, variance, each [channels].
    case batchNormalisation(epsilon: Float)
    case activation(Activation, alpha: Float = 0)
    /// Over the channels of a vector.
    case softmax
    case add
    /// Number by number.
    case multiply
    /// Along the channels.
    case concatenate
    /// Same numbers in CHW order, other shape; flatten is `reshape` to a vector.
    case reshape(Shape)
    /// Active in training only.
    case dropout(rate: Float)
}

extension Operation {
    /// The steps that the operation becomes for operands of these shapes, without places and weights: one, or a chain
    /// where it reads more than two.
    /// - Throws: what makes it impossible.
    func steps(on inputs: [Shape]) throws(StepProblem) -> [StepShapes] {
        var steps = [StepShapes]()
        var x = inputs[0]
        repeat {
            let second = inputs.count > 1 ? inputs[steps.count + 1] : nil
            let asked = try step(on: x, second)
            let spec = asked.step.opcode.spec
            guard spec.operands.contains(inputs.count) else {
                throw StepProblem("\(spec.name) does not read \(inputs.count) values")
            }
            let y = try spec.shape(asked)
            steps.append(StepShapes(step: asked.step, x: x, second: second, y: y))
            x = y
        } while steps.count < inputs.count - 1
        return steps
    }

    /// The parameters that it takes, in order, for inputs of these shapes; none where it is impossible.
    public func parameterShapes(inputs: [Shape]) -> [ParameterSpec] {
        guard !inputs.isEmpty, let first = try? steps(on: inputs).first else { return [] }
        return first.step.opcode.spec.parameters(first)
    }

    /// The step with its attributes, and the shape that is asked of its result.
    private func step(on x: Shape, _ second: Shape?) throws(StepProblem) -> StepShapes {
        func form(
            _ opcode: Opcode, _ shape: Shape? = nil, _ set: (inout Step) -> Void = { _ in }
        ) -> StepShapes {
            var step = Step(opcode: opcode, input: 0, output: 0)
            set(&step)
            return StepShapes(step: step, x: x, second: second, y: shape ?? x)
        }
        func slide(
            _ opcode: Opcode, _ window: Window, _ channels: Int,
            _ dilation: (height: Int, width: Int) = (1, 1),
            _ set: (inout Step) -> Void = { _ in }
        ) throws(StepProblem) -> StepShapes {
            var step = Step(opcode: opcode, input: 0, output: 0)
            set(&step)
            return try window.slid(with: step, over: x, dilation, channels: channels)
        }
        switch self {
        case .input: throw StepProblem("an input behind the first node")
        case .convolution(let outputs, let window, let dilationHeight, let dilationWidth, let groups):
            guard let groups = UInt16(exactly: groups) else {
                throw StepProblem("\(groups) groups, 1…65535 are possible")
            }
            return try slide(.convolution, window, outputs, (dilationHeight, dilationWidth)) {
                $0.groups = groups
            }
        case .dense(let outputs): return form(.dense, Shape(channels: outputs))
        case .bias: return form(.bias)
        case .maxPool(let window): return try slide(.maxPool, window, x.channels)
        case .averagePool(let window): return try slide(.averagePool, window, x.channels)
        case .globalAveragePool: return form(.globalAveragePool)
        case .batchNormalisation(let epsilon): return form(.batchNormalisation) { $0.alpha = epsilon }
        case .activation(let activation, let alpha):
            return form(.activation) {
                $0.activation = activation
                $0.alpha = alpha
            }
        case .softmax: return form(.softmax)
        case .add: return form(.add)
        case .multiply: return form(.multiply)
        case .concatenate: return form(.concatenate)
        case .reshape(let shape): return form(.reshape, shape)
        case .dropout(let rate): return form(.dropout) { $0.alpha = rate }
        }
    }
}

extension Window {
    /// A step of this window over an image, and the image that comes out.
    /// - Throws: what a step cannot store, or that the window does not fit.
    fileprivate func slid(
        with step: Step, over x: Shape, _ dilation: (height: Int, width: Int), channels: Int
    ) throws(StepProblem) -> StepShapes {
        let sizes = [height, width, strideHeight, strideWidth, dilation.height, dilation.width]
        let pads = [padding.top, padding.left, padding.bottom, padding.right]
        guard sizes.allSatisfy((1...255).contains), pads.allSatisfy((0...255).contains) else {
            throw StepProblem("window, stride or dilation outside 1…255, or padding outside 0…255")
        }
        var step = step
        step.kernelHeight = UInt8(height)
        step.kernelWidth = UInt8(width)
        step.strideHeight = UInt8(strideHeight)
        step.strideWidth = UInt8(strideWidth)
        step.padTop = UInt8(padding.top)
        step.padLeft = UInt8(padding.left)
        step.dilationHeight = UInt8(dilation.height)
        step.dilationWidth = UInt8(dilation.width)
        let reach = (height: (height - 1) * dilation.height + 1, width: (width - 1) * dilation.width + 1)
        let rows = x.height + padding.top + padding.bottom - reach.height
        let columns = x.width + padding.left + padding.right - reach.width
        guard rows >= 0, columns >= 0 else {
            throw StepProblem("a window of \(reach.height)×\(reach.width) does not fit in \(x)")
        }
        return StepShapes(
            step: step, x: x,
            y: Shape(channels: channels, height: rows / strideHeight + 1, width: columns / strideWidth + 1))
    }
}
