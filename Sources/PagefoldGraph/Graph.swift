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

/// An output of a network: a node's result, and how it looks outside.
public struct NetworkOutput: Hashable, Sendable {
    public var node: Int
    public var port: NetworkPort

    public init(node: Int, port: NetworkPort) {
        self.node = node
        self.port = port
    }
}

/// What lives between runs: an input node that holds zeros at first, and then what another node gave in the run before.
public struct NetworkState: Hashable, Sendable {
    public var input: Int
    public var output: Int

    public init(input: Int, output: Int) {
        self.input = input
        self.output = output
    }
}

/// A trained network: nodes in an order in which they can be computed, the first of them an input. Where nothing else is said,
/// that is the only input and the last node is the answer.
public struct Network: Hashable, Sendable {
    public var name: String
    public var nodes: [Node]
    /// How the inputs look outside: one port for each input node that is no state, in their order; empty: as usual.
    public var inputs: [NetworkPort]
    /// Empty: the last node, as usual.
    public var outputs: [NetworkOutput]
    public var states: [NetworkState]

    public init(
        name: String, nodes: [Node], inputs: [NetworkPort] = [], outputs: [NetworkOutput] = [],
        states: [NetworkState] = []
    ) {
        self.name = name
        self.nodes = nodes
        self.inputs = inputs
        self.outputs = outputs
        self.states = states
    }

    /// All trained numbers, biases included.
    public var weightCount: Int { nodes.reduce(0) { $0 + $1.parameters.reduce(0) { $0 + $1.values.count } } }

    /// Input nodes that are filled from outside, in their order.
    var inputNodes: [Int] {
        nodes.indices.filter { index in
            guard case .input = nodes[index].operation else { return false }
            return !states.contains { $0.input == index }
        }
    }

    /// Nodes that give an answer, in the order of the outputs.
    var outputNodes: [Int] { outputs.isEmpty ? [nodes.count - 1] : outputs.map(\.node) }

    /// Nodes whose result is wanted when all are computed.
    var finalNodes: [Int] { outputNodes + states.map(\.output) }

    /// How many read each node's result, those outside included.
    package var readerCounts: [Int] {
        var counts = [Int](repeating: 0, count: nodes.count)
        for node in nodes { for input in node.inputs { counts[input] += 1 } }
        for node in finalNodes { counts[node] += 1 }
        return counts
    }
}
