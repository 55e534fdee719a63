// Tensors with numbers in the file: of every element type, packed, sparse, quantised. It does not know operators.

import PagefoldCore
import PagefoldData

/// Reads the constants of one file.
struct TFLiteConstants {
    let model: TFLiteModel
    /// Numbers made of the file's bytes: tensors of a damaged file may share one buffer.
    private var limit: NumberLimit

    private static let damaged = "copy or download the file again"

    init(_ model: TFLiteModel) {
        self.model = model
        limit = NumberLimit(16 * min(model.bytes.count, 1 << 26) + 1 << 20)
    }

    /// Whether the file has numbers for a tensor.
    func hasNumbers(_ tensor: TFLiteTensor) -> Bool {
        guard tensor.buffer > 0, tensor.buffer < model.buffers.count else { return false }
        return !model.buffers[tensor.buffer].isEmpty
    }

    /// The numbers of a tensor as they are stored: whole numbers where it is quantised.
    /// - Returns: nil for a tensor that is computed.
    mutating func stored(_ tensor: TFLiteTensor) throws(TranslationProblem) -> ConstantTensor? {
        guard let count = NumericArray.elementCount(of: tensor.sizes) else {
            throw TranslationProblem("tensor \(tensor.name) has the sizes \(tensor.sizes)", Self.damaged)
        }
        // Sizes beside a 0 may be anything, and their products overflow.
        guard count > 0 || Translation.count(tensor.sizes.map { max($0, 1) }) != nil else {
            throw TranslationProblem("tensor \(tensor.name) has the sizes \(tensor.sizes)", Self.damaged)
        }
        guard hasNumbers(tensor) else {
            guard count == 0 else { return nil }
            return ConstantTensor(elementType: tensor.type.element ?? .f32, shape: tensor.sizes, values: [])
        }
        guard limit.take(count) else {
            throw TranslationProblem("its constants grow beyond \(limit.limit) numbers", Self.damaged)
        }
        let range = model.buffers[tensor.buffer]
        if let sparsity = tensor.sparsity {
            let values = try numbers(tensor, count: Int.max, range)
            return ConstantTensor(
                elementType: tensor.type.element ?? .i8, shape: tensor.sizes,
                values: try sparsity.dense(values, sizes: tensor.sizes, count: count))
        }
        return ConstantTensor(
            elementType: tensor.type.element ?? .i8, shape: tensor.sizes,
            values: try numbers(tensor, count: count, range))
    }

    /// The numbers of a tensor as the network computes with them.
    /// - Returns: nil for a tensor that is computed.
    mutating func value(_ tensor: TFLiteTensor) throws(TranslationProblem) -> ConstantTensor? {
        guard let stored = try stored(tensor) else { return nil }
        // Whole numbers of 32 bits are sizes and indices as often as they are biases: their readers know.
        guard tensor.isQuantised, tensor.type != .int32, tensor.type != .int64 else { return stored }
        return try Self.dequantised(stored, tensor)
    }

    /// What stored numbers stand for.
    static func dequantised(
        _ stored: ConstantTensor, _ tensor: TFLiteTensor
    ) throws(TranslationProblem) -> ConstantTensor {
        guard let quantisation = tensor.quantisation, !quantisation.scales.isEmpty else { return stored }
        guard !quantisation.isIntricate else {
            throw TranslationProblem(
                "tensor \(tensor.name) is quantised by blocks", "quantise by tensor or by channel")
        }
        let scales = quantisation.scales.map { Double($0) }
        guard scales.allSatisfy(\.isFinite) else {
            throw TranslationProblem("tensor \(tensor.name) has the scales \(scales)", damaged)
        }
        var result = stored
        result.elementType = .f32
        let zeroPoints = quantisation.zeroPoints.map { Double($0) }
        if scales.count == 1 {
            let zeroPoint = zeroPoints.first ?? 0
            return result.mapped { ($0 - zeroPoint) * scales[0] }
        }
        guard let axis = channelAxis(of: quantisation, sizes: stored.shape) else {
            throw TranslationProblem(
                "tensor \(tensor.name) of \(stored.shape) has \(scales.count) scales", damaged)
        }
        // Without values, sizes may be anything, and their products overflow.
        guard !stored.values.isEmpty else { return result }
        let inner = stored.shape[(axis + 1)...].reduce(1, *)
        for i in result.values.indices {
            let channel = i / inner % scales.count
            let zeroPoint = zeroPoints.count == scales.count ? zeroPoints[channel] : zeroPoints.first ?? 0
            result.values[i] = (stored.values[i] - zeroPoint) * scales[channel]
        }
        return result
    }

    /// The axis that has one scale for each place: the one that the file names, or, where it names another, one of that size.
    private static func channelAxis(of quantisation: TFLiteQuantisation, sizes: [Int]) -> Int? {
        let count = quantisation.scales.count
        let named = quantisation.axis
        if sizes.indices.contains(named), sizes[named] == count { return named }
        return sizes.firstIndex(of: count)
    }

