// Brings values into the order and the shape that an operation needs.

import PagefoldCore
import PagefoldData
import PagefoldGraph

extension Translation {
    /// The value as a node's result; a constant becomes a node.
    mutating func computed(_ value: TranslatedValue) throws(TranslationProblem) -> ComputedValue {
        switch value {
        case .computed(let computed): return computed
        case .constant(let tensor):
            return try constantNode(
                tensor, layout: AxisLayout(tensor.shape), shape: Self.shape(of: tensor.shape))
        }
    }

    /// A node that gives a constant.
    /// - Parameters:
    ///   - layout: how its numbers lie; of the tensor's sizes.
    ///   - shape: of the node.
    mutating func constantNode(
        _ tensor: ConstantTensor, layout: AxisLayout, shape: Shape
    ) throws(TranslationProblem) -> ComputedValue {
        guard Self.count(tensor.shape) == tensor.values.count else {
            throw TranslationProblem("it reads a constant of shape \(tensor.shape)")
        }
        var values = tensor.values
        if !layout.isRowMajor {
            for (from, to) in layout.places.enumerated() { values[to] = tensor.values[from] }
        }
        let constant = try parameter(.constant, [shape.channels, shape.height, shape.width], values)
        let node = try append(.constant(shape), [], [constant])
        return ComputedValue(node: node, layout: layout, elementType: tensor.elementType)
    }

    /// The same numbers under another shape.
    mutating func shaped(_ node: Int, as shape: Shape) throws(TranslationProblem) -> Int {
        if shapes[node] == shape { return node }
        return try append(.reshape(shape), [node])
    }

    /// The value with its numbers in row-major order.
    mutating func rowMajor(_ value: ComputedValue) throws(TranslationProblem) -> ComputedValue {
        try ordered(value, Array(value.sizes.indices))
    }

    /// The value with its axes in this order of memory.
    mutating func ordered(_ value: ComputedValue, _ axes: [Int]) throws(TranslationProblem) -> ComputedValue {
        let layout = value.layout
        let due = axes.flatMap { Array(layout.factors(of: $0)) }
        var result = value
        result.node = try permuted(value.node, layout.factors, from: layout.order, to: due)
        result.layout = AxisLayout(layout.sizes, memory: axes)
        return result
    }

    /// The value with each group of axes as one side of a node's shape; axes of size 1 may be left out.
    mutating func grouped(_ value: ComputedValue, _ groups: [[Int]]) throws(TranslationProblem)
        -> ComputedValue
    {
        let sizes = value.sizes
        let named = groups.flatMap { $0 }
        let rest = sizes.indices.filter { !named.contains($0) }
        guard rest.allSatisfy({ sizes[$0] == 1 }) else {
            throw TranslationProblem(
                "its operand is \(sizes), more than one along an axis that has no place here",
                "give it one sample at a time: let the first axis be the batch")
        }
        var result = try ordered(value, named + rest)
        let sides = groups.map { $0.reduce(1) { $0 * sizes[$1] } } + [1, 1]
        result.node = try shaped(
            result.node, as: Shape(channels: sides[0], height: sides[1], width: sides[2]))
        return result
    }

    /// A node whose factors lie in another order.
    private mutating func permuted(
        _ node: Int, _ factors: [Int], from: [Int], to: [Int]
    ) throws(TranslationProblem) -> Int {
        var node = node
        var current = from
        while current != to {
            // Runs that stay together, by the place of their first factor in the end.
            var runs: [(first: Int, size: Int, factors: [Int])] = []
            for factor in current {
                let place = to.firstIndex(of: factor)!
                if let last = runs.last, last.first + last.factors.count == place {
                    runs[runs.count - 1].size *= factors[factor]
                    runs[runs.count - 1].factors.append(factor)
                } else {
                    runs.append((place, factors[factor], [factor]))
                }
            }
            if runs.count <= 3 {
                let order = runs.indices.sorted { runs[$0].first < runs[$1].first }
                let sides = runs.map(\.size) + [1, 1]
                node = try shaped(node, as: Shape(channels: sides[0], height: sides[1], width: sides[2]))
                let axes = order + Array(runs.count..<3)
                if let permutation = AxisPermutation.allCases.first(where: { $0.axes == axes }) {
                    node = try append(.transpose(permutation), [node])
                }
                return node
            }
            // The first run that is not in its place changes with all before it.
            var done = 0
            var settled = 0
            while runs[done].first == settled {
                settled += runs[done].factors.count
                done += 1
            }
            let next = runs[done...].firstIndex { $0.first == settled }!
            func size(_ range: Range<Int>) -> Int { runs[range].reduce(1) { $0 * $1.size } }
            let (before, left) = (size(0..<done), size(done..<next))
            let (right, behind) = (runs[next].size, size(next + 1..<runs.count))
            node = try swapped(node, before, left, right, behind)
            let moved = runs[..<done] + [runs[next]] + runs[done..<next] + runs[(next + 1)...]
            current = moved.flatMap(\.factors)
        }
        return node
    }

