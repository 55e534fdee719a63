// Runs of a sweep as processes, some at a time. What a run does is SweepRun's.

import Foundation
import PagefoldCore

/// Starts one process for each run, and the next when one has ended: a crash ends one run, and its memory is its own.
struct SweepProcesses {
    /// Processes at a time.
    let parallel: Int
    /// What tells the program that it is to carry out a run (`SweepChild`).
    let arguments: [String]

    /// The program that runs. On Linux by the process, not by its path: the file there may be another one by now.
    static var program: URL {
        #if os(Linux)
            URL(fileURLWithPath: "/proc/self/exe")
        #else
            URL(fileURLWithPath: Bundle.main.executablePath ?? CommandLine.arguments[0])
        #endif
    }

    /// Runs all to their ends.
    /// - Parameter ended: called after each run; its record is written then, whatever happened.
    /// - Throws: `InputError` when no process can be started or no record be written.
    func run(_ runs: [SweepRun], ended: (SweepRun) -> Void) throws(InputError) {
        signal(SIGPIPE, SIG_IGN)
        var waiting = runs[...]
        var working: [(run: SweepRun, process: Process, input: FileHandle)] = []
        let oneEnded = DispatchSemaphore(value: 0)
        while !waiting.isEmpty || !working.isEmpty {
            while working.count < parallel, let run = waiting.popFirst() {
                // Only the child can tell of this attempt.
                try? FileManager.default.removeItem(atPath: run.record)
                let (process, input) = try start(run) { oneEnded.signal() }
                working.append((run, process, input))
            }
            // A signal may come before the process counts as ended; so look again after a while.
            _ = oneEnded.wait(timeout: .now() + 0.5)
            // Asked once: one that ends meanwhile is seen in the next round.
            let isAtWork = working.map(\.process.isRunning)
            for (index, (run, process, input)) in working.enumerated() where !isAtWork[index] {
                try? input.close()
                if run.outcome() == nil { try run.fail(Self.ending(process)) }
                ended(run)
            }
            working = zip(working, isAtWork).filter(\.1).map(\.0)
        }
    }

    private func start(
        _ run: SweepRun, ended: @escaping @Sendable () -> Void
    ) throws(InputError) -> (Process, FileHandle) {
        let process = Process()
        let pipe = Pipe()
        // A sibling that held this end would keep the child alive after the sweep.
        _ = fcntl(pipe.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        process.executableURL = Self.program
        process.arguments = arguments
        process.standardInput = pipe
        process.standardOutput = FileHandle.standardError
        process.terminationHandler = { _ in ended() }
        do {
            let order = try JSONEncoder().encode(run)
            try process.run()
            // A child that is dead already is told of by its record.
            try? pipe.fileHandleForWriting.write(contentsOf: order + Data("\n".utf8))
        } catch {
            throw InputError(
                .part(run.name), field: "process", problem: "cannot be started: \(error)",
                remedy: "look at the limits on processes and memory")
        }
        return (process, pipe.fileHandleForWriting)
    }

    private static func ending(_ process: Process) -> String {
        process.terminationReason == .uncaughtSignal
            ? "the run was ended by signal \(process.terminationStatus)"
            : "the run ended with exit code \(process.terminationStatus) and without a record"
    }
}
