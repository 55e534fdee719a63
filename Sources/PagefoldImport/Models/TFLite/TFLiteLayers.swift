// Operators with weights: convolutions, dense layers, products of matrices.

import PagefoldCore
import PagefoldData
import PagefoldGraph

extension TFLiteTranslation {
    /// A feature map: [1, height, width, channels].
    mutating func map(_ op: TFLiteOperator, _ place: Int) throws(TranslationProblem) -> TFLiteValue {
        let x = try operand(op, place)
        guard x.sizes.count == 4, Translation.count(x.sizes) != nil else {
            throw TranslationProblem("its input is \(x.sizes), not a feature map")
        }
        return x
    }

    /// Weights of a convolution, of four axes.
    private mutating func kernel(
        _ op: TFLiteOperator, _ place: Int
    ) throws(TranslationProblem) -> ConstantTensor {
        let kernel = try constant(op, place, "weights")
        guard kernel.shape.count == 4, Translation.count(kernel.shape) != nil else {
            throw TranslationProblem(
                "its weights are \(kernel.shape)", "the file is damaged; copy or download it again")
        }
        return kernel
    }

    /// A layer's bias, one number for each of its results; nil where there is none.
    ///
    /// Biases of quantised layers are whole numbers in units of the input's scale times the weight's, whatever the file says
    /// about them.
    /// - Parameters:
    ///   - place: of the bias among the inputs; `input` and `weight` likewise.
    mutating func bias(
        _ op: TFLiteOperator, _ place: Int, input: Int = 0, weight: Int
    ) throws(TranslationProblem) -> TFLiteValue? {
        guard let bias = try optional(op, place), let tensor = tensor(op, place) else { return nil }
        guard tensor.type == .int32 || tensor.type == .int64, var stored = bias.value.constant,
            stored.elementType.isInteger
        else { return bias }
        if let scale = self.tensor(op, input)?.scale,
            let weights = self.tensor(op, weight)?.quantisation?.scales,
            !weights.isEmpty, weights.count == 1 || weights.count == stored.values.count
        {
            stored.elementType = .f32
            for i in stored.values.indices {
                stored.values[i] *= scale * Double(weights[weights.count == 1 ? 0 : i])
            }
            return TFLiteValue(.constant(stored))
        }
        return TFLiteValue(.constant(try TFLiteConstants.dequantised(stored, tensor)))
    }

    /// A bias as a layer takes it, or as a summand where the network computes it.
    func split(_ bias: TFLiteValue?, count: Int) throws(TranslationProblem) -> (
        fixed: ConstantTensor?, added: TFLiteValue?
    ) {
        guard let bias else { return (nil, nil) }
        guard var fixed = bias.value.constant else { return (nil, bias) }
        // Some files keep an empty list for none.
        if fixed.values.isEmpty { return (nil, nil) }
        guard fixed.values.count == count else {
            throw TranslationProblem("its bias has \(fixed.values.count) numbers for \(count) results")
        }
        fixed.shape = [count]
        return (fixed, nil)
    }

    private mutating func finished(
        _ value: TranslatedValue, _ added: TFLiteValue?, _ fused: TFLiteFused
    ) throws(TranslationProblem) -> TFLiteValue {
        guard let added else { return TFLiteValue(value, fused: fused) }
        return TFLiteValue(try translation.binary(.add, value, added.value), fused: fused)
    }

    // MARK: Convolutions

    /// Strides and padding of a convolution, as the options say them.
    private func window(
        _ op: TFLiteOperator, dilations: (height: Int, width: Int)
    ) throws(TranslationProblem) -> WindowAttributes {
        let isSame = try op.options.isSame(0)
        return WindowAttributes(
            strides: [try op.options.int(2), try op.options.int(1)],
            dilations: [dilations.height, dilations.width],
            padding: isSame ? .sameUpper : .explicit(before: [0, 0], after: [0, 0]))
    }

    /// The operand of a convolution and its window, which takes over zeros that the file put around the operand.
    private mutating func unpadded(
        _ op: TFLiteOperator, _ window: WindowAttributes
    ) throws(TranslationProblem) -> (TFLiteValue, WindowAttributes) {
        guard let tensor = reference(op, 0), let padded = frame.padded[tensor] else {
            return (try map(op, 0), window)
        }
        var window = window
        window.padding = .explicit(before: padded.before, after: padded.after)
        return (padded.value, window)
    }

