// From a graph to a program: steps over values and one flat weight vector. Bias and activation are fused into the
// step before them; what only training needs is left behind for inference. It knows nothing of pages.

public import PagefoldCore

/// Where a parameter of the graph lies in the flat weight vector.
public struct ParameterSpan: Hashable, Sendable {
    public let node: Int
    public let parameter: Int
    public let offset: Int
    public let count: Int
}

/// A network ready to run or to pack.
public struct LoweredNetwork: Sendable {
    public var name: String
    public var program: Program
    /// The flat weight vector: weight tensors in the order of the layers, row-major (WV section 4), then the tail.
    public var weights: [Float]
    public var spans: [ParameterSpan]
    /// How inputs and outputs look outside, and the network's name.
    public var text: NetworkText

    /// - Parameter text: nil: ports under their usual names.
    public init(
        name: String, program: Program, weights: [Float], spans: [ParameterSpan] = [],
        text: NetworkText? = nil
    ) {
        self.name = name
        self.program = program
        self.weights = weights
        self.spans = spans
        func ports(_ count: Int, isInput: Bool) -> [NetworkPort] {
            (0..<count).map { NetworkPort(name: NetworkPort.usualName($0, isInput: isInput)) }
        }
        self.text =
            text
            ?? NetworkText(
                name: name, inputs: ports(program.inputs, isInput: true),
                outputs: ports(program.outputs.count, isInput: false))
    }
}

/// What a program is lowered for.
public enum LoweringMode: Sendable {
    /// Keeps dropout and batch normalisation as steps.
    case training
    /// Drops dropout and folds batch normalisation into the convolution or dense layer before it.
    case inference
}

extension Network {
    /// Lowers the network.
    /// - Parameter pageBiases: put biases and normalisation vectors into pages too, in the order of the layers, as
    ///   published (WV, WS). Otherwise they are the tail, which no other network shares.
    /// - Throws: `InputError` naming the node that does not fit.
    public func lowered(for mode: LoweringMode, pageBiases: Bool = false) throws(InputError) -> LoweredNetwork
    {
        var shapes = try shapes()  // Checked before anything relies on it.
        let network = mode == .inference ? foldingBatchNormalisation() : self
        if mode == .inference { shapes = try network.shapes() }
        var lowering = Lowering(network: network, shapes: shapes, mode: mode)
        lowering.layWeights(pageBiases: pageBiases)
        for index in network.nodes.indices { try lowering.lower(index) }
        return try lowering.finish()
    }

    /// Takes the weights of a trained program back into the graph that it was lowered from, for training: lowering
    /// for inference folds nodes, so that spans no longer name this graph's.
    public func replacingWeights(by lowered: LoweredNetwork) -> Network {
        var result = self
        for span in lowered.spans {
            result.nodes[span.node].parameters[span.parameter].values =
                Array(lowered.weights[span.offset..<span.offset + span.count])
        }
        return result
    }
}

private struct Lowering {
    let network: Network
    let shapes: [Shape]
    let mode: LoweringMode
    let consumers: [Int]
    let finalNodes: Set<Int>
    var values: [Shape] = []
    var steps: [Step] = []
    /// The value that holds each node's result.
    var valueOf: [Int: Int] = [:]
    /// The step that wrote a value, while it may still take a bias or an activation.
    var openStep: [Int: Int] = [:]
    var weights: [Float] = []
    var pagedCount = 0
    var spans: [ParameterSpan] = []
    var offsets: [Int: [Int]] = [:]

    init(network: Network, shapes: [Shape], mode: LoweringMode) {
        self.network = network
        self.shapes = shapes
        self.mode = mode
        consumers = network.readerCounts
        finalNodes = Set(network.finalNodes)
        for node in network.inputNodes + network.states.map(\.input) {
            valueOf[node] = newValue(shapes[node])
        }
    }

    mutating func layWeights(pageBiases: Bool) {
        func lay(where isLaid: (ParameterRole) -> Bool) {
            for (n, node) in network.nodes.enumerated() {
                for (p, parameter) in node.parameters.enumerated() where isLaid(parameter.role) {
                    offsets[n, default: [Int](repeating: 0, count: node.parameters.count)][p] = weights.count
                    let count = parameter.values.count
                    spans.append(ParameterSpan(node: n, parameter: p, offset: weights.count, count: count))
                    weights += parameter.values
                }
            }
        }
        if pageBiases {
            // Nobody trains constants, so a shared page would only spoil them.
            lay { $0 != .constant }
            pagedCount = weights.count
            lay { $0 == .constant }
        } else {
            lay { $0 == .weight }
            pagedCount = weights.count
            lay { $0 != .weight }
        }
    }

