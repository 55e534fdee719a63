// The shape of every node's result, from the input's shape forward. Every mistake in a graph is found here, with
// the name of the node; lowering may rely on it. What holds of an operation, its spec says (PagefoldCore/Operations).

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
        try checkPorts()
        for (index, node) in nodes.enumerated() {
            var isInput = false
            if case .input = node.operation { isInput = true }
            if case .constant = node.operation { isInput = true }
            guard node.inputs.allSatisfy({ $0 >= 0 && $0 < index }), node.inputs.isEmpty == isInput else {
                throw error(node, "its inputs \(node.inputs) are not as many earlier nodes as it needs")
            }
            do throws(StepProblem) {
                shapes.append(try node.shape(on: node.inputs.map { shapes[$0] }))
            } catch { throw self.error(node, error.text) }
        }
        for state in states where shapes[state.input] != shapes[state.output] {
            throw error(nodes[state.output], "becomes a state of \(shapes[state.input])")
        }
        return shapes
    }

    /// Checks that outputs and states are nodes, and that each input has a port.
    private func checkPorts() throws(InputError) {
        func fail(_ field: String, _ problem: String) -> InputError {
            InputError(file: name, field: field, problem: problem, remedy: "correct the graph")
        }
        for output in outputs where !nodes.indices.contains(output.node) {
            throw fail("output \(output.port.name)", "there is no node \(output.node)")
        }
        for (index, state) in states.enumerated() {
            guard nodes.indices.contains(state.input), nodes.indices.contains(state.output),
                case .input = nodes[state.input].operation,
                states.count(where: { $0.input == state.input }) == 1
            else { throw fail("state \(index)", "it joins no input node of its own to a node") }
        }
        guard inputs.isEmpty || inputs.count == inputNodes.count else {
            throw fail("inputs", "\(inputNodes.count) input nodes, \(inputs.count) ports")
        }
        let most = FoldFormat.mostPorts
        guard 1...most ~= inputNodes.count, states.count <= most, outputs.count <= most else {
            throw fail(
                "inputs", "\(inputNodes.count), with \(outputs.count) outputs and \(states.count) states")
        }
    }

    func error(_ node: Node, _ problem: String) -> InputError {
        InputError(
            file: name, field: "node \(node.name)", problem: problem,
            remedy: "correct this layer or the shape of the input")
    }
}

extension Node {
    fileprivate func shape(on inputs: [Shape]) throws(StepProblem) -> Shape {
        if case .input(let shape) = operation, inputs.isEmpty {
            guard shape.fits else { throw StepProblem("its result \(shape) is empty or too large") }
            try check(expected: [])
            return shape
        }
        let steps = try operation.steps(on: inputs)
        try check(expected: steps[0].step.opcode.spec.parameters(steps[0]))
        return steps[steps.count - 1].y
    }

    private func check(expected: [ParameterSpec]) throws(StepProblem) {
        let needed = expected.filter { !$0.isOptional }.count
        guard parameters.count >= needed, parameters.count <= expected.count else {
            throw StepProblem("has \(parameters.count) parameters, needs \(needed)")
        }
        for (parameter, due) in zip(parameters, expected) {
            guard parameter.shape == due.shape, parameter.role == due.role else {
                throw StepProblem(
                    "\(parameter.name) is \(parameter.role) \(parameter.shape), \(due.role) \(due.shape) is due"
                )
            }
            guard parameter.values.count == due.count else {
                throw StepProblem("\(parameter.name) has \(parameter.values.count) values for \(due.shape)")
            }
            if let index = parameter.values.firstIndex(where: { !$0.isFinite }) {
                throw StepProblem("\(parameter.name): weight \(index) is \(parameter.values[index])")
            }
        }
    }
}
