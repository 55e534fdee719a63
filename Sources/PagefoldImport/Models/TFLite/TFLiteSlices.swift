// Operators that take some of a value's numbers, or put others beside them: slices, padding, repetition, tables.

import PagefoldCore
import PagefoldGraph

/// A feature map that the file puts zeros around, without them.
struct TFLitePadded {
    var value: TFLiteValue
    /// Rows and columns of zeros.
    var before: [Int]
    var after: [Int]
}

extension TFLiteTranslation {
    mutating func slice(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        var x = try operand(op, 0)
        let (starts, counts) = (try integers(op, 1, "places"), try integers(op, 2, "sizes"))
        guard starts.count == x.sizes.count, counts.count == x.sizes.count else {
            throw TranslationProblem("takes \(counts) from \(starts) on of \(x.sizes)")
        }
        for axis in starts.indices {
            let count = counts[axis] == -1 ? x.sizes[axis] - starts[axis] : counts[axis]
            x.value = try part(x.value, axis: axis, start: starts[axis], count: count)
        }
        return x
    }

    /// A slice, which may have nothing in it.
    private mutating func part(
        _ x: TranslatedValue, axis: Int, start: Int, count: Int, step: Int = 1
    ) throws(TranslationProblem) -> TranslatedValue {
        guard count == 0 else {
            return try translation.slice(x, axis: axis, start: start, count: count, step: step)
        }
        var sizes = x.sizes
        sizes[axis] = 0
        return .constant(ConstantTensor(elementType: x.elementType, shape: sizes, values: []))
    }

    /// NumPy's slices with everything that they can leave out, by masks with one bit an entry.
    mutating func stridedSlice(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        var x = try operand(op, 0)
        let begins = try integers(op, 1, "places")
        let ends = try integers(op, 2, "places")
        let steps = try integers(op, 3, "steps")
        guard begins.count == ends.count, begins.count == steps.count, begins.count <= 32 else {
            throw TranslationProblem("takes places \(begins) to \(ends) by \(steps)")
        }
        let masks = (
            begin: try op.options.int(0), end: try op.options.int(1), ellipsis: try op.options.int(2),
            new: try op.options.int(3), shrink: try op.options.int(4)
        )
        let isOffset = try op.options.flag(5)
        func has(_ mask: Int, _ entry: Int) -> Bool { mask >> entry & 1 == 1 }
        let entries = begins.indices
        let named = entries.count { !has(masks.new, $0) && !has(masks.ellipsis, $0) }
        guard named <= x.sizes.count, entries.count(where: { has(masks.ellipsis, $0) }) <= 1 else {
            throw TranslationProblem("takes \(named) axes of \(x.sizes)")
        }
        var sizes: [Int] = []
        var axis = 0
        for entry in entries {
            if has(masks.ellipsis, entry) {
                for _ in 0..<x.sizes.count - named {
                    sizes.append(x.sizes[axis])
                    axis += 1
                }
                continue
            }
            if has(masks.new, entry) {
                sizes.append(1)
                continue
            }
            let (size, step) = (x.sizes[axis], steps[entry])
            guard step != 0 else { throw TranslationProblem("goes by steps of 0") }
            func place(_ i: Int) -> Int { i < 0 ? i + size : i }
            if has(masks.shrink, entry) {
                let start = has(masks.begin, entry) ? 0 : place(begins[entry])
                x.value = try translation.slice(x.value, axis: axis, start: start, count: 1)
            } else {
                // Ends lie one before the first place where the steps go back.
                let bounds = step > 0 ? 0...size : -1...size - 1
                func clamped(_ i: Int) -> Int { min(max(i, bounds.lowerBound), bounds.upperBound) }
                let first = step > 0 ? bounds.lowerBound : bounds.upperBound
                let last = step > 0 ? bounds.upperBound : bounds.lowerBound
                let start = has(masks.begin, entry) ? first : clamped(place(begins[entry]))
                let end = isOffset ? start + ends[entry] : place(ends[entry])
                let stop = has(masks.end, entry) ? last : clamped(end)
                let reach = step > 0 ? stop - start : start - stop
                let count = reach <= 0 ? 0 : (reach + abs(step) - 1) / abs(step)
                x.value = try part(x.value, axis: axis, start: start, count: count, step: step)
                sizes.append(count)
            }
            axis += 1
        }
        x.value = try translation.reshape(x.value, to: sizes + x.sizes[axis...])
        return x
    }

