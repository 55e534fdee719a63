// A network as importers build it: named nodes over operations, each with its parameters. No pages, no engines.

public import PagefoldCore

/// A named tensor of weights, row-major.
public struct Parameter: Hashable, Sendable {
    public var name: String
    public var role: ParameterRole
    public var shape: [Int]
    public var values: [Float]

    public init(name: String, role: ParameterRole, shape: [Int], values: [Float]) {
        self.name = name
        self.role = role
        self.shape = shape
        self.values = values
    }
}

/// One operation of a graph, applied to the results of earlier nodes.
public struct Node: Hashable, Sendable {
    public var name: String
    public var operation: Operation
    /// Indices of nodes that stand before this one.
    public var inputs: [Int]
    public var parameters: [Parameter]

    public init(name: String, operation: Operation, inputs: [Int] = [], parameters: [Parameter] = []) {
        self.name = name
        self.operation = operation
        self.inputs = inputs
        self.parameters = parameters
    }
}

/// A trained network: nodes in an order in which they can be computed. Node 0 is the only input; the last node is
/// the answer.
public struct Network: Hashable, Sendable {
    public var name: String
    public var nodes: [Node]

    public init(name: String, nodes: [Node]) {
        self.name = name
        self.nodes = nodes
    }

    /// All trained numbers, biases included.
    public var weightCount: Int { nodes.reduce(0) { $0 + $1.parameters.reduce(0) { $0 + $1.values.count } } }
}
