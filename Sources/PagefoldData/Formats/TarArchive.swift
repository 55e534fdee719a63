// A reader of tar archives held in memory: ustar, GNU long names, pax paths. It does not write or unpack.
public import PagefoldCore

/// The regular files of a tar archive. Directories, links and devices are passed over.
public struct TarArchive: Sendable {
    /// One regular file: its name and where its content lies in the archive.
    public struct Entry: Sendable, Equatable {
        public let name: String
        public let range: Range<Int>
    }

    public let entries: [Entry]
    private let bytes: [UInt8]

    /// Reads the headers of a tar archive (already expanded: see `FileBytes.read`).
    /// Throws InputError when a header is damaged (checksum) or the archive ends inside an entry.
    public init(_ bytes: [UInt8], file: String) throws(InputError) {
        self.bytes = bytes
        var cursor = ByteCursor(bytes, file: file)
        var entries: [Entry] = []
        var longName: String?
        while cursor.remaining > 0 {
            let header = TarHeader(bytes: bytes[try cursor.take(512, field: "tar header")])
            // The archive ends with blocks of zeros.
            if header.isZero { break }
            guard header.checksumIsRight, let size = header.size else {
                throw InputError(
                    file: file, field: "tar header", problem: "is damaged before byte \(cursor.position)",
                    remedy: "give a tar archive; fetch or write it again")
            }
            let range = try cursor.take(size, field: "tar entry '\(longName ?? header.name)'")
            // Contents are padded to blocks; some writers leave out the padding of the last entry.
            _ = try cursor.take(min((512 - size % 512) % 512, cursor.remaining), field: "tar padding")
            switch header.kind {
            case UInt8(ascii: "0"), 0, UInt8(ascii: "7"):
                entries.append(Entry(name: longName ?? header.name, range: range))
                longName = nil
            case UInt8(ascii: "L"):
                longName = String(decoding: bytes[range].prefix { $0 != 0 }, as: UTF8.self)
            case UInt8(ascii: "x"):
                longName = TarHeader.paxPath(bytes[range]) ?? longName
            case UInt8(ascii: "g"), UInt8(ascii: "K"):
                break
            default:
                longName = nil
            }
        }
        self.entries = entries
    }

    /// The content of an entry.
    public func content(of entry: Entry) -> [UInt8] { Array(bytes[entry.range]) }
}

/// One block of 512 bytes that describes an entry.
private struct TarHeader {
    private let bytes: [UInt8]

    /// Precondition: 512 bytes.
    init(bytes: ArraySlice<UInt8>) {
        precondition(bytes.count == 512)
        self.bytes = Array(bytes)
    }

    var isZero: Bool { bytes.allSatisfy { $0 == 0 } }
    var kind: UInt8 { bytes[156] }

    var name: String {
        let name = text(0..<100)
        let prefix = bytes.hasBytes(Array("ustar\0".utf8), at: 257) ? text(345..<500) : ""
        return prefix.isEmpty ? name : prefix + "/" + name
    }

    /// Octal digits, or base 256 as GNU tar writes sizes beyond 8 GiB; nil when it is neither.
    var size: Int? {
        let field = bytes[124..<136]
        guard field.first != 0x80 else {
            var value = 0
            for byte in field.dropFirst() {
                guard value <= Int.max >> 8 else { return nil }
                value = value << 8 | Int(byte)
            }
            return value
        }
        return octal(124..<136)
    }

    /// The sum of all bytes, with those of the checksum itself taken as spaces.
    var checksumIsRight: Bool {
        let sum = bytes.indices.reduce(0) { $0 + ((148..<156).contains($1) ? 0x20 : Int(bytes[$1])) }
        return octal(148..<156) == sum
    }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range].prefix { $0 != 0 }, as: UTF8.self)
    }

    private func octal(_ range: Range<Int>) -> Int? {
        let digits = bytes[range].drop { $0 == 0x20 }.prefix { (0x30...0x37).contains($0) }
        return digits.isEmpty ? nil : Int(String(decoding: digits, as: UTF8.self), radix: 8)
    }

    /// The `path` record of a pax header: lines of "LENGTH KEY=VALUE\n".
    static func paxPath(_ content: ArraySlice<UInt8>) -> String? {
        var rest = content
        while let space = rest.firstIndex(of: 0x20),
            let length = Int(String(decoding: rest[..<space], as: UTF8.self)),
            length > rest.distance(from: rest.startIndex, to: space) + 1, length <= rest.count
        {
            let record = rest.prefix(length).dropFirst(space + 1 - rest.startIndex).dropLast()
            if record.starts(with: "path=".utf8) {
                return String(decoding: record.dropFirst(5), as: UTF8.self)
            }
            rest = rest.dropFirst(length)
        }
        return nil
    }
}
