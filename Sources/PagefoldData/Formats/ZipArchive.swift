// A reader of zip archives held in memory: stored and deflated members, zip64. It does not write archives.
public import PagefoldCore

/// The members of a zip archive (PKWARE APPNOTE 6.3), found through its central directory.
public struct ZipArchive: Sendable {
    /// One file of the archive.
    public struct Member: Sendable, Equatable {
        public let name: String
        fileprivate let method: UInt16
        fileprivate let flags: UInt16
        fileprivate let crc: UInt32
        fileprivate let compressedSize: Int
        /// Bytes of the content once expanded, as the archive states it; verified by `content(of:cap:)`.
        public let size: Int
        fileprivate let headerOffset: Int
    }

    public let members: [Member]
    private let bytes: [UInt8]
    private let file: String

    /// Whether the bytes begin as a zip archive does (with a member, or empty).
    public static func isZip(_ bytes: [UInt8]) -> Bool {
        bytes.hasBytes([0x50, 0x4b, 3, 4]) || bytes.hasBytes([0x50, 0x4b, 5, 6])
    }

    /// Reads the central directory. Throws InputError when it is missing or damaged.
    public init(_ bytes: [UInt8], file: String) throws(InputError) {
        self.bytes = bytes
        self.file = file
        let directory = try ZipArchive.directory(of: bytes, file: file)
        var cursor = ByteCursor(bytes, file: file, range: directory.range)
        var members: [Member] = []
        while cursor.remaining > 0 { members.append(try ZipArchive.member(&cursor)) }
        guard members.count == directory.count else {
            throw ZipArchive.damaged(file, "lists \(members.count) members and announces \(directory.count)")
        }
        self.members = members
    }

    /// The expanded content of a member. Throws InputError when it is encrypted, compressed in another way
    /// than deflate, damaged (size or CRC-32 differ), or larger than `cap` bytes.
    public func content(of member: Member, cap: Int = Inflate.defaultCap) throws(InputError) -> [UInt8] {
        let name = "\(file)#\(member.name)"
        guard member.size <= cap else {
            throw InputError(
                file: name, field: "size", problem: "is \(member.size) bytes where \(cap) are allowed",
                remedy: "check that this is the right file, or raise the cap")
        }
        guard member.flags & 1 == 0 else {
            throw InputError(
                file: name, field: "flags", problem: "the member is encrypted", remedy: "store it in plain")
        }
        var cursor = ByteCursor(bytes, file: name)
        try cursor.move(to: member.headerOffset, field: "local header offset")
        guard try cursor.littleEndian(UInt32.self, field: "local header") == 0x0403_4b50 else {
            throw ZipArchive.damaged(name, "has no local header where one must stand")
        }
        _ = try cursor.take(22, field: "local header")
        let nameLength = try cursor.littleEndian(UInt16.self, field: "local header")
        let extraLength = try cursor.littleEndian(UInt16.self, field: "local header")
        _ = try cursor.take(Int(nameLength) + Int(extraLength), field: "local header")
        let range = try cursor.take(member.compressedSize, field: "compressed data")
        let content: [UInt8]
        switch member.method {
        case 0: content = Array(bytes[range])
        case 8:
            content = try Inflate.expand(bytes, range: range, wrapping: .raw, file: name, cap: member.size)
        default:
            throw InputError(
                file: name, field: "compression", problem: "method \(member.method) is not supported",
                remedy: "write the archive with numpy.savez or numpy.savez_compressed")
        }
        guard content.count == member.size else {
            throw ZipArchive.damaged(name, "expands to \(content.count) bytes and announces \(member.size)")
        }
        guard Inflate.crc32(content[...]) == member.crc else {
            throw ZipArchive.damaged(name, "has a wrong CRC-32")
        }
        return content
    }

    /// The first bytes of a member's content; fewer where it is shorter or damaged. Nothing is verified.
    func head(of member: Member, count: Int) -> [UInt8] {
        var cursor = ByteCursor(bytes, file: file)
        guard (try? cursor.move(to: member.headerOffset, field: "")) != nil,
            (try? cursor.take(26, field: "")) != nil,
            let name = try? cursor.littleEndian(UInt16.self, field: ""),
            let extra = try? cursor.littleEndian(UInt16.self, field: ""),
            (try? cursor.take(Int(name) + Int(extra), field: "")) != nil,
            let range = try? cursor.take(member.compressedSize, field: "")
        else { return [] }
        return member.method == 0
            ? Array(bytes[range].prefix(count)) : Inflate.head(bytes, range: range, count: count)
    }

    private static func damaged(_ file: String, _ problem: String) -> InputError {
        InputError(
            file: file, field: "zip archive", problem: problem,
            remedy: "the file is truncated or damaged: fetch or write it again")
    }

