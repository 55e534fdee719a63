// A run of a sweep in the process that the sweep has started for it.

import Foundation

/// A process that carries out one run. It ends when standard input does, so that nothing goes on behind a sweep that
/// was ended, in whatever way; its exit code is 130 then.
public final class SweepChild {
    public let run: SweepRun
    private let lock: FolderLock

    /// Reads the run from standard input and waits until its folder is free.
    /// - Returns: nil where no sweep has started this process.
    public init?() {
        guard let line = readLine(), let run = try? JSONDecoder().decode(SweepRun.self, from: Data(line.utf8))
        else { return nil }
        self.run = run
        lock = FolderLock(runIn: run.folder)
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        if poll(&input, 1, 0) > 0, input.revents & Int16(POLLHUP) != 0 { _exit(130) }
        Thread.detachNewThread {
            while readLine() != nil {}
            _exit(130)
        }
    }
}
