// Sliding windows: strides, padding, pooling, as TensorFlow's attributes give them.

import PagefoldCore
import PagefoldGraph

extension TensorFlow1Translation {
    mutating func pool(_ reference: TensorFlow1Reference) throws(InputError) -> ForeignValue {
        let x = try operand(reference)
        guard x.isMap else {
            throw graph.error(reference, "it pools \(x.sizes)", "pooling takes a feature map")
        }
        let size = try pair(reference, "ksize")
        let (window, result) = try window(
            reference, over: x, height: size.0, width: size.1, dilations: (1, 1), outputs: x.shape.channels)
        let operation = graph.op(reference) == "MaxPool" ? Operation.maxPool(window) : .averagePool(window)
        return ForeignValue(node: append(reference, operation, [x.node]), map: result, order: .channelsLast)
    }

    /// A mean over height and width.
    mutating func mean(_ reference: TensorFlow1Reference) throws(InputError) -> ForeignValue {
        let x = try operand(reference)
        let axes = Set(
            (try constants.integers(try graph.input(reference, 1)) ?? []).map { $0 < 0 ? $0 &+ 4 : $0 })
        guard x.isMap, axes == [1, 2] else {
            throw graph.error(
                reference, "a mean over axes \(axes.sorted()) of \(x.sizes)",
                "only means over height and width are supported")
        }
        let node = append(reference, .globalAveragePool, [x.node])
        return graph.flag(reference, "keep_dims")
            ? ForeignValue(node: node, map: Shape(channels: x.shape.channels), order: .channelsLast)
            : ForeignValue(node: node, vector: x.shape.channels, order: .channelsLast)
    }

    /// Zeros around a feature map, left for the convolution that follows.
    mutating func pad(_ reference: TensorFlow1Reference) throws(InputError) -> ForeignValue {
        var x = try operand(reference)
        let amounts = try constants.integers(try graph.input(reference, 1)) ?? []
        let fill = graph.op(reference) == "PadV2" ? try constants.scalar(try graph.input(reference, 2)) : 0
        guard fill == 0, x.isMap, amounts.count == 8, amounts.allSatisfy({ (0...4096).contains($0) }),
            amounts[..<2] == [0, 0], amounts[6...] == [0, 0]
        else {
            throw graph.error(
                reference, "it pads \(x.sizes) by \(amounts)",
                "only zeros around height and width are supported")
        }
        x.padding = Padding(top: amounts[2], left: amounts[4], bottom: amounts[3], right: amounts[5])
        return x
    }

    /// The window of a node over a feature map, and the shape of its result.
    func window(
        _ reference: TensorFlow1Reference, over x: ForeignValue, height: Int, width: Int,
        dilations: (Int, Int),
        outputs: Int
    ) throws(InputError) -> (Window, Shape) {
        let strides = try pair(reference, "strides")
        let scheme = graph.text(reference, "padding")
        var padding = x.padding
        if scheme == "EXPLICIT" {
            let amounts = graph.integers(reference, "explicit_paddings")
            guard amounts.count == 8, amounts.allSatisfy({ (0...4096).contains($0) }) else {
                throw graph.error(
                    reference, "explicit padding \(amounts)", "the graph is damaged; export it again")
            }
            padding.top += amounts[2]
            padding.bottom += amounts[3]
            padding.left += amounts[4]
            padding.right += amounts[5]
        } else if scheme != "VALID" && scheme != "SAME" {
            throw graph.error(reference, "padding \(scheme)", "only VALID, SAME and EXPLICIT are supported")
        }
        let (window, rows, columns) = Window(
            height: height, width: width, strideHeight: strides.0, strideWidth: strides.1, padding: padding
        ).placed(
            over: x.shape, scheme == "SAME" ? .same : .explicit, dilationHeight: dilations.0,
            dilationWidth: dilations.1)
        guard let result = ForeignValue.shape(of: [rows, columns, outputs], order: .channelsLast) else {
            throw graph.error(
                reference, "a window of \(height)×\(width) does not fit \(x.sizes)",
                "give the graph and the checkpoint of the same training run")
        }
        return (window, result)
    }

    /// Height and width of an attribute such as `strides`, in channels-last order; missing ones are 1.
    func pair(_ reference: TensorFlow1Reference, _ key: String) throws(InputError) -> (Int, Int) {
        try checkFormat(reference)
        let all = graph.integers(reference, key)
        if all.isEmpty, key == "dilations" { return (1, 1) }
        guard all.count == 4, all[0] == 1, all[3] == 1, all[1...2].allSatisfy({ (1...4096).contains($0) })
        else {
            throw graph.error(
                reference, "\(key) \(all)",
                "only positive height and width, and 1 for batch and channels, are supported")
        }
        return (all[1], all[2])
    }

    func checkFormat(_ reference: TensorFlow1Reference) throws(InputError) {
        let format = graph.text(reference, "data_format")
        guard format.isEmpty || format == "NHWC" else {
            throw graph.error(reference, "data format \(format)", "export the graph with channels last, NHWC")
        }
    }
}
