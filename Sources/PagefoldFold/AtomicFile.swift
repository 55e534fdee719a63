// Files that are there whole or not at all.

internal import Foundation
public import PagefoldCore

/// Writes files so that nobody ever sees half of one.
public enum AtomicFile {
    /// Writes to a temporary name in the same folder, flushes to the disk, renames. Links are followed.
    /// - Throws: `InputError` naming the file when it is no regular file, the disk is full or the folder cannot be
    ///   written; what was at `path` before is untouched then.
    public static func write(_ bytes: [UInt8], to path: String) throws(InputError) {
        let target = try OutputPath.target(of: path, field: "writing")
        let temporary = "\(target).\(getpid()).tmp"
        func fail(_ what: String, _ code: Int32) -> InputError {
            unlink(temporary)
            return InputError(
                file: path, field: "writing", problem: "\(what): \(String(cString: strerror(code)))",
                remedy: "make room or choose another place; what was there before is untouched")
        }
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw fail("cannot create a file there", errno) }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { source in
                Foundation.write(
                    descriptor, source.baseAddress! + written, min(bytes.count - written, 1 << 20))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                let code = count == 0 ? ENOSPC : errno
                close(descriptor)
                throw fail("cannot write", code)
            }
            written += count
        }
        guard fsync(descriptor) == 0 else {
            let code = errno
            close(descriptor)
            throw fail("cannot flush", code)
        }
        guard close(descriptor) == 0 else { throw fail("cannot close", errno) }
        guard rename(temporary, target) == 0 else { throw fail("cannot rename", errno) }
        removeLeftovers(of: target)
    }

    /// A writer that was killed leaves its temporary file behind; the next one to succeed takes it away.
    private static func removeLeftovers(of path: String) {
        let name = FilePath.name(of: path) + "."
        let folder = FilePath.folder(of: path)
        let files =
            (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
        for file in files where file.hasPrefix(name) && file.hasSuffix(".tmp") {
            guard let writer = pid_t(file.dropFirst(name.count).dropLast(4)), writer > 0, writer != getpid(),
                kill(writer, 0) != 0, errno == ESRCH
            else { continue }
            unlink(FilePath.joined(folder, file))
        }
    }
}
