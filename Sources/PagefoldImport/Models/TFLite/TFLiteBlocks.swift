// Operators that trade space for channels or for the batch, and resizing. A convolution between SPACE_TO_BATCH_ND and
// BATCH_TO_SPACE_ND, as converters write dilation, becomes a dilated convolution.

import PagefoldCore
import PagefoldGraph

/// A value that the file sees cut into phases along some axes, one behind the other in the batch: every second number, and
/// the others. Here it stays whole.
struct TFLitePhases {
    var whole: TFLiteValue
    /// For each axis how many phases it has; 1 for the batch and for axes that are not cut.
    var blocks: [Int]

    /// As the file sees it.
    var sizes: [Int] {
        var sizes = zip(whole.sizes, blocks).map { $0 / $1 }
        sizes[0] = whole.sizes[0] * blocks.reduce(1, *)
        return sizes
    }
}

extension TFLiteTranslation {
    mutating func depthAndSpace(
        _ op: TFLiteOperator, isToSpace: Bool
    ) throws(TranslationProblem) -> TFLiteValue {
        var x = try map(op, 0)
        let block = try op.options.int(0)
        x.value =
            isToSpace
            ? try translation.depthToSpace(
                x.value, block: block, channelAxis: 3, spatialAxes: [1, 2], isColumnFirst: false)
            : try translation.spaceToDepth(x.value, block: block, channelAxis: 3, spatialAxes: [1, 2])
        return x
    }

    mutating func resize(_ op: TFLiteOperator, isLinear: Bool) throws(TranslationProblem) -> TFLiteValue {
        var x = try map(op, 0)
        let sizes = try integers(op, 1, "sizes")
        guard sizes.count == 2 else {
            throw TranslationProblem("makes \(sizes) of \(x.sizes)")
        }
        let alignsCorners = try op.options.flag(isLinear ? 2 : 0)
        let isHalfPixel = try op.options.flag(isLinear ? 3 : 1)
        guard !alignsCorners || !isHalfPixel else {
            throw TranslationProblem("aligns both corners and centres", "convert it with one of the two")
        }
        // Nearest rounds half up, where it counts from centres or corners.
        let method: ResizeForm.Method =
            isLinear ? .linear : .nearest(alignsCorners || isHalfPixel ? .roundPreferCeiling : .floor)
        for (axis, size) in zip(1...2, sizes) {
            x.value = try translation.resize(
                x.value, axis: axis,
                ResizeForm(
                    size: size, method: method,
                    coordinates: alignsCorners ? .alignCorners : isHalfPixel ? .halfPixel : .asymmetric))
        }
        return x
    }

    // MARK: Space and batch

    /// Blocks and pads (or crops) of the axes behind the batch, checked.
    private mutating func blocks(
        _ op: TFLiteOperator, rank: Int
    ) throws(TranslationProblem) -> (blocks: [Int], before: [Int], after: [Int]) {
        let (listed, pads) = (try integers(op, 1, "blocks"), try integers(op, 2, "pads"))
        guard listed.count < rank, pads.count == 2 * listed.count,
            listed.allSatisfy({ (1...1024).contains($0) }),
            pads.allSatisfy({ (0...1 << 20).contains($0) })
        else { throw TranslationProblem("makes blocks of \(listed) with pads \(pads)") }
        var result = (
            blocks: [Int](repeating: 1, count: rank), before: [Int](repeating: 0, count: rank),
            after: [Int](repeating: 0, count: rank)
        )
        for (place, block) in listed.enumerated() {
            result.blocks[place + 1] = block
            result.before[place + 1] = pads[2 * place]
            result.after[place + 1] = pads[2 * place + 1]
        }
        return result
    }

