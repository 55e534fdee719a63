// CRC-32C against the values of RFC 3720 and against a bit-by-bit reference.

import PagefoldCore
import Testing

struct ChecksumTests {
    private static let published: [([UInt8], UInt32)] = [
        (Array("123456789".utf8), 0xE306_9283),
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
        (Array(0..<32), 0x46DD_794E),
        ([], 0),
    ]

    @Test(arguments: published)
    func publishedValues(_ bytes: [UInt8], _ expected: UInt32) {
        #expect(bytes.withUnsafeBytes { CRC32C.checksum($0) } == expected)
    }

    @Test(arguments: 0..<40)
    func everyLengthAndAlignmentMatchesTheDefinition(_ length: Int) {
        var random = RandomSource(seed: UInt64(length))
        let bytes = (0..<length + 8).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        for start in 0..<8 {
            let part = bytes[start..<start + length]
            var crc = UInt32.max
            for byte in part {
                crc ^= UInt32(byte)
                for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
            }
            #expect(part.withUnsafeBytes { CRC32C.checksum($0) } == ~crc)
        }
    }

    @Test func piecesGiveTheChecksumOfTheWhole() {
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        var crc = CRC32C()
        for start in stride(from: 0, to: bytes.count, by: 77) {
            bytes[start..<min(start + 77, bytes.count)].withUnsafeBytes { crc.update($0) }
        }
        #expect(crc.value == bytes.withUnsafeBytes { CRC32C.checksum($0) })
    }
}
