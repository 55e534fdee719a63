// Files of samples below a folder or in a tar archive, with their classes from folders. What is in them is not decoded here.
import Foundation
import PagefoldCore

/// Pictures or recordings of a folder, in an order that is the same on every machine; those of an archive in its order.
struct SampleTree: Sendable {
    enum Kind: String, Sendable { case pictures = "pictures", recordings = "recordings" }

    struct Entry: Sendable, Equatable {
        /// Below the folder, with slashes.
        let path: String
        /// The folder of its class; nil where samples lie beside each other.
        let className: String?
        /// In a tar archive.
        fileprivate let range: Range<Int>?
    }

    let kind: Kind
    let entries: [Entry]
    /// Folders of classes, with or without samples, in their order; empty where there are none.
    let classes: ClassNames
    /// Files that are left out because they are something else: notes, lists.
    let skipped: [String]
    private let root: String
    private let archive: [UInt8]?

    /// How deep folders may lie in each other: a link that leads back up ends there.
    private static let depthLimit = 16

    /// Walks a folder. Throws InputError where it holds no samples, samples of both kinds, files of other picture or sound
    /// formats, or samples beside folders of classes.
    init(folder: String) throws(InputError) {
        var found: [(path: String, range: Range<Int>?, head: [UInt8])] = []
        try SampleTree.walk(folder, "", depth: 0) { path, head in found.append((path, nil, head)) }
        try self.init(found, root: folder, archive: nil)
    }

    /// A single picture or recording.
    init(file: String) throws(InputError) {
        let parts = file.split(separator: "/", omittingEmptySubsequences: false)
        try self.init(
            [(String(parts.last ?? ""), nil, try FileBytes.head(file, count: 16))],
            root: parts.count > 1 ? parts.dropLast().joined(separator: "/") : ".", archive: nil)
    }

    /// Whether a file is a picture or a recording.
    static func isSample(_ path: String, _ head: [UInt8]) -> Bool { kind(path, head) != nil }

    /// The files of a tar archive (already expanded) whose names begin with `prefix`.
    init(tar bytes: [UInt8], prefix: String, file: String) throws(InputError) {
        let entries = try TarArchive(bytes, file: file).entries
        var prefix = prefix
        if !prefix.isEmpty, !prefix.hasSuffix("/"),
            entries.contains(where: { $0.name.hasPrefix(prefix + "/") })
        {
            prefix += "/"
        }
        let found: [(path: String, range: Range<Int>?, head: [UInt8])] = entries.compactMap { entry in
            guard entry.name.hasPrefix(prefix), !SampleTree.isHidden(entry.name) else { return nil }
            var path = Substring(entry.name.dropFirst(prefix.count))
            while path.hasPrefix("./") { path = path.dropFirst(2) }
            return (String(path), entry.range, Array(bytes[entry.range].prefix(16)))
        }
        try self.init(found, root: prefix.isEmpty ? file : "\(file)#\(prefix)", archive: bytes)
    }