    mutating func spaceToBatch(_ op: TFLiteOperator) throws(TranslationProblem) -> [TFLiteValue] {
        var x = try operand(op, 0)
        let (blocks, before, after) = try blocks(op, rank: x.sizes.count)
        x.value = try translation.pad(x.value, before: before, after: after, mode: .constant(0))
        if (before + after).contains(where: { $0 > 0 }) {
            x.range = x.range.union(TFLiteRange(low: 0, high: 0))
        }
        guard zip(x.sizes, blocks).allSatisfy({ $0 > 0 && $0 % $1 == 0 }) else {
            throw TranslationProblem("cuts \(x.sizes) into blocks of \(blocks)")
        }
        if let output = op.outputs.first, staysWhole(output) {
            frame.phases[output] = TFLitePhases(whole: x, blocks: blocks)
            return []
        }
        // Each axis becomes two; the phases stand in front of the batch.
        var (split, phases, rest, sizes): ([Int], [Int], [Int], [Int]) = ([], [], [], [])
        for (axis, size) in x.sizes.enumerated() {
            sizes.append(size / blocks[axis])
            rest.append(split.count)
            split.append(size / blocks[axis])
            if blocks[axis] > 1 {
                phases.append(split.count)
                split.append(blocks[axis])
            }
        }
        sizes[0] *= blocks.reduce(1, *)
        x.value = try translation.reshape(x.value, to: split)
        x.value = try translation.transpose(x.value, axes: phases + rest)
        x.value = try translation.reshape(x.value, to: sizes)
        return [x]
    }

    mutating func batchToSpace(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        var x = try operand(op, 0)
        let (blocks, before, after) = try blocks(op, rank: x.sizes.count)
        guard let count = Translation.count(blocks), x.sizes[0] % count == 0 else {
            throw TranslationProblem("makes blocks of \(blocks) of \(x.sizes)")
        }
        let cut = blocks.indices.filter { blocks[$0] > 1 }
        var split = cut.map { blocks[$0] }
        var axes: [Int] = []
        var sizes: [Int] = []
        for (axis, size) in x.sizes.enumerated() {
            let due = axis == 0 ? size / count : size
            axes.append(split.count)
            split.append(due)
            if let phase = cut.firstIndex(of: axis) { axes.append(phase) }
            sizes.append(due * blocks[axis])
        }
        x.value = try translation.reshape(x.value, to: split)
        x.value = try translation.transpose(x.value, axes: axes)
        x.value = try translation.reshape(x.value, to: sizes)
        return try cropped(x, before, after)
    }

    private mutating func cropped(
        _ x: TFLiteValue, _ before: [Int], _ after: [Int]
    ) throws(TranslationProblem) -> TFLiteValue {
        var x = x
        x.value = try translation.pad(
            x.value, before: before.map { -$0 }, after: after.map { -$0 }, mode: .constant(0))
        return x
    }

    // MARK: Values that stay whole

    /// Whether everything that reads a cut tensor works on the whole one as well, up to where it is put together again.
    private func staysWhole(_ tensor: Int) -> Bool {
        var due = [tensor]
        var seen: Set<Int> = []
        while let next = due.popLast() {
            guard !frame.graph.outputs.contains(next), let readers = frame.readers[next], !readers.isEmpty
            else {
                return false
            }
            for reader in readers where seen.insert(reader).inserted {
                let op = frame.graph.operators[reader]
                switch TFLiteCode(rawValue: op.code) {
                case .batchToSpaceND: continue
                case .conv2D, .depthwiseConv2D:
                    guard (try? op.options.int(1)) == 1, (try? op.options.int(2)) == 1 else { return false }
                case .add, .sub, .mul:
                    // A vector for the channels beside it.
                    guard let other = op.inputs.first(where: { $0 != next && $0 >= 0 }), isVector(other)
                    else {
                        return false
                    }
                case .relu, .relu6, .reluN1To1, .leakyRelu, .logistic, .tanh, .elu, .hardSwish, .quantize,
                    .dequantize,
                    .reshape, .expandDims, .squeeze:
                    break
                default: return false
                }
                due += op.outputs
            }
        }
        return true
    }

    /// Whether a tensor is known, and has no axis but the last.
    private func isVector(_ tensor: Int) -> Bool {
        let sizes: [Int]
        if let value = frame.values[tensor] {
            guard let constant = value.value.constant else { return false }
            sizes = constant.shape
        } else {
            guard constants.hasNumbers(frame.graph.tensors[tensor]) else { return false }
            sizes = frame.graph.tensors[tensor].sizes
        }
        return sizes.dropLast().allSatisfy { $0 == 1 }
    }

