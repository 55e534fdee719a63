// Operators that arrange numbers anew: reshape, transpose, joining and parting, and lists of sizes.

import PagefoldCore
import PagefoldGraph

extension TFLiteTranslation {
    mutating func reshape(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        var x = try operand(op, 0)
        let listed: [Int]
        if let tensor = reference(op, 1), try value(of: tensor).value.constant != nil {
            listed = try integers(op, 1, "sizes")
        } else if let option = try op.options.ints(0) {
            listed = option
        } else {
            listed = try integers(op, 1, "sizes")
        }
        x.value = try translation.reshape(x.value, to: try Self.filled(listed, with: x.sizes))
        return x
    }

    /// Sizes with the one that is open (−1) filled in.
    private static func filled(_ listed: [Int], with sizes: [Int]) throws(TranslationProblem) -> [Int] {
        guard let open = listed.firstIndex(of: -1) else { return listed }
        var known = listed
        known.remove(at: open)
        guard let count = Translation.count(sizes), let rest = Translation.count(known), count % rest == 0
        else {
            throw TranslationProblem("turns \(sizes) into \(listed)")
        }
        var result = listed
        result[open] = count / rest
        return result
    }

    mutating func squeeze(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        var x = try operand(op, 0)
        var axes: [Int] = []
        for axis in try op.options.ints(0) ?? [] { axes.append(try self.axis(axis, rank: x.sizes.count)) }
        if axes.isEmpty { axes = x.sizes.indices.filter { x.sizes[$0] == 1 } }
        guard axes.allSatisfy({ x.sizes[$0] == 1 }) else {
            throw TranslationProblem("leaves axes \(axes) of \(x.sizes) out")
        }
        x.value = try translation.reshape(
            x.value, to: x.sizes.indices.filter { !axes.contains($0) }.map { x.sizes[$0] })
        return x
    }

    mutating func expandDimensions(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        var x = try operand(op, 0)
        let axis = try axis(try integer(op, 1, "axis"), rank: x.sizes.count + 1)
        var sizes = x.sizes
        sizes.insert(1, at: axis)
        x.value = try translation.reshape(x.value, to: sizes)
        return x
    }

    mutating func transpose(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        var x = try operand(op, 0)
        x.value = try translation.transpose(x.value, axes: try integers(op, 1, "axes"))
        return x
    }

    // MARK: Joining and parting

    private mutating func operands(_ op: TFLiteOperator) throws(TranslationProblem) -> [TFLiteValue] {
        guard !op.inputs.isEmpty else { throw TranslationProblem("joins nothing") }
        var result: [TFLiteValue] = []
        for place in op.inputs.indices { result.append(try operand(op, place)) }
        return result
    }

    private mutating func joined(
        _ parts: [TFLiteValue], axis: Int, _ fused: TFLiteFused
    ) throws(TranslationProblem) -> TFLiteValue {
        TFLiteValue(
            try translation.concatenate(parts.map(\.value), axis: axis),
            range: parts.dropFirst().reduce(parts[0].range) { $0.union($1.range) }, fused: fused)
    }

    mutating func concatenation(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        let parts = try operands(op)
        let axis = try axis(try op.options.int(0), rank: parts[0].sizes.count)
        return try joined(parts, axis: axis, try op.options.fused(1))
    }

    /// Parts of equal sizes along a new axis.
    mutating func pack(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        var parts = try operands(op)
        let axis = try axis(try op.options.int(1), rank: parts[0].sizes.count + 1)
        for index in parts.indices {
            var sizes = parts[index].sizes
            guard sizes == parts[0].sizes || index == 0 || sizes.count == parts[0].sizes.count - 1 else {
                throw TranslationProblem("joins \(parts[0].sizes) and \(sizes)")
            }
            sizes.insert(1, at: axis)
            parts[index].value = try translation.reshape(parts[index].value, to: sizes)
        }
        return try joined(parts, axis: axis, .none)
    }

