// A network from a list of layers as a job file writes them, one line each, with fresh weights:
// `convolution 16 3x3 stride 2 padding same`, `dense 64`, `leaky_relu 0.2`, `max_pool 2x2`, … docs/job-file.md has
// them all.

public import PagefoldCore

extension Network {
    /// Builds a network with He-normal weights (He et al. 2015) and zero biases.
    /// A layer with `from NAME` has that name, others their number and kind.
    /// - Throws: `InputError` naming the layer that is not understood or does not fit.
    public init(name: String, input: Shape, layers: [String], seed: UInt64) throws(InputError) {
        var builder = LayerListBuilder(name: name, input: input)
        // The layer that each node comes from.
        var origins = [0]
        for (index, layer) in layers.enumerated() {
            do { try builder.append(layer, number: index + 1) } catch {
                throw error.inLayer(index, layer, of: name)
            }
            origins += [Int](repeating: index, count: builder.nodes.count - origins.count)
        }
        guard builder.saved.isEmpty else {
            throw InputError(
                .network(name), field: "layers", problem: "a residual_begin has no residual_end",
                remedy: "add residual_end behind the last layer of the branch")
        }
        var network = Network(name: name, nodes: builder.nodes)
        var shapes = [Shape]()
        for index in network.nodes.indices {
            let node = network.nodes[index]
            let inputs = node.inputs.map { shapes[$0] }
            do {
                network.nodes[index].parameters = try node.freshParameters(
                    inputs: inputs, seed: seed, stream: index)
                // Infers one node at a time, so that weights can be made for shapes that are known.
                shapes = try Network(name: name, nodes: Array(network.nodes[...index])).shapes()
            } catch {
                guard layers.indices.contains(origins[index]) else { throw error }
                throw error.inLayer(origins[index], layers[origins[index]], of: name)
            }
        }
        self = network
    }
}

extension InputError {
    /// An error about a layer of a list, whatever found it.
    fileprivate func inLayer(_ index: Int, _ line: String, of network: String) -> InputError {
        // Nodes have names of their own, such as those of tensors.
        let node = field.hasPrefix("node") ? ": \(field):" : ""
        return InputError(
            .network(network), field: "layers[\(index)]",
            problem: "layer \(index + 1) \"\(line)\"\(node) \(problem)", remedy: remedy)
    }
}

extension Node {
    fileprivate func freshParameters(
        inputs: [Shape], seed: UInt64, stream: Int
    ) throws(InputError) -> [Parameter] {
        var random = RandomSource(seed: seed, UInt64(stream))
        // None where shape inference names what is wrong.
        let shapes = operation.parameterShapes(inputs: inputs)
        for due in shapes {
            // Divides rather than multiplies: the product may overflow.
            let room = due.shape.reduce(FoldFormat.largestArena) { $0 / max($1, 1) }
            guard room > 0 else {
                throw InputError(
                    file: "layers", field: "node \(name)", problem: "its \(due.role) would be \(due.shape)",
                    remedy: "make the layer or its input smaller")
            }
        }
        return shapes.map { due in
            let count = due.shape.reduce(1, *)
            var values = [Float](repeating: 0, count: count)
            switch due.role {
            case .weight:
                let fanIn = Float(count / due.shape[0])
                for i in values.indices { values[i] = random.normal() * (2 / fanIn).squareRoot() }
            case .gamma, .variance: values = [Float](repeating: 1, count: count)
            case .slope: values = [Float](repeating: 0.25, count: count)
            case .bias, .beta, .mean, .constant: break
            }
            return Parameter(
                name: "\(name)/\(due.role.rawValue)", role: due.role, shape: due.shape, values: values)
        }
    }
}

extension RandomSource {
    /// Sum of twelve uniform numbers, centred: variance 1 (Irwin–Hall), no logarithm or cosine needed.
    mutating func normal() -> Float {
        var sum: Float = -6
        for _ in 0..<12 { sum += uniform() }
        return sum
    }
}

private struct LayerListBuilder {
    static let kinds = [
        "convolution", "dense", "lstm", "gru", "max_pool", "average_pool", "global_average_pool",
        "batch_normalisation", "relu", "relu6", "sigmoid", "tanh", "leaky_relu", "prelu", "clip", "silu",
        "gelu", "elu", "softplus", "hard_swish", "hard_sigmoid", "dropout", "flatten", "softmax",
        "residual_begin", "residual_end",
    ]

    let name: String
    var nodes: [Node]
    /// Results that wait for `residual_end`.
    var saved: [Int] = []

    init(name: String, input: Shape) {
        self.name = name
        nodes = [Node(name: "input", operation: .input(input))]
    }

