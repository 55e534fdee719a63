// Builds small networks with seeded weights for tests, one operation after the other. Not a test itself.

public import PagefoldCore
public import PagefoldGraph

/// A network under construction; weights follow from the seed.
public struct NetworkBuilder {
    public private(set) var network: Network
    private var shapes: [Shape]
    private var random: RandomSource

    public init(_ name: String, input: Shape, seed: UInt64 = 1) {
        network = Network(name: name, nodes: [Node(name: "input", operation: .input(input))])
        shapes = [input]
        random = RandomSource(seed: seed)
    }

    /// Index of the node added last.
    public var last: Int { network.nodes.count - 1 }
    public var lastShape: Shape { shapes[last] }

    /// Appends an operation on the last node, or on those given.
    @discardableResult
    public mutating func add(
        _ operation: PagefoldGraph.Operation, from inputs: [Int]? = nil, bias: Bool = true
    ) -> Int {
        let inputs = inputs ?? [last]
        let due = operation.parameterShapes(inputs: inputs.map { shapes[$0] }).filter {
            bias || !$0.isOptional
        }
        let name = "node\(network.nodes.count)"
        let parameters = due.map { due in
            let count = due.shape.reduce(1, *)
            let fanIn = due.role == .weight ? Float(count / due.shape[0]) : 1
            let values = (0..<count).map { _ in value(due.role, fanIn: fanIn) }
            return Parameter(name: "\(name)/\(due.role)", role: due.role, shape: due.shape, values: values)
        }
        network.nodes.append(Node(name: name, operation: operation, inputs: inputs, parameters: parameters))
        do { shapes = try network.shapes() } catch { fatalError("a test builds a wrong network: \(error)") }
        return last
    }

    private mutating func value(_ role: ParameterRole, fanIn: Float) -> Float {
        switch role {
        case .weight: random.uniform(-1.7, 1.7) / fanIn.squareRoot()
        case .bias, .beta, .mean, .constant: random.uniform(-0.5, 0.5)
        case .gamma, .variance, .slope: random.uniform(0.5, 1.5)
        }
    }
}

/// Seeded numbers in [-scale, scale).
public func randomNumbers(_ count: Int, seed: UInt64, scale: Float = 1) -> [Float] {
    var random = RandomSource(seed: seed)
    return (0..<count).map { _ in random.uniform(-scale, scale) }
}
