// The number types of ONNX tensors (TensorProto.DataType): what they are here, and what a quantised one can hold.

import PagefoldData

/// A type of numbers that a file can name and that is read.
enum ONNXNumberType: Int32, Sendable {
    case float = 1
    case uint8 = 2
    case int8 = 3
    case uint16 = 4
    case int16 = 5
    case int32 = 6
    case int64 = 7
    case bool = 9
    case float16 = 10
    case double = 11
    case uint32 = 12
    case uint64 = 13
    case bfloat16 = 16
    case uint4 = 21
    case int4 = 22
    case uint2 = 25
    case int2 = 26

    /// What constants of this type are; those of less than a byte are bytes.
    var element: ElementType {
        switch self {
        case .float: .f32
        case .uint8, .uint4, .uint2: .u8
        case .int8, .int4, .int2: .i8
        case .uint16: .u16
        case .int16: .i16
        case .int32: .i32
        case .int64: .i64
        case .bool: .bool
        case .float16: .f16
        case .double: .f64
        case .uint32: .u32
        case .uint64: .u64
        case .bfloat16: .bf16
        }
    }

    /// Bits of one number in a file.
    var bits: Int {
        switch self {
        case .uint4, .int4: 4
        case .uint2, .int2: 2
        default: element.size * 8
        }
    }

    var isSigned: Bool {
        switch self {
        case .int2, .int4, .int8, .int16, .int32, .int64: true
        default: false
        }
    }

    /// Numbers that a quantised tensor of this type can hold; nil for types that nothing is quantised to.
    var quantisedRange: ClosedRange<Double>? {
        switch self {
        case .uint2, .uint4, .uint8, .uint16: 0...Double((1 << bits) - 1)
        case .int2, .int4, .int8, .int16: Double(-(1 << (bits - 1)))...Double((1 << (bits - 1)) - 1)
        default: nil
        }
    }

    /// The type of constants whose file type is not known any more.
    init?(_ element: ElementType) {
        switch element {
        case .u8: self = .uint8
        case .i8: self = .int8
        case .u16: self = .uint16
        case .i16: self = .int16
        case .i32: self = .int32
        case .f32: self = .float
        default: return nil
        }
    }

    /// What messages call a type, read or not.
    static func name(_ number: Int32) -> String {
        if let type = Self(rawValue: number) { return "\(type)" }
        return switch number {
        case 8: "string"
        case 14: "complex64"
        case 15: "complex128"
        case 17: "float8e4m3fn"
        case 18: "float8e4m3fnuz"
        case 19: "float8e5m2"
        case 20: "float8e5m2fnuz"
        case 23: "float4e2m1"
        case 24: "float8e8m0"
        default: "type \(number)"
        }
    }
}