    private init(
        _ found: [(path: String, range: Range<Int>?, head: [UInt8])], root: String, archive: [UInt8]?
    ) throws(InputError) {
        var samples: [(kind: Kind, entry: Entry)] = []
        var others: [String] = []
        var foreign: [String] = []
        var beside: [String] = []
        for file in found {
            guard let kind = SampleTree.kind(file.path, file.head) else {
                if SampleTree.isForeign(file.path) {
                    foreign.append(file.path)
                } else {
                    others.append(file.path)
                }
                continue
            }
            let parts = file.path.split(separator: "/")
            if parts.count == 1 { beside.append(file.path) }
            samples.append(
                (
                    kind,
                    Entry(
                        path: file.path, className: parts.count > 1 ? String(parts[0]) : nil,
                        range: file.range)
                ))
        }
        guard let kind = samples.first?.kind ?? nil, foreign.isEmpty else {
            let what =
                foreign.isEmpty ? "no PNG, JPEG or WAV file" : "\(foreign.count) files of other formats"
            throw InputError(
                file: root, field: "samples",
                problem: "the folder holds \(what)"
                    + (foreign.sorted().first.map { ", such as \($0)" } ?? ""),
                remedy:
                    "give PNG or JPEG pictures or WAV recordings, in one folder for each class; convert or move others"
            )
        }
        guard samples.allSatisfy({ $0.kind == kind }) else {
            let count = samples.count { $0.kind == .pictures }
            throw InputError(
                file: root, field: "samples",
                problem: "the folder holds \(count) pictures and \(samples.count - count) recordings",
                remedy: "keep them in folders of their own")
        }
        guard beside.isEmpty || beside.count == samples.count else {
            throw InputError(
                file: root, field: "samples",
                problem:
                    "\(beside.count) files, such as \(beside.sorted()[0]), lie beside the folders of classes",
                remedy: "move each into the folder of its class")
        }
        self.kind = kind
        let classes = ClassNames(found: samples.compactMap(\.entry.className))
        let place = Dictionary(uniqueKeysWithValues: classes.names.enumerated().map { ($1, $0) })
        func isBefore(_ a: Entry, _ b: Entry) -> Bool {
            let (first, second) = (place[a.className ?? ""] ?? 0, place[b.className ?? ""] ?? 0)
            return first != second ? first < second : a.path.utf8.lexicographicallyPrecedes(b.path.utf8)
        }
        // An archive has an order of its own, which files of labels beside it follow.
        entries = archive == nil ? samples.map(\.entry).sorted(by: isBefore) : samples.map(\.entry)
        self.classes = classes
        skipped = others.sorted()
        self.root = root
        self.archive = archive
    }

    /// The folder or archive as errors name it.
    var name: String { root }

    /// The path of an entry as errors name it.
    func name(of entry: Entry) -> String {
        if archive == nil { return root == "." ? entry.path : "\(root)/\(entry.path)" }
        return root + (root.hasSuffix("/") ? "" : "#") + entry.path
    }

    func content(of entry: Entry) throws(InputError) -> [UInt8] {
        if let archive, let range = entry.range { return Array(archive[range]) }
        return try FileBytes.readPlain(name(of: entry), cap: PictureHeader.cap * 4)
    }

    /// What a file is: by its first bytes, and by its name where they say nothing, so that a damaged one is not left out.
    private static func kind(_ path: String, _ head: [UInt8]) -> Kind? {
        if PictureHeader.format(of: head) != nil { return .pictures }
        if head.hasBytes(Array("RIFF".utf8)), head.hasBytes(Array("WAVE".utf8), at: 8) { return .recordings }
        switch suffix(path) {
        case "png", "jpg", "jpeg", "jpe", "jfif": return .pictures
        case "wav", "wave": return .recordings
        default: return nil
        }
    }

    /// Whether the name is that of a picture or a recording of a format that is not read.
    private static func isForeign(_ path: String) -> Bool {
        [
            "gif", "bmp", "webp", "tif", "tiff", "heic", "avif", "ppm", "pgm", "jp2", "mp3", "ogg", "flac",
            "m4a", "aac",
            "aif", "aiff", "opus", "wma", "mp4", "avi", "mov",
        ].contains(suffix(path))
    }

    private static func suffix(_ path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        return name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() } ?? ""
    }

    /// What systems leave in folders: hidden files, AppleDouble halves, thumbnails.
    static func isHidden(_ path: String) -> Bool {
        path.split(separator: "/").contains { part in
            (part.hasPrefix(".") && part != "." && part != "..") || part == "__MACOSX"
                || ["thumbs.db", "desktop.ini"].contains(part.lowercased())
        }
    }

    private static func walk(
        _ root: String, _ below: String, depth: Int, _ found: (String, [UInt8]) -> Void
    ) throws(InputError) {
        let folder = below.isEmpty ? root : "\(root)/\(below)"
        guard depth <= depthLimit else {
            throw InputError(
                file: folder, field: "samples", problem: "lies more than \(depthLimit) folders deep",
                remedy: "look for a link that leads back, or flatten the folders")
        }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw FileBytes.unreadable(folder)
        }
        for name in names.sorted() where !isHidden(name) {
            let path = below.isEmpty ? name : "\(below)/\(name)"
            switch FileBytes.status("\(root)/\(path)") {
            case .directory: try walk(root, path, depth: depth + 1, found)
            case .file: found(path, try FileBytes.head("\(root)/\(path)", count: 16))
            // Links to nothing, sockets and the like are no samples.
            case .missing, .special: continue
            }
        }
    }
}