    /// Where the central directory lies and how many members it lists.
    private static func directory(
        of bytes: [UInt8], file: String
    ) throws(InputError) -> (range: Range<Int>, count: Int) {
        // The end record stands last, before a comment of at most 65,535 bytes.
        let first = max(0, bytes.count - 22 - 65_535)
        var end = bytes.count - 22
        while end >= first, bytes[end] != 0x50 || !bytes.hasBytes([0x50, 0x4b, 5, 6], at: end) { end -= 1 }
        guard end >= first else { throw damaged(file, "has no end of central directory") }
        var cursor = ByteCursor(bytes, file: file)
        try cursor.move(to: end + 10, field: "end of central directory")
        var count = Int(try cursor.littleEndian(UInt16.self, field: "number of members"))
        var size = Int(try cursor.littleEndian(UInt32.self, field: "directory size"))
        var offset = Int(try cursor.littleEndian(UInt32.self, field: "directory offset"))
        // Zip64: the true figures stand in another record, which a locator before this one points to.
        if end >= 20, bytes.hasBytes([0x50, 0x4b, 6, 7], at: end - 20) {
            try cursor.move(to: end - 12, field: "zip64 locator")
            let record = try cursor.littleEndian(UInt64.self, field: "zip64 locator")
            try cursor.move(to: Int(clamping: record), field: "zip64 locator")
            guard try cursor.littleEndian(UInt32.self, field: "zip64 record") == 0x0606_4b50 else {
                throw damaged(file, "has no zip64 record where its locator points")
            }
            _ = try cursor.take(28, field: "zip64 record")
            count = Int(clamping: try cursor.littleEndian(UInt64.self, field: "number of members"))
            size = Int(clamping: try cursor.littleEndian(UInt64.self, field: "directory size"))
            offset = Int(clamping: try cursor.littleEndian(UInt64.self, field: "directory offset"))
        }
        try cursor.move(to: offset, field: "directory offset")
        return (try cursor.take(size, field: "central directory"), count)
    }

    private static func member(_ cursor: inout ByteCursor) throws(InputError) -> Member {
        let field = "central directory"
        guard try cursor.littleEndian(UInt32.self, field: field) == 0x0201_4b50 else {
            throw damaged(cursor.file, "has no member header where one must stand")
        }
        _ = try cursor.take(4, field: field)
        let flags = try cursor.littleEndian(UInt16.self, field: field)
        let method = try cursor.littleEndian(UInt16.self, field: field)
        _ = try cursor.take(4, field: field)
        let crc = try cursor.littleEndian(UInt32.self, field: field)
        let compressed = try cursor.littleEndian(UInt32.self, field: field)
        let size = try cursor.littleEndian(UInt32.self, field: field)
        let nameLength = Int(try cursor.littleEndian(UInt16.self, field: field))
        let extraLength = Int(try cursor.littleEndian(UInt16.self, field: field))
        let commentLength = Int(try cursor.littleEndian(UInt16.self, field: field))
        _ = try cursor.take(8, field: field)
        let offset = try cursor.littleEndian(UInt32.self, field: field)
        let name = cursor.bytes[try cursor.take(nameLength, field: field)]
        let extra = try cursor.take(extraLength, field: field)
        _ = try cursor.take(commentLength, field: field)
        // The order of these three is the order of the zip64 fields.
        var wide = Zip64Extra(in: extra, of: cursor)
        let wideSize = try wide.value(size)
        let wideCompressed = try wide.value(compressed)
        let wideOffset = try wide.value(offset)
        return Member(
            name: String(decoding: name, as: UTF8.self), method: method, flags: flags, crc: crc,
            compressedSize: wideCompressed, size: wideSize, headerOffset: wideOffset)
    }
}

/// The zip64 extra field: 64-bit values for those header fields that hold 0xffffffff, in their order.
private struct Zip64Extra {
    private var cursor: ByteCursor

    init(in extra: Range<Int>, of owner: ByteCursor) {
        var walk = ByteCursor(owner.bytes, file: owner.file, range: extra)
        cursor = ByteCursor(owner.bytes, file: owner.file, range: extra.lowerBound..<extra.lowerBound)
        // Other tools may leave malformed extra fields of their own: only zip64's matters here.
        while let id = try? walk.littleEndian(UInt16.self, field: "extra field"),
            let size = try? walk.littleEndian(UInt16.self, field: "extra field"),
            let range = try? walk.take(Int(size), field: "extra field")
        {
            if id == 1 { cursor = ByteCursor(owner.bytes, file: owner.file, range: range) }
        }
    }

    mutating func value(_ narrow: UInt32) throws(InputError) -> Int {
        guard narrow == .max else { return Int(narrow) }
        return Int(clamping: try cursor.littleEndian(UInt64.self, field: "zip64 extra field"))
    }
}
