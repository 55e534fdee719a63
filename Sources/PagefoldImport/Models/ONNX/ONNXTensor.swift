// From stored tensors to constants: typed fields, raw bytes, bytes in a file beside the model, sparse tensors. It knows
// no nodes.

import Foundation
import PagefoldData

/// Decodes the tensors of one file.
struct ONNXTensors {
    /// Where bytes outside the model file lie; nil where the model is not a file.
    let external: ONNXExternalFiles?

    /// Numbers of one tensor at most.
    static let countLimit = 1 << 28

    func constant(_ stored: ONNXTensorProto) throws(TranslationProblem) -> ConstantTensor {
        guard let type = ONNXNumberType(rawValue: stored.dataType) else {
            throw TranslationProblem(
                "a tensor of \(ONNXNumberType.name(stored.dataType))",
                "convert it to float32 or an integer type")
        }
        let shape = try Self.shape(stored.dims)
        let count = try Self.count(shape)
        var result = ConstantTensor(elementType: type.element, shape: shape, values: [])
        if stored.dataLocation == 1 {
            guard let external else {
                throw TranslationProblem(
                    "its numbers are in another file", "give the model as a file, with its data beside it")
            }
            let bytes = try external.bytes(stored.externalData, count: Self.bytes(count, type))
            result.values = try Self.numbers(bytes, count, type)
        } else if !stored.rawData.isEmpty {
            result.values = try Self.numbers(stored.rawData, count, type)
        } else {
            result.values = try Self.typed(stored, count, type)
        }
        return result
    }

    /// A tensor of zeros but for the numbers that are listed.
    func constant(_ stored: ONNXSparseTensorProto) throws(TranslationProblem) -> ConstantTensor {
        let values = try constant(stored.values)
        let indices = try constant(stored.indices)
        let shape = try Self.shape(stored.dims)
        let count = try Self.count(shape)
        // A dense tensor is a weight: it may be larger than what the file says of it, but not beyond measure.
        guard count <= 1 << 24 else { throw Self.damaged("a sparse tensor of \(count) numbers") }
        let rank = indices.shape.count == 2 ? shape.count : 1
        let fits =
            indices.shape == [values.values.count]
            || indices.shape.count == 2 && indices.shape == [values.values.count, shape.count]
        guard fits else { throw Self.damaged("a sparse tensor whose indices do not fit its values") }
        var result = ConstantTensor(
            elementType: values.elementType, shape: shape, values: [Double](repeating: 0, count: count))
        for (number, value) in values.values.enumerated() {
            var place = 0
            for axis in 0..<rank {
                let size = rank == 1 && indices.shape.count == 1 ? count : shape[axis]
                guard let index = Int(exactly: indices.values[number * rank + axis]),
                    (0..<size).contains(index)
                else { throw Self.damaged("a sparse tensor with an index outside it") }
                place = place * size + index
            }
            result.values[place] = value
        }
        return result
    }

    // MARK: Sizes

    private static func damaged(_ text: String) -> TranslationProblem {
        TranslationProblem(text, "the file is damaged; copy it again")
    }

    private static func shape(_ dims: [Int64]) throws(TranslationProblem) -> [Int] {
        guard dims.count <= ONNXTranslation.mostAxes else { throw damaged("a tensor of \(dims.count) axes") }
        var shape: [Int] = []
        for size in dims {
            guard let size = Int(exactly: size), size >= 0 else { throw damaged("a tensor of shape \(dims)") }
            shape.append(size)
        }
        return shape
    }

    /// Numbers of a tensor of these sizes.
    static func count(of dims: [Int64]) throws(TranslationProblem) -> Int { try count(try shape(dims)) }

    private static func count(_ shape: [Int]) throws(TranslationProblem) -> Int {
        // Sizes beside a 0 count too: others compute with them.
        guard let most = NumericArray.elementCount(of: shape.map { max($0, 1) }), most <= countLimit else {
            throw damaged("a tensor of shape \(shape)")
        }
        return shape.contains(0) ? 0 : most
    }

    /// No overflow: a tensor has at most 2²⁸ numbers; on 32 bits none of more than 2³¹ bytes can be read.
    private static func bytes(_ count: Int, _ type: ONNXNumberType) throws(TranslationProblem) -> Int {
        let bits = Int64(count) * Int64(type.bits)
        guard let bytes = Int(exactly: (bits + 7) / 8) else { throw damaged("a tensor of \(count) numbers") }
        return bytes
    }

    // MARK: Numbers

    private static func numbers(
        _ bytes: Data, _ count: Int, _ type: ONNXNumberType
    ) throws(TranslationProblem) -> [Double] {
        let due = try Self.bytes(count, type)
        guard bytes.count == due else {
            throw damaged("\(bytes.count) bytes where \(count) numbers of \(type) take \(due)")
        }
        guard type.bits >= 8 else { return unpacked(bytes, count, type) }
        return bytes.withUnsafeBytes { type.element.numbers($0) }
    }

    /// Numbers of less than a byte: the first is in the lowest bits.
    private static func unpacked(
        _ bytes: some Sequence<UInt8>, _ count: Int, _ type: ONNXNumberType
    ) -> [Double] {
        let mask = UInt8(1) << UInt8(type.bits) - 1
        let half = type.isSigned ? UInt8(1) << UInt8(type.bits - 1) : 0
        var numbers: [Double] = []
        numbers.reserveCapacity(count)
        for byte in bytes {
            for shift in stride(from: 0, to: 8, by: type.bits) where numbers.count < count {
                let bits = byte >> UInt8(shift) & mask
                numbers.append(Double(bits ^ half) - Double(half))
            }
        }
        return numbers
    }

    private static func typed(
        _ stored: ONNXTensorProto, _ count: Int, _ type: ONNXNumberType
    ) throws(TranslationProblem) -> [Double] {
        let numbers: [Double]
        switch type {
        case .float: numbers = stored.floatData.map { Double($0) }
        case .double: numbers = stored.doubleData
        case .int64: numbers = stored.int64Data.map { Double($0) }
        case .uint32, .uint64: numbers = stored.uint64Data.map { Double($0) }
        case .float16, .bfloat16:
            let bits = stored.int32Data.map { UInt16(truncatingIfNeeded: $0).littleEndian }
            numbers = bits.withUnsafeBytes { type.element.numbers($0) }
        case .uint4, .int4, .uint2, .int2:
            // Whole bytes, one an entry.
            let bytes = stored.int32Data.map { UInt8(truncatingIfNeeded: $0) }
            guard bytes.count == (try Self.bytes(count, type)) else { throw misfit(bytes.count, count) }
            return unpacked(bytes, count, type)
        case .bool: numbers = stored.int32Data.map { $0 == 0 ? 0 : 1 }
        case .int32, .int16, .int8, .uint16, .uint8: numbers = stored.int32Data.map { Double($0) }
        }
        guard numbers.count == count else { throw misfit(numbers.count, count) }
        return numbers
    }

    private static func misfit(_ there: Int, _ due: Int) -> TranslationProblem {
        damaged("\(there) numbers where its shape takes \(due)")
    }
}
