// Operators that move numbers: slices, joints, padding, repetition, blocks.

import PagefoldData

enum ONNXMoves {
    static let operators: [String: ONNXOperator] = [
        "Slice": .moving(rule: slice), "DynamicSlice": .moving(rule: slice), "Split": .moving(split),
        "Concat": .raw(concatenate),
        "Pad": .raw(pad), "Tile": .moving(rule: tile), "Crop": .moving(rule: crop),
        "DepthToSpace": .moving(rule: depthToSpace), "SpaceToDepth": .moving(rule: spaceToDepth),
    ]

    private static func slice(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        var x = try call.x()
        let (starts, ends): ([Int], [Int])
        var steps: [Int]?
        if let first = try call.integers("starts"), let last = try call.integers("ends") {
            (starts, ends) = (first, last)
        } else {
            starts = try call.constant(1, "its start").places
            ends = try call.constant(2, "its end").places
            steps = try call.optionalConstant(4, "its step")?.places
        }
        let rank = x.sizes.count
        guard starts.count <= rank else {
            throw TranslationProblem(
                "it has \(starts.count) starts for \(x.sizes)", "the file is damaged; copy it again")
        }
        let axes = try call.axes(3, rank: rank) ?? Array(starts.indices)
        let paces = steps ?? starts.map { _ in 1 }
        guard ends.count == starts.count, axes.count == starts.count, paces.count == starts.count,
            paces.allSatisfy({ $0 != 0 })
        else {
            throw TranslationProblem(
                "its starts, ends, axes and steps differ in number", "the file is damaged; copy it again")
        }
        for (index, axis) in axes.enumerated() {
            let (size, pace) = (x.sizes[axis], paces[index])
            // Bounds as Python has them; the end of a step backwards may be before the first place.
            func place(_ bound: Int, _ low: Int, _ high: Int) -> Int {
                max(low, min(high, bound < 0 ? bound + size : bound))
            }
            let start = pace > 0 ? place(starts[index], 0, size) : place(starts[index], 0, size - 1)
            let end = pace > 0 ? place(ends[index], 0, size) : place(ends[index], -1, size - 1)
            let length = pace > 0 ? end - start : start - end
            let count = length > 0 && size > 0 ? (length - 1) / abs(pace) + 1 : 0
            if count == 0 {
                var empty = x.sizes
                empty[axis] = 0
                x = .constant(
                    ConstantTensor(elementType: x.elementType, shape: try onnx.emptyShape(empty), values: []))
            } else {
                x = try onnx.translation.slice(x, axis: axis, start: start, count: count, step: pace)
            }
        }
        return x
    }

    private static func split(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        let x = try call.x()
        let axis = try call.axis(0, rank: x.sizes.count)
        let size = x.sizes[axis]
        var parts: [Int]
        if let attribute = try call.integers("split") {
            parts = attribute
        } else if let given = try call.optionalConstant(1, "the sizes of its parts") {
            parts = given.places
        } else {
            let count = try call.integer("num_outputs", call.node.outputs.count)
            guard count > 0, count <= call.node.outputs.count else {
                throw TranslationProblem("it makes \(count) parts", "the file is damaged; copy it again")
            }
            // The last one is what is left.
            let each = (size + count - 1) / count
            parts = (0..<count).map { max(0, min(each, size - $0 * each)) }
        }
        var results: [ONNXValue] = []
        var start = 0
        for part in parts {
            guard part >= 0, part <= size - start else {
                throw TranslationProblem(
                    "it parts \(size) into \(parts)", "the file is damaged; copy it again")
            }
            if part == 0 {
                var empty = x.sizes
                empty[axis] = 0
                let none = ConstantTensor(
                    elementType: x.elementType, shape: try onnx.emptyShape(empty), values: [])
                results.append(ONNXValue(.constant(none)))
            } else {
                results.append(
                    ONNXValue(try onnx.translation.slice(x, axis: axis, start: start, count: part)))
            }
            start += part
        }
        return results
    }

    /// Parts that are quantised alike stay so.
    private static func concatenate(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        var values: [ONNXValue] = []
        for index in call.inputs.indices { values.append(try onnx.settled(try call.value(index))) }
        guard let first = values.first else {
            throw TranslationProblem("it joins nothing", "the file is damaged")
        }
        let isAlike = values.allSatisfy { $0.quantisation == first.quantisation && $0.constant == nil }
        if !isAlike || !(first.quantisation?.isUniform ?? true) {
            for index in values.indices { values[index] = try onnx.wholeNumbers(values[index]) }
        }
        let axis = try call.axis(1, rank: first.sizes.count)
        var result = ONNXValue(
            try onnx.translation.concatenate(values.map(\.value), axis: axis),
            range: values.dropFirst().reduce(first.range) { $0.joined($1.range) },
            quantisation: values[0].quantisation)
        if values.contains(where: { $0.constant != nil }) { result.range = ONNXBounds() }
        return [result]
    }

