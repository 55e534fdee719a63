// Leaves behind what nothing needs of a translated network, and lets ports take over transposes at its ends.

import PagefoldCore
import PagefoldGraph

extension Network {
    /// The same function with fewer nodes: reshapes of reshapes become one, transposes of inputs become the order in which
    /// the input is given, and what no output and no state depends on is dropped.
    func tidied() -> Network {
        var result = self
        result.joinReshapes()
        result.moveFunctionsBehindTransposes()
        result.absorbInputTransposes()
        return result.droppingUnused()
    }

    /// A reshape reads what the reshape before it read.
    private mutating func joinReshapes() {
        for index in nodes.indices {
            guard case .reshape = nodes[index].operation else { continue }
            let source = nodes[index].inputs[0]
            if case .reshape = nodes[source].operation { nodes[index].inputs = nodes[source].inputs }
        }
    }

    /// Of an input, a function of single numbers changes places with the transpose behind it, so that the input meets that.
    private mutating func moveFunctionsBehindTransposes() {
        let counts = readerCounts
        func reader(_ node: Int) -> Int? {
            counts[node] == 1 ? nodes.firstIndex { $0.inputs.contains(node) } : nil
        }
        for index in nodes.indices {
            guard case .input = nodes[index].operation, let first = reader(index), nodes[first].isFunction,
                var last = reader(first)
            else { continue }
            var chain = [first, last]
            if case .reshape = nodes[last].operation, let next = reader(last) {
                last = next
                chain.append(last)
            }
            guard case .transpose = nodes[last].operation else { continue }
            // Each place reads what it read; what is computed there moves by one.
            let function = nodes[first]
            for (place, next) in zip(chain, chain.dropFirst()) {
                nodes[place].operation = nodes[next].operation
                nodes[place].name = nodes[next].name
            }
            nodes[last].operation = function.operation
            nodes[last].name = function.name
        }
    }

    /// An input whose only reader turns its axes is given in the turned order, which its port says.
    private mutating func absorbInputTransposes() {
        guard let shapes = try? shapes() else { return }
        let counts = readerCounts
        var number = -1
        for index in nodes.indices {
            guard case .input(let shape) = nodes[index].operation,
                !states.contains(where: { $0.input == index })
            else { continue }
            number += 1
            guard counts[index] == 1, inputs.indices.contains(number), let axes = inputs[number].axes,
                var reader = nodes.firstIndex(where: { $0.inputs.contains(index) })
            else { continue }
            // A reshape may stand between them that joins or parts neighbouring axes.
            var seen = shape
            if case .reshape(let other) = nodes[reader].operation, counts[reader] == 1,
                let next = nodes.firstIndex(where: { $0.inputs.contains(reader) })
            {
                (seen, reader) = (other, next)
            }
            guard case .transpose(let order) = nodes[reader].operation,
                let turned = Self.turned(axes, inside: shape, seen: seen, order, shapes[reader])
            else { continue }
            inputs[number].axes = turned
            nodes[index].operation = .input(shapes[reader])
            nodes[reader].operation = .activation(.none)
            nodes[reader].inputs = [index]
            skip(reader)
        }
    }

    /// Readers of a node that does nothing read what it reads.
    private mutating func skip(_ node: Int) {
        let source = nodes[node].inputs[0]
        for index in nodes.indices where index != node {
            nodes[index].inputs = nodes[index].inputs.map { $0 == node ? source : $0 }
        }
        for index in outputs.indices where outputs[index].node == node { outputs[index].node = source }
        states = states.map { NetworkState(input: $0.input, output: $0.output == node ? source : $0.output) }
    }

    /// The port's axes when the value behind it lies in the turned order; nil where axes cannot say it.
    private static func turned(
        _ axes: [NetworkPort.Axis], inside shape: Shape, seen: Shape, _ order: AxisPermutation,
        _ result: Shape
    ) -> [NetworkPort.Axis]? {
        // Outside axes in the order of memory: by kind, the first of a kind is the slowest.
        let memory = NetworkPort.Axis.Kind.allCases.flatMap { kind in
            axes.indices.filter { axes[$0].kind == kind }
        }
        .filter { axes[$0].size != 1 }
        // Which side of the seen shape each belongs to.
        let sides = [seen.channels, seen.height, seen.width]
        var sideOf = [Int: Int]()
        var side = 0
        var rest = sides
        for axis in memory {
            while side < 3, rest[side] == 1 { side += 1 }
            guard side < 3, rest[side] % axes[axis].size == 0 else { return nil }
            rest[side] /= axes[axis].size
            sideOf[axis] = side
        }
        guard rest == [1, 1, 1] else { return nil }
        let kinds: [NetworkPort.Axis.Kind] = [.channels, .height, .width]
        var turned = axes
        for (axis, side) in sideOf {
            turned[axis].kind = kinds[order.axes.firstIndex(of: side)!]
        }
        // The axes of one side must keep their order outside; those of size 1 may be anything.
        let products = kinds.map { kind in turned.reduce(1) { $1.kind == kind ? $0 * $1.size : $0 } }
        guard products == [result.channels, result.height, result.width] else { return nil }
        for kind in kinds {
            let outside = turned.indices.filter { turned[$0].kind == kind && turned[$0].size != 1 }
            let inside = memory.filter { turned[$0].kind == kind }
            guard outside == inside else { return nil }
        }
        return turned
    }

    private func droppingUnused() -> Network {
        var isUsed = [Bool](repeating: false, count: nodes.count)
        for index in nodes.indices { if case .input = nodes[index].operation { isUsed[index] = true } }
        for output in outputs { isUsed[output.node] = true }
        for state in states { isUsed[state.output] = true }
        for index in nodes.indices.reversed() where isUsed[index] {
            for input in nodes[index].inputs { isUsed[input] = true }
        }
        var places = [Int](repeating: -1, count: nodes.count)
        var kept: [Node] = []
        for index in nodes.indices where isUsed[index] {
            places[index] = kept.count
            var node = nodes[index]
            node.inputs = node.inputs.map { places[$0] }
            kept.append(node)
        }
        return Network(
            name: name, nodes: kept, inputs: inputs,
            outputs: outputs.map { NetworkOutput(node: places[$0.node], port: $0.port) },
            states: states.map { NetworkState(input: places[$0.input], output: places[$0.output]) })
    }
}

extension Node {
    /// Whether it takes its numbers one by one, wherever they lie.
    fileprivate var isFunction: Bool {
        switch operation {
        case .activation, .function: true
        default: false
        }
    }
}
