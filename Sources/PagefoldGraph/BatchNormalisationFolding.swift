// Function-preserving: inference-time batch normalisation becomes part of the weights before it.

import PagefoldCore

extension Network {
    /// The same function with every batch normalisation that directly follows a convolution or dense layer folded
    /// into that layer's weight and bias. The network's shapes must have been checked (`shapes`).
    public func foldingBatchNormalisation() -> Network {
        var result = self
        let readers = readerCounts
        for (index, node) in nodes.enumerated() {
            guard case .batchNormalisation(let epsilon) = node.operation, let source = node.inputs.first,
                readers[source] == 1, node.parameters.count == 4
            else { continue }
            switch nodes[source].operation {
            case .convolution, .dense: break
            default: continue
            }
            result.nodes[source].absorb(node.parameters.map(\.values), epsilon: epsilon)
            result.nodes[index] = Node(
                name: node.name, operation: .activation(.none), inputs: [source])
        }
        return result.droppingIdentities()
    }

    /// Removes activations that do nothing.
    private func droppingIdentities() -> Network {
        var result = Network(name: name, nodes: [], inputs: inputs, outputs: outputs, states: states)
        let finalNodes = finalNodes
        var newIndex = [Int]()
        for (index, node) in nodes.enumerated() {
            let inputs = node.inputs.map { newIndex[$0] }
            if case .activation(.none, _, _) = node.operation, !finalNodes.contains(index) {
                newIndex.append(inputs[0])
            } else {
                newIndex.append(result.nodes.count)
                var moved = node
                moved.inputs = inputs
                result.nodes.append(moved)
            }
        }
        for index in outputs.indices { result.outputs[index].node = newIndex[outputs[index].node] }
        result.states = states.map { NetworkState(input: newIndex[$0.input], output: newIndex[$0.output]) }
        return result
    }
}

extension Node {
    /// y = gamma (x − mean) / √(variance + epsilon) + beta, with x = w·input + b.
    fileprivate mutating func absorb(_ vectors: [[Float]], epsilon: Float) {
        let (gamma, beta, mean, variance) = (vectors[0], vectors[1], vectors[2], vectors[3])
        guard !parameters.isEmpty, !gamma.isEmpty else { return }
        let scale = zip(gamma, variance).map { $0 / ($1 + epsilon).squareRoot() }
        let row = parameters[0].values.count / scale.count
        for i in parameters[0].values.indices { parameters[0].values[i] *= scale[i / row] }
        if parameters.count == 1 {
            let zeros = [Float](repeating: 0, count: scale.count)
            parameters.append(
                Parameter(name: "\(name)/bias", role: .bias, shape: [scale.count], values: zeros))
        }
        for i in scale.indices {
            parameters[1].values[i] = (parameters[1].values[i] - mean[i]) * scale[i] + beta[i]
        }
    }
}
