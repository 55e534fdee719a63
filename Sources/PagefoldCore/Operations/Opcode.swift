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
        }
    }
}

/// A function applied to every number. Raw values are part of the fold file's format.
public enum Activation: UInt8, Sendable, CaseIterable {
    case none = 0
    case relu = 1
    case relu6 = 2
    /// `x` above zero, `alpha · x` below; `alpha` is at least 0.
    case leakyRelu = 3
    case sigmoid = 4
    case tanh = 5

    /// Whether a larger number never gives a smaller one, so that a max-pool may be computed before it.
    public var isMonotone: Bool {
        switch self {
        case .none, .relu, .relu6, .leakyRelu, .sigmoid, .tanh: true
        }
    }
}
