// A path that a user gave as a model, and what stands there: the first thing that every reader looks at. It reads no
// format.

import Foundation
public import PagefoldCore
import PagefoldData

/// What stands at a path: a file of some kind, or nothing but neighbours that share its name, as a TensorFlow checkpoint
/// does.
public struct ModelFile: Sendable {
    /// As the user gave it, joined to the folder of the job file.
    public let path: String
    /// What the file is, by its bytes; nil where there is none at this path.
    public let kind: ModelKind?

    /// - Throws: `InputError` for a file that is there and cannot be read.
    public init(path: String) throws(InputError) {
        self.path = path
        switch FileBytes.status(path) {
        case .missing: kind = nil
        case .directory:
            let holdsGraph = FileManager.default.fileExists(atPath: path + "/saved_model.pb")
            kind = holdsGraph ? .savedModelFolder : .folder
        case .special: throw FileBytes.error(path, "is not a regular file", "name a file")
        case .file(let resolved, let size):
            kind = ModelKind(
                head: try Self.bytes(resolved, from: 0, count: ModelKind.headLength, path),
                tail: try Self.bytes(
                    resolved, from: max(0, size - ModelKind.tailLength), count: ModelKind.tailLength, path))
        }
    }

    /// What stands behind the last dot of the last part of the path, in lower case; empty without a dot.
    public var fileExtension: String {
        let name = path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...]
        return name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() } ?? ""
    }

    /// Whether a file stands here that is no fold file.
    public var isOriginal: Bool { kind != nil && !FoldNetworks.recognises(self) }

    /// Whether a file stands beside it whose path has so much more at its end, such as `.index`.
    public func hasNeighbour(_ suffix: String) -> Bool {
        FileManager.default.fileExists(atPath: path + suffix)
    }

    /// Why no reader takes it: what it is and what can be done, or that it is not there.
    var refusal: InputError {
        guard let kind else { return FileBytes.missing(path) }
        let read = "this version reads \(ModelReaders.names)"
        return FileBytes.error(
            path, "this is \(kind.name)", kind.advice.map { "\($0); \(read)" } ?? read, field: "format")
    }

    private static func bytes(
        _ resolved: String, from offset: Int, count: Int, _ path: String
    ) throws(InputError) -> [UInt8] {
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: resolved))
            defer { try? file.close() }
            try file.seek(toOffset: UInt64(offset))
            return [UInt8](try file.read(upToCount: count) ?? Data())
        } catch { throw FileBytes.unreadable(path) }
    }
}
