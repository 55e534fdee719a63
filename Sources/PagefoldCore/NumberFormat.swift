// The formats that weights are stored in: one table of what each is, and what its codes mean (docs/format.md, "Frames").
// The kernels have the same table in C, number_formats.h; a test compares them. How codes lie side by side is in
// FrameView.swift and FrameEncoding.swift.

/// A format of weights. Frames may have any of them. Raw values are part of the fold file.
public enum NumberFormat: UInt8, Sendable, CaseIterable {
    /// IEEE 754 binary32.
    case float32 = 0
    /// IEEE 754 binary16.
    case float16 = 1
    /// Two's complement with 8 bits behind the point: Q8, as published (WV section 6).
    case fixed16 = 2
    case int8 = 3
    case int4 = 4
    case int3 = 5
    case int2 = 6
    case int1 = 7
    /// Sign, 4 bits of exponent, 3 of fraction: E4M3 (Micikevicius et al. 2022). For tails above all.
    case float8 = 8
}

extension NumberFormat {
    /// How a code becomes a number.
    public enum Kind: Sendable {
        /// Sign, exponent and fraction, as in IEEE 754. Codes beyond that of the largest number are not numbers.
        case float
        /// Two's complement with some bits behind the point.
        case fixed
        /// (code − (2ᵇ − 1) / 2) · quantum; each frame has a quantum of its own.
        case whole
    }

    /// What a format is: a row of the table.
    public struct Traits: Sendable {
        /// On the command line, in job files and in records.
        public let name: StaticString
        public let kind: Kind
        /// Bits of a code.
        public let bits: Int
        /// Bits of the fraction, or behind the point; 0 for whole numbers.
        public let fraction: Int
        /// The largest number, for whole numbers with a quantum of 1.
        public let largest: Float
        /// The smallest positive number with all bits of the fraction; for whole numbers with a quantum of 1.
        public let smallestNormal: Float
        /// The quantum with the least mean square error for normally distributed weights of deviation 1 (Max 1960,
        /// table II); nil where frames have no quantum.
        public let normalQuantum: Float?
        /// The code in the entry of the section for tails and patches of this format; nil where they cannot have it.
        public let vectorCode: UInt8?

        init(
            _ name: StaticString, _ kind: Kind, bits: Int, fraction: Int = 0, largest: Float,
            smallestNormal: Float,
            normalQuantum: Float? = nil, vectorCode: UInt8? = nil
        ) {
            self.name = name
            self.kind = kind
            self.bits = bits
            self.fraction = fraction
            self.largest = largest
            self.smallestNormal = smallestNormal
            self.normalQuantum = normalQuantum
            self.vectorCode = vectorCode
        }
    }

    /// The table. Not an array, so that inner loops see constants.
    public var traits: Traits {
        @inline(__always)
        get {
            switch self {
            case .float32:
                Traits(
                    "float32", .float, bits: 32, fraction: 23, largest: 0x1.fffffep127,
                    smallestNormal: 0x1p-126, vectorCode: 0)
            case .float16:
                Traits(
                    "float16", .float, bits: 16, fraction: 10, largest: 65_504, smallestNormal: 0x1p-14,
                    vectorCode: 1)
            case .fixed16:
                Traits(
                    "fixed16", .fixed, bits: 16, fraction: 8, largest: 127.996_093_75, smallestNormal: 0x1p-8)
            case .int8:
                Traits(
                    "int8", .whole, bits: 8, largest: 127.5, smallestNormal: 0.5, normalQuantum: 0.0308)
            case .int4:
                Traits("int4", .whole, bits: 4, largest: 7.5, smallestNormal: 0.5, normalQuantum: 0.3352)
            case .int3:
                Traits("int3", .whole, bits: 3, largest: 3.5, smallestNormal: 0.5, normalQuantum: 0.5860)
            case .int2:
                Traits("int2", .whole, bits: 2, largest: 1.5, smallestNormal: 0.5, normalQuantum: 0.9957)
            case .int1:
                Traits("int1", .whole, bits: 1, largest: 0.5, smallestNormal: 0.5, normalQuantum: 1.5958)
            case .float8:
                Traits(
                    "float8", .float, bits: 8, fraction: 3, largest: 448, smallestNormal: 0x1p-6,
                    vectorCode: 2)
            }
        }
    }

