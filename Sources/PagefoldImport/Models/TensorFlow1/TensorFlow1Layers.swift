// Layers with weights: convolutions, dense layers, biases, scales, batch normalisation. Weights change from
// TensorFlow's order to this project's here and nowhere else.

import PagefoldCore
import PagefoldGraph

extension TensorFlow1Translation {
    /// Filters [height][width][in][out] become [out][in][height][width]; depthwise filters
    /// [height][width][in][multiplier] become [in · multiplier][1][height][width].
    mutating func convolution(
        _ reference: TensorFlow1Reference, depthwise: Bool
    ) throws(InputError) -> ForeignValue {
        guard let source = plan.rules[reference.node]?.inputs.first else { return try operand(reference) }
        let x = try value(source)
        let filter = try weight(reference, 1, rank: 4)
        let (height, width) = (filter.shape[0], filter.shape[1])
        let (deep, last) = (filter.shape[2], filter.shape[3])
        guard x.isMap, filter.values.count > 0,
            depthwise ? deep == x.shape.channels : x.shape.channels % deep == 0
        else {
            throw graph.error(
                reference, "filters \(filter.shape) do not match an input of \(x.sizes)",
                "give the graph and the checkpoint of the same training run")
        }
        let groups = x.shape.channels / (depthwise ? 1 : deep)
        let outputs = depthwise ? deep * last : last
        guard outputs % groups == 0 else {
            throw graph.error(
                reference, "\(outputs) outputs in \(groups) groups", "the graph is damaged; export it again")
        }
        let dilations = try pair(reference, "dilations")
        let (window, result) = try window(
            reference, over: x, height: height, width: width, dilations: dilations, outputs: outputs)

        let inputs = depthwise ? 1 : deep
        let weights = filter.transposed(depthwise ? [2, 3, 0, 1] : [3, 2, 0, 1]).values
        let parameter = try parameter(
            reference, 1, .weight, shape: [outputs, inputs, height, width], values: weights)
        let operation = Operation.convolution(
            outputs: outputs, window: window, dilationHeight: dilations.0, dilationWidth: dilations.1,
            groups: groups)
        return ForeignValue(
            node: append(reference, operation, [x.node], [parameter]), map: result, order: .channelsLast)
    }

    /// A matrix [in][out] becomes [out][in], its inputs in the order in which the network holds them.
    mutating func dense(_ reference: TensorFlow1Reference) throws(InputError) -> ForeignValue {
        let x = try operand(reference)
        let matrix = try weight(reference, 1, rank: 2)
        let transposed = graph.flag(reference, "transpose_b")
        let (inputs, outputs) =
            transposed ? (matrix.shape[1], matrix.shape[0]) : (matrix.shape[0], matrix.shape[1])
        guard x.isVector, inputs == x.count, outputs > 0, !graph.flag(reference, "transpose_a") else {
            throw graph.error(
                reference, "a matrix \(matrix.shape) does not match an input of \(x.sizes)",
                "dense layers take a vector for each sample; flatten before them")
        }
        let weights = x.denseWeights(transposed ? matrix : matrix.transposed([1, 0]))
        let parameter = try parameter(reference, 1, .weight, shape: [outputs, inputs], values: weights)
        return ForeignValue(
            node: append(reference, .dense(outputs: outputs), [x.node], [parameter]), vector: outputs,
            order: .channelsLast)
    }

    /// Adds a constant to every channel, or takes it away: the bias of the layer before it where that is free.
    mutating func shift(_ reference: TensorFlow1Reference, sign: Double) throws(InputError)
        -> ForeignValue
    {
        let x = try operand(reference)
        let (tensor, number) = try constantOperand(reference, commutes: sign > 0)
        if graph.op(reference) == "BiasAdd" { try checkFormat(reference) }
        guard let values = x.perChannel(tensor) else {
            throw graph.error(
                reference, "it adds \(tensor.shape) to \(x.sizes)", "only one number a channel can be added")
        }
        let bias = try parameter(
            reference, number, .bias, shape: [values.count], values: sign > 0 ? values : values.map { -$0 })
        if let source = plan.rules[reference.node]?.inputs.first, plan.useCount(source) == 1,
            graph[plan.source(source)].name == nodes[x.node].name,
            nodes[x.node].parameters.count == 1
        {
            switch nodes[x.node].operation {
            case .convolution, .dense:
                nodes[x.node].parameters.append(bias)
                return x
            default: break
            }
        }
        return elementwise(reference, .bias, x, [bias])
    }