    mutating func convolution(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        let window = try window(op, dilations: (try op.options.int(5, 1), try op.options.int(4, 1)))
        let (x, own) = try unpadded(op, window)
        return try convolution(op, x, own)
    }

    /// - Parameter x: a feature map, which may be another than the operator's input.
    mutating func convolution(
        _ op: TFLiteOperator, _ x: TFLiteValue, _ window: WindowAttributes
    ) throws(TranslationProblem) -> TFLiteValue {
        let kernel = try kernel(op, 1)
        // [out][height][width][in / groups]
        guard x.sizes[3] % kernel.shape[3] == 0 else {
            throw TranslationProblem("its weights \(kernel.shape) do not fit \(x.sizes[3]) channels")
        }
        let (fixed, added) = try split(try bias(op, 2, weight: 1), count: kernel.shape[0])
        let result = try translation.convolution(
            x.value, weight: kernel.transposed([0, 3, 1, 2]), bias: fixed, window,
            groups: x.sizes[3] / kernel.shape[3], channelAxis: 3, spatialAxes: [1, 2])
        return try finished(result, added, try op.options.fused(3))
    }

    mutating func depthwiseConvolution(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        let window = try window(op, dilations: (try op.options.int(6, 1), try op.options.int(5, 1)))
        let (x, own) = try unpadded(op, window)
        return try depthwiseConvolution(op, x, own)
    }

    mutating func depthwiseConvolution(
        _ op: TFLiteOperator, _ x: TFLiteValue, _ window: WindowAttributes
    ) throws(TranslationProblem) -> TFLiteValue {
        let kernel = try kernel(op, 1)
        // [1][height][width][channels · multiplier]; results of one channel stand together.
        guard kernel.shape[0] == 1, kernel.shape[3] % x.sizes[3] == 0 else {
            throw TranslationProblem("its weights \(kernel.shape) do not fit \(x.sizes[3]) channels")
        }
        let (fixed, added) = try split(try bias(op, 2, weight: 1), count: kernel.shape[3])
        let result = try translation.convolution(
            x.value, weight: kernel.transposed([3, 0, 1, 2]), bias: fixed, window, groups: x.sizes[3],
            channelAxis: 3, spatialAxes: [1, 2])
        return try finished(result, added, try op.options.fused(4))
    }

    mutating func transposedConvolution(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        let sizes = try integers(op, 0, "sizes of the result")
        guard sizes.count == 4 else { throw TranslationProblem("its result is \(sizes), not a feature map") }
        let kernel = try kernel(op, 1)
        let strides = [try op.options.int(2), try op.options.int(1)]
        let isSame = try op.options.isSame(0)
        guard strides.allSatisfy((1...255).contains), sizes.allSatisfy((1...Translation.countLimit).contains)
        else {
            throw TranslationProblem("has strides \(strides) and a result of \(sizes)")
        }
        // As the convolution back from the result to the input is padded.
        var before = [0, 0]
        for side in 0..<2 where isSame {
            let (size, stride) = (sizes[side + 1], strides[side])
            let reach = ((size + stride - 1) / stride - 1) * stride + kernel.shape[side + 1]
            before[side] = max(0, reach - size) / 2
        }
        return try transposedConvolution(
            try map(op, 2), kernel, try bias(op, 3, input: 2, weight: 1), strides: strides, before: before,
            sizes: [sizes[1], sizes[2]], fused: try op.options.fused(3))
    }