    mutating func reversed(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        var x = try operand(op, 0)
        for axis in try integers(op, 1, "axes") {
            let axis = try self.axis(axis, rank: x.sizes.count)
            let size = x.sizes[axis]
            x.value = try translation.slice(x.value, axis: axis, start: size - 1, count: size, step: -1)
        }
        return x
    }

    // MARK: Beside and again

    mutating func pad(_ op: TFLiteOperator, _ code: TFLiteCode) throws(TranslationProblem) -> [TFLiteValue] {
        var x = try operand(op, 0)
        let pads = try integers(op, 1, "pads")
        guard pads.count == 2 * x.sizes.count, pads.allSatisfy({ $0 >= 0 }) else {
            throw TranslationProblem("pads \(x.sizes) with \(pads)")
        }
        let (before, after) = (x.sizes.indices.map { pads[2 * $0] }, x.sizes.indices.map { pads[2 * $0 + 1] })
        if code == .pad, let output = op.outputs.first, keepsZerosOutside(output, x, before, after) {
            frame.padded[output] = TFLitePadded(
                value: x, before: Array(before[1...2]), after: Array(after[1...2]))
            return []
        }
        if code == .mirrorPad {
            x.value =
                try op.options.choice(0) == 0
                ? try translation.pad(x.value, before: before, after: after, mode: .reflect)
                : try symmetric(x.value, before, after)
            return [x]
        }
        var number = 0.0
        if code == .padv2 {
            let constant = try constant(op, 2, "number")
            guard constant.values.count == 1 else {
                throw TranslationProblem("pads with \(constant.shape) numbers")
            }
            number = constant.values[0]
        }
        x.value = try translation.pad(x.value, before: before, after: after, mode: .constant(number))
        if pads.contains(where: { $0 > 0 }) {
            x.range = x.range.union(TFLiteRange(low: number, high: number))
        }
        return [x]
    }

    /// Whether zeros around a feature map are read by convolutions alone, which can put them there themselves.
    private func keepsZerosOutside(_ tensor: Int, _ x: TFLiteValue, _ before: [Int], _ after: [Int]) -> Bool {
        guard x.sizes.count == 4, before[0] + after[0] + before[3] + after[3] == 0,
            (before + after).allSatisfy({ $0 <= Translation.windowLimit }),
            !frame.graph.outputs.contains(tensor), let readers = frame.readers[tensor]
        else { return false }
        return readers.allSatisfy { reader in
            let op = frame.graph.operators[reader]
            let isConvolution =
                op.code == TFLiteCode.conv2D.rawValue || op.code == TFLiteCode.depthwiseConv2D.rawValue
            // Only those without padding of their own.
            return isConvolution && op.inputs.first == tensor
                && op.inputs.dropFirst().allSatisfy { $0 != tensor }
                && (try? op.options.isSame(0)) == false
        }
    }

    /// Mirrored with the outermost number repeated.
    private mutating func symmetric(
        _ x: TranslatedValue, _ before: [Int], _ after: [Int]
    ) throws(TranslationProblem) -> TranslatedValue {
        var result = x
        for axis in x.sizes.indices {
            let size = x.sizes[axis]
            guard before[axis] <= size, after[axis] <= size else {
                throw TranslationProblem("mirrors \(before) and \(after) places of \(x.sizes)")
            }
            var parts = [result]
            if before[axis] > 0 {
                parts.insert(
                    try translation.slice(
                        result, axis: axis, start: before[axis] - 1, count: before[axis], step: -1), at: 0)
            }
            if after[axis] > 0 {
                parts.append(
                    try translation.slice(result, axis: axis, start: size - 1, count: after[axis], step: -1))
            }
            if parts.count > 1 { result = try translation.concatenate(parts, axis: axis) }
        }
        return result
    }

    mutating func tile(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        var x = try operand(op, 0)
        x.value = try translation.repeat(x.value, times: try integers(op, 1, "times"))
        return x
    }

    mutating func broadcast(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        var x = try operand(op, 0)
        x.value = try translation.broadcast(x.value, to: try integers(op, 1, "sizes"))
        return x
    }