    /// Multiplies or divides every channel by a constant: a batch normalisation that only scales.
    mutating func scale(_ reference: TensorFlow1Reference) throws(InputError) -> ForeignValue {
        let divides = graph.op(reference) == "RealDiv"
        let x = try operand(reference)
        guard plan.rules[reference.node]?.inputs.count == 1 else {
            throw graph.error(
                reference, "it combines two activations", "only sums of two activations are supported")
        }
        let (tensor, number) = try constantOperand(reference, commutes: !divides)
        guard let values = x.perChannel(tensor) else {
            throw graph.error(
                reference, "it scales \(x.sizes) by \(tensor.shape)", "only one factor a channel is supported"
            )
        }
        let none = [Double](repeating: 0, count: values.count)
        let name = graph[reference].name
        func made(_ role: ParameterRole, _ values: [Double]) -> Parameter {
            Parameter(
                name: "\(name)/\(role.rawValue)", role: role, shape: [values.count],
                values: values.map { Float($0) })
        }
        let gamma = try parameter(
            reference, number, .gamma, shape: [values.count], values: divides ? values.map { 1 / $0 } : values
        )
        return elementwise(
            reference, .batchNormalisation(epsilon: 0), x,
            [gamma, made(.beta, none), made(.mean, none), made(.variance, none.map { _ in 1 })])
    }

    mutating func batchNormalisation(_ reference: TensorFlow1Reference) throws(InputError) -> ForeignValue {
        try checkFormat(reference)
        let x = try operand(reference)
        guard !graph.flag(reference, "is_training", default: true) else {
            throw graph.error(
                reference, "it normalises by the batch it is given", "export the graph with is_training=False"
            )
        }
        let epsilon = graph.number(reference, "epsilon", default: 1e-4)
        guard x.isMap, epsilon.isFinite, epsilon >= 0 else {
            throw graph.error(reference, "epsilon \(epsilon) over \(x.sizes)", "export the graph again")
        }
        var parameters: [Parameter] = []
        for (number, role) in [(1, ParameterRole.gamma), (2, .beta), (3, .mean), (4, .variance)] {
            let tensor = try weight(reference, number, rank: 1)
            guard tensor.values.count == x.shape.channels,
                role != .variance || tensor.values.allSatisfy({ $0 >= 0 })
            else {
                throw graph.error(
                    reference,
                    "its \(role.rawValue) \(tensor.shape) does not match \(x.shape.channels) channels",
                    "give the graph and the checkpoint of the same training run")
            }
            parameters.append(
                try parameter(reference, number, role, shape: tensor.shape, values: tensor.values))
        }
        return elementwise(reference, .batchNormalisation(epsilon: epsilon), x, parameters)
    }

    // MARK: Weights

    /// The constant that a node has as its input `number`, with the rank it must have.
    private func weight(
        _ reference: TensorFlow1Reference, _ number: Int, rank: Int
    ) throws(InputError) -> ConstantTensor {
        guard let tensor = try constants.value(try graph.input(reference, number)) else {
            throw graph.error(
                reference, "its input \(number) is no trained variable and no constant",
                "weights that are computed from activations are not supported")
        }
        guard tensor.shape.count == rank, tensor.values.count > 0 else {
            throw graph.error(
                reference, "its weights have shape \(tensor.shape)",
                "they must have \(rank) dimensions, none of them zero")
        }
        return tensor
    }

    /// The one constant among a node's two inputs, and its number.
    private func constantOperand(
        _ reference: TensorFlow1Reference, commutes: Bool
    ) throws(InputError) -> (ConstantTensor, Int) {
        let inputs = try graph.inputs(reference)
        if inputs.count == 2 {
            if let tensor = try constants.value(inputs[1]) { return (tensor, 1) }
            if commutes, let tensor = try constants.value(inputs[0]) { return (tensor, 0) }
        }
        throw graph.error(
            reference, "it does not combine an activation with a constant", "name another output")
    }

    /// A parameter named after the variable that it comes from; every number is finite.
    private mutating func parameter(
        _ reference: TensorFlow1Reference, _ number: Int, _ role: ParameterRole, shape: [Int],
        values: [Double]
    ) throws(InputError) -> Parameter {
        let name = try constants.origin(try graph.input(reference, number))
        try move(values.count, reference)
        let values = values.map { Float($0) }
        guard values.allSatisfy(\.isFinite) else {
            throw InputError(
                file: graph.file, field: name,
                problem: "the weights of \(graph[reference].name) hold NaN or infinity",
                remedy: "take an earlier checkpoint, from before training diverged")
        }
        return Parameter(name: name, role: role, shape: shape, values: values)
    }
}
