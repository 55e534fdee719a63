// Convolutions and what they share with pools: windows as ONNX writes them.

import PagefoldCore

enum ONNXConvolutions {
    static let operators: [String: ONNXOperator] = [
        "Conv": .one { (onnx, call) throws(TranslationProblem) in
            try convolution(
                &onnx, call, try call.x(), try call.constant(1, "its weight"),
                try call.optionalConstant(2, "its bias"))
        },
        "ConvTranspose": .one(rule: transposed),
        "com.microsoft.FusedConv": .several(fused),
    ]

    private static func damaged(_ text: String) -> TranslationProblem {
        TranslationProblem(text, "the file is damaged; copy it again")
    }

    /// The window of a layer over a map with channels on axis 1 and all behind it in space.
    /// - Parameters:
    ///   - rank: axes in space.
    ///   - kernel: the window's sizes; nil: as `kernel_shape` says.
    static func window(_ call: ONNXCall, rank: Int, kernel: [Int]?) throws(TranslationProblem)
        -> WindowAttributes
    {
        let ones = [Int](repeating: 1, count: rank)
        let stored = try call.integers("kernel_shape")
        guard let sizes = kernel ?? stored else { throw damaged("it has no kernel_shape") }
        let strides = try call.integers("strides") ?? ones
        let dilations = try call.integers("dilations") ?? ones
        let pads = try call.integers("pads") ?? [Int](repeating: 0, count: 2 * rank)
        guard sizes.count == rank, strides.count == rank, dilations.count == rank, pads.count == 2 * rank,
            stored == nil || stored == sizes,
            (sizes + strides + dilations).allSatisfy({ (1...1 << 16).contains($0) }),
            pads.allSatisfy({ $0.magnitude <= 1 << 16 })
        else {
            throw damaged(
                "its window \(sizes), strides \(strides), dilations \(dilations), pads \(pads) do not fit")
        }
        let name = try call.text("auto_pad", "NOTSET")
        let padding: WindowAttributes.Padding
        switch name {
        case "NOTSET", "": padding = .explicit(before: Array(pads[..<rank]), after: Array(pads[rank...]))
        case "VALID": padding = .explicit(before: ones.map { _ in 0 }, after: ones.map { _ in 0 })
        case "SAME_UPPER": padding = .sameUpper
        case "SAME_LOWER": padding = .sameLower
        default: throw call.refuse("auto_pad", name)
        }
        return WindowAttributes(
            sizes: sizes, strides: strides, dilations: dilations, padding: padding,
            roundsUp: try call.flag("ceil_mode"))
    }

    /// The axes of a map in space.
    static func spatialAxes(_ x: TranslatedValue) throws(TranslationProblem) -> [Int] {
        guard x.sizes.count >= 3 else { throw damaged("it reads \(x.sizes), which has no axis in space") }
        return Array(2..<x.sizes.count)
    }

    static func convolution(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall, _ x: TranslatedValue, _ weight: ConstantTensor,
        _ bias: ConstantTensor?
    ) throws(TranslationProblem) -> TranslatedValue {
        let axes = try spatialAxes(x)
        guard weight.shape.count == axes.count + 2, weight.shape.allSatisfy({ $0 > 0 }) else {
            throw damaged("its weight is \(weight.shape), its operand \(x.sizes)")
        }
        let window = try window(call, rank: axes.count, kernel: Array(weight.shape[2...]))
        if axes.count == 3 { return try volume(&onnx, x, weight, bias, window, groups: try groups(call)) }
        return try onnx.translation.convolution(
            x, weight: weight, bias: bias, window, groups: try groups(call), channelAxis: 1, spatialAxes: axes
        )
    }

    /// A convolution along three axes: for each place of its window along the first a convolution of maps, all added up.
    private static func volume(
        _ onnx: inout ONNXTranslation, _ x: TranslatedValue, _ weight: ConstantTensor,
        _ bias: ConstantTensor?,
        _ window: WindowAttributes, groups: Int
    ) throws(TranslationProblem) -> TranslatedValue {
        let (own, before, after) = try onnx.translation.explicit(window, over: Array(x.sizes[2...]))
        let (places, stride, dilation) = (own.sizes[0], own.strides[0], own.dilations[0])
        let room = x.sizes[2] + before[0] + after[0] - (places - 1) * dilation - 1
        guard places <= 32, room >= 0 else {
            throw TranslationProblem("a window of \(places) along the first of three axes of \(x.sizes)")
        }
        let map = WindowAttributes(
            sizes: Array(own.sizes[1...]), strides: Array(own.strides[1...]),
            dilations: Array(own.dilations[1...]),
            padding: .explicit(before: Array(before[1...]), after: Array(after[1...])))
        var sum: TranslatedValue?
        for place in 0..<places {
            let seen = try onnx.translation.taken(
                x, axis: 2, start: place * dilation - before[0], count: room / stride + 1, pace: stride,
                .constant, 0)
            var slice = weight.taken(axis: 2, start: place, count: 1, pace: 1, .constant, 0)
            slice.shape.remove(at: 2)
            let part = try onnx.translation.convolution(
                seen, weight: slice, bias: place == 0 ? bias : nil, map, groups: groups, channelAxis: 1,
                spatialAxes: [3, 4])
            sum =
                try sum.map { (before) throws(TranslationProblem) in
                    try onnx.translation.binary(.add, before, part)
                } ?? part
        }
        return sum ?? x
    }