    /// - Parameters:
    ///   - kernel: [out][height][width][in]
    ///   - before: places that are cut off above and to the left.
    ///   - sizes: height and width of the result.
    private mutating func transposedConvolution(
        _ x: TFLiteValue, _ kernel: ConstantTensor, _ bias: TFLiteValue?, strides: [Int], before: [Int],
        sizes: [Int], fused: TFLiteFused
    ) throws(TranslationProblem) -> TFLiteValue {
        guard kernel.shape[3] == x.sizes[3] else {
            throw TranslationProblem("its weights \(kernel.shape) do not fit \(x.sizes[3]) channels")
        }
        // What is left over behind, or missing.
        var (after, missing) = ([0, 0], [0, 0])
        for side in 0..<2 {
            let reach = (x.sizes[side + 1] - 1) * strides[side] + kernel.shape[side + 1]
            let rest = reach - before[side] - sizes[side]
            after[side] = max(0, rest)
            missing[side] = max(0, -rest)
        }
        let (fixed, added) = try split(bias, count: kernel.shape[0])
        let result = try translation.transposedConvolution(
            x.value, weight: kernel.transposed([3, 0, 1, 2]), bias: fixed,
            WindowAttributes(
                strides: strides, padding: .explicit(before: before, after: after)), groups: 1,
            outputPadding: missing, outputSizes: nil, channelAxis: 3, spatialAxes: [1, 2])
        return try finished(result, added, fused)
    }

    /// MediaPipe's transposed convolution, the one custom operator that is read.
    static func isTransposedConvolutionWithBias(_ op: TFLiteOperator) -> Bool {
        op.customName == "Convolution2DTransposeBias"
    }

    /// Its options are three little-endian numbers of 32 bits: padding (1 same, 2 valid), stride along the width, along the
    /// height. The result has as many places as the input's reach, without what the padding takes.
    mutating func transposedConvolutionWithBias(_ op: TFLiteOperator) throws(TranslationProblem)
        -> TFLiteValue
    {
        let x = try map(op, 0)
        let kernel = try kernel(op, 1)
        guard op.customOptions.count >= 12 else { throw TranslationProblem("it has no options") }
        let numbers = (0..<3).map { Int(model.bytes[op.customOptions.lowerBound + 4 * $0]) }
        let strides = [numbers[2], numbers[1]]
        guard strides.allSatisfy({ $0 > 0 }) else { throw TranslationProblem("has strides \(strides)") }
        var (before, sizes) = ([0, 0], [0, 0])
        for side in 0..<2 {
            let (places, window) = (x.sizes[side + 1] - 1, kernel.shape[side + 1])
            let padding = numbers[0] == 1 ? max(0, window - places % strides[side] - 1) : 0
            before[side] = padding / 2
            sizes[side] = places * strides[side] + window - padding
        }
        return try transposedConvolution(
            x, kernel, try bias(op, 2, weight: 1), strides: strides, before: before, sizes: sizes,
            fused: .none)
    }

    // MARK: Matrices

    mutating func fullyConnected(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        guard try op.options.choice(1) == 0 else {
            throw TranslationProblem(
                "its weights are shuffled for another machine", "convert without that option")
        }
        var x = try operand(op, 0)
        let weight = try operand(op, 1)
        guard weight.sizes.count == 2, let size = weight.sizes.last, size > 0,
            let count = Translation.count(x.sizes), count % size == 0
        else { throw TranslationProblem("its weights \(weight.sizes) do not fit \(x.sizes)") }
        // Vectors behind one another, of whatever shape they came.
        if try !op.options.flag(2) || x.sizes.last != size {
            x.value = try translation.reshape(x.value, to: [count / size, size])
        }
        let (fixed, added) = try split(try bias(op, 2, weight: 1), count: weight.sizes[0])
        let result: TranslatedValue
        if let weight = weight.value.constant {
            result = try translation.dense(x.value, weight: weight, bias: fixed)
        } else {
            let turned = try translation.transpose(weight.value, axes: [1, 0])
            let product = try translation.matrixProduct(x.value, turned)
            result =
                try fixed.map { fixed throws(TranslationProblem) in
                    try translation.binary(.add, product, .constant(fixed))
                } ?? product
        }
        return try finished(result, added, try op.options.fused(0))
    }

    mutating func matrixProduct(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        var sides: [TranslatedValue] = []
        for place in 0..<2 {
            var side = try operand(op, place).value
            if try op.options.flag(place) {
                let rank = side.sizes.count
                guard rank >= 2 else { throw TranslationProblem("its input \(place) is \(side.sizes)") }
                side = try translation.transpose(side, axes: Array(0..<rank - 2) + [rank - 1, rank - 2])
            }
            sides.append(side)
        }
        return TFLiteValue(try translation.matrixProduct(sides[0], sides[1]))
    }
}
