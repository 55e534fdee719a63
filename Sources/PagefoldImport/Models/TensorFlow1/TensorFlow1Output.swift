// Where a graph's answer is: the node that inference is for. Found by structure; a user's word goes first.

import PagefoldCore

struct TensorFlow1Output {
    private let graph: TensorFlow1Graph
    private let constants: TensorFlow1Constants

    init(graph: TensorFlow1Graph, constants: TensorFlow1Constants) {
        self.graph = graph
        self.constants = constants
    }

    /// The named node; else the softmax; else the logits of a cross-entropy; else the end of the last layer.
    func find(_ name: String?) throws(InputError) -> TensorFlow1Reference {
        if let name {
            guard let found = graph.reference(name) else {
                let known = try candidates().prefix(8).map { graph[$0].name }.joined(separator: ", ")
                throw InputError(
                    file: graph.file, field: "output", problem: "there is no node \(name)",
                    remedy: "name one of the graph's nodes" + (known.isEmpty ? "" : ", such as \(known)"))
            }
            return found
        }
        let found = try candidates()
        guard let only = found.first else {
            throw InputError(
                file: graph.file, field: "output",
                problem: "no softmax, no cross-entropy and no trained layer was found",
                remedy: "name the node that computes the answer as the output")
        }
        guard found.count == 1 else {
            let names = found.prefix(8).map { graph[$0].name }.joined(separator: ", ")
            throw InputError(
                file: graph.file, field: "output", problem: "several nodes may be the answer: \(names)",
                remedy: "name one of them as the output")
        }
        return only
    }

    /// Candidates of the first kind that the graph has.
    private func candidates() throws(InputError) -> [TensorFlow1Reference] {
        let all = graph.nodes.indices.map { TensorFlow1Reference(node: $0) }
        let softmax = all.filter { graph.op($0) == "Softmax" }
        if !softmax.isEmpty { return try withoutAncestors(softmax) }

        let patterns = TensorFlow1Patterns(graph: graph, constants: constants)
        var written: [TensorFlow1Reference] = []
        for node in all where try patterns.softmaxLogits(node) != nil { written.append(node) }
        if !written.isEmpty { return try withoutAncestors(written) }

        var logits: [TensorFlow1Reference] = []
        for node in all where graph.op(node).contains("SoftmaxCrossEntropyWithLogits") {
            var at = try graph.input(node, 0)
            // The loss flattens outer dimensions before it looks at classes; a sample's numbers stay as they are.
            for _ in 0..<8 where ["Reshape", "Identity"].contains(graph.op(at)) {
                at = try graph.input(at, 0)
            }
            if !logits.contains(at) { logits.append(at) }
        }
        return logits.isEmpty ? try layerEnds(all) : try withoutAncestors(logits)
    }

    /// The ends of trained layers that depend on one placeholder of samples only: gradients depend on labels too.
    private func layerEnds(_ all: [TensorFlow1Reference]) throws(InputError) -> [TensorFlow1Reference] {
        var layers: [TensorFlow1Reference] = []
        for node in all where ["MatMul", "Conv2D"].contains(graph.op(node)) {
            guard try constants.value(try graph.input(node, 1)) != nil else { continue }
            let sources = try ancestors(node).filter {
                graph.nodes[$0].op == "Placeholder" && graph.shape(.init(node: $0)) != nil
            }
            if sources.count == 1 { layers.append(node) }
        }
        let readers = graph.consumers()
        let following: Set = [
            "BiasAdd", "Add", "AddV2", "Relu", "Relu6", "LeakyRelu", "Sigmoid", "Tanh", "Identity", "Softmax",
        ]
        return try withoutAncestors(layers).map { (layer) throws(InputError) in
            var end = layer
            for _ in 0..<8 {
                var next: [TensorFlow1Reference] = []
                for reader in readers[end.node].map({ TensorFlow1Reference(node: $0) })
                where following.contains(graph.op(reader)) {
                    let sum = graph.op(reader).hasPrefix("Add")
                    if sum, try constants.value(try graph.input(reader, 1)) == nil { continue }
                    next.append(reader)
                }
                guard next.count == 1 else { break }
                end = next[0]
            }
            return end
        }
    }

    /// Those nodes that no other node of the group depends on.
    private func withoutAncestors(_ group: [TensorFlow1Reference]) throws(InputError)
        -> [TensorFlow1Reference]
    {
        guard group.count > 1 else { return group }
        let members = Set(group.map(\.node))
        var above: Set<Int> = []
        for node in group {
            // A member that is known to stand above another one has had its own ancestors taken in already.
            guard !above.contains(node.node) else { continue }
            above.formUnion(try ancestors(node).filter { members.contains($0) && $0 != node.node })
        }
        return group.filter { !above.contains($0.node) }
    }

    /// The nodes that a node depends on, itself included.
    private func ancestors(_ reference: TensorFlow1Reference) throws(InputError) -> Set<Int> {
        var seen: Set<Int> = [reference.node]
        var stack = [reference]
        while let next = stack.popLast() {
            for input in try graph.inputs(next) where seen.insert(input.node).inserted { stack.append(input) }
        }
        return seen
    }
}
