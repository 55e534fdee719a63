// Operations of foreign graphs that move numbers: reshape, transpose, slice, pad, concatenate, gather.

import PagefoldCore
import PagefoldGraph

extension Translation {
    /// The same numbers in row-major order under other sizes.
    mutating func reshape(_ x: TranslatedValue, to sizes: [Int]) throws(TranslationProblem) -> TranslatedValue
    {
        let count = x.sizes.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
        let isEmpty = count == 0 && sizes.contains(0) && Self.count(sizes.map { max($0, 1) }) != nil
        guard Self.count(sizes) == count || isEmpty else {
            throw TranslationProblem("turns \(x.sizes) into \(sizes)")
        }
        switch x {
        case .constant(var tensor):
            tensor.shape = sizes
            return .constant(tensor)
        case .computed(var value):
            if let layout = value.layout.reshaped(to: sizes) {
                value.layout = layout
            } else {
                value = try rowMajor(value)
                value.layout = AxisLayout(sizes)
            }
            return .computed(value)
        }
    }

    /// Axis i of the result is axis `axes[i]` of the operand.
    mutating func transpose(_ x: TranslatedValue, axes: [Int]) throws(TranslationProblem) -> TranslatedValue {
        guard axes.sorted() == Array(x.sizes.indices) else {
            throw TranslationProblem("orders the axes of \(x.sizes) as \(axes)")
        }
        switch x {
        case .constant(let tensor): return .constant(tensor.transposed(axes))
        case .computed(var value):
            value.layout = value.layout.transposed(axes)
            return .computed(value)
        }
    }

    /// `count` places of an axis from `start` on, `step` apart.
    mutating func slice(
        _ x: TranslatedValue, axis: Int, start: Int, count: Int, step: Int = 1
    ) throws(TranslationProblem) -> TranslatedValue {
        let axis = try checked(axis, x)
        let size = x.sizes[axis]
        if start == 0, count == size, step == 1 { return x }
        let last = count > 0 ? start + (count - 1) * step : start
        guard count >= 0, count == 0 || (0..<size).contains(start) && (0..<size).contains(last) else {
            throw TranslationProblem("takes \(count) places from \(start) on of an axis of \(size)")
        }
        return try taken(x, axis: axis, start: start, count: count, pace: step, .constant, 0)
    }

    /// A slice that may reach outside.
    mutating func taken(
        _ x: TranslatedValue, axis: Int, start: Int, count: Int, pace: Int, _ border: SliceBorder,
        _ number: Double
    ) throws(TranslationProblem) -> TranslatedValue {
        switch x {
        case .constant(let tensor):
            // Empty tensors count too: padding may make much of nothing.
            var due = tensor.shape.map { max($0, 1) }
            due[axis] = max(count, 1)
            guard let made = Self.count(due) else { throw TranslationProblem("makes an array of \(due)") }
            try take(made)
            return .constant(tensor.taken(axis: axis, start: start, count: count, pace: pace, border, number))
        case .computed(let value):
            guard count > 0 else { throw TranslationProblem("takes nothing of \(x.sizes)") }
            let view = try view(value, axis: axis)
            let node = try append(
                .slice(
                    axis: view.side, start: start, count: count, pace: pace, border: border,
                    number: Self.finite(number)), [view.node])
            return .computed(self.value(node, view, axis: axis, size: count, value.elementType))
        }
    }

    /// Places before and after each axis; below zero they are cut off.
    mutating func pad(
        _ x: TranslatedValue, before: [Int], after: [Int], mode: PaddingMode
    ) throws(TranslationProblem) -> TranslatedValue {
        let sizes = x.sizes
        guard before.count == sizes.count, after.count == sizes.count else {
            throw TranslationProblem(
                "pads \(sizes.count) axes with \(before.count) and \(after.count) numbers")
        }
        var result = x
        var (before, after) = (before, after)
        if case .constant = mode {
        } else {
            // What is cut off is cut off before the rest is mirrored or repeated.
            for axis in sizes.indices where before[axis] < 0 || after[axis] < 0 {
                let (low, high) = (max(0, -before[axis]), max(0, -after[axis]))
                guard low < sizes[axis], high < sizes[axis] - low else {
                    throw TranslationProblem("leaves nothing of an axis of \(sizes[axis])")
                }
                result = try slice(result, axis: axis, start: low, count: sizes[axis] - low - high)
                (before[axis], after[axis]) = (max(0, before[axis]), max(0, after[axis]))
            }
        }
        let kept = result.sizes
        for axis in sizes.indices where before[axis] != 0 || after[axis] != 0 {
            let limit = 1 << 20
            guard before[axis].magnitude < limit, after[axis].magnitude < limit else {
                throw TranslationProblem("pads with \(before[axis]) and \(after[axis])")
            }
            let (border, number): (SliceBorder, Double) =
                switch mode {
                case .constant(let number): (.constant, number)
                case .reflect: (.reflect, 0)
                case .edge: (.edge, 0)
                case .wrap: (.wrap, 0)
                }
            let count = kept[axis] + before[axis] + after[axis]
            guard count > 0 else { throw TranslationProblem("leaves nothing of an axis of \(sizes[axis])") }
            result = try taken(
                result, axis: axis, start: -before[axis], count: count, pace: 1, border, number)
        }
        return result
    }

