// What is said of an operation, once: decoding, shape inference, lowering, planning, cost, the interpreter and the
// documentation follow from it. Kernels are bound to steps in PagefoldEngine/Bindings.

/// Why a step, or a node of a graph, is impossible.
public struct StepProblem: Error, Equatable, Sendable {
    public let text: String

    public init(_ text: String) { self.text = text }
}

/// A step among shapes. What a step does not store is said by the shape of its result: the outputs of a dense layer,
/// the padding below and right of a window, the target of a reshape.
public struct StepShapes: Sendable {
    public let step: Step
    /// Shape of the first operand.
    public let x: Shape
    /// Shape of the second operand, where there is one.
    public let second: Shape?
    /// The shape that the result is said to have.
    public let y: Shape

    public init(step: Step, x: Shape, second: Shape? = nil, y: Shape) {
        self.step = step
        self.x = x
        self.second = second
        self.y = y
    }
}

/// What a parameter is for.
public enum ParameterRole: String, Hashable, Sendable {
    case weight, bias, gamma, beta, mean, variance
    /// Slopes of a leaky ReLU, one a channel.
    case slope
    /// Numbers that are part of the graph and are not trained.
    case constant

    /// Whether training follows what batches show instead of going down a gradient.
    public var isStatistic: Bool { self == .mean || self == .variance }
}

/// A tensor of weights that an operation reads.
public struct ParameterSpec: Hashable, Sendable {
    public let role: ParameterRole
    /// Row-major. Weights are [rows][…]: a row belongs to an output channel and may have a scale.
    public let shape: [Int]
    public let isOptional: Bool

    init(_ role: ParameterRole, _ shape: [Int], isOptional: Bool = false) {
        self.role = role
        self.shape = shape
        self.isOptional = isOptional
    }

    /// Numbers in it; nil where they are too many to be counted, as a forged file may say.
    public var count: Int? { Self.product(shape[...]) }
    /// Numbers of one row.
    public var rowLength: Int? { Self.product(shape.dropFirst()) }

    private static func product(_ sizes: ArraySlice<Int>) -> Int? {
        var product = 1
        for size in sizes {
            let (next, isTooLarge) = product.multipliedReportingOverflow(by: size)
            if isTooLarge { return nil }
            product = next
        }
        return product
    }
}

/// What an operation is, apart from how kernels compute it.
public struct OperationSpec: Sendable {
    /// As documents and messages call it.
    public let name: String
    /// Values that a node of a graph may read. A step reads one or two: more become a chain of steps.
    public let operands: ClosedRange<Int>
    /// The fields of a step that it uses; others have their usual value.
    public let fields: StepFieldSet
    /// What `Step.alpha` is, where it is used.
    public let number: String?
    /// What `Step.beta` is, where it is used.
    public let secondNumber: String?
    private let rule: @Sendable (StepShapes) throws(StepProblem) -> Shape
    private let reads: @Sendable (StepShapes) -> [ParameterSpec]
    private let counted: (@Sendable (StepShapes) -> Int)?
    /// Computes the result, plainly; the activation of a step that has one comes afterwards.
    let run: @Sendable (StepRun) -> Void

    /// - Parameters:
    ///   - rule: the shape of the result, or what makes it impossible: whatever has to hold so that running the step
    ///     stays inside its operands and its result. Window, stride, dilation and groups are at least 1 there.
    ///   - reads: its parameters in the order of the flat vector, the bias last.
    ///   - multiplyAdds: of one sample; nil: each weight of a row is used once at each position of the result.
    init(
        _ name: String, operands: ClosedRange<Int> = 1...1, fields: StepFieldSet = [], number: String? = nil,
        secondNumber: String? = nil,
        rule: @escaping @Sendable (StepShapes) throws(StepProblem) -> Shape,
        reads: @escaping @Sendable (StepShapes) -> [ParameterSpec] = { _ in [] },
        multiplyAdds: (@Sendable (StepShapes) -> Int)? = nil,
        run: @escaping @Sendable (StepRun) -> Void
    ) {
        self.name = name
        self.operands = operands
        var used = fields
        if operands.upperBound > 1 { used.insert(.secondOperand) }
        if number != nil { used.insert(.number) }
        if secondNumber != nil { used.insert(.secondNumber) }
        self.fields = used
        self.number = number
        self.secondNumber = secondNumber
        self.rule = rule
        self.reads = reads
        counted = multiplyAdds
        self.run = run
    }

    /// Whether it multiplies by rows of weights, which may have scales.
    public var isWeighted: Bool { fields.contains(.scale) }

    /// Names of its attributes: what a step says beside operands, result and weights.
    public var attributes: [String] {
        var names = [String]()
        for (set, name) in StepFieldSet.attributes where fields.contains(set) { names.append(name) }
        if let number { names.append(number) }
        if let secondNumber { names.append(secondNumber) }
        return names
    }

    /// The shape of the result.
    /// - Throws: what makes the step impossible among these shapes.
    public func shape(_ shapes: StepShapes) throws(StepProblem) -> Shape {
        let step = shapes.step
        guard step.kernelHeight > 0, step.kernelWidth > 0, step.strideHeight > 0, step.strideWidth > 0,
            step.dilationHeight > 0, step.dilationWidth > 0, step.groups > 0
        else { throw StepProblem("a window, stride, dilation or group of 0") }
        guard step.alpha.isFinite else { throw StepProblem("its attribute \(step.alpha) is not finite") }
        guard step.beta.isFinite else { throw StepProblem("its attribute \(step.beta) is not finite") }
        if fields.contains(.activation) { try checkActivation(step) }
        let shape = try rule(shapes)
        guard shape.channels > 0, shape.height > 0, shape.width > 0 else {
            throw StepProblem("its result would be \(shape)")
        }
        guard shape.fits else { throw StepProblem("its result \(shape) is too large") }
        return shape
    }

    private func checkActivation(_ step: Step) throws(StepProblem) {
        if step.activation == .clip {
            guard step.alpha <= step.beta else {
                throw StepProblem("bounds \(step.alpha) … \(step.beta)")
            }
        } else {
            // Below zero, a leaky ReLU would not be monotone and its output would not tell its slope.
            guard step.alpha >= 0 else { throw StepProblem("slope \(step.alpha)") }
            guard step.beta == 0 else { throw StepProblem("has a second number that it does not use") }
        }
    }

    /// The parameters that it reads, in order.
    /// - Parameter shapes: for which `shape` does not throw.
    public func parameters(_ shapes: StepShapes) -> [ParameterSpec] { reads(shapes) }

    /// Multiply-adds of one sample.
    public func multiplyAdds(_ shapes: StepShapes) -> Int {
        if let counted { return counted(shapes) }
        return parameters(shapes).reduce(0) {
            $1.role == .weight ? $0 + ($1.count ?? 0) * shapes.y.spatial : $0
        }
    }
}
