// Reading of a whole file into memory, expanded when it is gzipped. It knows no format beyond that.
import Foundation
public import PagefoldCore

/// Whole files as bytes.
public enum FileBytes {
    /// The content of a regular file, expanded when its name ends in `.gz` or `.tgz` or when it begins as a
    /// gzip file.
    ///
    /// Throws InputError when the file is missing, unreadable, a directory or a device, when its gzip data
    /// is damaged, or when the content is larger than `cap` bytes.
    public static func read(_ path: String, cap: Int = Inflate.defaultCap) throws(InputError) -> [UInt8] {
        let bytes = try readPlain(path, cap: cap)
        let lower = path.lowercased()
        guard Inflate.isGzip(bytes) || lower.hasSuffix(".gz") || lower.hasSuffix(".tgz") else { return bytes }
        return try Inflate.gunzip(bytes, file: path, cap: cap)
    }

    /// The content of a regular file exactly as it is stored.
    static func readPlain(_ path: String, cap: Int) throws(InputError) -> [UInt8] {
        let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: resolved) else {
            throw InputError(
                file: path, field: "file", problem: "is not there",
                remedy: "check the path; relative paths begin at the file that names them")
        }
        let kind = attributes[.type] as? FileAttributeType
        guard kind == .typeRegular else {
            throw InputError(
                file: path, field: "file",
                problem: kind == .typeDirectory ? "is a directory" : "is not a regular file",
                remedy: "name a file")
        }
        let size = (attributes[.size] as? NSNumber)?.intValue ?? 0
        guard size <= cap else {
            throw InputError(
                file: path, field: "file size", problem: "is \(size) bytes where \(cap) are allowed",
                remedy: "check that this is the right file, or raise the cap")
        }
        do {
            // Mapped, so that the copy into the array is the only one in memory.
            return [UInt8](try Data(contentsOf: URL(fileURLWithPath: resolved), options: .mappedIfSafe))
        } catch {
            throw InputError(
                file: path, field: "file", problem: "cannot be read", remedy: "check its permissions")
        }
    }
}
