// Two levels of memory, measured from outside: what is resident, what is verified when, what a limit does.

import Foundation
import PagefoldCore
import PagefoldFold
import PagefoldGraph
import PagefoldRuntime
import PagefoldTestCases
import Testing

@Suite struct MemoryPlanTests {
    static let pageSize = 1024
    static let exclusive = 64

    /// Three networks on a pool of 64 frames, each with 64 exclusive pages of its own: 256 KiB each.
    final class Folder {
        let path = NSTemporaryDirectory() + "pagefold-\(UUID().uuidString).fold"
        let fold: Fold

        init() throws {
            var networks = [FoldedNetwork]()
            for index in 0..<3 {
                var builder = NetworkBuilder("net \(index)", input: Shape(channels: 512), seed: UInt64(index))
                builder.add(.dense(outputs: 256))
                let lowered = try builder.network.lowered(for: .inference)
                let pages = lowered.program.pageCount(pageSize: pageSize)
                networks.append(
                    FoldedNetwork(
                        text: NetworkText(name: lowered.name), program: lowered.program,
                        pageTable: (0..<pages).map { $0 < pages / 2 ? $0 : exclusive + $0 - pages / 2 },
                        exclusivePages: randomNumbers(
                            exclusive * pageSize, seed: UInt64(10 + index), scale: 0.1),
                        tail: Array(lowered.weights[lowered.program.pagedCount...])))
            }
            fold = Fold(
                pageSize: pageSize, pool: randomNumbers(exclusive * pageSize, seed: 1, scale: 0.1),
                networks: networks)
            try Data(fold.encoded()).write(to: URL(fileURLWithPath: path))
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        /// Bytes of the file's mappings that are resident, as the system tells it.
        func residentBytes() throws -> Int {
            var isOurs = false
            var kilobytes = 0
            // To its end: files of /proc have no size, and what reads by size stops too early.
            let handle = try #require(FileHandle(forReadingAtPath: "/proc/self/smaps"))
            let maps = String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
            for line in maps.split(separator: "\n") {
                if line.contains("-"), line.contains(" r") || line.contains(" -") {
                    isOurs = line.hasSuffix(path)
                }
                if isOurs, line.hasPrefix("Rss:") {
                    kilobytes += line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
                }
            }
            return kilobytes << 10
        }
    }

    private static let section = 4 * pageSize * exclusive
    private static let sample = randomNumbers(512, seed: 5)

    @Test(
        .enabled(if: FileManager.default.fileExists(atPath: "/proc/self/smaps")),
        arguments: [Verification.atOnce, .lazily])
    func onlyWhatRunsIsResident(verification: Verification) throws {
        let folder = try Folder()
        let mapped = try FoldFile(path: folder.path)
        let answers = try mapped.networkNames.map { try mapped.session($0).run(Self.sample) }
        #expect(try folder.residentBytes() >= 4 * Self.section)
        // Another mapping of the same file would be counted as well.
        let other = try Folder()
        let limit = Self.section + 100
        let file = try FoldFile(
            path: other.path,
            memory: MemoryPlan(verification: verification, exclusivePages: .cached(bytes: limit)))
        let sessions = try file.networkNames.map { try file.session($0) }
        // Memory pages at the borders of sections, and those that come with their neighbours.
        let slack = 64 << 10
        // To verify exclusive pages all of them were looked at.
        #expect(try other.residentBytes() <= Self.section + slack)
        for round in 0..<3 {
            for (index, session) in sessions.enumerated() {
                #expect(!session.isLoaded)
                session.prefetch()
                try session.load()
                #expect(try session.run(Self.sample) == answers[index], "round \(round)")
                session.unload()
                #expect((file.cachedBytes ?? .max) <= limit)
                #expect(try other.residentBytes() <= Self.section + slack)
            }
        }
    }

    @Test func whatIsLoadedStaysAndTheLimitHolds() throws {
        let folder = try Folder()
        let file = try FoldFile(
            path: folder.path, memory: MemoryPlan(exclusivePages: .cached(bytes: 2 * Self.section)))
        let sessions = try file.networkNames.map { try file.session($0) }
        try sessions[0].load()
        try sessions[1].load()
        let error = #expect(throws: InputError.self) { try sessions[2].load() }
        #expect(error?.file == folder.path && error?.field == "exclusive pages")
        #expect(!sessions[2].isLoaded && file.cachedBytes == 2 * Self.section)
        sessions[0].unload()
        try sessions[2].load()
        #expect(file.cachedBytes == 2 * Self.section)
        // Two sessions of one network share its pages.
        let twin = try file.session(file.networkNames[1])
        try twin.load()
        #expect(file.cachedBytes == 2 * Self.section)
        #expect(try twin.run(Self.sample) == (try sessions[1].run(Self.sample)))
        let small = #expect(throws: InputError.self) {
            try FoldFile(
                path: folder.path, memory: MemoryPlan(exclusivePages: .cached(bytes: Self.section - 1)))
        }
        #expect(small?.problem.contains("\(Self.section)") == true)
    }

