// TensorFlow's number types as they lie in checkpoints and constants. Strings and quantised types are not here.

/// A number type; raw values are TensorFlow's `DataType`.
enum CheckpointNumber: Int32 {
    case float32 = 1
    case float64 = 2
    case int32 = 3
    case int64 = 9
    case bool = 10
    case bfloat16 = 14
    case float16 = 19

    /// Bytes of one number.
    var size: Int {
        switch self {
        case .float64, .int64: 8
        case .float32, .int32: 4
        case .bfloat16, .float16: 2
        case .bool: 1
        }
    }

    /// Decodes little-endian numbers; trailing bytes that make no whole number are left out. Integers beyond 2⁵³ are
    /// rounded.
    func values(_ bytes: UnsafeRawBufferPointer) -> [Double] {
        func all<Bits: FixedWidthInteger>(_: Bits.Type, _ number: (Bits) -> Double) -> [Double] {
            (0..<bytes.count / size).map {
                number(Bits(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * size, as: Bits.self)))
            }
        }
        return switch self {
        case .float32: all(UInt32.self) { Double(Float(bitPattern: $0)) }
        case .float64: all(UInt64.self) { Double(bitPattern: $0) }
        case .int32: all(Int32.self) { Double($0) }
        case .int64: all(Int64.self) { Double($0) }
        case .bool: all(UInt8.self) { $0 == 0 ? 0 : 1 }
        case .bfloat16: all(UInt16.self) { Double(Float(bitPattern: UInt32($0) << 16)) }
        case .float16: all(UInt16.self, Self.half)
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
}
