// Which nodes the answer needs, in an order in which they can be computed, and what each of them is once patterns
// are recognised. It does not look at shapes or weights.

import PagefoldCore

/// What a node means.
enum TensorFlow1Rule {
    case input
    /// Hands on its input.
    case same(TensorFlow1Reference)
    case softmax(TensorFlow1Reference)
    case leakyRelu(TensorFlow1Reference, slope: Double)
    /// `keep` is the share of numbers kept, where the graph holds it as a constant.
    case dropout(TensorFlow1Reference, keep: Double?)
    /// The node's own operation, on these activations.
    case operation([TensorFlow1Reference])

    var inputs: [TensorFlow1Reference] {
        switch self {
        case .input: []
        case .same(let x), .softmax(let x), .leakyRelu(let x, _), .dropout(let x, _): [x]
        case .operation(let inputs): inputs
        }
    }
}

/// The part of a graph that computes the answer from the input.
struct TensorFlow1Plan {
    let graph: TensorFlow1Graph
    let constants: TensorFlow1Constants
    let output: TensorFlow1Reference
    private(set) var order: [TensorFlow1Reference] = []
    private(set) var rules: [Int: TensorFlow1Rule] = [:]
    private var uses: [Int: Int] = [:]

    init(
        graph: TensorFlow1Graph, constants: TensorFlow1Constants, output: TensorFlow1Reference,
        options: ModelOptions
    ) throws(InputError) {
        self.graph = graph
        self.constants = constants
        self.output = output
        try walk(input: try Self.input(graph, options))
        try checkInputs()
        for node in order {
            guard let rule = rules[node.node] else { continue }
            if case .same = rule { continue }
            for input in rule.inputs { uses[source(input).node, default: 0] += 1 }
        }
    }

    /// How many operations read a value, directly or handed on.
    func useCount(_ reference: TensorFlow1Reference) -> Int { uses[source(reference).node] ?? 0 }

    /// The node that computes what `reference` hands on.
    func source(_ reference: TensorFlow1Reference) -> TensorFlow1Reference {
        var at = reference
        while case .same(let next) = rules[at.node] { at = next }
        return at
    }

    private static func input(
        _ graph: TensorFlow1Graph, _ options: ModelOptions
    ) throws(InputError) -> TensorFlow1Reference? {
        guard let name = options.input else { return nil }
        guard let found = graph.reference(name) else {
            let known = graph.nodes.filter { $0.op == "Placeholder" }.prefix(8).map(\.name).joined(
                separator: ", ")
            throw InputError(
                file: graph.file, field: "input", problem: "there is no node \(name)",
                remedy: "name one of the graph's nodes; its placeholders begin with \(known)")
        }
        return found
    }

    /// Depth first from the answer, with a stack of its own: graphs of thousands of nodes in a row are common.
    private mutating func walk(input: TensorFlow1Reference?) throws(InputError) {
        var stack = [(node: output, entered: false)]
        var open: Set<Int> = []
        while let (node, entered) = stack.popLast() {
            if entered {
                open.remove(node.node)
                order.append(node)
                continue
            }
            if open.contains(node.node) {
                throw graph.error(
                    node, "the graph runs in a circle here", "loops are not supported; name another output")
            }
            guard rules[node.node] == nil else { continue }
            let rule = node.node == input?.node ? TensorFlow1Rule.input : try rule(of: node)
            rules[node.node] = rule
            open.insert(node.node)
            stack.append((node, true))
            for next in rule.inputs.reversed() {
                guard next.port == 0 || ["Switch", "RefSwitch"].contains(graph.op(next)) else {
                    throw graph.error(
                        next, "its output \(next.port) is read", "only first outputs are supported")
                }
                stack.append((next, false))
            }
        }
    }

    private func rule(of node: TensorFlow1Reference) throws(InputError) -> TensorFlow1Rule {
        let patterns = TensorFlow1Patterns(graph: graph, constants: constants)
        if let logits = try patterns.softmaxLogits(node) { return .softmax(logits) }
        if let (input, keep) = try patterns.dropout(node) { return .dropout(input, keep: keep) }
        if let (input, slope) = try patterns.leakyRelu(node) { return .leakyRelu(input, slope: slope) }
        let op = graph.op(node)
        if op == "Placeholder" { return .input }
        if op == "Merge" || op == "RefMerge" { return .same(try patterns.inferenceBranch(node)) }
        if op == "Cast" || TensorFlow1Constants.passing.contains(op) {
            return .same(try graph.input(node, 0))
        }
        if op == "PlaceholderWithDefault" { return .input }
        if try constants.value(node) != nil { return .operation([]) }
        switch op {
        case "Add", "AddV2", "AddN", "Sub", "Mul", "RealDiv", "ConcatV2":
            var activations: [TensorFlow1Reference] = []
            for input in try graph.inputs(node) where try constants.value(input) == nil {
                activations.append(input)
            }
            return .operation(activations)
        default:
            guard TensorFlow1Translation.supported.contains(op) else {
                throw graph.error(
                    node, "this operation is not supported",
                    "name an output before it, or rewrite the graph with supported operations")
            }
            return .operation([try graph.input(node, 0)])
        }
    }

    private func checkInputs() throws(InputError) {
        let inputs = order.filter { if case .input = rules[$0.node] { true } else { false } }
        guard inputs.count == 1 else {
            let names = inputs.prefix(8).map { graph[$0].name }.joined(separator: ", ")
            throw InputError(
                file: graph.file, field: "input",
                problem: inputs.isEmpty
                    ? "the answer \(graph[output].name) depends on no placeholder"
                    : "the answer \(graph[output].name) depends on several placeholders: \(names)",
                remedy: "name the network's input, or another output")
        }
    }
}
