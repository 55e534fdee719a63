// Who may write into the folder of a sweep. Locks end with their processes, whatever ends these.

import Foundation
import PagefoldCore

/// Two sweeps in one folder would write over each other's checkpoints, and so would a sweep and a run that a killed
/// sweep leaves behind for a moment. A sweep holds the file `.sweep`, its runs share the folder itself.
final class FolderLock {
    private let descriptor: Int32

    /// For a sweep: waits for the runs of one that was killed.
    /// - Throws: `InputError` when another sweep is at work there or nothing can be written.
    init(sweepIn folder: String) throws(InputError) {
        descriptor = open(
            FilePath.joined(folder, ".sweep"), O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw InputError(
                file: folder, field: "--output",
                problem: descriptor < 0 ? "it cannot be written" : "another sweep is at work there",
                remedy: descriptor < 0 ? "choose another folder" : "wait for it or choose another folder")
        }
        _ = FolderLock(folder, LOCK_EX)
    }

    /// For a run of a sweep, which must look afterwards whether its sweep is still there: a sweep that begins later
    /// has waited for those runs alone that held this.
    convenience init(runIn folder: String) { self.init(folder, LOCK_SH) }

    private init(_ folder: String, _ operation: Int32) {
        descriptor = open(folder, O_RDONLY | O_CLOEXEC)
        while descriptor >= 0, flock(descriptor, operation) != 0, errno == EINTR {}
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