    private static func groups(_ call: ONNXCall) throws(TranslationProblem) -> Int {
        let groups = try call.integer("group", 1)
        guard (1...1 << 16).contains(groups) else { throw damaged("it has \(groups) groups") }
        return groups
    }

    private static func transposed(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.x()
        let weight = try call.constant(1, "its weight")
        let bias = try call.optionalConstant(2, "its bias")
        let axes = try spatialAxes(x)
        guard weight.shape.count == axes.count + 2, weight.shape.allSatisfy({ $0 > 0 }) else {
            throw damaged("its weight is \(weight.shape), its operand \(x.sizes)")
        }
        let window = try window(call, rank: axes.count, kernel: Array(weight.shape[2...]))
        let more = try call.integers("output_padding") ?? axes.map { _ in 0 }
        var sizes = try call.integers("output_shape")
        // Some files name all axes.
        if let all = sizes, all.count == x.sizes.count { sizes = Array(all[2...]) }
        guard more.count == axes.count, more.allSatisfy({ (0...1 << 16).contains($0) }),
            sizes.map({ $0.count == axes.count && $0.allSatisfy { (1...1 << 20).contains($0) } }) ?? true
        else { throw damaged("its output_padding or output_shape does not fit") }
        let (placed, whole) = explicit(window, weight, x, axes, more, sizes)
        return try onnx.translation.transposedConvolution(
            x, weight: weight, bias: bias, placed, groups: try groups(call), outputPadding: whole,
            outputSizes: nil,
            channelAxis: 1, spatialAxes: axes)
    }

    /// The padding that follows from the size of the result, as ONNX shares it out. What the windows do not reach is more
    /// output padding.
    private static func explicit(
        _ window: WindowAttributes, _ weight: ConstantTensor, _ x: TranslatedValue, _ axes: [Int],
        _ more: [Int],
        _ sizes: [Int]?
    ) -> (window: WindowAttributes, outputPadding: [Int]) {
        if case .explicit = window.padding, sizes == nil { return (window, more) }
        var result = window
        var more = more
        var (before, after): ([Int], [Int]) = ([], [])
        for (index, axis) in axes.enumerated() {
            let (size, stride) = (x.sizes[axis], window.strides[index])
            let extent = (weight.shape[index + 2] - 1) * window.dilations[index] + 1
            let due = sizes?[index] ?? size * stride
            let total = (size - 1) * stride + more[index] + extent - due
            more[index] += max(0, -total)
            let cut = max(0, total)
            let half = window.padding == .sameUpper ? cut / 2 : cut - cut / 2
            before.append(half)
            after.append(cut - half)
        }
        result.padding = .explicit(before: before, after: after)
        return (result, more)
    }

    // MARK: Layers that ONNX Runtime fuses

    private static func fused(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        var result = try convolution(
            &onnx, call, try call.x(), try call.constant(1, "its weight"),
            try call.optionalConstant(2, "its bias"))
        if let other = call.optional(3) { result = try onnx.translation.binary(.add, result, other) }
        return [try activated(&onnx, call, result)]
    }

    /// The activation that a fused layer has as an attribute.
    static func activated(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall, _ x: TranslatedValue
    ) throws(TranslationProblem) -> ONNXValue {
        let name = try call.text("activation", "")
        let given = try call.numbers("activation_params") ?? []
        func number(_ index: Int, _ name: String, _ standard: Double) throws(TranslationProblem) -> Double {
            index < given.count ? given[index] : try call.number(name, standard)
        }
        let function: UnaryFunction
        switch name {
        case "": return ONNXValue(x)
        case "Relu": return try ONNXActivations.clipped(&onnx, ONNXValue(x), ONNXBounds(low: 0))
        case "Clip":
            return try ONNXActivations.clipped(
                &onnx, ONNXValue(x),
                ONNXBounds(
                    low: try number(0, "activation_min", -.infinity),
                    high: try number(1, "activation_max", .infinity)))
        case "Sigmoid": function = .sigmoid
        case "Tanh": function = .tanh
        case "Softplus": function = .softplus
        case "Softsign": function = .softsign
        case "Elu": function = .elu(try number(0, "activation_alpha", 1))
        case "Selu":
            function = .selu(
                alpha: try number(0, "activation_alpha", 1.67326319217681884765625),
                gamma: try number(1, "activation_gamma", 1.05070102214813232421875))
        case "LeakyRelu": function = .leakyRelu(try number(0, "activation_alpha", 0.01))
        case "HardSigmoid":
            function = .hardSigmoid(
                alpha: try number(0, "activation_alpha", 0.2), beta: try number(1, "activation_beta", 0.5))
        default: throw call.refuse("activation", name)
        }
        return ONNXValue(try onnx.translation.unary(function, x))
    }
}
