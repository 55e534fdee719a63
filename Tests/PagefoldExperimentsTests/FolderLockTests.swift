// Who may write into a sweep's folder: one sweep at a time, and no sweep while a run of another is at work.

import Foundation
import PagefoldCore
import Synchronization
import Testing

@testable import PagefoldExperiments

@Suite struct FolderLockTests {
    private func folder() throws -> String {
        let path = NSTemporaryDirectory() + "pagefold-lock-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    @Test func oneSweepAtATime() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var first: FolderLock? = try FolderLock(sweepIn: folder)
        let error = #expect(throws: InputError.self) { try FolderLock(sweepIn: folder) }
        #expect(error?.problem == "another sweep is at work there")
        // The runs of a sweep share its folder.
        var runs = [FolderLock(runIn: folder), FolderLock(runIn: folder)]
        withExtendedLifetime((first, runs)) {}
        runs = []
        first = nil
        #expect(throws: Never.self) { try FolderLock(sweepIn: folder + "/.") }
    }

    @Test func aSweepWaitsForTheRunsOfTheOneBefore() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var run: FolderLock? = FolderLock(runIn: folder)
        let isThere = Mutex(false)
        let begun = DispatchSemaphore(value: 0)
        let thread = Thread {
            _ = try? FolderLock(sweepIn: folder)
            isThere.withLock { $0 = true }
            begun.signal()
        }
        thread.start()
        #expect(begun.wait(timeout: .now() + 0.2) == .timedOut)
        #expect(!isThere.withLock { $0 })
        withExtendedLifetime(run) {}
        run = nil
        begun.wait()
        #expect(isThere.withLock { $0 })
    }

    @Test func aFolderThatIsNotThereIsTold() {
        let error = #expect(throws: InputError.self) { try FolderLock(sweepIn: "/nonexistent/folder") }
        #expect(error?.problem == "it cannot be written")
    }
}
