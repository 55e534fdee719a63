// A bounds-checked reader of little-endian bytes for the checkpoint's index. It knows no format.

/// Walks forward through bytes; every read that would pass the end answers nil and moves nothing.
struct CheckpointBytes {
    private let bytes: ArraySlice<UInt8>
    private(set) var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    var remaining: Int { bytes.endIndex - position }

    mutating func take(_ count: UInt64) -> ArraySlice<UInt8>? {
        guard count <= UInt64(remaining) else { return nil }
        let end = position + Int(count)
        defer { position = end }
        return bytes[position..<end]
    }

    mutating func fixed32() -> UInt32? {
        take(4)?.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    mutating func fixed64() -> UInt64? {
        take(8)?.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A base-128 number of at most ten bytes that fits 64 bits.
    mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        var at = position
        for shift in stride(from: 0, through: 63, by: 7) {
            guard at < bytes.endIndex else { return nil }
            let byte = bytes[at]
            at += 1
            if shift == 63 && byte > 1 { return nil }
            value |= UInt64(byte & 0x7F) << UInt64(shift)
            if byte < 0x80 {
                position = at
                return value
            }
        }
        return nil
    }
}