    mutating func concatenate(_ xs: [TranslatedValue], axis: Int) throws(TranslationProblem)
        -> TranslatedValue
    {
        // What is empty adds nothing.
        let parts = xs.filter { !$0.sizes.contains(0) }
        guard let first = parts.first ?? xs.first else { throw TranslationProblem("joins nothing") }
        let axis = try checked(axis, first)
        for part in parts {
            var sizes = part.sizes
            guard sizes.count == first.sizes.count else {
                throw TranslationProblem("joins \(first.sizes) and \(part.sizes)")
            }
            sizes[axis] = first.sizes[axis]
            guard sizes == first.sizes else {
                throw TranslationProblem("joins \(first.sizes) and \(part.sizes)")
            }
        }
        guard parts.count > 1 else { return first }
        let constants = parts.compactMap(\.constant)
        if constants.count == parts.count {
            try take(constants.reduce(0) { $0 + $1.values.count })
            return .constant(ConstantTensor.joined(constants, axis: axis))
        }
        // The order of memory is that of the largest part.
        var largest: ComputedValue?
        for case .computed(let value) in parts where value.count > largest?.count ?? 0 { largest = value }
        let sizes = first.sizes
        var axes = largest?.layout.memoryAxes ?? Array(sizes.indices)
        if !axes.contains(axis) { axes.insert(axis, at: axes.firstIndex { $0 > axis } ?? axes.count) }
        let total = parts.reduce(0) { $0 + $1.sizes[axis] }
        let place = axes.firstIndex(of: axis)!
        let outer = axes[..<place].reduce(1) { $0 * sizes[$1] }
        let inner = axes[(place + 1)...].reduce(1) { $0 * sizes[$1] }
        // A feature map keeps its rows and columns.
        let map = largest.map { shapes[$0.node] }
        let keepsMap = outer == 1 && map?.spatial == inner
        func due(_ count: Int) -> Shape {
            if keepsMap { return map!.replacing(axis: 0, by: count) }
            return outer == 1 && inner == 1
                ? Shape(channels: count) : Shape(channels: outer, height: count, width: inner)
        }
        let rest = sizes.indices.filter { !axes.contains($0) }
        var nodes: [Int] = []
        for part in parts {
            let shape = due(part.sizes[axis])
            switch part {
            case .constant(let tensor):
                let layout = AxisLayout(tensor.shape, memory: axes + rest)
                nodes.append(try constantNode(tensor, layout: layout, shape: shape).node)
            case .computed(let value):
                nodes.append(try shaped(try ordered(value, axes + rest).node, as: shape))
            }
        }
        let side: UInt8 = keepsMap || outer == 1 && inner == 1 ? 0 : 1
        var joined = nodes[0]
        // A node joins at most 64.
        for start in stride(from: 1, to: nodes.count, by: 63) {
            let more = nodes[start..<min(start + 63, nodes.count)]
            joined = try append(side == 0 ? .concatenate : .concatenateAlong(axis: side), [joined] + more)
        }
        var result = sizes
        result[axis] = total
        return .computed(
            ComputedValue(
                node: joined, layout: AxisLayout(result, memory: axes + rest), elementType: first.elementType)
        )
    }

    /// Sides of 1 are repeated; missing axes stand in front.
    mutating func broadcast(_ x: TranslatedValue, to sizes: [Int]) throws(TranslationProblem)
        -> TranslatedValue
    {
        guard sizes.count >= x.sizes.count else { throw TranslationProblem("repeats \(x.sizes) to \(sizes)") }
        let missing = [Int](repeating: 1, count: sizes.count - x.sizes.count)
        var result = try reshape(x, to: missing + x.sizes)
        for (axis, size) in sizes.enumerated() where result.sizes[axis] != size {
            guard result.sizes[axis] == 1, size > 0, size <= Self.countLimit else {
                throw TranslationProblem("repeats \(x.sizes) to \(sizes)")
            }
            result = try taken(result, axis: axis, start: 0, count: size, pace: 0, .constant, 0)
        }
        return result
    }

    /// All numbers so many times along each axis.
    mutating func `repeat`(_ x: TranslatedValue, times: [Int]) throws(TranslationProblem) -> TranslatedValue {
        guard times.count == x.sizes.count, times.allSatisfy({ (1...1 << 20).contains($0) }) else {
            throw TranslationProblem("repeats \(x.sizes) \(times) times")
        }
        var result = x
        for (axis, count) in times.enumerated() where count > 1 {
            // A new axis in front of this one, which the two become.
            let sizes = result.sizes
            var split = sizes
            split.insert(1, at: axis)
            result = try reshape(result, to: split)
            result = try taken(result, axis: axis, start: 0, count: count, pace: 0, .constant, 0)
            var whole = sizes
            let (product, isTooLarge) = whole[axis].multipliedReportingOverflow(by: count)
            guard !isTooLarge else { throw TranslationProblem("repeats \(sizes) \(times) times") }
            whole[axis] = product
            result = try reshape(result, to: whole)
        }
        return result
    }

    /// An axis that a file names, from the end where it is below zero.
    func checked(_ axis: Int, _ x: TranslatedValue) throws(TranslationProblem) -> Int {
        let rank = x.sizes.count
        let place = axis < 0 ? axis + rank : axis
        guard (0..<rank).contains(place) else {
            throw TranslationProblem("names axis \(axis) of \(x.sizes)")
        }
        return place
    }
}
