// The element types of foreign files, arrays and models alike, and their conversion. It reads no headers.
package import PagefoldCore

/// An element type as a file stores it.
package enum ElementType: Sendable {
    case bool, u8, i8, u16, i16, u32, i32, u64, i64, f16, bf16, f32, f64

    /// Bytes of one element.
    package var size: Int {
        switch self {
        case .bool, .u8, .i8: 1
        case .u16, .i16, .f16, .bf16: 2
        case .u32, .i32, .f32: 4
        case .u64, .i64, .f64: 8
        }
    }

    /// Whether a number of this type has no fraction.
    package var isInteger: Bool {
        switch self {
        case .u8, .i8, .u16, .i16, .u32, .i32, .u64, .i64: true
        case .bool, .f16, .bf16, .f32, .f64: false
        }
    }

    /// Decodes numbers; trailing bytes that make no whole number are left out. Integers beyond 2⁵³ are rounded.
    package func numbers(_ bytes: UnsafeRawBufferPointer, bigEndian: Bool = false) -> [Double] {
        func all<Bits: FixedWidthInteger>(_: Bits.Type, _ number: (Bits) -> Double) -> [Double] {
            (0..<bytes.count / size).map {
                let raw = bytes.loadUnaligned(fromByteOffset: $0 * size, as: Bits.self)
                return number(bigEndian ? Bits(bigEndian: raw) : Bits(littleEndian: raw))
            }
        }
        return switch self {
        case .bool: all(UInt8.self) { $0 == 0 ? 0 : 1 }
        case .u8: all(UInt8.self) { Double($0) }
        case .i8: all(Int8.self) { Double($0) }
        case .u16: all(UInt16.self) { Double($0) }
        case .i16: all(Int16.self) { Double($0) }
        case .u32: all(UInt32.self) { Double($0) }
        case .i32: all(Int32.self) { Double($0) }
        case .u64: all(UInt64.self) { Double($0) }
        case .i64: all(Int64.self) { Double($0) }
        case .f16: all(UInt16.self, Self.half)
        case .bf16: all(UInt16.self) { Double(Float(bitPattern: UInt32($0) << 16)) }
        case .f32: all(UInt32.self) { Double(Float(bitPattern: $0)) }
        case .f64: all(UInt64.self) { Double(bitPattern: $0) }
        }
    }

    /// Half precision by hand, because `Float16` does not exist on every host.
    private static func half(_ bits: UInt16) -> Double {
        let sign: Double = bits & 0x8000 == 0 ? 1 : -1
        let exponent = Int(bits >> 10 & 31)
        let fraction = Double(bits & 1023) / 1024
        return switch exponent {
        case 0: sign * fraction * 0x1p-14
        case 31: fraction == 0 ? sign * .infinity : .nan
        default: sign * (1 + fraction) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
        }
    }

    /// Converts `range` of `bytes`: u8 and bool stay bytes, other integers become Int32, floats Float.
    /// Throws InputError naming the first integer that does not fit in 32 bits with a sign.
    /// Precondition: `range` lies inside the bytes and is a multiple of `size` long.
    package func decode(
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
        case .f16, .bf16, .f64:
            return bytes.withUnsafeBytes {
                let stored = UnsafeRawBufferPointer(rebasing: $0[range])
                return .f32(numbers(stored, bigEndian: bigEndian).map { Float($0) })
            }
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
}