    /// [before][left][right][behind] becomes [before][right][left][behind].
    private mutating func swapped(
        _ node: Int, _ before: Int, _ left: Int, _ right: Int, _ behind: Int
    ) throws(TranslationProblem) -> Int {
        func turn(_ node: Int, _ a: Int, _ b: Int, _ c: Int, _ order: AxisPermutation)
            throws(TranslationProblem) -> Int
        {
            try append(.transpose(order), [try shaped(node, as: Shape(channels: a, height: b, width: c))])
        }
        if before == 1 { return try turn(node, left, right, behind, .hcw) }
        if behind == 1 { return try turn(node, before, left, right, .cwh) }
        // Three axes at a time: [before · left][right][behind], then [right][before][left · behind].
        let first = try turn(node, before * left, right, behind, .hcw)
        return try turn(first, right, before, left * behind, .hcw)
    }
}

/// A value seen so that one of its axes is a side of its node's shape.
struct AxisView {
    var node: Int
    /// Of the node.
    var shape: Shape
    /// The side: 0 channels, 1 height, 2 width.
    var side: UInt8
    var layout: AxisLayout
    /// Numbers before the axis and behind it in memory.
    var outer: Int
    var inner: Int
}

extension Translation {
    /// The value with an axis as a side of its node's shape, moved only where the axis does not lie side by side.
    mutating func view(_ value: ComputedValue, axis: Int) throws(TranslationProblem) -> AxisView {
        var value = value
        if value.layout.memoryAxes == nil { value = try rowMajor(value) }
        let sizes = value.sizes
        let axes = value.layout.memoryAxes ?? []
        let size = sizes[axis]
        // An axis of size 1 lies where it would in row-major order.
        let place = axes.firstIndex(of: axis) ?? axes.firstIndex { $0 > axis } ?? axes.count
        let behind = size == 1 ? place : place + 1
        let outer = axes[..<place].reduce(1) { $0 * sizes[$1] }
        let inner = axes[behind...].reduce(1) { $0 * sizes[$1] }
        let shape = shapes[value.node]
        var layout = value.layout
        layout = AxisLayout(sizes, memory: axes + sizes.indices.filter { !axes.contains($0) })
        if shape.channels == size, outer == 1, shape.spatial == inner {
            return AxisView(
                node: value.node, shape: shape, side: 0, layout: layout, outer: outer, inner: inner)
        }
        if shape.channels == outer, shape.height == size, shape.width == inner {
            return AxisView(
                node: value.node, shape: shape, side: 1, layout: layout, outer: outer, inner: inner)
        }
        if shape.channels * shape.height == outer, shape.width == size, inner == 1 {
            return AxisView(
                node: value.node, shape: shape, side: 2, layout: layout, outer: outer, inner: inner)
        }
        let due =
            outer == 1 && inner == 1
            ? Shape(channels: size) : Shape(channels: outer, height: size, width: inner)
        return AxisView(
            node: try shaped(value.node, as: due), shape: due, side: outer == 1 && inner == 1 ? 0 : 1,
            layout: layout, outer: outer, inner: inner)
    }

    /// A value whose node has another size along the axis of a view, and is otherwise like it.
    func value(_ node: Int, _ view: AxisView, axis: Int, size: Int, _ type: ElementType) -> ComputedValue {
        var sizes = view.layout.sizes
        var axes = view.layout.memoryAxes ?? []
        if !axes.contains(axis) {
            axes.insert(axis, at: axes.firstIndex { $0 > axis } ?? axes.count)
        }
        sizes[axis] = size
        return ComputedValue(
            node: node, layout: AxisLayout(sizes, memory: axes + sizes.indices.filter { !axes.contains($0) }),
            elementType: type)
    }
}
