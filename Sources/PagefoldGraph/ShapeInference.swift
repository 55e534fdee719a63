// The shape of every node's result, from the input's shape forward. Every mistake in a graph is found here, with
// the name of the node; lowering may rely on it.

public import PagefoldCore

extension Network {
    /// Shape of each node's result for one sample.
    /// - Throws: `InputError` naming the network and the node.
    public func shapes() throws(InputError) -> [Shape] {
        var shapes = [Shape]()
        guard let first = nodes.first, case .input = first.operation else {
            throw InputError(
                file: name, field: "graph", problem: "its first node is not the input",
                remedy: "begin the list of layers with the input")
        }
        for (index, node) in nodes.enumerated() {
            guard node.inputs.allSatisfy({ $0 >= 0 && $0 < index }),
                node.operation.arity.contains(node.inputs.count), index == 0 || !node.inputs.isEmpty
            else { throw error(node, "its inputs \(node.inputs) are not as many earlier nodes as it needs") }
            let inputs = node.inputs.map { shapes[$0] }
            let shape = try result(of: node, inputs: inputs)
            guard shape.channels > 0, shape.height > 0, shape.width > 0 else {
                throw error(node, "its result would be \(shape)")
            }
            guard shape.fits else { throw error(node, "its result \(shape) is too large") }
            try check(node, inputs: inputs)
            shapes.append(shape)
        }
        return shapes
    }

    private func error(_ node: Node, _ problem: String) -> InputError {
        InputError(
            file: name, field: "node \(node.name)", problem: problem,
            remedy: "correct this layer or the shape of the input")
    }

    private func result(of node: Node, inputs: [Shape]) throws(InputError) -> Shape {
        switch node.operation {
        case .input(let shape):
            return shape
        case .convolution(let outputs, let window, let dilationHeight, let dilationWidth, let groups):
            // A step stores groups in two bytes, window and dilation in one each.
            guard (1...65_535).contains(groups), inputs[0].channels % groups == 0, outputs % groups == 0
            else {
                throw error(
                    node, "\(groups) groups do not divide \(inputs[0].channels) and \(outputs) channels")
            }
            guard [dilationHeight, dilationWidth, window.height, window.width].allSatisfy((1...255).contains)
            else {
                throw error(node, "window or dilation outside 1…255")
            }
            var reach = window
            reach.height = (window.height - 1) * dilationHeight + 1
            reach.width = (window.width - 1) * dilationWidth + 1
            let slid = try slide(reach, over: inputs[0], node)
            return Shape(channels: outputs, height: slid.height, width: slid.width)
        case .dense(let outputs):
            return Shape(channels: outputs)
        case .maxPool(let window), .averagePool(let window):
            guard window.padding.top < window.height, window.padding.left < window.width,
                window.padding.bottom < window.height, window.padding.right < window.width
            else { throw error(node, "its padding is as large as its window") }
            return try slide(window, over: inputs[0], node)
        case .globalAveragePool:
            return Shape(channels: inputs[0].channels)
        case .bias:
            return inputs[0]
        case .batchNormalisation(let epsilon):
            guard epsilon.isFinite, epsilon >= 0 else { throw error(node, "epsilon \(epsilon)") }
            return inputs[0]
        case .activation(_, let alpha):
            // Below zero, a leaky ReLU would not be monotone and its output would not tell its slope.
            guard alpha.isFinite, alpha >= 0 else { throw error(node, "slope \(alpha)") }
            return inputs[0]
        case .dropout(let rate):
            guard (0..<1).contains(rate) else { throw error(node, "rate \(rate), 0 ..< 1 is possible") }
            return inputs[0]
        case .softmax:
            guard node == nodes.last else {
                throw error(node, "softmax before the end, which is not trained through")
            }
            guard inputs[0].spatial == 1 else {
                throw error(node, "softmax of \(inputs[0]), which is no vector")
            }
            return inputs[0]
        case .add:
            guard inputs[0] == inputs[1] else { throw error(node, "adds \(inputs[0]) and \(inputs[1])") }
            return inputs[0]
        case .concatenate:
            var joined = inputs[0]
            for other in inputs.dropFirst() {
                guard other.height == joined.height, other.width == joined.width else {
                    throw error(node, "joins \(inputs[0]) and \(other)")
                }
                joined.channels += other.channels
            }
            return joined
        case .reshape(let shape):
            guard min(shape.channels, shape.height, shape.width) > 0, shape.fits,
                shape.count == inputs[0].count
            else {
                throw error(node, "turns \(inputs[0]) into \(shape)")
            }
            return shape
        }
    }

