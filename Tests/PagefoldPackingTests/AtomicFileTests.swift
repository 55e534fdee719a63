// Files are there whole or not at all; what cannot be written leaves the old file and nothing else.

import Foundation
import PagefoldCore
import PagefoldFold
import PagefoldPacking
import Testing

@Suite struct AtomicFileTests {
    @Test(arguments: [0, 1, 4_096, 3_000_001])
    func whatIsWrittenIsThere(count: Int) throws {
        let folder = try TemporaryFolder()
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try AtomicFile.write([1, 2, 3], to: folder("file"))
        try AtomicFile.write(bytes, to: folder("file"))
        #expect(try contents(folder("file")) == bytes)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["file"])
    }

    @Test func whatAKilledWriterLeftIsTakenAway() throws {
        let folder = try TemporaryFolder()
        let alive = "file.\(getppid()).tmp"
        // Process 4194305 is above Linux's largest: it cannot be alive.
        for name in ["file.4194305.tmp", alive, "file.x.tmp", "other.4194305.tmp"] {
            try Data("half".utf8).write(to: URL(fileURLWithPath: folder(name)))
        }
        try AtomicFile.write([1, 2, 3], to: folder("file"))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
                == [alive, "file", "file.x.tmp", "other.4194305.tmp"].sorted())
    }

    @Test func aFolderThatIsNotThereIsTold() throws {
        let folder = try TemporaryFolder()
        let path = folder("missing/file")
        let error = #expect(throws: InputError.self) { try AtomicFile.write([1], to: path) }
        #expect(error?.file == path)
        #expect(error?.problem.contains("No such file or directory") == true)
        #expect(!FileManager.default.fileExists(atPath: folder("missing")))
    }

    /// A folder in the file's place: the rename fails, after everything else went well.
    @Test func aFailedRenameLeavesTheOldAndNothingElse() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder("taken"), withIntermediateDirectories: true)
        try Data("old".utf8).write(to: URL(fileURLWithPath: folder("taken/inside")))
        #expect(throws: InputError.self) { try AtomicFile.write([1, 2, 3], to: folder("taken")) }
        #expect(try contents(folder("taken/inside")) == Array("old".utf8))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["taken"])
    }

    @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
    func aFolderThatCannotBeWrittenKeepsTheOldFile() throws {
        let folder = try TemporaryFolder()
        try AtomicFile.write([7], to: folder("file"))
        chmod(folder.path, 0o555)
        defer { chmod(folder.path, 0o755) }
        #expect(throws: InputError.self) { try AtomicFile.write([1, 2, 3], to: folder("file")) }
        #expect(try contents(folder("file")) == [7])
    }

    @Test(.enabled(if: SmallDisk.mounted != nil, "needs a small tmpfs: root and mount"))
    func aFullDiskKeepsTheOldFile() throws {
        let disk = try #require(SmallDisk.mounted)
        let path = disk + "/file"
        try AtomicFile.write([7, 8, 9], to: path)
        let error = #expect(throws: InputError.self) {
            try AtomicFile.write([UInt8](repeating: 1, count: 4 << 20), to: path)
        }
        #expect(error?.problem.contains("No space left") == true)
        #expect(try contents(path) == [7, 8, 9])
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk) == ["file"])
        SmallDisk.unmount(disk)
    }
}

/// A file system of one megabyte, where the machine lets us have one.
enum SmallDisk {
    static let mounted: String? = {
        guard geteuid() == 0 else { return nil }
        let path = NSTemporaryDirectory() + "pagefold-disk-\(UUID().uuidString)"
        guard
            (try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true))
                != nil,
            run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", path]) == 0
        else {
            try? FileManager.default.removeItem(atPath: path)
            return nil
        }
        return path
    }()

    static func unmount(_ path: String) {
        _ = run(["umount", path])
        try? FileManager.default.removeItem(atPath: path)
    }

    private static func run(_ arguments: [String]) -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return -1 }
        process.waitUntilExit()
        return process.terminationStatus
    }
}
