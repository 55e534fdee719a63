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
        for (index, node) in nodes.enumerated() {
            guard node.inputs.allSatisfy({ $0 >= 0 && $0 < index }), node.inputs.isEmpty == (index == 0)
            else {
                throw error(node, "its inputs \(node.inputs) are not as many earlier nodes as it needs")
            }
            do throws(StepProblem) {
                shapes.append(
                    try node.shape(on: node.inputs.map { shapes[$0] }, isLast: index == nodes.count - 1))
            } catch { throw self.error(node, error.text) }
        }
        return shapes
    }

    func error(_ node: Node, _ problem: String) -> InputError {
        InputError(
            file: name, field: "node \(node.name)", problem: problem,
            remedy: "correct this layer or the shape of the input")
    }
}

extension Node {
    fileprivate func shape(on inputs: [Shape], isLast: Bool) throws(StepProblem) -> Shape {
        if case .input(let shape) = operation, inputs.isEmpty {
            guard shape.fits else { throw StepProblem("its result \(shape) is empty or too large") }
            try check(expected: [])
            return shape
        }
        let steps = try operation.steps(on: inputs)
        let spec = steps[0].step.opcode.spec
        guard spec.isDifferentiable || isLast else {
            throw StepProblem("\(spec.name) before the end, which is not trained through")
        }
        try check(expected: spec.parameters(steps[0]))
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
