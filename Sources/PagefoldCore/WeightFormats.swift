// What the parts of a fold are stored as, and the bytes that frames of a format take (docs/format.md, "Frames"). Which
// format suits a network is for packing to find out.

/// The formats of the frames of a fold. Tails and patches have a format for each network.
public struct WeightFormats: Hashable, Sendable {
    public var pool: NumberFormat
    public var exclusivePages: NumberFormat

    public init(pool: NumberFormat = .float32, exclusivePages: NumberFormat = .float32) {
        self.pool = pool
        self.exclusivePages = exclusivePages
    }
}

extension NumberFormat {
    /// Bytes of the codes of one frame.
    public func stride(pageSize: Int) -> Int { (pageSize * bits + 7) / 8 }

    /// Bytes of one frame with its quantum.
    public func frameBytes(pageSize: Int) -> Int { stride(pageSize: pageSize) + (hasQuantum ? 2 : 0) }

    /// Zero bytes at the end of a section of frames, so that codes can be read eight bytes at a time.
    package static let slack = 8

    /// Bytes of a section with so many frames.
    /// - Returns: nil when no memory could hold it.
    public func byteCount<Word: FixedWidthInteger & SignedInteger>(frames: Word, pageSize: Word) -> Word? {
        let stride = (FileSize(pageSize) * Word(bits)).rounded(upTo: 8).value.map { $0 / 8 }
        let codes = FileSize(stride) * frames
        guard self != .float32 else { return codes.value }
        guard hasQuantum else { return (codes + Word(Self.slack)).value }
        return (codes.rounded(upTo: 2) + FileSize(frames) * 2 + Word(Self.slack)).value
    }
}
