// Frames in place: the numbers of a section of a fold file, read where they lie. Which frame a page is on is not known
// here (WeightView).

/// Frames of the pool, or exclusive pages of one network, one behind the other.
public struct FrameView: @unchecked Sendable {  // Immutable bytes, kept alive by the owner of the file.
    /// [count][stride] bytes.
    public let codes: UnsafeRawPointer
    /// float16, one for each frame; only where the format has a quantum.
    public let quanta: UnsafeRawPointer
    public let format: FrameFormat
    public let pageSize: Int
    public let count: Int
    /// Bytes from frame to frame.
    public let stride: Int

    /// - Parameter section: at least `format.byteCount` bytes of that many frames.
    public init(section: UnsafeRawPointer, format: FrameFormat, pageSize: Int, count: Int) {
        codes = section
        self.format = format
        self.pageSize = pageSize
        self.count = count
        stride = format.stride(pageSize: pageSize)
        quanta = section + (count * stride + 1) / 2 * 2
    }

    /// The same frames elsewhere in memory.
    public func moved(to section: UnsafeRawPointer) -> FrameView {
        FrameView(section: section, format: format, pageSize: pageSize, count: count)
    }

    /// The quantum of a frame; 1 where the format has none.
    public func quantum(_ frame: Int) -> Float {
        guard format.hasQuantum else { return 1 }
        return Float(Float16(bitPattern: number(quanta + 2 * frame, UInt16.self)))
    }

    /// All weights, [count][pageSize], copied.
    public var values: [Float] {
        (0..<count).flatMap { frame in
            FrameRun(codes: codes + frame * stride, format: format, quantum: quantum(frame)).values(pageSize)
        }
    }

    /// All quanta, copied; none where the format has none.
    public var quantumValues: [Float] { format.hasQuantum ? (0..<count).map(quantum) : [] }

    /// Whether every number that the section holds is finite.
    /// - Returns: the number of the first weight that is not, counted over all frames.
    func firstNotFinite() -> Int? {
        switch format {
        case .float32: return (0..<count * pageSize).first { !number(codes + 4 * $0, Float32.self).isFinite }
        case .float16:
            return (0..<count * pageSize).first { number(codes + 2 * $0, UInt16.self) & 0x7C00 == 0x7C00 }
        case .float8: return (0..<count * pageSize).first { number(codes + $0, UInt8.self) & 0x7F == 0x7F }
        case .fixed16: return nil
        default:
            return (0..<count).first { !(quantum($0).isFinite && quantum($0) >= 0) }.map { $0 * pageSize }
        }
    }
}

/// Numbers of one format that follow each other: a frame, a tail, the weights of patches.
package struct FrameRun {
    package let codes: UnsafeRawPointer
    let format: FrameFormat
    let quantum: Float

    @inline(__always)
    func value(_ index: Int) -> Float {
        switch format {
        case .float32: number(codes + 4 * index, Float32.self)
        case .float16, .fixed16:
            format.value(UInt32(number(codes + 2 * index, UInt16.self)), quantum: quantum)
        case .int8, .float8:
            format.value(UInt32(codes.load(fromByteOffset: index, as: UInt8.self)), quantum: quantum)
        default: format.value(code(index), quantum: quantum)
        }
    }

    /// The first `count` numbers, copied.
    func values(_ count: Int) -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { target, filled in
            if let start = target.baseAddress { copy(0..<count, to: start) }
            filled = count
        }
    }

    func copy(_ range: Range<Int>, to target: UnsafeMutablePointer<Float>) {
        guard format != .float32 else {
            return UnsafeMutableRawPointer(target).copyMemory(
                from: codes + 4 * range.lowerBound, byteCount: 4 * range.count)
        }
        for (place, index) in range.enumerated() { target[place] = value(index) }
    }

    /// A code of less than eight bits, which may lie in two bytes.
    private func code(_ index: Int) -> UInt32 {
        let bit = index * format.bits
        let pair = number(codes + bit / 8, UInt16.self)
        return UInt32(pair >> UInt16(bit % 8)) & (1 << UInt32(format.bits) - 1)
    }
}

extension FrameFormat {
    /// Numbers without a quantum that follow each other, copied.
    func values(at start: UnsafeRawPointer, count: Int) -> [Float] {
        FrameRun(codes: start, format: self, quantum: 1).values(count)
    }
}

@inline(__always)
private func number<Number: FixedWidthInteger>(_ place: UnsafeRawPointer, _: Number.Type) -> Number {
    Number(littleEndian: place.loadUnaligned(as: Number.self))
}

@inline(__always)
private func number(_ place: UnsafeRawPointer, _: Float32.Type) -> Float {
    Float(bitPattern: number(place, UInt32.self))
}
