// Windows that slide over feature maps: convolution, transposed convolution, pools.

import PagefoldCore
import PagefoldGraph

extension Translation {
    /// - Parameters:
    ///   - weight: [out][in / groups][window…].
    ///   - spatialAxes: one or two axes of `x`.
    mutating func convolution(
        _ x: TranslatedValue, weight: ConstantTensor, bias: ConstantTensor?, _ window: WindowAttributes,
        groups: Int, channelAxis: Int, spatialAxes: [Int]
    ) throws(TranslationProblem) -> TranslatedValue {
        guard case .computed(let value) = x else {
            return try evaluated([x]) { (translation, values) throws(TranslationProblem) in
                try translation.convolution(
                    values[0], weight: weight, bias: bias, window, groups: groups, channelAxis: channelAxis,
                    spatialAxes: spatialAxes)
            }
        }
        guard weight.shape.count == spatialAxes.count + 2, groups > 0, weight.shape.allSatisfy({ $0 > 0 })
        else {
            throw TranslationProblem(
                "its weight is \(weight.shape) for \(spatialAxes.count) axes in space",
                "one and two axes in space are possible")
        }
        let channels = x.sizes[channelAxis]
        guard channels == weight.shape[1] * groups, weight.shape[0] % groups == 0 else {
            throw TranslationProblem(
                "its weight \(weight.shape) in \(groups) groups meets \(channels) channels")
        }
        var window = window
        window.sizes = Array(weight.shape[2...])
        guard window.strides.count == spatialAxes.count, window.dilations.count == spatialAxes.count else {
            throw TranslationProblem(
                "its window has strides \(window.strides), dilations \(window.dilations)")
        }
        if !Self.sampleAxes(x.sizes, channelAxis, spatialAxes).isEmpty {
            return try convolutionOfMaps(
                x, weight: weight, bias: bias, window, groups: groups, channelAxis: channelAxis,
                spatialAxes: spatialAxes)
        }
        if (window.sizes + window.strides).contains(where: { $0 > Self.windowLimit }) {
            return try wideConvolution(
                x, weight: weight, bias: bias, window, groups: groups, channelAxis: channelAxis,
                spatialAxes: spatialAxes)
        }
        let map = try featureMap(value, channelAxis, spatialAxes)
        let (node, slid) = try placed(map, window, limit: 255)
        var parameters = [
            try parameter(
                .weight, [weight.shape[0], weight.shape[1], slid.height, slid.width], weight.values)
        ]
        if let bias { parameters.append(try biasParameter(bias, weight.shape[0])) }
        let (dilationHeight, dilationWidth) = Self.pair(window.dilations)
        let result = try append(
            .convolution(
                outputs: weight.shape[0], window: slid, dilationHeight: dilationHeight,
                dilationWidth: dilationWidth, groups: groups), [node], parameters)
        return mapValue(result, x.sizes, channelAxis, spatialAxes)
    }

    /// Zeros are put between the places of the operand, and a convolution with the turned weight follows.
    /// - Parameters:
    ///   - weight: [in][out / groups][window…].
    ///   - outputPadding: places more at the end of each axis.
    ///   - outputSizes: of the axes in space; nil: as strides and padding give.
    mutating func transposedConvolution(
        _ x: TranslatedValue, weight: ConstantTensor, bias: ConstantTensor?, _ window: WindowAttributes,
        groups: Int, outputPadding: [Int], outputSizes: [Int]?, channelAxis: Int, spatialAxes: [Int]
    ) throws(TranslationProblem) -> TranslatedValue {
        guard weight.shape.count == spatialAxes.count + 2, groups > 0, weight.shape.allSatisfy({ $0 > 0 }),
            weight.shape[0] == x.sizes[channelAxis], weight.shape[0] % groups == 0
        else {
            throw TranslationProblem("its weight \(weight.shape) in \(groups) groups meets \(x.sizes)")
        }
        guard window.strides.allSatisfy({ (1...255).contains($0) }),
            window.dilations.allSatisfy({ (1...255).contains($0) })
        else { throw TranslationProblem("has strides \(window.strides) and dilations \(window.dilations)") }
        var spread = x
        var (before, after): ([Int], [Int]) = ([], [])
        for (index, axis) in spatialAxes.enumerated() {
            let (size, stride) = (x.sizes[axis], window.strides[index])
            let extent = (weight.shape[index + 2] - 1) * window.dilations[index] + 1
            let whole = (size - 1) * stride + extent + outputPadding[index]
            var cut = (before: 0, after: 0)
            switch window.padding {
            case .explicit(let low, let high): cut = (low[index], high[index])
            case .sameUpper, .sameLower:
                let due = outputSizes?[index] ?? size * stride
                let total = whole - due
                let half = total >= 0 ? total / 2 : -((1 - total) / 2)
                cut = window.padding == .sameUpper ? (half, total - half) : (total - half, half)
            }
            if let due = outputSizes?[index] { cut.after = whole - due - cut.before }
            spread = try spreadOut(spread, axis: axis, stride: stride)
            before.append(extent - 1 - cut.before)
            after.append(extent - 1 - cut.after + outputPadding[index])
        }
        let turned = Self.turned(weight, groups: groups)
        let ones = spatialAxes.map { _ in 1 }
        return try convolution(
            spread, weight: turned, bias: bias,
            WindowAttributes(
                strides: ones, dilations: window.dilations, padding: .explicit(before: before, after: after)),
            groups: groups, channelAxis: channelAxis, spatialAxes: spatialAxes)
    }

