// Windows that a step cannot have, for their size or their stride: their places become channels, or they are taken in parts.

import PagefoldCore
import PagefoldGraph

extension Translation {
    /// Places of a window and of its stride at most.
    static let windowLimit = 255

    /// A window with its padding as places.
    func explicit(
        _ window: WindowAttributes, over sizes: [Int]
    ) throws(TranslationProblem) -> (window: WindowAttributes, before: [Int], after: [Int]) {
        var (before, after): ([Int], [Int]) = ([], [])
        for index in sizes.indices {
            var line = WindowAttributes(
                sizes: [window.sizes[index]], strides: [window.strides[index]],
                dilations: [window.dilations[index]], padding: window.padding, roundsUp: window.roundsUp)
            if case .explicit(let low, let high) = window.padding {
                line.padding = .explicit(before: [low[index]], after: [high[index]])
            }
            let (low, high) = try padding(line, Shape(channels: 1, width: sizes[index]))
            before.append(low[0])
            after.append(high[0])
        }
        var result = window
        result.padding = .explicit(before: before, after: after)
        result.roundsUp = false
        return (result, before, after)
    }

    /// A convolution one of whose sides is too large for a step; the others are as they may be.
    mutating func wideConvolution(
        _ x: TranslatedValue, weight: ConstantTensor, bias: ConstantTensor?, _ window: WindowAttributes,
        groups: Int, channelAxis: Int, spatialAxes: [Int]
    ) throws(TranslationProblem) -> TranslatedValue {
        var (own, before, after) = try explicit(window, over: spatialAxes.map { x.sizes[$0] })
        guard
            let index = own.sizes.indices.first(where: {
                own.sizes[$0] > Self.windowLimit || own.strides[$0] > Self.windowLimit
            })
        else { throw TranslationProblem("its window is not wide") }
        let axis = spatialAxes[index]
        let (kernel, stride, dilation) = (own.sizes[index], own.strides[index], own.dilations[index])
        if stride > Self.windowLimit, dilation > 1 {
            // Zeros between the places of the window, so that it lies side by side.
            own.dilations[index] = 1
            return try convolution(
                x, weight: try undilated(weight, axis: index + 2, dilation: dilation), bias: bias, own,
                groups: groups, channelAxis: channelAxis, spatialAxes: spatialAxes)
        }
        let room = x.sizes[axis] + before[index] + after[index] - (kernel - 1) * dilation - 1
        guard room >= 0 else {
            throw TranslationProblem("its window of \(kernel) does not fit in \(x.sizes[axis]) places")
        }
        let count = room / stride + 1
        let isSplit = stride > 1 && dilation == 1
        // As many places as the windows reach, so that none is left over.
        let parts = isSplit ? (kernel + stride - 1) / stride : 0
        let reach =
            isSplit ? (count + parts - 1) * stride : (count - 1) * stride + (kernel - 1) * dilation + 1
        var (low, high) = (x.sizes.map { _ in 0 }, x.sizes.map { _ in 0 })
        low[axis] = before[index]
        high[axis] = reach - x.sizes[axis] - before[index]
        let whole = try pad(x, before: low, after: high, mode: .constant(0))
        before[index] = 0
        after[index] = 0
        own.padding = .explicit(before: before, after: after)
        if isSplit {
            guard weight.values.count / kernel <= Self.countLimit / (parts * stride) else {
                throw TranslationProblem("has a stride of \(stride)")
            }
            try take(weight.values.count / kernel * (parts * stride))
            own.sizes[index] = parts
            own.strides[index] = 1
            return try convolution(
                try phasesAsChannels(whole, axis: axis, stride: stride, channelAxis: channelAxis),
                weight: Self.phasesAsChannels(weight, axis: index + 2, stride: stride), bias: bias, own,
                groups: groups, channelAxis: channelAxis, spatialAxes: spatialAxes)
        }
        var sum: TranslatedValue?
        for start in Swift.stride(from: 0, to: kernel, by: Self.windowLimit) {
            let length = min(Self.windowLimit, kernel - start)
            let seen = try slice(
                whole, axis: axis, start: start * dilation,
                count: (count - 1) * stride + (length - 1) * dilation + 1)
            own.sizes[index] = length
            let part = try convolution(
                seen,
                weight: weight.taken(axis: index + 2, start: start, count: length, pace: 1, .constant, 0),
                bias: start == 0 ? bias : nil, own, groups: groups, channelAxis: channelAxis,
                spatialAxes: spatialAxes)
            sum =
                try sum.map { (before) throws(TranslationProblem) in try binary(.add, before, part) } ?? part
        }
        return sum ?? x
    }

    /// A weight with zeros between the places of its window.
    private mutating func undilated(
        _ weight: ConstantTensor, axis: Int, dilation: Int
    ) throws(TranslationProblem) -> ConstantTensor {
        let kernel = weight.shape[axis]
        guard kernel == 1 || dilation <= Self.countLimit / weight.values.count else {
            throw TranslationProblem("has a dilated window of \(kernel) places, \(dilation) apart")
        }
        let reach = (kernel - 1) * dilation + 1
        try take(weight.values.count / kernel * reach)
        let inner = weight.shape[(axis + 1)...].reduce(1, *)
        var result = weight
        result.shape[axis] = reach
        result.values = [Double](repeating: 0, count: weight.values.count / kernel * reach)
        for line in 0..<weight.values.count / kernel / inner {
            for place in 0..<kernel {
                for i in 0..<inner {
                    result.values[(line * reach + place * dilation) * inner + i] =
                        weight.values[(line * kernel + place) * inner + i]
                }
            }
        }
        return result
    }

    /// Places that lie `stride` apart become one; those between become channels, behind each channel.
    private mutating func phasesAsChannels(
        _ x: TranslatedValue, axis: Int, stride: Int, channelAxis: Int
    ) throws(TranslationProblem) -> TranslatedValue {
        var split = x.sizes
        split[axis] /= stride
        split.insert(stride, at: axis + 1)
        var order = Array(split.indices)
        order.remove(at: axis + 1)
        let channel = channelAxis > axis ? channelAxis + 1 : channelAxis
        order.insert(axis + 1, at: order.firstIndex(of: channel)! + 1)
        var sizes = x.sizes
        sizes[axis] /= stride
        sizes[channelAxis] *= stride
        return try reshape(try transpose(try reshape(x, to: split), axes: order), to: sizes)
    }

    /// The same for the weight of a convolution, whose window is filled up with zeros.
    private static func phasesAsChannels(_ weight: ConstantTensor, axis: Int, stride: Int) -> ConstantTensor {
        let parts = (weight.shape[axis] + stride - 1) / stride
        var result = weight.taken(axis: axis, start: 0, count: parts * stride, pace: 1, .constant, 0)
        var split = result.shape
        split[axis] = parts
        split.insert(stride, at: axis + 1)
        result.shape = split
        var order = Array(split.indices)
        order.remove(at: axis + 1)
        order.insert(axis + 1, at: 2)
        result = result.transposed(order)
        var sizes = weight.shape
        sizes[1] *= stride
        sizes[axis] = parts
        result.shape = sizes
        return result
    }
}
