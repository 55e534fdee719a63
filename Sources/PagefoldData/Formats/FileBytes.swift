// Reading of a whole file into memory, expanded when it is gzipped. It knows no format beyond that.
package import Foundation
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
    package static func readPlain(_ path: String, cap: Int) throws(InputError) -> [UInt8] {
        // Mapped, so that the copy into the array is the only one in memory.
        [UInt8](try data(path, cap: cap, options: .mappedIfSafe))
    }

    /// The first bytes of a file, as they are stored; fewer where it is shorter.
    static func head(_ path: String, count: Int) throws(InputError) -> [UInt8] {
        guard let handle = FileHandle(forReadingAtPath: path) else { throw unreadable(path) }
        defer { try? handle.close() }
        guard let data = try? handle.read(upToCount: count) else { return [] }
        return [UInt8](data)
    }

    /// Likewise, not copied.
    package static func data(
        _ path: String, cap: Int = .max, options: Data.ReadingOptions
    ) throws(InputError) -> Data {
        switch status(path) {
        case .missing: throw missing(path)
        case .directory: throw error(path, "is a directory", "name a file")
        case .special: throw error(path, "is not a regular file", "name a file")
        case .file(let resolved, let size):
            guard size <= cap else {
                throw error(
                    path, "is \(size) bytes where \(cap) are allowed",
                    "check that this is the right file, or raise the cap", field: "file size")
            }
            do {
                return try Data(contentsOf: URL(fileURLWithPath: resolved), options: options)
            } catch { throw unreadable(path) }
        }
    }

    /// What stands at a path, links followed.
    package enum Status {
        case missing, directory, special
        case file(resolved: String, size: Int)
    }

    package static func status(_ path: String) -> Status {
        let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: resolved) else {
            return .missing
        }
        switch attributes[.type] as? FileAttributeType {
        case .typeRegular?:
            return .file(resolved: resolved, size: (attributes[.size] as? NSNumber)?.intValue ?? 0)
        case .typeDirectory?: return .directory
        default: return .special
        }
    }

    package static func error(
        _ path: String, _ problem: String, _ remedy: String, field: String = "file"
    ) -> InputError {
        InputError(file: path, field: field, problem: problem, remedy: remedy)
    }

    package static func missing(_ path: String) -> InputError {
        error(path, "is not there", "check the path; relative paths begin at the file that names them")
    }

    package static func unreadable(_ path: String) -> InputError {
        error(path, "cannot be read", "check its permissions")
    }
}
