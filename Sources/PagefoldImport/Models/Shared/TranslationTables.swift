// Operations of foreign graphs that look numbers up: gather and embedding; and those that trade space for channels.

import PagefoldCore
import PagefoldData
import PagefoldGraph

extension Translation {
    /// The places of an axis that a list names; a constant table and computed places make an embedding.
    mutating func gather(
        _ x: TranslatedValue, indices: TranslatedValue, axis: Int
    ) throws(TranslationProblem) -> TranslatedValue {
        let axis = try checked(axis, x)
        let size = x.sizes[axis]
        let result = x.sizes[..<axis] + indices.sizes + x.sizes[(axis + 1)...]
        guard let places = indices.constant else { return try embedding(x, indices, axis, Array(result)) }
        var list: [Int] = []
        for place in places.integers {
            let index = place < 0 && place > Int.min ? place + size : place
            guard (0..<size).contains(index) else {
                throw TranslationProblem("takes place \(place) of an axis of \(size)")
            }
            list.append(index)
        }
        if let tensor = x.constant {
            try take(list.count * (tensor.values.count / max(size, 1)))
            return try reshape(.constant(tensor.gathered(list, axis: axis)), to: Array(result))
        }
        // Runs of equal distance are slices.
        var parts: [TranslatedValue] = []
        var next = 0
        while next < list.count {
            var end = next + 1
            let pace = end < list.count ? list[end] - list[next] : 1
            while end < list.count, list[end] - list[end - 1] == pace { end += 1 }
            parts.append(
                try taken(x, axis: axis, start: list[next], count: end - next, pace: pace, .constant, 0))
            next = end
        }
        guard parts.count <= 256 else { throw TranslationProblem("takes \(parts.count) runs of an axis") }
        return try reshape(try concatenate(parts, axis: axis), to: Array(result))
    }

    private mutating func embedding(
        _ table: TranslatedValue, _ indices: TranslatedValue, _ axis: Int, _ sizes: [Int]
    ) throws(TranslationProblem) -> TranslatedValue {
        guard let tensor = table.constant, axis == 0, tensor.shape.count >= 1 else {
            throw TranslationProblem(
                "takes places that are computed", "places must be constants, or the table a constant of rows")
        }
        let rows = tensor.shape[0]
        let length = tensor.shape.dropFirst().reduce(1, *)
        guard rows > 0, length > 0 else { throw TranslationProblem("has a table \(tensor.shape)") }
        // Places below zero count from the end.
        var named = indices
        if [.i8, .i16, .i32, .i64].contains(indices.elementType) {
            let zero = TranslatedValue.constant(ConstantTensor(elementType: .f32, shape: [], values: [0]))
            let isBelow = try binary(.less, indices, zero)
            named = try binary(.add, indices, try unary(.affine(factor: Double(rows), term: 0), isBelow))
        }
        let places = try rowMajor(try computed(named))
        let weight = try parameter(.weight, [rows, length], tensor.values)
        let node = try append(.embedding(rows: rows, length: length), [places.node], [weight])
        return .computed(ComputedValue(node: node, layout: AxisLayout(sizes)))
    }

    /// Blocks of channels become rows and columns.
    /// - Parameter isColumnFirst: ONNX's CRD mode: the block's rows and columns are behind the channels.
    mutating func depthToSpace(
        _ x: TranslatedValue, block: Int, channelAxis: Int, spatialAxes: [Int], isColumnFirst: Bool
    ) throws(TranslationProblem) -> TranslatedValue {
        let sizes = x.sizes
        let channels = sizes[channelAxis]
        guard 1...1 << 10 ~= block, channels % (block * block) == 0, spatialAxes.count == 2 else {
            throw TranslationProblem("makes blocks of \(block) of \(channels) channels")
        }
        // The channel axis becomes three, in front of all others.
        let rest = sizes.indices.filter { $0 != channelAxis }
        var value = try transpose(x, axes: [channelAxis] + rest)
        let count = channels / block / block
        let parts = isColumnFirst ? [count, block, block] : [block, block, count]
        value = try reshape(value, to: parts + rest.map { sizes[$0] })
        let (channel, row, column) = isColumnFirst ? (0, 1, 2) : (2, 0, 1)
        var axes: [Int] = []
        for axis in sizes.indices {
            if axis == channelAxis {
                axes.append(channel)
            } else {
                axes.append(3 + rest.firstIndex(of: axis)!)
                if axis == spatialAxes[0] { axes.append(row) }
                if axis == spatialAxes[1] { axes.append(column) }
            }
        }
        var result = sizes
        result[channelAxis] = count
        for axis in spatialAxes { result[axis] *= block }
        return try reshape(try transpose(value, axes: axes), to: result)
    }

    /// Rows and columns of blocks become channels, in front of those that are there.
    mutating func spaceToDepth(
        _ x: TranslatedValue, block: Int, channelAxis: Int, spatialAxes: [Int]
    ) throws(TranslationProblem) -> TranslatedValue {
        let sizes = x.sizes
        guard 1...1 << 10 ~= block, spatialAxes.count == 2, spatialAxes.allSatisfy({ sizes[$0] % block == 0 })
        else {
            throw TranslationProblem("makes blocks of \(block) of \(sizes)")
        }
        var split: [Int] = []
        var places: [Int: Int] = [:]
        for axis in sizes.indices {
            places[axis] = split.count
            split += spatialAxes.contains(axis) ? [sizes[axis] / block, block] : [sizes[axis]]
        }
        var axes: [Int] = []
        for axis in sizes.indices {
            if axis == channelAxis { axes += spatialAxes.map { places[$0]! + 1 } }
            axes.append(places[axis]!)
        }
        var result = sizes
        result[channelAxis] *= block * block
        for axis in spatialAxes { result[axis] /= block }
        return try reshape(try transpose(try reshape(x, to: split), axes: axes), to: result)
    }
}