    // MARK: Padding

    private static func pad(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        var value = try onnx.settled(try call.value(0))
        if !(value.quantisation?.isUniform ?? true) { value = try onnx.wholeNumbers(value) }
        let x = value.value
        let rank = x.sizes.count
        var pads: [Int]
        var axes = Array(x.sizes.indices)
        var number: Double?
        if let attribute = try call.integers(call.has("pads") ? "pads" : "paddings") {
            pads = attribute
            number = call.has("value") ? try call.number("value", 0) : nil
        } else {
            pads = try call.constant(1, "its padding").places
            if let given = try call.optionalConstant(2, "the number that it pads with") {
                number = given.single ?? 0
            }
            if let given = try call.optionalConstant(3, "axes") {
                axes = try ONNXCall.axes(given.places, rank: rank)
            }
        }
        guard pads.count == 2 * axes.count else {
            throw TranslationProblem(
                "it pads \(rank) axes with \(pads.count) numbers", "the file is damaged; copy it again")
        }
        var (before, after) = ([Int](repeating: 0, count: rank), [Int](repeating: 0, count: rank))
        for (index, axis) in axes.enumerated() {
            before[axis] = pads[index]
            after[axis] = pads[axes.count + index]
        }
        // A whole number of a quantised tensor stands for another.
        var constant = number ?? 0
        if let quantisation = value.quantisation {
            constant = (constant - quantisation.zeroPoints[0]) * quantisation.scales[0]
        }
        let name = try call.text("mode", "constant")
        let mode: PaddingMode
        switch name {
        case "constant": mode = .constant(constant)
        case "reflect": mode = .reflect
        case "edge": mode = .edge
        case "wrap": mode = .wrap
        default: throw call.refuse("mode", name)
        }
        var result = ONNXValue(
            try onnx.translation.pad(x, before: before, after: after, mode: mode), range: value.range,
            quantisation: value.quantisation)
        if case .constant = mode {
            result.range = value.range.joined(ONNXBounds(low: constant, high: constant))
        }
        return [result]
    }

    /// An operator of converters from Core ML: a border [left, top, right, bottom] is cut off.
    private static func crop(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.x()
        guard let border = try call.integers("border"), border.count == 4, x.sizes.count == 4,
            border.allSatisfy({ (0...1 << 20).contains($0) })
        else {
            throw TranslationProblem("its border is not four numbers", "the file is damaged; copy it again")
        }
        var (bottom, right) = (border[3], border[2])
        if let scale = try call.integers("scale"), scale.count == 2 {
            guard scale.allSatisfy({ (1...1 << 20).contains($0) }) else {
                throw call.refuse("scale", "\(scale)")
            }
            bottom = x.sizes[2] - border[1] - scale[0]
            right = x.sizes[3] - border[0] - scale[1]
        }
        return try onnx.translation.pad(
            x, before: [0, 0, -border[1], -border[0]], after: [0, 0, -bottom, -right], mode: .constant(0))
    }

    private static func tile(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.x()
        let times = try call.constant(1, "how often it repeats").places
        // The first version names one axis.
        if call.version < 6, times.count == 1, let axis = try call.constant(2, "axis").places.first {
            var all = [Int](repeating: 1, count: x.sizes.count)
            all[try ONNXCall.axis(axis, rank: all.count)] = times[0]
            return try onnx.translation.repeat(x, times: all)
        }
        return try onnx.translation.repeat(x, times: times)
    }

    // MARK: Blocks

    private static func blocks(_ call: ONNXCall) throws(TranslationProblem) -> (
        x: TranslatedValue, block: Int
    ) {
        let (x, block) = (try call.x(), try call.integer("blocksize", 0))
        guard x.sizes.count == 4, block > 0 else {
            throw TranslationProblem(
                "it makes blocks of \(block) of \(x.sizes)", "the file is damaged; copy it again")
        }
        return (x, block)
    }

    private static func depthToSpace(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let (x, block) = try blocks(call)
        let mode = try call.text("mode", "DCR")
        guard mode == "DCR" || mode == "CRD" else { throw call.refuse("mode", mode) }
        return try onnx.translation.depthToSpace(
            x, block: block, channelAxis: 1, spatialAxes: [2, 3], isColumnFirst: mode == "CRD")
    }

    private static func spaceToDepth(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let (x, block) = try blocks(call)
        let mode = try call.text("mode", "DCR")
        guard mode == "DCR" else { throw call.refuse("mode", mode) }
        return try onnx.translation.spaceToDepth(x, block: block, channelAxis: 1, spatialAxes: [2, 3])
    }
}
