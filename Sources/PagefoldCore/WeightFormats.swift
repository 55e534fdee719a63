// What the parts of a fold are stored as, and the bytes that frames of a format take (docs/format.md, "Frames"). Which
// format suits a network is for packing to find out.

/// The formats of all weights of a fold.
public struct WeightFormats: Hashable, Sendable, Codable {
    public var pool: NumberFormat
    public var exclusivePages: NumberFormat
    /// Of tails and patches; one of `NumberFormat.ofVectors`.
    public var vectors: NumberFormat

    public init(
        pool: NumberFormat = .float32, exclusivePages: NumberFormat = .float32,
        vectors: NumberFormat = .float32
    ) {
        self.pool = pool
        self.exclusivePages = exclusivePages
        self.vectors = vectors
    }
}

extension NumberFormat {
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
}
