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
    case activation(Activation, alpha: Float = 0, beta: Float = 0)
    /// A function that is no activation.
    case function(Function, alpha: Float = 0, beta: Float = 0)
    /// Parameter: slope [channels].
    case parametricRelu
    /// Over the channels.
    case softmax
    /// Over an axis: 0 channels, 1 height, 2 width.
    case softmaxAlong(axis: UInt8, isLogarithm: Bool = false)
    /// Number by number, as all up to `equal`; sides of 1 are repeated.
    case add
    case multiply
    case subtract
    case divide
    case maximum
    case minimum
    case power
    /// 1 or 0.
    case less
    case equal
    /// The first where the second is not 0, else 0.
    case mask
    /// Along the channels.
    case concatenate
    case concatenateAlong(axis: UInt8)
    /// Same numbers in CHW order, other shape; flatten is `reshape` to a vector.
    case reshape(Shape)
    /// Active in training only.
    case dropout(rate: Float)
    /// Reads no node. Parameter: constant [channels][height][width].
    case constant(Shape)
    case transpose(AxisPermutation)
    /// `count` places of an axis from `start` on, which may lie outside, `pace` apart. Outside is the border; `number` is
    /// what a constant border has.
    case slice(
        axis: UInt8, start: Int, count: Int, pace: Int = 1, border: SliceBorder = .constant, number: Float = 0
    )
    case reduce(Reduction, axis: UInt8)
    /// Channel by channel [rows][inner] times [inner][columns], or [columns][inner] where the second is transposed.
    case matrixProduct(isSecondTransposed: Bool = false)
    /// Place i of the axis is place `factor · i + first` of the operand's.
    case resize(axis: UInt8, size: Int, Interpolation, factor: Float, first: Float)
    /// Parameter: weight [rows][length]. The operand's numbers are numbers of rows; the result is count × length.
    case embedding(rows: Int, length: Int)
    /// [moments][features] to [moments][units · results]; a second operand is the first state. Parameters: weight
    /// [gates · units][features + units], then an optional bias [biases · units].
    case recurrent(RecurrentForm, units: Int)
}

extension Operation {
    /// The steps that the operation becomes for operands of these shapes, without places and weights: one, or a chain
    /// where it reads more than two.
    /// - Throws: what makes it impossible.
    func steps(on inputs: [Shape]) throws(StepProblem) -> [StepShapes] {
        var steps = [StepShapes]()
        if case .constant(let shape) = self {
            guard inputs.isEmpty else { throw StepProblem("a constant reads nothing") }
            let step = Step(opcode: .constant, input: 0, output: 0)
            let asked = StepShapes(step: step, x: shape, y: shape)
            _ = try step.opcode.spec.shape(asked)
            return [asked]
        }
        guard var x = inputs.first else { throw StepProblem("it reads nothing") }
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

    /// The shape of its result for operands of these shapes.
    /// - Throws: what makes it impossible.
    package func shape(on inputs: [Shape]) throws(StepProblem) -> Shape {
        let steps = try steps(on: inputs)
        return steps[steps.count - 1].y
    }

    /// The parameters that it takes, in order, for inputs of these shapes; none where it is impossible.
    public func parameterShapes(inputs: [Shape]) -> [ParameterSpec] {
        guard let first = try? steps(on: inputs).first else { return [] }
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
        case .activation(let activation, let alpha, let beta):
            return form(.activation) {
                $0.activation = activation
                $0.alpha = alpha
                $0.beta = beta
            }
        case .function(let function, let alpha, let beta):
            return form(.function) {
                $0.mode = function.rawValue
                $0.alpha = alpha
                $0.beta = beta
            }
        case .parametricRelu: return form(.parametricRelu)
        case .softmax: return form(.softmax)
        case .softmaxAlong(let axis, let isLogarithm):
            return form(.softmax) {
                $0.axis = axis
                $0.mode = isLogarithm ? 1 : 0
            }
        case .add: return form(.add)
        case .multiply: return form(.multiply)
        case .subtract: return form(.subtract)
        case .divide: return form(.divide)
        case .maximum: return form(.maximum)
        case .minimum: return form(.minimum)
        case .power: return form(.power)
        case .less: return form(.less)
        case .equal: return form(.equal)
        case .mask: return form(.mask)
        case .concatenate: return form(.concatenate)
        case .concatenateAlong(let axis): return form(.concatenate) { $0.axis = axis }
        case .reshape(let shape): return form(.reshape, shape)
        case .dropout(let rate): return form(.dropout) { $0.alpha = rate }
        case .constant: throw StepProblem("a constant reads nothing")
        case .transpose(let order): return form(.transpose) { $0.mode = order.rawValue }
        case .slice(let axis, let start, let count, let pace, let border, let number):
            guard let start = Int32(exactly: start), let pace = Int32(exactly: pace) else {
                throw StepProblem("places outside 32 bits")
            }
            return form(.slice, x.replacing(axis: axis, by: count)) {
                ($0.axis, $0.start, $0.pace, $0.mode, $0.alpha) = (axis, start, pace, border.rawValue, number)
            }
        case .reduce(let reduction, let axis):
            return form(.reduce) { ($0.mode, $0.axis) = (reduction.rawValue, axis) }
        case .matrixProduct(let isSecondTransposed):
            return form(.matrixProduct) { $0.mode = isSecondTransposed ? 1 : 0 }
        case .resize(let axis, let size, let interpolation, let factor, let first):
            return form(.resize, x.replacing(axis: axis, by: size)) {
                ($0.axis, $0.mode, $0.alpha, $0.beta) = (axis, interpolation.rawValue, factor, first)
            }
        case .embedding(let rows, let length):
            guard let rows = UInt32(exactly: rows) else { throw StepProblem("\(rows) rows") }
            return form(.embedding, Shape(channels: x.count, height: length)) { $0.rows = rows }
        case .recurrent(let recurrent, let units):
            guard 1...1 << 14 ~= units else { throw StepProblem("\(units) units") }
            return form(.recurrent, Shape(channels: x.channels, height: units * recurrent.results)) {
                $0.mode = recurrent.mode
            }
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
