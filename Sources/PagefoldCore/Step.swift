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
    /// Slope of leaky ReLU, or epsilon of batch normalisation, or rate of dropout.
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

    public init(opcode: Opcode, input: UInt16, output: UInt16) {
        self.opcode = opcode
        self.input = input
        self.output = output
    }
}