    /// What a session holds goes with it, and once only.
    @Test func aSessionThatEndsMakesRoom() throws {
        let folder = try Folder()
        let file = try FoldFile(
            path: folder.path, memory: MemoryPlan(exclusivePages: .cached(bytes: Self.section)))
        do {
            let first = try file.session(file.networkNames[0])
            try first.load()
            try file.batchSession(file.networkNames[0]).load()
        }
        let second = try file.session(file.networkNames[1])
        try second.load()
        // Given back twice, its pages would count as idle while another session runs from them.
        let twin = try file.session(file.networkNames[1])
        try twin.load()
        twin.unload()
        twin.unload()
        let third = try file.session(file.networkNames[2])
        #expect(throws: InputError.self) { try third.load() }
        second.unload()
        try third.load()
    }

    @Test func aShortenedFileIsTold() throws {
        let folder = try Folder()
        let file = try FoldFile(
            path: folder.path, memory: MemoryPlan(exclusivePages: .cached(bytes: Self.section)))
        let last = try file.session(file.networkNames[2])
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path))
        try handle.truncate(atOffset: UInt64(folder.fold.encoded().count / 2))
        let error = #expect(throws: InputError.self) { try last.load() }
        #expect(error?.problem == "the file has become shorter")
        #expect(!last.isLoaded && file.cachedBytes == 0)
    }

    @Test(arguments: [0, 1, 2, 3]) func lazyVerificationTellsDamageAtTheFirstSession(part: Int) throws {
        let folder = try Folder()
        var bytes = folder.fold.encoded()
        let reader = try FoldFile(path: folder.path).reader
        // Somewhere within the pool, or within the exclusive pages of a network.
        let needle =
            part == 0 ? folder.fold.pool[77] : folder.fold.networks[part - 1].exclusivePages[77]
        let pattern = withUnsafeBytes(of: needle.bitPattern.littleEndian) { Array($0) }
        let position = try #require(
            bytes.indices.dropLast(4).first { Array(bytes[$0..<$0 + 4]) == pattern && $0 % 4 == 0 })
        bytes[position] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: folder.path + "2"))
        defer { try? FileManager.default.removeItem(atPath: folder.path + "2") }
        #expect(throws: InputError.self) { try FoldFile(path: folder.path + "2") }
        let file = try FoldFile(path: folder.path + "2", memory: MemoryPlan(verification: .lazily))
        // Values are not handed out unseen either.
        let whole = #expect(throws: InputError.self) { try file.fold() }
        #expect(whole?.problem == "its checksum is wrong")
        for (index, network) in reader.networks.enumerated() {
            // Twice: what is damaged stays damaged.
            for _ in 0..<2 {
                if part == 0 || part == index + 1 {
                    let error = #expect(throws: InputError.self) { try file.session(network.text.name) }
                    #expect(error?.problem == "its checksum is wrong")
                } else {
                    #expect(try file.session(network.text.name).run(Self.sample).count == 256)
                }
            }
        }
    }

    /// Bytes that this process has locked, as the system tells it. No other test locks any.
    private static func lockedBytes() throws -> Int {
        let handle = try #require(FileHandle(forReadingAtPath: "/proc/self/status"))
        let status = String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmLck:") })
        return try #require(line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) })
            << 10
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/status")))
    func lockingIsDoneOrTold() throws {
        let folder = try Folder()
        let size = folder.fold.encoded().count
        // Of three sections of exclusive pages nothing is locked, but for memory pages at their borders.
        let plans: [(MemoryPlan.ExclusivePages, ClosedRange<Int>)] = [
            (.mapped, size...size + 4096),
            (.cached(bytes: Self.section), size - 3 * Self.section...size - 3 * Self.section + 8 * 4096),
        ]
        for (exclusive, locked) in plans {
            do {
                let before = try Self.lockedBytes()
                let file = try FoldFile(
                    path: folder.path, memory: MemoryPlan(exclusivePages: exclusive, isLocked: true))
                let session = try file.session("net 0")
                try session.load()
                #expect(try session.run(Self.sample).allSatisfy { $0.isFinite })
                let bytes = try Self.lockedBytes() - before
                #expect(locked.contains(bytes), "\(bytes) bytes are locked, not \(locked)")
            } catch let error as InputError {
                #expect(error.field == "locking")
                #if os(Linux)
                    var limit = rlimit()
                    getrlimit(__rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue), &limit)
                    #expect(limit.rlim_cur < UInt64(locked.upperBound), "the system would have locked them")
                #endif
            }
        }
        #expect(try Self.lockedBytes() == 0)
    }
}