    /// - Parameter count: how many; `Int.max` for as many as there are.
    private mutating func numbers(
        _ tensor: TFLiteTensor, count: Int, _ range: Range<Int>
    ) throws(TranslationProblem) -> [Double] {
        let there: Int
        if let packed = tensor.type.packed {
            there = min(range.count, .max / 8) * (8 / packed.bits)
        } else if let element = tensor.type.element {
            there = range.count / element.size
        } else {
            throw TranslationProblem(
                "tensor \(tensor.name) holds no numbers that are read here (type \(tensor.type))",
                "convert the network with numbers alone")
        }
        let due = count == .max ? there : count
        guard due <= there else {
            throw TranslationProblem(
                "tensor \(tensor.name) of \(tensor.sizes) has \(range.count) bytes", Self.damaged)
        }
        if count == .max, !limit.take(due) {
            throw TranslationProblem("its constants grow beyond \(limit.limit) numbers", Self.damaged)
        }
        if let packed = tensor.type.packed { return unpacked(range, packed.bits, packed.isSigned, due) }
        let element = tensor.type.element ?? .u8
        return model.bytes.withUnsafeBytes {
            element.numbers(
                UnsafeRawBufferPointer(
                    rebasing: $0[range.lowerBound..<range.lowerBound + due * element.size]))
        }
    }

    /// Numbers that share bytes, the first of them in the lowest bits.
    private func unpacked(_ range: Range<Int>, _ bits: Int, _ isSigned: Bool, _ count: Int) -> [Double] {
        let perByte = 8 / bits
        let span = 1 << bits
        return (0..<count).map { i in
            let byte = Int(model.bytes[range.lowerBound + i / perByte])
            let code = byte >> (i % perByte * bits) & (span - 1)
            return Double(isSigned && code >= span / 2 ? code - span : code)
        }
    }
}

extension TFLiteSparsity {
    /// The numbers of a sparse tensor at their places, zeros elsewhere.
    /// - Parameter count: the product of `sizes`.
    func dense(_ stored: [Double], sizes: [Int], count: Int) throws(TranslationProblem) -> [Double] {
        func damage(_ text: String) -> TranslationProblem {
            TranslationProblem("a sparse tensor \(text)", "copy or download the file again")
        }
        guard count > 0 else { return [] }
        let rank = sizes.count
        let levels = rank + blockAxes.count
        guard levels <= 16, axes.count == levels, order.sorted() == Array(0..<levels),
            blockAxes.allSatisfy(sizes.indices.contains)
        else { throw damage("has \(order.count) axes in \(axes.count) levels") }
        // What one step along a level adds to the place in the tensor, and how many steps there are.
        var step = [Int](repeating: 1, count: levels)
        var reach = sizes + blockAxes.map { _ in 1 }
        for axis in sizes.indices.dropLast().reversed() { step[axis] = step[axis + 1] * sizes[axis + 1] }
        for (block, axis) in blockAxes.enumerated() {
            let level = rank + block
            guard let place = order.firstIndex(of: level), axes[place].denseSize > 0,
                reach[axis] % axes[place].denseSize == 0
            else { throw damage("has a block that does not divide \(sizes)") }
            reach[level] = axes[place].denseSize
            reach[axis] /= reach[level]
            step[level] = step[axis]
            step[axis] *= reach[level]
        }
        var places = [0]
        for (axis, level) in zip(axes, order) {
            var next: [Int] = []
            if axis.isCompressed {
                guard axis.segments.count == places.count + 1, axis.segments[0] == 0,
                    axis.segments.last == axis.indices.count, axis.indices.count <= count,
                    zip(axis.segments, axis.segments.dropFirst()).allSatisfy({ $0 <= $1 }),
                    axis.indices.allSatisfy({ 0 <= $0 && $0 < reach[level] })
                else { throw damage("has segments that do not fit its indices") }
                next.reserveCapacity(axis.indices.count)
                for (parent, place) in places.enumerated() {
                    for i in axis.segments[parent]..<axis.segments[parent + 1] {
                        next.append(place + axis.indices[i] * step[level])
                    }
                }
            } else {
                guard axis.denseSize == reach[level], places.count <= count / max(1, axis.denseSize) else {
                    throw damage("has a level of \(axis.denseSize) where \(reach[level]) are due")
                }
                next.reserveCapacity(places.count * axis.denseSize)
                for place in places {
                    for i in 0..<axis.denseSize { next.append(place + i * step[level]) }
                }
            }
            places = next
        }
        guard places.count <= stored.count else {
            throw damage("has \(stored.count) numbers for \(places.count) places")
        }
        var result = [Double](repeating: 0, count: count)
        for (place, value) in zip(places, stored) { result[place] = value }
        return result
    }
}

extension TFLiteTensor {
    /// Whether its numbers stand for others.
    var isQuantised: Bool { quantisation.map { !$0.scales.isEmpty } ?? false }

    /// The one scale of a quantised activation; nil where it is none.
    var scale: Double? {
        guard let quantisation, quantisation.scales.count == 1, type.range != nil, quantisation.scales[0] > 0,
            quantisation.scales[0].isFinite
        else { return nil }
        return Double(quantisation.scales[0])
    }

    var zeroPoint: Int { quantisation?.zeroPoints.first ?? 0 }

    /// What a quantised activation can be; nil for floats, and for 32 bits, whose range is never reached.
    var range: TFLiteRange? {
        guard let scale, let codes = type.range, type != .int32 else { return nil }
        let zeroPoint = Double(zeroPoint)
        return TFLiteRange(
            low: (codes.lowerBound - zeroPoint) * scale, high: (codes.upperBound - zeroPoint) * scale)
    }
}
