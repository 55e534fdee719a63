// The sorted table of keys and values (LevelDB's table format) that a checkpoint's `.index` file is.
// It does not know what the values mean.

import PagefoldCore

/// All entries of a sorted table, in the order of their keys.
struct CheckpointTable {
    private(set) var entries: [(key: ArraySlice<UInt8>, value: ArraySlice<UInt8>)] = []

    private static let footerSize = 48
    private static let magic: UInt64 = 0xDB47_7524_8B80_FB57
    /// Prefix compression can blow a small file up to gigabytes of keys; no real index comes near this.
    private static let keyBytesLimit = 1 << 26

    private let file: String
    private let bytes: [UInt8]
    private var keyBytes = 0
    private var blockBytes = 0

    /// Reads the whole table and checks the checksum of every block it reads.
    init(_ bytes: [UInt8], file: String) throws(InputError) {
        self.file = file
        self.bytes = bytes
        guard bytes.count >= Self.footerSize else {
            throw damaged(
                "footer",
                "the file has \(bytes.count) bytes; a checkpoint index has at least \(Self.footerSize)")
        }
        var footer = CheckpointBytes(bytes.suffix(Self.footerSize))
        var end = CheckpointBytes(bytes.suffix(8))
        guard end.fixed64() == Self.magic else {
            throw InputError(
                file: file, field: "footer",
                problem: "no checkpoint index: the last eight bytes are not the table magic",
                remedy:
                    "give the prefix of a TensorFlow V2 checkpoint (files .index and .data-00000-of-00001)")
        }
        guard footer.varint() != nil, footer.varint() != nil,
            let indexOffset = footer.varint(), let indexSize = footer.varint()
        else { throw damaged("footer", "the block handles are cut off") }

        for (_, handle) in try block(offset: indexOffset, size: indexSize, field: "index block") {
            var handle = CheckpointBytes(handle)
            guard let offset = handle.varint(), let size = handle.varint() else {
                throw damaged("index block", "a data block's handle is cut off")
            }
            entries += try block(offset: offset, size: size, field: "data block at byte \(offset)")
        }
    }

    /// Checks and decodes one block: prefix-compressed entries, restart points, their number, then the trailer of
    /// compression type and masked checksum, which the handle's size leaves out.
    private mutating func block(
        offset: UInt64, size: UInt64, field: String
    ) throws(InputError) -> [(key: ArraySlice<UInt8>, value: ArraySlice<UInt8>)] {
        var reader = CheckpointBytes(bytes[...])
        guard reader.take(offset) != nil, let contents = reader.take(size), let type = reader.take(1)?.first,
            let stored = reader.fixed32()
        else { throw damaged(field, "the block lies outside the file") }
        blockBytes += contents.count
        guard blockBytes <= bytes.count else { throw damaged(field, "the block overlaps another one") }
        let checked = bytes[contents.startIndex...contents.endIndex]
        let crc = checked.withUnsafeBytes { CRC32C.checksum($0) }
        guard crc.maskedForCheckpoint == stored else { throw damaged(field, "the checksum does not match") }
        guard type == 0 else {
            throw InputError(
                file: file, field: field, problem: "compressed blocks (type \(type)) are not supported",
                remedy: "save the checkpoint again with TensorFlow's Saver, which writes them uncompressed")
        }

        var tail = CheckpointBytes(contents.suffix(4))
        guard let restarts = tail.fixed32(), UInt64(restarts) * 4 + 4 <= UInt64(contents.count) else {
            throw damaged(field, "the restart points lie outside the block")
        }
        var entries = CheckpointBytes(contents.dropLast(Int(restarts) * 4 + 4))
        var found: [(key: ArraySlice<UInt8>, value: ArraySlice<UInt8>)] = []
        var key: ArraySlice<UInt8> = []
        while entries.remaining > 0 {
            guard let shared = entries.varint(), let fresh = entries.varint(), let length = entries.varint(),
                shared <= UInt64(key.count), let suffix = entries.take(fresh),
                let value = entries.take(length)
            else { throw damaged(field, "an entry is cut off") }
            key = key.prefix(Int(shared)) + suffix
            keyBytes += key.count
            guard keyBytes <= Self.keyBytesLimit else {
                throw damaged(field, "the keys take more than 64 MiB")
            }
            found.append((key, value))
        }
        return found
    }

    private func damaged(_ field: String, _ problem: String) -> InputError {
        InputError(file: file, field: field, problem: problem, remedy: "the file is damaged; copy it again")
    }
}

extension UInt32 {
    /// Checkpoints store checksums rotated and shifted, so that a checksum over checksums stays meaningful.
    var maskedForCheckpoint: UInt32 { (self >> 15 | self << 17) &+ 0xA282_EAD8 }
}
