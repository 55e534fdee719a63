// Reshape, Squeeze, ExpandDims: how shapes are read from a graph, and what they do to the order of numbers.

import PagefoldCore
import PagefoldGraph

extension TensorFlow1Translation {
    mutating func reshape(_ reference: TensorFlow1Reference) throws(InputError) -> TensorFlow1Value {
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
        _ x: TensorFlow1Value, as sizes: [Int], _ reference: TensorFlow1Reference
    ) throws(InputError) -> TensorFlow1Value {
        guard sizes != x.sizes else { return x }
        guard let shape = TensorFlow1Value.shape(of: sizes), shape.count == x.count else {
            throw graph.error(
                reference, "it turns \(x.sizes) into \(sizes)",
                "samples must stay apart and have at most three sizes")
        }
        if sizes.count == 3, isInput(x) {
            // The flat input of a network that goes on with a feature map: the map itself becomes the input.
            nodes[0].operation = .input(shape)
            return TensorFlow1Value(node: 0, map: shape)
        }
        try move(x.count, reference)
        let positions = x.allPositions
        var result = x
        result.sizes = sizes
        result.positions = positions == TensorFlow1Value.naturalPositions(sizes) ? nil : positions
        guard sizes.count != 3 || result.positions == nil else {
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
    private func isInput(_ x: TensorFlow1Value) -> Bool {
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
        guard var sizes = try shapeVector(try graph.input(reference, 1), depth: 0), !sizes.isEmpty else {
            throw unclear
        }
        sizes.removeFirst()
        let open = sizes.indices.filter { sizes[$0] == -1 }
        guard open.count <= 1 else { throw unclear }
        if let open = open.first {
            var known = 1
            for (i, size) in sizes.enumerated() where i != open {
                guard size > 0, size <= count else { throw unclear }
                known = min(known * size, TensorFlow1Value.countLimit + 1)
            }
            guard count % known == 0 else { throw unclear }
            sizes[open] = count / known
        }
        return sizes
    }

    /// A shape as a list of sizes, batch first; −1 where a size is open.
    private func shapeVector(_ reference: TensorFlow1Reference, depth: Int) throws(InputError) -> [Int]? {
        if let known = try constants.integers(reference) { return known }
        guard depth < 16 else { return nil }
        let inputs = try graph.inputs(reference)
        guard let first = inputs.first else { return nil }
        switch graph.op(reference) {
        case "Shape":
            return values[first.node].map { [-1] + $0.sizes }
        case "Identity", "Cast":
            return try shapeVector(first, depth: depth + 1)
        case "Pack", "ConcatV2":
            var whole: [Int] = []
            for part in graph.op(reference) == "Pack" ? inputs[...] : inputs.dropLast() {
                guard let sizes = try shapeVector(part, depth: depth + 1), whole.count + sizes.count <= 16
                else {
                    return nil
                }
                whole += sizes
            }
            return whole
        case "StridedSlice":
            guard inputs.count == 4, let sizes = try shapeVector(first, depth: depth + 1),
                let begin = try constants.integers(inputs[1])?.first,
                let end = try constants.integers(inputs[2])?.first,
                let step = try constants.integers(inputs[3])?.first, step == 1
            else { return nil }
            let mask = { (key: String) in (self.graph[reference].attr[key]?.i ?? 0) & 1 == 1 }
            func place(_ i: Int) -> Int { max(0, min(sizes.count, i < 0 ? i + sizes.count : i)) }
            let from = mask("begin_mask") ? 0 : place(begin)
            if mask("shrink_axis_mask") { return from < sizes.count ? [sizes[from]] : nil }
            let to = mask("end_mask") ? sizes.count : place(end)
            return from <= to ? Array(sizes[from..<to]) : nil
        case "Prod":
            guard let sizes = try shapeVector(first, depth: depth + 1), !sizes.contains(-1) else {
                return nil
            }
            var product = 1
            for size in sizes {
                guard size > 0, size <= TensorFlow1Value.countLimit, product <= TensorFlow1Value.countLimit
                else {
                    return nil
                }
                product *= size
            }
            return [product]
        default: return nil
        }
    }
}