    /// [in][out / groups][window…] becomes [out][in / groups][window…], its window turned round.
    private static func turned(_ weight: ConstantTensor, groups: Int) -> ConstantTensor {
        let (inputs, outputs) = (weight.shape[0] / groups, weight.shape[1])
        let spatial = weight.shape[2...].reduce(1, *)
        var result = weight
        result.shape = [outputs * groups, inputs] + weight.shape[2...]
        for group in 0..<groups {
            for input in 0..<inputs {
                for output in 0..<outputs {
                    let from = ((group * inputs + input) * outputs + output) * spatial
                    let to = ((group * outputs + output) * inputs + input) * spatial
                    for i in 0..<spatial { result.values[to + i] = weight.values[from + spatial - 1 - i] }
                }
            }
        }
        return result
    }

    /// Zeros between neighbours: (size − 1) · stride + 1 places.
    private mutating func spreadOut(
        _ x: TranslatedValue, axis: Int, stride: Int
    ) throws(TranslationProblem) -> TranslatedValue {
        guard stride > 1, x.sizes[axis] > 1 else { return x }
        var sizes = x.sizes
        sizes.insert(1, at: axis + 1)
        var zeros = [Int](repeating: 0, count: sizes.count)
        let split = try reshape(x, to: sizes)
        var after = zeros
        after[axis + 1] = stride - 1
        let padded = try pad(split, before: zeros, after: after, mode: .constant(0))
        zeros = x.sizes
        zeros[axis] *= stride
        let joined = try reshape(padded, to: zeros)
        return try slice(joined, axis: axis, start: 0, count: zeros[axis] - stride + 1)
    }

    mutating func maxPool(
        _ x: TranslatedValue, _ window: WindowAttributes, channelAxis: Int, spatialAxes: [Int]
    ) throws(TranslationProblem) -> TranslatedValue {
        try pool(x, window, channelAxis, spatialAxes, isMaximum: true, countsPadding: false)
    }

    /// - Parameter countsPadding: zeros around count in the mean.
    mutating func averagePool(
        _ x: TranslatedValue, _ window: WindowAttributes, countsPadding: Bool, channelAxis: Int,
        spatialAxes: [Int]
    ) throws(TranslationProblem) -> TranslatedValue {
        try pool(x, window, channelAxis, spatialAxes, isMaximum: false, countsPadding: countsPadding)
    }

    private mutating func pool(
        _ x: TranslatedValue, _ window: WindowAttributes, _ channelAxis: Int, _ spatialAxes: [Int],
        isMaximum: Bool, countsPadding: Bool
    ) throws(TranslationProblem) -> TranslatedValue {
        guard case .computed(let value) = x else {
            return try evaluated([x]) { (translation, values) throws(TranslationProblem) in
                try translation.pool(
                    values[0], window, channelAxis, spatialAxes, isMaximum: isMaximum,
                    countsPadding: countsPadding)
            }
        }
        guard [window.sizes, window.strides, window.dilations].allSatisfy({ $0.count == spatialAxes.count })
        else {
            throw TranslationProblem("its window \(window.sizes) has strides \(window.strides)")
        }
        if spatialAxes.count > 2 {
            return try loosePool(x, window, spatialAxes, isMaximum: isMaximum, countsPadding: countsPadding)
        }
        if !Self.sampleAxes(x.sizes, channelAxis, spatialAxes).isEmpty {
            return try poolOfMaps(
                x, window, channelAxis, spatialAxes, isMaximum: isMaximum, countsPadding: countsPadding)
        }
        if window.dilations.contains(where: { $0 != 1 })
            || (window.sizes + window.strides).contains(where: { $0 > Self.windowLimit })
        {
            return try loosePool(x, window, spatialAxes, isMaximum: isMaximum, countsPadding: countsPadding)
        }
        var map = try featureMap(value, channelAxis, spatialAxes)
        var window = window
        if countsPadding {
            // The zeros become part of the map.
            let rounded = try padding(window, shapes[map])
            window.roundsUp = false
            let (before, after) = try padding(window, shapes[map])
            var padded = TranslatedValue.computed(
                ComputedValue(node: map, layout: AxisLayout(Self.sizes(shapes[map]))))
            padded = try pad(
                padded, before: [0] + Self.two(before), after: [0] + Self.two(after), mode: .constant(0))
            guard case .computed(let value) = padded else { return x }
            map = try featureMap(value, 0, [1, 2])
            window.padding = .explicit(
                before: before.map { _ in 0 }, after: zip(rounded.after, after).map { $0 - $1 })
        }
        let (node, slid) = try placed(map, window, limit: 255)
        let result = try append(isMaximum ? .maxPool(slid) : .averagePool(slid), [node])
        return mapValue(result, x.sizes, channelAxis, spatialAxes)
    }
}