    mutating func unpack(_ op: TFLiteOperator) throws(TranslationProblem) -> [TFLiteValue] {
        let x = try operand(op, 0)
        let axis = try axis(try op.options.int(1), rank: x.sizes.count)
        guard op.outputs.count == x.sizes[axis] else {
            throw TranslationProblem("parts \(x.sizes) into \(op.outputs.count) pieces")
        }
        var sizes = x.sizes
        sizes.remove(at: axis)
        var result: [TFLiteValue] = []
        for place in 0..<op.outputs.count {
            var part = x
            part.value = try translation.slice(x.value, axis: axis, start: place, count: 1)
            part.value = try translation.reshape(part.value, to: sizes)
            result.append(part)
        }
        return result
    }

    mutating func split(_ op: TFLiteOperator, isEven: Bool) throws(TranslationProblem) -> [TFLiteValue] {
        let x = try operand(op, isEven ? 1 : 0)
        let axis = try axis(try integer(op, isEven ? 0 : 2, "axis"), rank: x.sizes.count)
        let (size, count) = (x.sizes[axis], op.outputs.count)
        var parts: [Int]
        if isEven {
            guard count > 0, size % count == 0 else {
                throw TranslationProblem("parts \(size) places into \(count) equal pieces")
            }
            parts = [Int](repeating: size / count, count: count)
        } else {
            parts = try integers(op, 1, "sizes")
            guard parts.count == count, parts.allSatisfy({ (-1...size).contains($0) }),
                parts.count(where: { $0 == -1 }) <= 1
            else { throw TranslationProblem("parts \(size) places into \(parts)") }
            if let open = parts.firstIndex(of: -1) { parts[open] = size - 1 - parts.reduce(0, +) }
        }
        guard parts.reduce(0, +) == size, parts.allSatisfy({ $0 >= 0 }) else {
            throw TranslationProblem("parts \(size) places into \(parts)")
        }
        var result: [TFLiteValue] = []
        var start = 0
        for part in parts {
            var piece = x
            piece.value = try translation.slice(x.value, axis: axis, start: start, count: part)
            result.append(piece)
            start += part
        }
        return result
    }

    // MARK: Sizes and lists

    /// Numbers that are known while the file is read: sizes, and lists made of numbers.
    mutating func madeNumbers(
        _ op: TFLiteOperator, _ code: TFLiteCode
    ) throws(TranslationProblem) -> TFLiteValue {
        switch code {
        case .shape: return Self.known(try operand(op, 0).sizes)
        case .rank: return Self.known([try operand(op, 0).sizes.count], sizes: [])
        case .zerosLike:
            let x = try operand(op, 0)
            let zero = Self.number(0, x.value.elementType)
            return TFLiteValue(
                try translation.broadcast(zero, to: x.sizes), range: TFLiteRange(low: 0, high: 0))
        case .fill:
            let number = try operand(op, 1)
            return TFLiteValue(
                try translation.broadcast(number.value, to: try integers(op, 0, "sizes")), range: number.range
            )
        case .broadcastArgs:
            let (a, b) = (try integers(op, 0, "sizes"), try integers(op, 1, "sizes"))
            guard let sizes = Translation.broadcastSizes(a, b) else {
                throw TranslationProblem("its operands are \(a) and \(b), whose sides differ")
            }
            return Self.known(sizes)
        default: return try range(op)
        }
    }

    private mutating func range(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        var ends: [ConstantTensor] = []
        for place in 0..<3 { ends.append(try constant(op, place, "numbers")) }
        guard ends.allSatisfy({ $0.values.count == 1 }) else {
            throw TranslationProblem("its ends are no numbers")
        }
        let (start, end, step) = (ends[0].values[0], ends[1].values[0], ends[2].values[0])
        let count = ((end - start) / step).rounded(.up)
        guard count.isFinite, count < 0x1p20 else {
            throw TranslationProblem("counts from \(start) to \(end) by \(step)")
        }
        let values: [Double] = (0..<Int(max(0, count))).map { place in start + Double(place) * step }
        try translation.take(values.count)
        return TFLiteValue(
            .constant(
                ConstantTensor(elementType: ends[0].elementType, shape: [values.count], values: values)),
            range: TFLiteRange(values))
    }
}
