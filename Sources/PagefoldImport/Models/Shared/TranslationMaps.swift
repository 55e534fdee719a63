// Feature maps under windows: how a foreign array becomes channels, rows and columns, and where a window lies.

import PagefoldCore
import PagefoldGraph

extension Translation {
    /// The node that holds the value as channels, rows and columns; one axis in space becomes columns.
    mutating func featureMap(
        _ x: ComputedValue, _ channelAxis: Int, _ spatialAxes: [Int]
    ) throws(TranslationProblem) -> Int {
        guard 1...2 ~= spatialAxes.count else {
            throw TranslationProblem(
                "has \(spatialAxes.count) axes in space", "one and two axes in space are possible")
        }
        let rows = spatialAxes.count == 2 ? [spatialAxes[0]] : []
        return try grouped(x, [[channelAxis], rows, [spatialAxes[spatialAxes.count - 1]]]).node
    }

    /// What a node of channels, rows and columns is to the foreign graph.
    func mapValue(_ node: Int, _ before: [Int], _ channelAxis: Int, _ spatialAxes: [Int]) -> TranslatedValue {
        let shape = shapes[node]
        var sizes = before
        sizes[channelAxis] = shape.channels
        if spatialAxes.count == 2 { sizes[spatialAxes[0]] = shape.height }
        sizes[spatialAxes[spatialAxes.count - 1]] = shape.width
        let memory = [channelAxis] + spatialAxes
        let rest = sizes.indices.filter { !memory.contains($0) }
        return .computed(ComputedValue(node: node, layout: AxisLayout(sizes, memory: memory + rest)))
    }

    static func sizes(_ shape: Shape) -> [Int] { [shape.channels, shape.height, shape.width] }

    /// One or two numbers as those of rows and columns.
    static func pair(_ numbers: [Int]) -> (Int, Int) {
        numbers.count == 1 ? (1, numbers[0]) : (numbers[0], numbers[1])
    }

    /// The same for padding, where one axis has none.
    static func two(_ numbers: [Int]) -> [Int] { numbers.count == 1 ? [0, numbers[0]] : numbers }

    /// The places around the map that a window's padding asks for, with those that rounding up adds.
    func padding(
        _ window: WindowAttributes, _ map: Shape
    ) throws(TranslationProblem) -> (before: [Int], after: [Int]) {
        let sizes = window.sizes.count == 1 ? [map.width] : [map.height, map.width]
        var (before, after): ([Int], [Int]) = ([], [])
        for (index, size) in sizes.enumerated() {
            let (kernel, stride, dilation) = (
                window.sizes[index], window.strides[index], window.dilations[index]
            )
            guard 1...1 << 16 ~= kernel, 1...1 << 16 ~= stride, 1...1 << 16 ~= dilation else {
                throw TranslationProblem("a window of \(kernel), stride \(stride), dilation \(dilation)")
            }
            let extent = (kernel - 1) * dilation + 1
            var (low, high) = (0, 0)
            switch window.padding {
            case .explicit(let first, let last):
                guard first.count == sizes.count, last.count == sizes.count,
                    first[index].magnitude < 1 << 16, last[index].magnitude < 1 << 16
                else { throw TranslationProblem("pads \(sizes.count) axes with \(first) and \(last)") }
                (low, high) = (first[index], last[index])
            case .sameUpper, .sameLower:
                let missing = max(0, ((size + stride - 1) / stride - 1) * stride + extent - size)
                (low, high) = (missing / 2, missing - missing / 2)
                if window.padding == .sameLower { swap(&low, &high) }
            }
            if window.roundsUp {
                // A window that begins behind the map does not count.
                let room = size + low + high - extent
                var count = room < 0 ? 0 : (room + stride - 1) / stride + 1
                if count > 0, (count - 1) * stride >= size + low { count -= 1 }
                high = max(high, (count - 1) * stride + extent - size - low)
            }
            before.append(low)
            after.append(high)
        }
        return (before, after)
    }

    /// The window over a map of channels, rows and columns. Padding that a step cannot have becomes part of the map.
    mutating func placed(
        _ map: Int, _ window: WindowAttributes, limit: Int
    ) throws(TranslationProblem) -> (node: Int, window: Window) {
        let rank = window.sizes.count
        guard window.strides.count == rank, window.dilations.count == rank else {
            throw TranslationProblem("its window has \(rank) sides, \(window.strides.count) strides")
        }
        let shape = shapes[map]
        var (before, after) = try padding(window, shape)
        var node = map
        if (before + after).contains(where: { !(0...limit).contains($0) }) {
            let value = ComputedValue(node: map, layout: AxisLayout(Self.sizes(shape)))
            let padded = try pad(
                .computed(value), before: [0] + Self.two(before), after: [0] + Self.two(after),
                mode: .constant(0))
            guard case .computed(let result) = padded else { throw TranslationProblem("pads nothing") }
            node = try featureMap(result, 0, [1, 2])
            before = before.map { _ in 0 }
            after = after.map { _ in 0 }
        }
        let (top, bottom) = (Self.two(before), Self.two(after))
        let (height, width) = Self.pair(window.sizes)
        let (strideHeight, strideWidth) = Self.pair(window.strides)
        return (
            node,
            Window(
                height: height, width: width, strideHeight: strideHeight, strideWidth: strideWidth,
                padding: Padding(top: top[0], left: top[1], bottom: bottom[0], right: bottom[1]))
        )
    }

    mutating func biasParameter(_ bias: ConstantTensor, _ count: Int) throws(TranslationProblem) -> Parameter
    {
        guard bias.values.count == count else {
            throw TranslationProblem("its bias has \(bias.values.count) numbers for \(count) channels")
        }
        return try parameter(.bias, [count], bias.values)
    }
}