    /// A part of a value is replaced by another value.
    mutating func update(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        let (x, part) = (try operand(op, 0), try operand(op, 1))
        let starts = try integers(op, 2, "places")
        let differing = x.sizes.indices.filter {
            part.sizes.count == x.sizes.count && part.sizes[$0] != x.sizes[$0]
        }
        guard part.sizes.count == x.sizes.count, starts.count == x.sizes.count, differing.count <= 1 else {
            throw TranslationProblem("puts \(part.sizes) into \(x.sizes)")
        }
        guard let axis = differing.first else { return part }
        let (size, count) = (x.sizes[axis], part.sizes[axis])
        guard count <= size else { throw TranslationProblem("puts \(part.sizes) into \(x.sizes)") }
        let start = min(max(starts[axis], 0), size - count)
        let end = start + count
        var parts = [part.value]
        if start > 0 {
            parts.insert(try translation.slice(x.value, axis: axis, start: 0, count: start), at: 0)
        }
        if end < size {
            parts.append(try translation.slice(x.value, axis: axis, start: end, count: size - end))
        }
        return TFLiteValue(
            try translation.concatenate(parts, axis: axis), range: x.range.union(part.range))
    }

    // MARK: Tables

    mutating func gather(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        let (x, places) = (try operand(op, 0), try operand(op, 1))
        var batch = try op.options.int(1)
        if batch < 0 { batch += places.sizes.count }
        // Axes of size 1 in front are no batch.
        guard batch >= 0, batch <= min(x.sizes.count, places.sizes.count),
            x.sizes[..<batch].allSatisfy({ $0 == 1 }), places.sizes[..<batch].allSatisfy({ $0 == 1 })
        else { throw TranslationProblem("takes other places of each of \(x.sizes)") }
        let axis = try axis(try op.options.int(0), rank: x.sizes.count)
        var result = x
        let listed = try translation.reshape(places.value, to: Array(places.sizes[batch...]))
        result.value = try translation.gather(x.value, indices: listed, axis: axis)
        return result
    }

    /// Places by all their axes, where they are known and name one place of each of the first axes.
    mutating func gatherPlaces(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        var x = try operand(op, 0)
        let places = try constant(op, 1, "places")
        let list = try integers(op, 1, "places")
        guard let depth = places.shape.last, depth > 0, depth <= x.sizes.count else {
            throw TranslationProblem("takes places \(places.shape) of \(x.sizes)")
        }
        // The first axes as one.
        guard let count = Translation.count(Array(x.sizes[..<depth])) else {
            throw TranslationProblem("takes places of \(x.sizes)")
        }
        var joined: [Int] = []
        for start in stride(from: 0, to: list.count, by: depth) {
            var place = 0
            for axis in 0..<depth {
                guard (0..<x.sizes[axis]).contains(list[start + axis]) else {
                    throw TranslationProblem(
                        "takes place \(list[start + axis]) of an axis of \(x.sizes[axis])")
                }
                place = place * x.sizes[axis] + list[start + axis]
            }
            joined.append(place)
        }
        let rest = Array(x.sizes[depth...])
        let flat = try translation.reshape(x.value, to: [count] + rest)
        let taken = try translation.gather(flat, indices: Self.known(joined).value, axis: 0)
        x.value = try translation.reshape(taken, to: places.shape.dropLast() + rest)
        return x
    }

    mutating func embedding(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        let (places, table) = (try operand(op, 0), try operand(op, 1))
        var result = table
        result.value = try translation.gather(table.value, indices: places.value, axis: 0)
        return result
    }

    /// A place becomes a list with one number there and another elsewhere.
    mutating func oneHot(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        let places = try operand(op, 0)
        let depth = try integer(op, 1, "depth")
        let (on, off) = (try operand(op, 2), try operand(op, 3))
        guard (1...1 << 16).contains(depth) else { throw TranslationProblem("has a depth of \(depth)") }
        let rank = places.sizes.count + 1
        let asked = try op.options.int(0)
        let axis = asked == -1 ? rank - 1 : try self.axis(asked, rank: rank)
        var sizes = places.sizes
        sizes.insert(1, at: axis)
        let expanded = try translation.reshape(places.value, to: sizes)
        var shape = [Int](repeating: 1, count: rank)
        shape[axis] = depth
        let numbers = Self.known(Array(0..<depth), places.value.elementType, sizes: shape)
        let equal = try translation.binary(.equal, expanded, numbers.value)
        return TFLiteValue(
            try translation.select(equal, on.value, off.value), range: on.range.union(off.range))
    }
}
