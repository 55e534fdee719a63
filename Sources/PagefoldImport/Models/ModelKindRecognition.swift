// How each kind of file is told: by its bytes, never by its name. It looks at both ends of the file and decodes nothing
// that it could choke on; a file that is cut short may be told as another kind or none.

import PagefoldCore
import PagefoldData

extension ModelKind {
    /// Bytes at the start of a file that may be looked at.
    static let headLength = 1 << 20
    /// Bytes at its end: a zip archive's list of members, a table's footer.
    static let tailLength = 1 << 17

    /// - Parameters:
    ///   - head: the first `headLength` bytes, or the whole file where that is shorter.
    ///   - tail: likewise the last `tailLength` bytes.
    init(head: [UInt8], tail: [UInt8]) {
        self =
            Self.ofSignature(head) ?? Self.ofZip(head, tail) ?? Self.ofText(head)
            ?? (tail.hasBytes(checkpointMagic, at: tail.count - 8) ? .checkpointIndex : nil)
            ?? Self.ofMessage(head) ?? .unknown
    }

    /// Kinds with a few bytes at a fixed place.
    private static func ofSignature(_ head: [UInt8]) -> ModelKind? {
        if head.isEmpty { return .empty }
        for (kind, place, bytes) in signatures where head.hasBytes(bytes, at: place) { return kind }
        if head.hasBytes([0x80]), head.count > 1, (2...5).contains(head[1]) { return .pickle }
        if head.count > 9, head[8] == UInt8(ascii: "{") {
            // The header's length, little-endian; the format's own limit is 100 MB.
            let length = head[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            if (2...100_000_000).contains(length) { return .safetensors }
        }
        return nil
    }

    /// In the order in which they are tried.
    private static let signatures: [(kind: ModelKind, place: Int, bytes: [UInt8])] = [
        (.fold, 0, Array("PGFOLD".utf8)),
        (.hdf5, 0, [0x89] + Array("HDF\r\n".utf8) + [0x1A, 0x0A]),
        (.numPyArray, 0, [0x93] + Array("NUMPY".utf8)),
        (.gguf, 0, Array("GGUF".utf8)),
        (.gzip, 0, [0x1F, 0x8B]),
        // The magic number of torch.save before PyTorch 1.6, pickled.
        (.pyTorch, 0, [0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]),
        // File identifiers of FlatBuffers.
        (.tfLite, 4, Array("TFL3".utf8)),
        (.onnxRuntime, 4, Array("ORTM".utf8)),
        (.execuTorch, 4, Array("ET12".utf8)),
        (.tar, 257, Array("ustar".utf8)),
    ]

    // MARK: Zip

    private static func ofZip(_ head: [UInt8], _ tail: [UInt8]) -> ModelKind? {
        guard ZipArchive.isZip(head) else { return nil }
        let names = memberNames(head, tail)
        func has(_ name: String) -> Bool { names.contains { $0 == name || $0.hasSuffix("/" + name) } }
        if has("data.pkl") { return .pyTorch }
        if has("model.weights.h5") || has("config.json") && has("metadata.json") { return .kerasArchive }
        return !names.isEmpty && names.allSatisfy { $0.hasSuffix(".npy") } ? .numPyArchive : .zip
    }

    /// Names in the part of the central directory that `tail` has, and of the first member.
    private static func memberNames(_ head: [UInt8], _ tail: [UInt8]) -> [String] {
        func name(_ bytes: [UInt8], header: Int, lengthAt: Int, nameAt: Int) -> String? {
            guard bytes.count - header >= nameAt else { return nil }
            let length = Int(bytes[header + lengthAt]) | Int(bytes[header + lengthAt + 1]) << 8
            guard bytes.count - header - nameAt >= length else { return nil }
            return String(decoding: bytes[header + nameAt..<header + nameAt + length], as: UTF8.self)
        }
        var names: [String] = []
        for place in tail.indices where tail[place] == 0x50 && tail.hasBytes([0x50, 0x4B, 1, 2], at: place) {
            if let name = name(tail, header: place, lengthAt: 28, nameAt: 46) { names.append(name) }
        }
        if names.isEmpty, let first = name(head, header: 0, lengthAt: 26, nameAt: 30) { names = [first] }
        return names.filter { !$0.hasSuffix("/") }
    }

    // MARK: Text

    private static func ofText(_ head: [UInt8]) -> ModelKind? {
        // The last character may be cut in two.
        let start = head.prefix(4096)
        guard start.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || (0x09...0x0D).contains($0) }),
            let text = (0...3).lazy.compactMap({ String(validating: start.dropLast($0), as: UTF8.self) })
                .first
        else { return nil }
        let lines = text.split(whereSeparator: \.isNewline).map { $0.drop { $0 == "\u{FEFF}" || $0 == " " } }
        guard let first = lines.first(where: { !$0.isEmpty && !$0.hasPrefix("#") }) else { return .text }
        if first.hasPrefix("version https://git-lfs") { return .gitLFSPointer }
        let lower = first.lowercased()
        if lower.hasPrefix("<!doctype html") || lower.hasPrefix("<html") { return .webPage }
        if first.hasPrefix("{") || first.hasPrefix("[") { return .json }
        let key = first.prefix { $0.isLetter || $0.isNumber || "_-.\"'".contains($0) }
        let rest = first[key.endIndex...]
        let isYAML = first.hasPrefix("---") || !key.isEmpty && (rest == ":" || rest.hasPrefix(": "))
        return isYAML ? .yaml : .text
    }

    // MARK: Protocol buffers

    /// Messages have no signature: what tells them is which fields stand at their beginning.
    private static func ofMessage(_ head: [UInt8]) -> ModelKind? {
        guard let fields = MessageOutline(head[...])?.fields, let first = fields.first else { return nil }
        func isMade(of known: [UInt64: UInt8]) -> Bool { fields.allSatisfy { known[$0.number] == $0.wire } }
        func has(_ number: UInt64) -> Bool { fields.contains { $0.number == number } }
        if first.number == 1, first.wire == 0 {
            if isMade(of: [1: 0, 2: 2, 3: 2, 4: 2, 5: 0, 6: 2, 7: 2, 8: 2, 14: 2, 20: 2, 25: 2]), has(7) {
                return .onnx
            }
            if has(2), fields.contains(where: { (200...3000).contains($0.number) }) { return .coreML }
            if has(2), isMade(of: [1: 0, 2: 2]) { return .savedModel }
        }
        // A graph with its meta information, or a graph alone: a list of nodes with name and operation.
        let metaGraph: [UInt64: UInt8] = [1: 2, 2: 2, 3: 2, 4: 2, 5: 2, 6: 2, 7: 2]
        if isMade(of: metaGraph), fields.count(where: { $0.number == 1 }) <= 1,
            let graph = fields.first(where: { $0.number == 2 }), graph.content.first == 0x0A
        {
            return .tensorFlowMetaGraph
        }
        if isMade(of: [1: 2, 2: 2, 3: 0, 4: 2]), first.number == 1,
            let node = MessageOutline(first.content)?.fields, node.count >= 2,
            node[0].number == 1, node[0].wire == 2, node[1].number == 2, node[1].wire == 2
        {
            return .frozenGraph
        }
        return nil
    }
}

