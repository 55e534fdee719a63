// Frames in place: the numbers of a section of a fold file, read where they lie. Which frame a page is on is not known
// here (WeightView).

/// Frames of the pool, or exclusive pages of one network, one behind the other.
public struct FrameView: @unchecked Sendable {  // Immutable bytes, kept alive by the owner of the file.
    /// [count][stride] bytes.
    public let codes: UnsafeRawPointer
    /// float16, one for each frame; only where the format has a quantum.
    public let quanta: UnsafeRawPointer
    public let format: NumberFormat
    public let pageSize: Int
    public let count: Int
    /// Bytes from frame to frame.
    public let stride: Int

    /// - Parameter section: at least `format.byteCount` bytes of that many frames.
    public init(section: UnsafeRawPointer, format: NumberFormat, pageSize: Int, count: Int) {
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

    /// Looks for codes that are not numbers, and for quanta that are none.
    /// - Returns: the number of the first weight that is not finite, counted over all frames.
    func firstNotFinite() -> Int? {
        switch format.kind {
        case .float:
            // One loop for each width, as all weights of a fold pass here when it is opened.
            return switch format.width {
            case 4: firstBeyondLargest(UInt32.self)
            case 2: firstBeyondLargest(UInt16.self)
            default: firstBeyondLargest(UInt8.self)
            }
        case .fixed: return nil
        case .whole:
            return (0..<count).first { !(quantum($0).isFinite && quantum($0) >= 0) }.map { $0 &* pageSize }
        }
    }

    /// The codes of floats are whole bytes, so that all frames are one run; what lies beyond the largest is no number.
    private func firstBeyondLargest<Code: FixedWidthInteger & UnsignedInteger>(_: Code.Type) -> Int? {
        let largest = Code(truncatingIfNeeded: format.encode(format.largest))
        return (0..<count * pageSize).first {
            number(codes + $0 * MemoryLayout<Code>.size, Code.self) & (.max >> 1) > largest
        }
    }
}

/// Numbers of one format that follow each other: a frame, a tail, the weights of patches.
package struct FrameRun {
    package let codes: UnsafeRawPointer
    let format: NumberFormat
    let quantum: Float

    @inline(__always)
    func value(_ index: Int) -> Float { format.decode(code(index), quantum: quantum) }

    /// The code of a number. Each width is read in its own way, as this is the interpreter's inner loop.
    @inline(__always)
    private func code(_ index: Int) -> UInt32 {
        let bits = format.bits
        if bits == 32 { return number(codes + 4 * index, UInt32.self) }
        if bits == 16 { return UInt32(number(codes + 2 * index, UInt16.self)) }
        if bits == 8 { return UInt32(codes.load(fromByteOffset: index, as: UInt8.self)) }
        // Narrower codes may lie in two bytes.
        let bit = index * bits
        let pair = number(codes + bit / 8, UInt16.self)
        return UInt32(pair >> UInt16(bit % 8)) & (1 << UInt32(bits) - 1)
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
}

extension NumberFormat {
    /// Numbers without a quantum that follow each other, copied.
    package func values(at start: UnsafeRawPointer, count: Int) -> [Float] {
        FrameRun(codes: start, format: self, quantum: 1).values(count)
    }
}

@inline(__always)
private func number<Number: FixedWidthInteger>(_ place: UnsafeRawPointer, _: Number.Type) -> Number {
    Number(littleEndian: place.loadUnaligned(as: Number.self))
}
