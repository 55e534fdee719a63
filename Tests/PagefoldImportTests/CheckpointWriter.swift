// Writes checkpoint indexes for tests: one data block, one index block, valid checksums whatever is in them.

import PagefoldCore

@testable import PagefoldImport

enum CheckpointWriter {
    /// A table of these entries.
    static func table(_ entries: [(String, [UInt8])]) -> [UInt8] { table(block: block(entries)) }

    /// The contents of a data block of these entries, keys stored in full.
    static func block(_ entries: [(String, [UInt8])]) -> [UInt8] {
        var contents: [UInt8] = []
        for (key, value) in entries {
            contents += varint(0) + varint(key.utf8.count) + varint(value.count) + Array(key.utf8) + value
        }
        return contents + [0, 0, 0, 0, 1, 0, 0, 0]
    }

    /// A table whose only data block has these contents.
    static func table(block contents: [UInt8]) -> [UInt8] {
        var file = sealed(contents)
        let handle = varint(0) + varint(contents.count)
        let index = [0, 1] + varint(handle.count) + Array("z".utf8) + handle + [0, 0, 0, 0, 1, 0, 0, 0]
        var footer = varint(0) + varint(0) + varint(file.count) + varint(index.count)
        file += sealed(index)
        footer += [UInt8](repeating: 0, count: 40 - footer.count)
        return file + footer + [0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB]
    }

    private static func sealed(_ contents: [UInt8]) -> [UInt8] {
        let checked = contents + [0]
        let crc = checked.withUnsafeBytes { CRC32C.checksum($0) }.maskedForCheckpoint
        return checked + (0..<4).map { UInt8(truncatingIfNeeded: crc >> (8 * $0)) }
    }

    private static func varint(_ value: Int) -> [UInt8] {
        var value = value
        var bytes: [UInt8] = []
        while value >= 0x80 {
            bytes.append(UInt8(value & 0x7F) | 0x80)
            value >>= 7
        }
        return bytes + [UInt8(value)]
    }
}
