// The operations by number, and the table of what each is. What they are is in the files beside this one, by family.

/// What a step computes. Raw values are part of the fold file's format.
public enum Opcode: UInt8, Sendable, CaseIterable {
    case convolution = 1
    case dense = 2
    case bias = 3
    case maxPool = 4
    case averagePool = 5
    case globalAveragePool = 6
    case batchNormalisation = 7
    case activation = 8
    case softmax = 9
    case add = 10
    case concatenate = 11
    case reshape = 12
    case dropout = 13
    case multiply = 14
    case subtract = 15
    case divide = 16
    case maximum = 17
    case minimum = 18
    case power = 19
    case less = 20
    case equal = 21
    case function = 22
    case constant = 23
    case transpose = 24
    case slice = 25
    case reduce = 26
    case matrixProduct = 27
    case resize = 28
    case embedding = 29
    case recurrent = 30
    case parametricRelu = 31
    case mask = 32

    /// What the operation is: its operands, attributes, shapes, weights and meaning.
    public var spec: OperationSpec {
        switch self {
        case .convolution: .convolution
        case .dense: .dense
        case .bias: .bias
        case .maxPool: .maxPool
        case .averagePool: .averagePool
        case .globalAveragePool: .globalAveragePool
        case .batchNormalisation: .batchNormalisation
        case .activation: .activation
        case .softmax: .softmax
        case .add: .add
        case .concatenate: .concatenate
        case .reshape: .reshape
        case .dropout: .dropout
        case .multiply: .multiply
        case .subtract: .subtract
        case .divide: .divide
        case .maximum: .maximum
        case .minimum: .minimum
        case .power: .power
        case .less: .less
        case .equal: .equal
        case .function: .function
        case .constant: .constant
        case .transpose: .transpose
        case .slice: .slice
        case .reduce: .reduce
        case .matrixProduct: .matrixProduct
        case .resize: .resize
        case .embedding: .embedding
        case .recurrent: .recurrent
        case .parametricRelu: .parametricRelu
        case .mask: .mask
        }
    }
}

/// A function applied to every number, whose derivative follows from its result, so that it can be computed together
/// with the step before it. Others are `Function`. Raw values are part of the fold file's format.
public enum Activation: UInt8, Sendable, CaseIterable {
    case none = 0
    case relu = 1
    case relu6 = 2
    /// `x` above zero, `alpha · x` below; `alpha` is at least 0.
    case leakyRelu = 3
    case sigmoid = 4
    case tanh = 5
    /// `x` between `alpha` and `beta`, the nearest of them outside.
    case clip = 6

    /// Whether a larger number never gives a smaller one, so that a max-pool may be computed before it.
    public var isMonotone: Bool {
        switch self {
        case .none, .relu, .relu6, .leakyRelu, .sigmoid, .tanh, .clip: true
        }
    }
}