    /// An operator on a value that is held whole; nil for other operators.
    mutating func phased(
        _ op: TFLiteOperator, _ code: TFLiteCode
    ) throws(TranslationProblem) -> [TFLiteValue]? {
        guard let place = op.inputs.firstIndex(where: { frame.phases[$0] != nil }),
            let phases = frame.phases[op.inputs[place]], let output = op.outputs.first, output >= 0
        else { return nil }
        let result: TFLiteValue
        var blocks = phases.blocks
        switch code {
        case .batchToSpaceND:
            let (due, before, after) = try self.blocks(op, rank: blocks.count)
            guard due == blocks else {
                throw TranslationProblem("makes blocks of \(due) where \(blocks) were cut")
            }
            return [try cropped(phases.whole, before, after)]
        case .conv2D:
            result = try convolution(op, phases.whole, try dilated(op, phases, kernelAt: 4))
        case .depthwiseConv2D:
            result = try depthwiseConvolution(op, phases.whole, try dilated(op, phases, kernelAt: 5))
        case .reshape, .expandDims, .squeeze:
            (result, blocks) = try rearranged(op, phases)
        default:
            // Number by number: the whole value stands in for the cut one.
            let tensor = op.inputs[place]
            let before = frame.values[tensor]
            frame.values[tensor] = phases.whole
            defer { frame.values[tensor] = before }
            result =
                [TFLiteCode.add, .sub, .mul].contains(code)
                ? try arithmetic(op, code)
                : code == .quantize || code == .dequantize
                    ? try requantised(op, code) : try function(op, code)
        }
        let whole = try bounded(result, by: frame.graph.tensors[output])
        frame.phases[output] = TFLitePhases(whole: whole, blocks: blocks)
        return []
    }

    /// The window of a convolution over phases, as it lies over the whole value.
    /// - Parameter kernelAt: the option that holds the dilation along the width; the height's follows.
    private mutating func dilated(
        _ op: TFLiteOperator, _ phases: TFLitePhases, kernelAt option: Int
    ) throws(TranslationProblem) -> WindowAttributes {
        let kernel = try constant(op, 1, "weights")
        guard phases.blocks.count == 4, phases.blocks[3] == 1, kernel.shape.count == 4 else {
            throw TranslationProblem("its input is \(phases.sizes), not a feature map")
        }
        let own = [try op.options.int(option + 1, 1), try op.options.int(option, 1)]
        guard own.allSatisfy({ (1...1024).contains($0) }) else {
            throw TranslationProblem("has dilations \(own)")
        }
        let isSame = try op.options.isSame(0)
        var (before, after) = ([0, 0], [0, 0])
        if isSame {
            for side in 0..<2 {
                let reach = (kernel.shape[side + 1] - 1) * own[side]
                before[side] = reach / 2 * phases.blocks[side + 1]
                after[side] = (reach - reach / 2) * phases.blocks[side + 1]
            }
        }
        return WindowAttributes(
            strides: [1, 1], dilations: [own[0] * phases.blocks[1], own[1] * phases.blocks[2]],
            padding: .explicit(before: before, after: after))
    }

    /// Axes of size 1 come or go.
    private mutating func rearranged(
        _ op: TFLiteOperator, _ phases: TFLitePhases
    ) throws(TranslationProblem) -> (TFLiteValue, [Int]) {
        let old = phases.sizes
        // What the file makes of the cut sizes, found on numbers that are never used.
        let tensor = op.inputs[0]
        let before = frame.values[tensor]
        guard Translation.count(old) != nil else { throw TranslationProblem("its input is \(old)") }
        frame.values[tensor] = TFLiteValue(try translation.broadcast(Self.number(0), to: old))
        defer { frame.values[tensor] = before }
        let new =
            switch TFLiteCode(rawValue: op.code) {
            case .reshape: try reshape(op).sizes
            case .squeeze: try squeeze(op).sizes
            default: try expandDimensions(op).sizes
            }
        var (sizes, blocks): ([Int], [Int]) = ([], [])
        var axis = 0
        for size in new {
            while axis < old.count, old[axis] != size, old[axis] == 1, phases.blocks[axis] == 1 { axis += 1 }
            if axis < old.count, old[axis] == size {
                sizes.append(phases.whole.sizes[axis])
                blocks.append(phases.blocks[axis])
                axis += 1
            } else {
                guard size == 1 else { throw TranslationProblem("turns \(old) into \(new) between cuts") }
                sizes.append(1)
                blocks.append(1)
            }
        }
        guard (axis..<old.count).allSatisfy({ old[$0] == 1 && phases.blocks[$0] == 1 }) else {
            throw TranslationProblem("turns \(old) into \(new) between cuts")
        }
        var whole = phases.whole
        whole.value = try translation.reshape(whole.value, to: sizes)
        return (whole, blocks)
    }
}
