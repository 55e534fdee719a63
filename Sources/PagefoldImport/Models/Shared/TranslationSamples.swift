// Feature maps of which there are several, as frames of a film are: layers for one map see them side by side.

import PagefoldCore
import PagefoldGraph

extension Translation {
    /// Maps that are pooled one by one at most.
    private static let mostMaps = 64

    /// Axes of more than one place that are neither channels nor in space.
    static func sampleAxes(_ sizes: [Int], _ channelAxis: Int, _ spatialAxes: [Int]) -> [Int] {
        sizes.indices.filter { sizes[$0] > 1 && $0 != channelAxis && !spatialAxes.contains($0) }
    }

    /// Runs a layer of maps on several of them.
    /// - Parameters:
    ///   - along: says what a layer does with maps as [maps][channels][space…].
    private mutating func onMaps(
        _ x: TranslatedValue, _ channelAxis: Int, _ spatialAxes: [Int],
        _ along: (inout Translation, TranslatedValue) throws(TranslationProblem) -> TranslatedValue
    ) throws(TranslationProblem) -> TranslatedValue {
        let sizes = x.sizes
        let named = [channelAxis] + spatialAxes
        let rest = sizes.indices.filter { !named.contains($0) }
        let order = rest + named
        let maps = rest.reduce(1) { $0 * sizes[$1] }
        let folded = try reshape(try transpose(x, axes: order), to: [maps] + named.map { sizes[$0] })
        let result = try along(&self, folded)
        let whole = try reshape(result, to: rest.map { sizes[$0] } + result.sizes.dropFirst())
        var back = [Int](repeating: 0, count: sizes.count)
        for (place, axis) in order.enumerated() { back[axis] = place }
        return try transpose(whole, axes: back)
    }

    /// A window along one axis as one along two, the first of which it passes place by place.
    private static func lifted(_ window: WindowAttributes) throws(TranslationProblem) -> WindowAttributes {
        var result = window
        if !window.sizes.isEmpty { result.sizes.insert(1, at: 0) }
        result.strides.insert(1, at: 0)
        result.dilations.insert(1, at: 0)
        if case .explicit(let before, let after) = window.padding {
            result.padding = .explicit(before: [0] + before, after: [0] + after)
        }
        return result
    }

    /// A convolution over several maps: with one axis in space the maps are rows, with two they stand one below the other.
    mutating func convolutionOfMaps(
        _ x: TranslatedValue, weight: ConstantTensor, bias: ConstantTensor?, _ window: WindowAttributes,
        groups: Int, channelAxis: Int, spatialAxes: [Int]
    ) throws(TranslationProblem) -> TranslatedValue {
        try onMaps(x, channelAxis, spatialAxes) { (own, maps) throws(TranslationProblem) in
            if spatialAxes.count == 1 {
                var wide = weight
                wide.shape.insert(1, at: 2)
                return try own.convolution(
                    maps, weight: wide, bias: bias, try Self.lifted(window), groups: groups, channelAxis: 1,
                    spatialAxes: [0, 2])
            }
            guard spatialAxes.count == 2, window.strides.count == 2, window.dilations.count == 2 else {
                throw TranslationProblem("has \(spatialAxes.count) axes in space")
            }
            let (stacked, extent, stride, rows) = try own.stacked(maps, window)
            var below = stacked.window
            if case .explicit(let before, let after) = below.padding {
                below.padding = .explicit(
                    before: [0, before[1]], after: [max(0, extent - stride), after[1]])
            }
            let result = try own.convolution(
                stacked.value, weight: weight, bias: bias, below, groups: groups, channelAxis: 0,
                spatialAxes: [1, 2])
            // [channels][maps · rows][columns]: the rows of each map, without those between it and the next.
            let (count, each) = (maps.sizes[0], result.sizes[1] / maps.sizes[0])
            let parted = try own.reshape(result, to: [result.sizes[0], count, each, result.sizes[2]])
            let kept = try own.slice(parted, axis: 2, start: 0, count: rows)
            return try own.transpose(kept, axes: [1, 0, 2, 3])
        }
    }

    /// Maps one below the other, as [channels][rows][columns], each with its padding and as many rows as strides need.
    private mutating func stacked(
        _ maps: TranslatedValue, _ window: WindowAttributes
    ) throws(TranslationProblem) -> (
        stacked: (value: TranslatedValue, window: WindowAttributes), extent: Int, stride: Int, rows: Int
    ) {
        let (own, before, after) = try explicit(window, over: Array(maps.sizes[2...]))
        let (kernel, stride) = (own.sizes[0], own.strides[0])
        let extent = (kernel - 1) * own.dilations[0] + 1
        let height = maps.sizes[2] + before[0] + after[0]
        guard height >= extent else {
            throw TranslationProblem("a window of \(extent) does not fit in \(height) rows")
        }
        let each = (height + stride - 1) / stride * stride
        let padded = try pad(
            maps, before: [0, 0, before[0], 0], after: [0, 0, after[0] + each - height, 0], mode: .constant(0)
        )
        let turned = try transpose(padded, axes: [1, 0, 2, 3])
        let sizes = turned.sizes
        let value = try reshape(turned, to: [sizes[0], sizes[1] * sizes[2], sizes[3]])
        return ((value, own), extent, stride, (height - extent) / stride + 1)
    }

    /// A pool over several maps: as rows with one axis in space, else one after the other, for pools have no weights.
    mutating func poolOfMaps(
        _ x: TranslatedValue, _ window: WindowAttributes, _ channelAxis: Int, _ spatialAxes: [Int],
        isMaximum: Bool, countsPadding: Bool
    ) throws(TranslationProblem) -> TranslatedValue {
        func pooled(
            _ own: inout Translation, _ x: TranslatedValue, _ window: WindowAttributes, _ axes: [Int]
        ) throws(TranslationProblem) -> TranslatedValue {
            isMaximum
                ? try own.maxPool(x, window, channelAxis: 1, spatialAxes: axes)
                : try own.averagePool(
                    x, window, countsPadding: countsPadding, channelAxis: 1, spatialAxes: axes)
        }
        return try onMaps(x, channelAxis, spatialAxes) { (own, maps) throws(TranslationProblem) in
            if spatialAxes.count == 1 { return try pooled(&own, maps, try Self.lifted(window), [0, 2]) }
            guard maps.sizes[0] <= Self.mostMaps else {
                throw TranslationProblem("pools \(maps.sizes[0]) maps", "give it one sample at a time")
            }
            var results: [TranslatedValue] = []
            for index in 0..<maps.sizes[0] {
                let map = try own.slice(maps, axis: 0, start: index, count: 1)
                results.append(try pooled(&own, map, window, Array(2..<maps.sizes.count)))
            }
            return try own.concatenate(results, axis: 0)
        }
    }
}
