// CRC-32C, the checksum of fold files and of TensorFlow checkpoints. It finds damage; it is no protection
// against a forger.

/// The cyclic redundancy check with Castagnoli's polynomial (RFC 3720, appendix B.4): reflected, polynomial
/// 0x82F63B78, start and final inversion. Its value for the nine bytes "123456789" is 0xE3069283.
public struct CRC32C: Sendable {
    private var state: UInt32 = .max

    public init() {}

    /// The checksum of all bytes given so far.
    public var value: UInt32 { ~state }

    /// The checksum of `bytes`.
    public static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var crc = CRC32C()
        crc.update(bytes)
        return crc.value
    }

    #if hasFeature(Embedded)
        // 64 bytes of table in flash: a firmware has no RAM to spare for eight kilobytes.
        private static let nibbles: InlineArray<16, UInt32> = [
            0x0000_0000, 0x105E_C76F, 0x20BD_8EDE, 0x30E3_49B1, 0x417B_1DBC, 0x5125_DAD3, 0x61C6_9362,
            0x7198_540D,
            0x82F6_3B78, 0x92A8_FC17, 0xA24B_B5A6, 0xB215_72C9, 0xC38D_26C4, 0xD3D3_E1AB, 0xE330_A81A,
            0xF36E_6F75,
        ]

        /// Takes more bytes into the checksum. Allocates nothing.
        public mutating func update(_ bytes: UnsafeRawBufferPointer) {
            var crc = state
            for byte in bytes {
                crc ^= UInt32(byte)
                crc = (crc >> 4) ^ Self.nibbles[Int(crc & 15)]
                crc = (crc >> 4) ^ Self.nibbles[Int(crc & 15)]
            }
            state = crc
        }
    #else
        /// `tables[256 · k + b]` is byte `b` followed by `k` zero bytes (slicing by eight, Kounavis & Berry 2005).
        private static let tables: InlineArray<2048, UInt32> = {
            var tables = InlineArray<2048, UInt32>(repeating: 0)
            for byte in 0..<256 {
                var crc = UInt32(byte)
                for _ in 0..<8 { crc = (crc >> 1) ^ (crc & 1 == 1 ? 0x82F6_3B78 : 0) }
                tables[byte] = crc
            }
            for i in 256..<2048 {
                let shorter = tables[i - 256]
                tables[i] = (shorter >> 8) ^ tables[Int(shorter & 255)]
            }
            return tables
        }()

        /// Takes more bytes into the checksum. Allocates nothing.
        public mutating func update(_ bytes: UnsafeRawBufferPointer) {
            let tables = Self.tables.span
            var crc = state
            var position = 0
            while bytes.count - position >= 8 {
                let word = UInt64(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
                let low = crc ^ UInt32(truncatingIfNeeded: word)
                let high = UInt32(truncatingIfNeeded: word >> 32)
                crc = tables[1792 + Int(low & 255)] ^ tables[1536 + Int((low >> 8) & 255)]
                crc ^= tables[1280 + Int((low >> 16) & 255)] ^ tables[1024 + Int(low >> 24)]
                crc ^= tables[768 + Int(high & 255)] ^ tables[512 + Int((high >> 8) & 255)]
                crc ^= tables[256 + Int((high >> 16) & 255)] ^ tables[Int(high >> 24)]
                position += 8
            }
            while position < bytes.count {
                crc = (crc >> 8) ^ tables[Int((crc ^ UInt32(bytes[position])) & 255)]
                position += 1
            }
            state = crc
        }
    #endif
}

extension CRC32C {
    /// The checksum of an array of bytes.
    public static func checksum(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { checksum($0) } }
}
