// Where a command may put its result: links are followed, and what is no file is refused before hours of work. Which files
// must stay is the commands' business.

internal import Foundation
public import PagefoldCore

/// The place of a file to be written.
public enum OutputPath {
    /// Checks that a file can be written, before the work whose result it is.
    /// - Throws: `InputError` as `target`, or where the folder is not there or cannot be written.
    public static func check(_ path: String) throws(InputError) {
        let folder = FilePath.folder(of: try target(of: path))
        guard access(folder.isEmpty ? "." : folder, W_OK | X_OK) == 0 else {
            throw InputError(
                file: path, field: "--output", problem: "its folder is not there or cannot be written",
                remedy: "make the folder or choose another place")
        }
    }

    /// Where a path leads when links are followed, the last of which may lead to a file that is not there yet.
    /// - Throws: `InputError` for a folder, a device, a pipe, or `-`.
    public static func target(
        of path: String, field: String = "--output"
    ) throws(InputError) -> String {
        func fail(_ problem: String, _ remedy: String) -> InputError {
            InputError(file: path, field: field, problem: problem, remedy: remedy)
        }
        guard path != "-", !path.isEmpty else {
            throw fail(
                "is not the name of a file",
                "name a file: it is put in place whole, which standard output cannot be")
        }
        var target = path
        var links = 0
        while let link = link(at: target) {
            links += 1
            guard links <= 40 else { throw fail("is a link to itself", "name a file") }
            target = FilePath.joined(FilePath.folder(of: target), link)
        }
        var status = stat()
        if stat(target, &status) == 0 {
            switch status.st_mode & S_IFMT {
            case S_IFREG: break
            case S_IFDIR:
                throw fail("is a folder", "name a file in it, as \(FilePath.joined(path, "x.fold"))")
            default: throw fail("is no regular file, and would be replaced", "name a file")
            }
        } else if target.hasSuffix("/") {
            throw fail("is a folder", "name a file in it")
        }
        return target
    }

    private static func link(at path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = buffer.withUnsafeMutableBytes { bytes in
            readlink(path, bytes.bindMemory(to: CChar.self).baseAddress!, bytes.count)
        }
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
}
