// How the weights of a frame are stored: which numbers there are, how wide, and what the frame needs besides
// (docs/format.md, "Frames"). Which format suits a network is for packing to find out.

/// Width and kind of the numbers of frames and of exclusive pages. Raw values are part of the fold file.
public enum FrameFormat: UInt8, Sendable, CaseIterable, Codable {
    /// IEEE 754 binary32.
    case float32 = 0
    /// IEEE 754 binary16.
    case float16 = 1
    /// Two's complement with 8 bits behind the point: Q8, as published (WV section 6).
    case fixed16 = 2
    /// Whole numbers of 8, 4, 3, 2 or 1 bits times a quantum that each frame has for itself: (code − (2ᵇ − 1) / 2) · quantum.
    case int8 = 3
    case int4 = 4
    case int3 = 5
    case int2 = 6
    case int1 = 7
    /// Sign, 4 bits of exponent, 3 of fraction: E4M3 (Micikevicius et al. 2022). For tails above all.
    case float8 = 8
}

extension FrameFormat: CustomStringConvertible {
    /// The name in job files and records.
    public var description: String {
        switch self {
        case .float32: "float32"
        case .float16: "float16"
        case .fixed16: "fixed16"
        case .int8: "int8"
        case .int4: "int4"
        case .int3: "int3"
        case .int2: "int2"
        case .int1: "int1"
        case .float8: "float8"
        }
    }
}

extension FrameFormat {
    /// Bits of a weight.
    public var bits: Int {
        switch self {
        case .float32: 32
        case .float16, .fixed16: 16
        case .int8, .float8: 8
        case .int4: 4
        case .int3: 3
        case .int2: 2
        case .int1: 1
        }
    }

    /// Whether each frame has a quantum, a float16.
    public var hasQuantum: Bool { bits <= 8 && self != .float8 }

    /// Bytes of the codes of one frame.
    public func stride(pageSize: Int) -> Int { (pageSize * bits + 7) / 8 }

    /// Bytes of one frame with its quantum.
    public func frameBytes(pageSize: Int) -> Int { stride(pageSize: pageSize) + (hasQuantum ? 2 : 0) }

    /// Zero bytes at the end of a section of frames, so that codes can be read eight bytes at a time.
    static let slack = 8

    /// Bytes of a section with so many frames.
    /// - Returns: nil when no memory could hold it.
    public func byteCount(frames: Int, pageSize: Int) -> Int? {
        let (bits, overflowsBits) = pageSize.multipliedReportingOverflow(by: bits)
        guard !overflowsBits, bits < Int.max - 7 else { return nil }
        let (codes, overflows) = frames.multipliedReportingOverflow(by: (bits + 7) / 8)
        guard !overflows, codes < Int.max / 4, frames < Int.max / 4 else { return nil }
        guard self != .float32 else { return codes }
        return (hasQuantum ? (codes + 1) / 2 * 2 + 2 * frames : codes) + Self.slack
    }

    /// The weight that a code means. All formats with a quantum are exact in float32: at most 20 bits are needed.
    @inline(__always)
    func value(_ code: UInt32, quantum: Float) -> Float {
        switch self {
        case .float32: Float(bitPattern: code)
        case .float16: Float(Float16(bitPattern: UInt16(truncatingIfNeeded: code)))
        case .fixed16: Float(Int16(truncatingIfNeeded: code)) / 256
        case .float8: Self.eighth(code)
        default: Float(2 * Int32(bitPattern: code) - Int32(1 << bits) + 1) * (quantum * 0.5)
        }
    }

    /// The code nearest to a weight.
    func code(_ value: Float, quantum: Float) -> UInt32 {
        switch self {
        case .float32: return value.bitPattern
        case .float16:
            return UInt32(Float16(max(min(value, Self.largestHalf), -Self.largestHalf)).bitPattern)
        case .fixed16:
            let whole = (value * 256).rounded(.toNearestOrEven)
            return UInt32(truncatingIfNeeded: Int32(max(min(whole, 32_767), -32_768))) & 0xFFFF
        case .float8: return Self.eighthCode(value)
        default:
            let half = Float(1 << (bits - 1))
            let whole = quantum > 0 ? (value / quantum - 0.5).rounded(.toNearestOrEven) : 0
            return UInt32(max(min(whole, half - 1), -half) + half)
        }
    }

    package static let largestHalf: Float = 65_504
    package static let largestEighth: Float = 448

    /// The exponents of float8 and float32 differ by 120, subnormal numbers included.
    private static func eighth(_ code: UInt32) -> Float {
        let magnitude = Float(bitPattern: (code & 0x7F) << 20) * 0x1p120
        return code & 0x80 == 0 ? magnitude : -magnitude
    }

    private static func eighthCode(_ value: Float) -> UInt32 {
        // For the reader to refuse.
        guard !value.isNaN else { return 0x7F }
        let sign: UInt32 = value.sign == .minus ? 0x80 : 0
        let magnitude = min(value.magnitude, largestEighth)
        // Below 2^-6 numbers are multiples of 2^-9; above, three bits of the fraction are left, ties to even.
        if magnitude < 0x1p-6 { return sign | UInt32((magnitude * 0x1p9).rounded(.toNearestOrEven)) }
        let bits = magnitude.bitPattern
        let rounded = (bits + 0x7FFFF + (bits >> 20 & 1)) >> 20
        return sign | (rounded - 120 * 8)
    }
}

/// How tails and the weights of patches are stored. Raw values are part of the fold file.
public enum VectorFormat: UInt8, Sendable, CaseIterable, Codable, CustomStringConvertible {
    case float32 = 0
    case float16 = 1
    case float8 = 2

    /// Bytes of a number.
    public var width: Int { frameFormat.bits / 8 }

    public var description: String { frameFormat.description }

    package var frameFormat: FrameFormat {
        switch self {
        case .float32: .float32
        case .float16: .float16
        case .float8: .float8
        }
    }
}

/// The formats of all weights of a fold.
public struct WeightFormats: Hashable, Sendable, Codable {
    public var pool: FrameFormat
    public var exclusivePages: FrameFormat
    /// Of tails and patches.
    public var vectors: VectorFormat

    public init(
        pool: FrameFormat = .float32, exclusivePages: FrameFormat = .float32, vectors: VectorFormat = .float32
    ) {
        self.pool = pool
        self.exclusivePages = exclusivePages
        self.vectors = vectors
    }
}
