// From a plan to the nodes of a network, in order. Here is which operation becomes what; windows, weights and
// reshapes each have a file of their own (TensorFlow1Layers, TensorFlow1Reshapes).

import PagefoldCore
import PagefoldGraph

/// Builds the nodes of one network.
struct TensorFlow1Translation {
    let plan: TensorFlow1Plan
    let options: ModelOptions
    var nodes: [Node] = []
    var values: [Int: ForeignValue] = [:]
    private var moved = NumberLimit(1 << 28)

    var graph: TensorFlow1Graph { plan.graph }
    var constants: TensorFlow1Constants { plan.constants }

    /// Operations that read one activation first; those that mix activations and constants are in the plan.
    static let supported: Set = [
        "Conv2D", "DepthwiseConv2dNative", "MatMul", "BiasAdd", "MaxPool", "AvgPool", "Mean", "Relu", "Relu6",
        "LeakyRelu", "Sigmoid", "Tanh", "Softmax", "Reshape", "Squeeze", "ExpandDims", "Pad", "PadV2",
        "FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3",
    ]

    init(plan: TensorFlow1Plan, options: ModelOptions) {
        self.plan = plan
        self.options = options
    }

    /// All nodes, the input first, the answer last.
    mutating func run() throws(InputError) -> [Node] {
        for reference in plan.order {
            guard let rule = plan.rules[reference.node] else { continue }
            values[reference.node] = try translate(reference, rule)
        }
        let answer = try value(plan.output)
        guard answer.positions == nil, answer.padding == Padding() else {
            throw graph.error(
                plan.output, "the answer is a flattened feature map, whose order is not kept",
                "name a node before it or behind the next layer as the output")
        }
        guard answer.node == nodes.count - 1, nodes.count > 1 else {
            throw graph.error(plan.output, "nothing is computed from the input", "name another output")
        }
        return nodes
    }

    /// The translated result of an input.
    func value(_ reference: TensorFlow1Reference) throws(InputError) -> ForeignValue {
        guard let value = values[reference.node] else {
            throw graph.error(
                reference, "it is used before it is computed", "the file is damaged; copy it again")
        }
        return value
    }

    /// The first activation that a node reads, with no zeros left to add around it.
    func operand(_ reference: TensorFlow1Reference, _ number: Int = 0) throws(InputError) -> ForeignValue {
        let inputs = plan.rules[reference.node]?.inputs ?? []
        guard number < inputs.count else {
            throw graph.error(reference, "it has no activation as an input", "name another output")
        }
        let value = try value(inputs[number])
        if value.padding != Padding() {
            throw graph.error(
                reference, "it reads a padded feature map", "padding is supported before convolutions only")
        }
        return value
    }

    /// Counts numbers that are copied or reordered, so that a small file cannot ask for unbounded memory.
    mutating func move(_ count: Int, _ reference: TensorFlow1Reference) throws(InputError) {
        guard moved.take(count) else {
            throw graph.error(
                reference, "the network grows beyond \(moved.limit) numbers",
                "the file is damaged; copy it again"
            )
        }
    }

    /// Appends a node and answers its index.
    mutating func append(
        _ reference: TensorFlow1Reference, _ operation: Operation, _ inputs: [Int],
        _ parameters: [Parameter] = []
    ) -> Int {
        nodes.append(
            Node(name: graph[reference].name, operation: operation, inputs: inputs, parameters: parameters))
        return nodes.count - 1
    }

    /// Appends an operation that leaves shape and order as they are.
    mutating func elementwise(
        _ reference: TensorFlow1Reference, _ operation: Operation, _ x: ForeignValue,
        _ parameters: [Parameter] = []
    ) -> ForeignValue {
        var result = x
        result.node = append(reference, operation, [x.node], parameters)
        return result
    }

    private mutating func translate(
        _ reference: TensorFlow1Reference, _ rule: TensorFlow1Rule
    ) throws(InputError) -> ForeignValue {
        switch rule {
        case .input: return try input(reference)
        case .same(let x): return try value(x)
        case .softmax: return try softmax(reference)
        case .leakyRelu(_, let slope):
            let activation =
                slope == 0 ? Operation.activation(.relu) : .activation(.leakyRelu, alpha: Float(slope))
            return elementwise(reference, activation, try operand(reference))
        case .dropout(_, let keep):
            let rate = keep.map { Float(1 - $0) } ?? options.dropoutRate
            guard rate >= 0, rate < 1 else {
                throw graph.error(reference, "a dropout rate of \(rate)", "set a rate from 0 up to below 1")
            }
            let x = try operand(reference)
            return rate == 0 ? x : elementwise(reference, .dropout(rate: rate), x)
        case .operation(let activations): return try operation(reference, activations)
        }
    }