    mutating func lower(_ index: Int) throws(InputError) {
        let node = network.nodes[index]
        let inputs = node.inputs.map { valueOf[$0]! }
        let last = inputs.first ?? 0
        // A step may take over what follows it only if nobody else reads its result.
        let open = node.inputs.first.flatMap { consumers[$0] == 1 ? openStep[last] : nil }
        switch node.operation {
        case .input: break
        // Only a step that looks at rows and columns can tell a reshaped value from the original.
        case .reshape(let shape) where shape.spatial == 1 && readersAreDense(index):
            valueOf[index] = last
        case .dropout where mode == .inference:
            // Two names for one value: a step may take over what follows only while there is one reader.
            if consumers[node.inputs[0]] > 1 { openStep[last] = nil }
            valueOf[index] = last
        case .bias where open.map { steps[$0].bias == Step.none32 && steps[$0].activation == .none } == true:
            steps[open!].bias = UInt32(offsets[index]![0])
            valueOf[index] = last
        case .activation(let activation, let alpha, let beta)
        where open.map { steps[$0].activation == .none } == true:
            steps[open!].activation = activation
            steps[open!].alpha = alpha
            steps[open!].beta = beta
            valueOf[index] = last
            openStep[last] = nil
        default:
            try append(index, inputs)
        }
        guard values.count < FoldFormat.mostValues, weights.count <= FoldFormat.mostWeights else {
            throw InputError(
                file: network.name, field: "node \(node.name)",
                problem: "the network is too large for a program",
                remedy: "split the network")
        }
    }

    private func readersAreDense(_ index: Int) -> Bool {
        network.nodes.allSatisfy { node in
            guard node.inputs.contains(index) else { return true }
            if case .dense = node.operation { return true }
            return false
        } && !finalNodes.contains(index)
    }

    private mutating func newValue(_ shape: Shape) -> Int {
        values.append(shape)
        return values.count - 1
    }

    /// The node's steps, each on the result of the one before it.
    private mutating func append(_ index: Int, _ inputs: [Int]) throws(InputError) {
        let node = network.nodes[index]
        var value = inputs.first ?? 0
        do throws(StepProblem) {
            for (position, form) in try node.operation.steps(on: inputs.map { values[$0] }).enumerated() {
                var step = form.step
                step.input = UInt16(value)
                if form.second != nil, inputs.count > 1 { step.secondInput = UInt16(inputs[position + 1]) }
                for (parameter, offset) in zip(node.parameters, offsets[index] ?? []) {
                    if parameter.role == .bias {
                        step.bias = UInt32(offset)
                    } else if step.weights == Step.none32 {
                        step.weights = UInt32(offset)
                    }
                }
                value = newValue(form.y)
                step.output = UInt16(value)
                steps.append(step)
            }
        } catch { throw network.error(node, error.text) }
        valueOf[index] = value
        if steps[steps.count - 1].opcode.spec.fields.isSuperset(of: [.activation, .bias]) {
            openStep[value] = steps.count - 1
        }
    }

    func finish() throws(InputError) -> LoweredNetwork {
        let outputs = network.outputNodes.map { node in
            let value = valueOf[node]!
            guard network.nodes[node].operation == .softmax, values[value].spatial == 1 else {
                return ProgramOutput(value: value)
            }
            return ProgramOutput(value: value, scores: valueOf[network.nodes[node].inputs[0]]!)
        }
        let program = Program(
            values: values, inputs: network.inputNodes.count,
            states: network.states.map { valueOf[$0.output]! },
            steps: steps, outputs: outputs, pagedCount: pagedCount, weightCount: weights.count)
        var lowered = LoweredNetwork(name: network.name, program: program, weights: weights, spans: spans)
        if !network.inputs.isEmpty { lowered.text.inputs = network.inputs }
        if !network.outputs.isEmpty { lowered.text.outputs = network.outputs.map(\.port) }
        do throws(FoldError) {
            try program.validate()
            if let problem = lowered.text.problem(with: program) { throw FoldError("ports", problem) }
        } catch {
            throw InputError(
                file: network.name, field: error.part, problem: error.problem, remedy: "correct the graph")
        }
        return lowered
    }
}