    mutating func append(_ line: String, number: Int) throws(InputError) {
        let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        func fail(_ problem: String, _ remedy: String? = nil) -> InputError {
            InputError(
                .network(name), field: "layer", problem: problem,
                remedy: remedy ?? "write it as the list of layers in docs/job-file.md says")
        }
        guard let kind = words.first else { throw fail("is empty") }
        var arguments = LayerArguments(words: Array(words.dropFirst()))
        let title = arguments.takeSource() ?? "\(number) \(kind)"
        let operation: Operation
        switch kind {
        case "convolution":
            guard let outputs = arguments.takeCount() else {
                throw fail("needs the number of output channels")
            }
            let dilation = arguments.dilation
            guard let window = arguments.takeWindow(defaultStride: false, dilation: dilation) else {
                throw fail("needs a window as 3x3")
            }
            operation = .convolution(
                outputs: outputs, window: window, dilationHeight: dilation.height,
                dilationWidth: dilation.width,
                groups: arguments.groups)
        case "dense":
            guard let outputs = arguments.takeCount() else { throw fail("needs the number of outputs") }
            operation = .dense(outputs: outputs)
        case "max_pool", "average_pool":
            guard let window = arguments.takeWindow(defaultStride: true) else {
                throw fail("needs a window as 2x2")
            }
            operation = kind == "max_pool" ? .maxPool(window) : .averagePool(window)
        case "global_average_pool": operation = .globalAveragePool
        case "batch_normalisation": operation = .batchNormalisation(epsilon: arguments.takeNumber() ?? 1e-3)
        case "relu": operation = .activation(.relu)
        case "relu6": operation = .activation(.relu6)
        case "leaky_relu": operation = .activation(.leakyRelu, alpha: arguments.takeNumber() ?? 0.2)
        case "sigmoid": operation = .activation(.sigmoid)
        case "tanh": operation = .activation(.tanh)
        case "clip":
            guard let low = arguments.takeNumber(), let high = arguments.takeNumber(), low <= high else {
                throw fail("needs two bounds, the lower first")
            }
            operation = .activation(.clip, alpha: low, beta: high)
        case "prelu": operation = .parametricRelu
        case "silu": operation = .function(.silu)
        case "gelu": operation = .function(.gelu)
        case "elu": operation = .function(.elu, alpha: arguments.takeNumber() ?? 1, beta: 1)
        case "hard_swish": operation = .function(.hardSwish)
        case "hard_sigmoid": operation = .function(.hardSigmoid, alpha: 1 / 6, beta: 0.5)
        case "softplus": operation = .function(.softplus)
        case "softmax": operation = .softmax
        case "dropout":
            guard let rate = arguments.takeNumber(), rate >= 0, rate < 1 else {
                throw fail("needs a rate in 0 ..< 1")
            }
            operation = .dropout(rate: rate)
        case "flatten":
            let shape = try Network(name: name, nodes: nodes).uncheckedLastShape()
            operation = .reshape(Shape(channels: shape.count))
        case "lstm", "gru":
            guard let units = arguments.takeCount() else { throw fail("needs the number of units") }
            let (isReversed, isWhole) = (arguments.takeWord("reversed"), arguments.takeWord("all"))
            guard arguments.isEmpty else { throw fail("\(arguments.left) is not understood") }
            let form = RecurrentForm(kind == "lstm" ? .lstm : .gru, isReversed: isReversed)
            try appendRecurrent(title, form, units: units, isWhole: isWhole)
            return
        case "residual_begin":
            guard arguments.isEmpty else { throw fail("\(arguments.left) is not understood") }
            saved.append(nodes.count - 1)
            return
        case "residual_end":
            guard arguments.isEmpty else { throw fail("\(arguments.left) is not understood") }
            guard let begin = saved.popLast() else { throw fail("has no residual_begin before it") }
            nodes.append(Node(name: "\(number) add", operation: .add, inputs: [nodes.count - 1, begin]))
            return
        default:
            throw fail("is no known layer", Spelling.remedy(for: kind, among: Self.kinds))
        }
        guard arguments.isEmpty else { throw fail("\(arguments.left) is not understood") }
        nodes.append(Node(name: title, operation: operation, inputs: [nodes.count - 1]))
    }

    /// A recurrent layer, and of its result the states alone.
    /// - Parameter isWhole: those of all moments, [moments][units]; else that of the last one to be reached, [units].
    private mutating func appendRecurrent(
        _ name: String, _ form: RecurrentForm, units: Int, isWhole: Bool
    ) throws(InputError) {
        func add(_ kind: String, _ operation: Operation) {
            nodes.append(Node(name: "\(name)\(kind)", operation: operation, inputs: [nodes.count - 1]))
        }
        let moments = try Network(name: self.name, nodes: nodes).uncheckedLastShape().channels
        add("", .recurrent(form, units: units))
        if form.results > 1 { add(" state", .slice(axis: 1, start: 0, count: units)) }
        guard !isWhole else { return }
        add(" last", .slice(axis: 0, start: form.isReversed ? 0 : moments - 1, count: 1))
        add(" vector", .reshape(Shape(channels: units)))
    }
}

extension Network {
    /// The shape of the last node before any weights exist.
    fileprivate func uncheckedLastShape() throws(InputError) -> Shape {
        var bare = self
        var shapes = [Shape]()
        for index in bare.nodes.indices {
            let inputs = bare.nodes[index].inputs.map { shapes[$0] }
            bare.nodes[index].parameters = try bare.nodes[index].freshParameters(
                inputs: inputs, seed: 0, stream: 0)
            shapes = try Network(name: name, nodes: Array(bare.nodes[...index])).shapes()
        }
        return shapes[shapes.count - 1]
    }
}
