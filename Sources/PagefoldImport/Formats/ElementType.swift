// The element types of foreign array files and their conversion to a payload. It reads no headers.
import PagefoldCore

/// An element type as a file stores it.
enum ElementType: Sendable {
    case bool, u8, i8, u16, i16, u32, i32, u64, i64, f32, f64

    /// Bytes of one element.
    var size: Int {
        switch self {
        case .bool, .u8, .i8: 1
        case .u16, .i16: 2
        case .u32, .i32, .f32: 4
        case .u64, .i64, .f64: 8
        }
    }

    /// Converts `range` of `bytes`: u8 and bool stay bytes, other integers become Int32, floats Float.
    /// Throws InputError naming the first integer that does not fit in 32 bits with a sign.
    /// Precondition: `range` lies inside the bytes and is a multiple of `size` long.
    func decode(
        _ bytes: [UInt8], range: Range<Int>, bigEndian: Bool, file: String
    ) throws(InputError) -> NumericArray.Payload {
        switch self {
        case .u8, .bool: return .u8(Array(bytes[range]))
        case .i8: return .i32(bytes[range].map { Int32(Int8(bitPattern: $0)) })
        case .u16: return try integers(UInt16.self, bytes, range, bigEndian, file)
        case .i16: return try integers(Int16.self, bytes, range, bigEndian, file)
        case .u32: return try integers(UInt32.self, bytes, range, bigEndian, file)
        case .i32: return try integers(Int32.self, bytes, range, bigEndian, file)
        case .u64: return try integers(UInt64.self, bytes, range, bigEndian, file)
        case .i64: return try integers(Int64.self, bytes, range, bigEndian, file)
        case .f32: return .f32(singles(bytes, range, bigEndian))
        case .f64: return .f32(doubles(bytes, range, bigEndian))
        }
    }

    private func integers<T: FixedWidthInteger>(
        _ type: T.Type, _ bytes: [UInt8], _ range: Range<Int>, _ bigEndian: Bool, _ file: String
    ) throws(InputError) -> NumericArray.Payload {
        let width = MemoryLayout<T>.size
        var misfit: Int?
        let values = bytes.withUnsafeBytes { buffer in
            (0..<(range.count / width)).map { index -> Int32 in
                let raw = buffer.loadUnaligned(fromByteOffset: range.lowerBound + index * width, as: T.self)
                let value = Int32(exactly: bigEndian ? T(bigEndian: raw) : T(littleEndian: raw))
                if value == nil, misfit == nil { misfit = index }
                return value ?? 0
            }
        }
        if let misfit {
            throw InputError(
                file: file, field: "element \(misfit)", problem: "does not fit in 32 bits with a sign",
                remedy: "store the array as int32 or float32")
        }
        return .i32(values)
    }

    private func singles(_ bytes: [UInt8], _ range: Range<Int>, _ bigEndian: Bool) -> [Float] {
        let count = range.count / 4
        return [Float](unsafeUninitializedCapacity: count) { target, initialized in
            // The bytes as they are: one copy when the file's order is the machine's.
            UnsafeMutableRawBufferPointer(target).copyBytes(from: bytes[range])
            initialized = count
            let swapped = bigEndian != (1.bigEndian == 1)
            guard swapped else { return }
            for index in 0..<count {
                target[index] = Float(bitPattern: target[index].bitPattern.byteSwapped)
            }
        }
    }

    private func doubles(_ bytes: [UInt8], _ range: Range<Int>, _ bigEndian: Bool) -> [Float] {
        bytes.withUnsafeBytes { buffer in
            (0..<(range.count / 8)).map { index -> Float in
                let raw = buffer.loadUnaligned(
                    fromByteOffset: range.lowerBound + index * 8, as: UInt64.self)
                return Float(
                    Double(bitPattern: bigEndian ? UInt64(bigEndian: raw) : UInt64(littleEndian: raw)))
            }
        }
    }
}
