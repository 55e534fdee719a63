// Sliding windows: strides, padding, pooling. TensorFlow names its padding; here it becomes pixels.

import PagefoldCore
import PagefoldGraph

extension TensorFlow1Translation {
    mutating func pool(_ reference: TensorFlow1Reference) throws(InputError) -> TensorFlow1Value {
        let x = try operand(reference)
        guard x.isMap else {
            throw graph.error(reference, "it pools \(x.sizes)", "pooling takes a feature map")
        }
        let size = try pair(reference, "ksize")
        let (window, result) = try window(
            reference, over: x, height: size.0, width: size.1, dilations: (1, 1), outputs: x.shape.channels)
        let operation = graph.op(reference) == "MaxPool" ? Operation.maxPool(window) : .averagePool(window)
        return TensorFlow1Value(node: append(reference, operation, [x.node]), map: result)
    }

    /// A mean over height and width.
    mutating func mean(_ reference: TensorFlow1Reference) throws(InputError) -> TensorFlow1Value {
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
            ? TensorFlow1Value(node: node, map: Shape(channels: x.shape.channels))
            : TensorFlow1Value(node: node, vector: x.shape.channels)
    }

    /// Zeros around a feature map, left for the convolution that follows.
    mutating func pad(_ reference: TensorFlow1Reference) throws(InputError) -> TensorFlow1Value {
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
        _ reference: TensorFlow1Reference, over x: TensorFlow1Value, height: Int, width: Int,
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
        // The extent of a dilated window along one side, and how often it fits.
        func fit(
            _ size: Int, _ window: Int, _ stride: Int, _ dilation: Int, _ low: inout Int, _ high: inout Int
        ) -> Int {
            let extent = (window - 1) * dilation + 1
            if scheme == "SAME" {
                let padded = size + low + high
                let places = (padded + stride - 1) / stride
                let missing = max(0, (places - 1) * stride + extent - padded)
                low += missing / 2
                high += missing - missing / 2
            }
            let room = size + low + high - extent
            return room < 0 ? 0 : room / stride + 1
        }
        let rows = fit(x.shape.height, height, strides.0, dilations.0, &padding.top, &padding.bottom)
        let columns = fit(x.shape.width, width, strides.1, dilations.1, &padding.left, &padding.right)
        guard let result = TensorFlow1Value.shape(of: [rows, columns, outputs]) else {
            throw graph.error(
                reference, "a window of \(height)×\(width) does not fit \(x.sizes)",
                "give the graph and the checkpoint of the same training run")
        }
        let window = Window(
            height: height, width: width, strideHeight: strides.0, strideWidth: strides.1, padding: padding)
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