    private func slide(_ window: Window, over input: Shape, _ node: Node) throws(InputError) -> Shape {
        let padding = window.padding
        let sizes = [window.height, window.width, window.strideHeight, window.strideWidth]
        let pads = [padding.top, padding.left, padding.bottom, padding.right]
        guard sizes.allSatisfy({ (1...255).contains($0) }), pads.allSatisfy({ (0...255).contains($0) }) else {
            throw error(node, "window, stride or padding outside 1…255")
        }
        let height = input.height + padding.top + padding.bottom - window.height
        let width = input.width + padding.left + padding.right - window.width
        guard height >= 0, width >= 0 else {
            throw error(node, "a window of \(window.height)×\(window.width) does not fit in \(input)")
        }
        return Shape(
            channels: input.channels, height: height / window.strideHeight + 1,
            width: width / window.strideWidth + 1)
    }

    private func check(_ node: Node, inputs: [Shape]) throws(InputError) {
        let expected = node.operation.parameterShapes(inputs: inputs)
        let needed = expected.filter { !$0.optional }.count
        guard node.parameters.count >= needed, node.parameters.count <= expected.count else {
            throw error(node, "has \(node.parameters.count) parameters, needs \(needed)")
        }
        for (parameter, due) in zip(node.parameters, expected) {
            guard parameter.shape == due.shape, parameter.role == due.role else {
                throw error(
                    node,
                    "\(parameter.name) is \(parameter.role) \(parameter.shape), \(due.role) \(due.shape) is due"
                )
            }
            guard parameter.values.count == due.shape.reduce(1, *) else {
                throw error(node, "\(parameter.name) has \(parameter.values.count) values for \(due.shape)")
            }
            if let index = parameter.values.firstIndex(where: { !$0.isFinite }) {
                throw error(node, "\(parameter.name): weight \(index) is \(parameter.values[index])")
            }
        }
    }
}

extension Shape {
    /// Whether all sizes are positive and their product is an arena that a program may ask for.
    fileprivate var fits: Bool {
        let largest = FoldFormat.largestArena
        return channels <= largest && height <= largest / channels && width <= largest / channels / height
    }
}

extension Operation {
    /// Number of earlier nodes that it reads.
    public var arity: ClosedRange<Int> {
        switch self {
        case .input: 0...0
        case .add: 2...2
        case .concatenate: 2...64
        default: 1...1
        }
    }

    /// The parameters that it takes, in order, for inputs of these shapes.
    public func parameterShapes(inputs: [Shape]) -> [(role: ParameterRole, shape: [Int], optional: Bool)] {
        switch self {
        case .convolution(let outputs, let window, _, _, let groups):
            [
                (.weight, [outputs, inputs[0].channels / groups, window.height, window.width], false),
                (.bias, [outputs], true),
            ]
        case .dense(let outputs):
            [(.weight, [outputs, inputs[0].count], false), (.bias, [outputs], true)]
        case .bias:
            [(.bias, [inputs[0].channels], false)]
        case .batchNormalisation:
            [ParameterRole.gamma, .beta, .mean, .variance].map { ($0, [inputs[0].channels], false) }
        default: []
        }
    }
}
