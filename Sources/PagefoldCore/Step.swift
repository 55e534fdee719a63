// What a lowered network is made of: steps over numbered values, weights by offset into one flat vector.
// Steps are plain numbers, so that they can be stored, checked and run where nothing can be allocated.

/// One operation of a lowered network: opcode, operands, attributes.
public struct Step: Hashable, Sendable {
    /// Marks an operand that a step does not have.
    public static let none16 = UInt16.max
    /// Marks a weight offset that a step does not have.
    public static let none32 = UInt32.max

    public var opcode: Opcode
    /// Applied to the result of steps that have one (`OperationSpec.fields`).
    public var activation: Activation = .none
    /// Index of the first operand among the program's values.
    public var input: UInt16
    /// Index of the second operand, where there is one.
    public var secondInput: UInt16 = Step.none16
    public var output: UInt16
    /// Offset of the first weight in the network's flat vector. Convolution: [out][in / groups][kernel height]
    /// [kernel width]; dense: [out][in]; batch normalisation: gamma, beta, mean and variance, one after the other.
    public var weights: UInt32 = Step.none32
    /// Offset of the bias in the network's flat vector, one number an output channel.
    public var bias: UInt32 = Step.none32
    /// Offset of a factor for each output channel, which multiplies the weighted sum before the bias: what lets
    /// networks of different magnitude share a frame.
    public var scale: UInt32 = Step.none32
    /// What each operation says (`OperationSpec.number`): slope of leaky ReLU, epsilon, rate of dropout, …
    public var alpha: Float = 0
    public var kernelHeight: UInt8 = 1
    public var kernelWidth: UInt8 = 1
    public var strideHeight: UInt8 = 1
    public var strideWidth: UInt8 = 1
    public var padTop: UInt8 = 0
    public var padLeft: UInt8 = 0
    public var dilationHeight: UInt8 = 1
    public var dilationWidth: UInt8 = 1
    public var groups: UInt16 = 1
    /// Which of several forms of its operation it has: a function, a reduction, an order of axes, …
    public var mode: UInt8 = 0
    /// Along which axis it works: 0 channels, 1 height, 2 width.
    public var axis: UInt8 = 0
    /// A second number beside `alpha` (`OperationSpec.secondNumber`).
    public var beta: Float = 0
    /// The first place that a slice takes; below zero it begins with padding.
    public var start: Int32 = 0
    /// From one place that a slice takes to the next; 0 repeats one, below zero goes back.
    public var pace: Int32 = 1
    /// Rows of a table of weights, where no shape tells them.
    public var rows: UInt32 = 0

    public init(opcode: Opcode, input: UInt16, output: UInt16) {
        self.opcode = opcode
        self.input = input
        self.output = output
    }

    /// Whether it looks at its first operand: a constant has one in name only.
    package var readsInput: Bool { opcode != .constant }
}