/// The last eight bytes of LevelDB's tables, which checkpoint indexes are.
private let checkpointMagic: [UInt8] = [0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB]

/// The first fields of a protocol buffer message, without its schema.
private struct MessageOutline {
    struct Field {
        var number: UInt64
        /// 0 a number, 1 eight bytes, 2 text or a message, 5 four bytes.
        var wire: UInt8
        /// Of wire type 2, as far as it is there.
        var content: ArraySlice<UInt8> = []
    }

    private static let most = 256
    private(set) var fields: [Field] = []

    /// Nil where the bytes cannot be a message. They may end in the middle of a field.
    init?(_ bytes: ArraySlice<UInt8>) {
        var reader = CheckpointBytes(bytes)
        while fields.count < Self.most, reader.remaining > 0, let tag = reader.varint() {
            var field = Field(number: tag >> 3, wire: UInt8(tag & 7))
            guard (1..<1 << 29).contains(field.number) else { return nil }
            switch field.wire {
            case 0: guard reader.varint() != nil else { return }
            case 1: guard reader.fixed64() != nil else { return }
            case 5: guard reader.fixed32() != nil else { return }
            case 2:
                guard let length = reader.varint() else { return }
                let there = min(length, UInt64(reader.remaining))
                field.content = reader.take(there) ?? []
            default: return nil
            }
            fields.append(field)
        }
    }
}