    private mutating func operation(
        _ reference: TensorFlow1Reference, _ activations: [TensorFlow1Reference]
    ) throws(InputError) -> ForeignValue {
        switch graph.op(reference) {
        case "Conv2D": return try convolution(reference, depthwise: false)
        case "DepthwiseConv2dNative": return try convolution(reference, depthwise: true)
        case "MatMul": return try dense(reference)
        case "BiasAdd": return try shift(reference, sign: 1)
        case "Add", "AddV2", "AddN":
            return activations.count > 1
                ? try sum(reference, activations.count) : try shift(reference, sign: 1)
        case "Sub": return try shift(reference, sign: -1)
        case "Mul", "RealDiv": return try scale(reference)
        case "MaxPool", "AvgPool": return try pool(reference)
        case "Mean": return try mean(reference)
        case "Relu": return elementwise(reference, .activation(.relu), try operand(reference))
        case "Relu6": return elementwise(reference, .activation(.relu6), try operand(reference))
        case "Sigmoid": return elementwise(reference, .activation(.sigmoid), try operand(reference))
        case "Tanh": return elementwise(reference, .activation(.tanh), try operand(reference))
        case "LeakyRelu":
            let slope = graph.number(reference, "alpha", default: 0.2)
            guard slope.isFinite else {
                throw graph.error(reference, "a slope of \(slope)", "export the graph again")
            }
            return elementwise(reference, .activation(.leakyRelu, alpha: slope), try operand(reference))
        case "Softmax": return try softmax(reference)
        case "ConcatV2": return try concatenation(reference, activations.count)
        case "Reshape", "Squeeze", "ExpandDims": return try reshape(reference)
        case "Pad", "PadV2": return try pad(reference)
        case "FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3":
            return try batchNormalisation(reference)
        default: throw graph.error(reference, "this operation is not supported", "name another output")
        }
    }

    private mutating func input(_ reference: TensorFlow1Reference) throws(InputError) -> ForeignValue {
        let stored = graph.shape(reference).map { Array($0.dropFirst()) }
        let given = options.sizes(of: graph[reference].name)
        guard let sizes = given ?? stored, let shape = ForeignValue.shape(of: sizes, order: .channelsLast)
        else {
            throw graph.error(
                reference, "its shape is \((given ?? stored).map { "\($0)" } ?? "unknown")",
                "give the sizes of one sample with input_shape")
        }
        return ForeignValue(
            node: append(reference, .input(shape), []), shape: shape, sizes: sizes, order: .channelsLast)
    }

    private mutating func softmax(_ reference: TensorFlow1Reference) throws(InputError) -> ForeignValue {
        let x = try operand(reference)
        guard x.shape.spatial == 1, x.sizes.count != 2 else {
            throw graph.error(
                reference, "a softmax over \(x.sizes)", "softmax is supported over a vector of classes")
        }
        return elementwise(reference, .softmax, x)
    }

    private mutating func sum(_ reference: TensorFlow1Reference, _ count: Int) throws(InputError)
        -> ForeignValue
    {
        guard try graph.inputs(reference).count == count else {
            throw graph.error(
                reference, "it adds activations and constants", "add constants in a node of their own")
        }
        var total = try operand(reference)
        for number in 1..<count {
            let next = try operand(reference, number)
            guard next.sizes == total.sizes, next.shape == total.shape, next.positions == total.positions
            else {
                throw graph.error(
                    reference, "it adds \(total.sizes) and \(next.sizes)", "only equal shapes can be added")
            }
            total.node = append(reference, .add, [total.node, next.node])
        }
        return total
    }

    private mutating func concatenation(
        _ reference: TensorFlow1Reference, _ count: Int
    ) throws(InputError) -> ForeignValue {
        let axis = try constants.integers(try graph.inputs(reference).last ?? reference)?.first ?? Int.min
        guard count > 0, try graph.inputs(reference).count == count + 1 else {
            throw graph.error(
                reference, "it joins activations and constants", "rewrite it without the constants")
        }
        var joined = try operand(reference)
        guard axis == -1 || axis == joined.sizes.count else {
            throw graph.error(
                reference, "it joins along axis \(axis)", "only the last axis, channels, is supported")
        }
        for number in 1..<max(1, count) {
            let next = try operand(reference, number)
            guard joined.isMap && next.isMap || joined.isVector && next.isVector,
                joined.sizes.dropLast() == next.sizes.dropLast(),
                joined.count + next.count <= ForeignValue.countLimit
            else {
                throw graph.error(
                    reference, "it joins \(joined.sizes) and \(next.sizes)",
                    "only feature maps of equal height and width, or vectors, can be joined")
            }
            let node = append(reference, .concatenate, [joined.node, next.node])
            if joined.positions != nil || next.positions != nil {
                try move(joined.count + next.count, reference)
                let offset = Int32(joined.count)
                joined.positions = joined.allPositions + next.allPositions.map { $0 + offset }
            }
            joined.node = node
            joined.shape.channels += next.shape.channels
            joined.sizes[joined.sizes.count - 1] = joined.shape.channels
        }
        return joined
    }
}
