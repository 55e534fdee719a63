// Reshape, Squeeze, ExpandDims: how shapes are read from a graph, and what they do to the order of numbers.

import PagefoldCore
import PagefoldGraph

extension TensorFlow1Translation {
    mutating func reshape(_ reference: TensorFlow1Reference) throws(InputError) -> ForeignValue {
        let x = try operand(reference)
        let sizes: [Int]
        switch graph.op(reference) {
        case "Squeeze": sizes = try squeezed(reference, x.sizes)
        case "ExpandDims": sizes = try expanded(reference, x.sizes)
        default: sizes = try requested(reference, count: x.count)
        }
        return try arrange(x, as: sizes, reference)
    }

    /// Gives a value other sizes. TensorFlow's row-major order stays; the network's order may have to follow.
    private mutating func arrange(
        _ x: ForeignValue, as sizes: [Int], _ reference: TensorFlow1Reference
    ) throws(InputError) -> ForeignValue {
        guard sizes != x.sizes else { return x }
        guard let shape = ForeignValue.shape(of: sizes, order: .channelsLast), shape.count == x.count else {
            throw graph.error(
                reference, "it turns \(x.sizes) into \(sizes)",
                "samples must stay apart and have at most three sizes")
        }
        if sizes.count == 3, isInput(x) {
            // The flat input of a network that goes on with a feature map: the map itself becomes the input.
            nodes[0].operation = .input(shape)
            return ForeignValue(node: 0, map: shape, order: .channelsLast)
        }
        try move(x.count, reference)
        guard var result = x.reshaped(to: sizes) else {
            throw graph.error(
                reference, "it turns \(x.sizes) into \(sizes), which moves channels",
                "reshape feature maps only to flatten them")
        }
        if sizes.count == 3 || sizes.count == 1, shape != x.shape {
            result.node = append(reference, .reshape(shape), [x.node])
            result.shape = shape
        }
        return result
    }

    /// Whether a value is the network's flat input, with nothing computed from it yet and nothing else to read it.
    private func isInput(_ x: ForeignValue) -> Bool {
        guard x.node == 0, nodes.count == 1, x.sizes.count < 3, x.positions == nil,
            let source = plan.order.first(where: { plan.rules[$0.node]?.inputs.isEmpty ?? false })
        else { return false }
        return plan.useCount(source) == 1
    }

    private func squeezed(_ reference: TensorFlow1Reference, _ sizes: [Int]) throws(InputError) -> [Int] {
        let axes = graph.integers(reference, "squeeze_dims")
        if axes.isEmpty { return sizes.filter { $0 != 1 } }
        var dropped: Set<Int> = []
        for axis in axes {
            let at = axis < 0 ? axis + sizes.count : axis - 1
            guard sizes.indices.contains(at), sizes[at] == 1 else {
                throw graph.error(
                    reference, "it drops axis \(axis) of \(sizes)", "only axes of size 1 can be dropped")
            }
            dropped.insert(at)
        }
        return sizes.indices.filter { !dropped.contains($0) }.map { sizes[$0] }
    }

    private func expanded(_ reference: TensorFlow1Reference, _ sizes: [Int]) throws(InputError) -> [Int] {
        let axis = try constants.integers(try graph.input(reference, 1))?.first ?? Int.min
        let at = axis < 0 && axis > Int.min ? axis + sizes.count + 1 : axis &- 1
        guard (0...sizes.count).contains(at) else {
            throw graph.error(
                reference, "it adds axis \(axis) to \(sizes)", "samples must stay the first axis")
        }
        var result = sizes
        result.insert(1, at: at)
        return result
    }

    /// The sizes that a Reshape asks for, without the batch; one open size is filled in.
    private func requested(_ reference: TensorFlow1Reference, count: Int) throws(InputError) -> [Int] {
        let unclear = graph.error(
            reference, "its shape cannot be told from the graph",
            "use a constant shape, or one made of the input's own sizes")
        let asked = try graph.input(reference, 1)
        guard var sizes = try SizeEvaluator.sizes(asked, sizeOperation), !sizes.isEmpty else { throw unclear }
        sizes.removeFirst()
        guard let filled = SizeEvaluator.filled(sizes, count: count) else { throw unclear }
        return filled
    }

    /// How a shape is computed, batch first; −1 where a size is open.
    private func sizeOperation(
        _ reference: TensorFlow1Reference
    ) throws(InputError) -> SizeOperation<TensorFlow1Reference>? {
        if let known = try constants.integers(reference) { return .sizes(known) }
        let inputs = try graph.inputs(reference)
        guard let first = inputs.first else { return nil }
        switch graph.op(reference) {
        case "Shape": return values[first.node].map { .sizes([-1] + $0.sizes) }
        case "Identity", "Cast": return .same(first)
        case "Pack": return .joined(inputs)
        case "ConcatV2": return .joined(inputs.dropLast())
        case "StridedSlice":
            guard inputs.count == 4, let begin = try constants.integers(inputs[1])?.first,
                let end = try constants.integers(inputs[2])?.first,
                let step = try constants.integers(inputs[3])?.first, step == 1
            else { return nil }
            let mask = { (key: String) in (self.graph[reference].attr[key]?.i ?? 0) & 1 == 1 }
            return .slice(
                first,
                SizeSlice(
                    begin: mask("begin_mask") ? nil : begin, end: mask("end_mask") ? nil : end,
                    isSingle: mask("shrink_axis_mask")))
        case "Prod": return .product(first)
        default: return nil
        }
    }
}