    public var kind: Kind { traits.kind }
    /// Bits of a weight.
    public var bits: Int { traits.bits }
    /// Bytes of a weight that stands alone.
    public var width: Int { (bits + 7) / 8 }
    /// Whether each frame has a quantum, a float16.
    public var hasQuantum: Bool { kind == .whole }
    /// The largest number, for whole numbers with a quantum of 1.
    public var largest: Float { traits.largest }
    /// A quantum is a finite float16.
    public static var mostQuantum: Float { NumberFormat.float16.largest }

    /// The formats that tails and patches may have.
    public static var ofVectors: [NumberFormat] { allCases.filter { $0.traits.vectorCode != nil } }

    /// The format that the entry of a tail or of patches names.
    /// - Returns: nil for a code without a meaning.
    init?(vectorCode: UInt8) {
        guard let format = Self.ofVectors.first(where: { $0.traits.vectorCode == vectorCode }) else {
            return nil
        }
        self = format
    }
}

extension NumberFormat: CustomStringConvertible {
    /// The name, as on the command line.
    public var description: String { traits.name.description }
}

extension NumberFormat {
    /// The number that a code means. Whole numbers are exact in float32: at most 20 bits are needed.
    /// - Parameter quantum: of formats that have one.
    @inline(__always)
    public func decode(_ code: UInt32, quantum: Float = 1) -> Float {
        let traits = traits
        let bits = UInt32(truncatingIfNeeded: traits.bits)
        switch traits.kind {
        case .float:
            // The exponents of the format and of float32 differ by a constant, those of subnormal numbers too.
            let sign = 1 &<< (bits &- 1) as UInt32
            let pattern = (code & (sign &- 1)) &<< UInt32(truncatingIfNeeded: 23 &- traits.fraction)
            let magnitude = Float(bitPattern: pattern) * (traits.smallestNormal * 0x1p126)
            return code & sign == 0 ? magnitude : -magnitude
        case .fixed:
            return Float(Int32(bitPattern: code &<< (32 &- bits)) &>> Int32(bitPattern: 32 &- bits))
                * traits.smallestNormal
        case .whole:
            return Float(2 &* Int32(bitPattern: code) &- (1 &<< Int32(bitPattern: bits)) &+ 1)
                * (quantum * 0.5)
        }
    }

    /// The code of the nearest number, of two as near the even one; the largest number's for those beyond it.
    /// - Parameter quantum: of formats that have one.
    public func encode(_ value: Float, quantum: Float = 1) -> UInt32 {
        let traits = traits
        switch traits.kind {
        case .float:
            // Infinities too: they are for the reader to refuse.
            guard self != .float32 else { return value.bitPattern }
            let sign: UInt32 = 1 << UInt32(bits - 1)
            guard !value.isNaN else { return sign - 1 }
            let magnitude = min(value.magnitude, traits.largest)
            return (value.sign == .minus ? sign : 0) | Self.floatCode(magnitude, traits)
        case .fixed:
            let half = Float(1 << (bits - 1))
            let whole = (value / traits.smallestNormal).rounded(.toNearestOrEven)
            return UInt32(bitPattern: Int32(min(max(-half, whole), half - 1))) & (1 << UInt32(bits) - 1)
        case .whole:
            let half = Float(1 << (bits - 1))
            // As the kernels do, which multiply.
            let inverse = quantum > 0 ? 1 / quantum : 0
            let whole = (value * inverse - 0.5).rounded(.toNearestOrEven)
            return UInt32(min(max(-half, whole), half - 1) + half)
        }
    }

    /// The code of a number from 0 to the largest, for floats narrower than float32.
    private static func floatCode(_ magnitude: Float, _ traits: Traits) -> UInt32 {
        let one: UInt32 = 1 << UInt32(traits.fraction)
        if magnitude < traits.smallestNormal {
            // Multiples of the smallest number of all.
            return UInt32((magnitude / traits.smallestNormal * Float(one)).rounded(.toNearestOrEven))
        }
        let shift = UInt32(23 - traits.fraction)
        let bits = magnitude.bitPattern
        let rounded = (bits + (1 << (shift - 1) - 1) + (bits >> shift & 1)) >> shift
        // The smallest normal number has exponent 1.
        return rounded - traits.smallestNormal.bitPattern >> shift + one
    }
}
