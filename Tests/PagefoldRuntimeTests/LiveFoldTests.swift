// Fold files that are replaced while others run: nobody sees half a version, a broken one is refused, nothing leaks.

import Foundation
import PagefoldCore
import PagefoldFold
import PagefoldGraph
import PagefoldRuntime
import PagefoldTestCases
import Synchronization
import Testing

@Suite struct LiveFoldTests {
    /// Versions of a file of two networks; their weights follow from the seed.
    final class Versions {
        let path = NSTemporaryDirectory() + "pagefold-\(UUID().uuidString).fold"
        let sample = randomNumbers(2 * 9 * 8, seed: 4)

        deinit { try? FileManager.default.removeItem(atPath: path) }

        static func fold(_ seed: UInt64, names: [String] = ["a", "b"]) throws -> Fold {
            let networks = try names.map { name in
                var builder = NetworkBuilder(name, input: Shape(channels: 2, height: 9, width: 8), seed: 1)
                builder.add(
                    .convolution(
                        outputs: 5,
                        window: Window(
                            height: 3, width: 3, strideHeight: 1, strideWidth: 1,
                            padding: Padding(top: 1, left: 1, bottom: 1, right: 1))))
                builder.add(.activation(.relu))
                builder.add(.dense(outputs: 4))
                return try builder.network.lowered(for: .inference)
            }
            return Fold(
                pageSize: 16, pool: randomNumbers(16 * 40, seed: seed),
                networks: networks.enumerated().map { index, network in
                    FoldedNetwork(
                        text: NetworkText(name: network.name), program: network.program,
                        pageTable: (0..<network.program.pageCount(pageSize: 16)).map {
                            ($0 * 3 + index) % 40
                        },
                        tail: Array(network.weights[network.program.pagedCount...]))
                })
        }

        /// Renamed into place, as fold files are written.
        func put(_ bytes: [UInt8]) throws {
            let temporary = path + ".new"
            try Data(bytes).write(to: URL(fileURLWithPath: temporary))
            guard rename(temporary, path) == 0 else { throw POSIXError(.EIO) }
        }

        func answers(_ seed: UInt64) throws -> [[Float]] {
            try put(Self.fold(seed).encoded())
            let file = try FoldFile(path: path)
            return try ["a", "b"].map { try file.session($0).run(sample) }
        }
    }

    @Test func sessionsFinishOnTheirVersionAndNewOnesTakeTheNewest() throws {
        let versions = Versions()
        let second = try versions.answers(2)
        let first = try versions.answers(1)
        let live = try LiveFold(path: versions.path)
        let old = try live.file.session("a")
        let following = try LiveSession(live, "a")
        #expect(try live.refresh() == false && live.generation == 0)
        try versions.put(Versions.fold(2).encoded())
        // Nothing changes before somebody asks.
        #expect(try following.run(versions.sample) == first[0])
        #expect(try live.refresh())
        #expect(live.generation == 1)
        #expect(try old.run(versions.sample) == first[0])
        #expect(try live.file.session("a").run(versions.sample) == second[0])
        #expect(try following.run(versions.sample) == second[0])
        #expect(first != second)
    }

    @Test func aBrokenFileIsRefusedAndTheOldOneStays() throws {
        let versions = Versions()
        let first = try versions.answers(1)
        let live = try LiveFold(path: versions.path)
        let session = try LiveSession(live, "b")
        let bytes = try Versions.fold(2).encoded()
        var flipped = bytes
        flipped[bytes.count / 2] ^= 8
        for broken in [[], Array(bytes.prefix(100)), Array(bytes.dropLast()), flipped] {
            try versions.put(broken)
            for _ in 0..<2 { #expect(throws: InputError.self) { try live.refresh() } }
            #expect(try session.run(versions.sample) == first[1])
        }
        try FileManager.default.removeItem(atPath: versions.path)
        #expect(throws: InputError.self) { try live.refresh() }
        #expect(try session.run(versions.sample) == first[1])
        // A version without the network is good for the others; this one says so, and keeps its session.
        try versions.put(Versions.fold(2, names: ["a"]).encoded())
        #expect(try live.refresh())
        let error = #expect(throws: InputError.self) { try session.run(versions.sample) }
        #expect(error?.field == "network b")
        #expect(try session.session.run(versions.sample) == first[1])
    }

    @Test func damagedWeightsAreRefusedEvenWhereTheyAreVerifiedLazily() throws {
        let versions = Versions()
        let first = try versions.answers(1)
        let live = try LiveFold(path: versions.path, memory: MemoryPlan(verification: .lazily))
        let session = try LiveSession(live, "a")
        var bytes = try Versions.fold(2).encoded()
        let pool = try Versions.fold(2).pool[40]
        let pattern = withUnsafeBytes(of: pool.bitPattern.littleEndian) { Array($0) }
        let place = try #require(
            stride(from: 0, to: bytes.count - 4, by: 4).first { Array(bytes[$0..<$0 + 4]) == pattern })
        bytes[place] ^= 1
        try versions.put(bytes)
        #expect(throws: InputError.self) { try live.refresh() }
        #expect(try session.run(versions.sample) == first[0])
    }

    @Test func cachedExclusivePagesAreLoadedAcrossReplacements() throws {
        let versions = Versions()
        func fold(_ seed: UInt64) throws -> Fold {
            var fold = try Versions.fold(seed)
            for index in fold.networks.indices {
                fold.networks[index].exclusivePages = randomNumbers(32, seed: seed + 5)
                fold.networks[index].pageTable[1] = fold.frameCount + 1
            }
            return fold
        }
        var expected = [[Float]]()
        for seed: UInt64 in [1, 2] {
            try versions.put(fold(seed).encoded())
            expected.append(try FoldFile(path: versions.path).session("b").run(versions.sample))
        }
        try versions.put(fold(1).encoded())
        let live = try LiveFold(
            path: versions.path, memory: MemoryPlan(exclusivePages: .cached(bytes: 4 * 32)))
        let session = try LiveSession(live, "b")
        #expect(try session.run(versions.sample) == expected[0])
        try versions.put(fold(2).encoded())
        #expect(try live.refresh())
        #expect(try session.run(versions.sample) == expected[1])
        #expect(expected[0] != expected[1])
    }

    /// Each replacement is taken over once, by one of those who ask, and none brings an older one back.
    @Test func severalThreadsMayRefresh() async throws {
        let versions = Versions()
        let expected = [try versions.answers(2), try versions.answers(1)]
        let live = try LiveFold(path: versions.path)
        for round in 0..<40 {
            try versions.put(Versions.fold(round % 2 == 0 ? 2 : 1).encoded())
            let taken = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<4 { group.addTask { try live.refresh() } }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(taken == 1 && live.generation == round + 1)
            let answer = try live.file.session("a").run(versions.sample)
            #expect(answer == expected[round % 2][0])
        }
    }

    private final class Flag: Sendable { let flag = Atomic<Bool>(false) }

    /// A shorter run of `pagefold bench soak`.
    @Test func threadsRunWhileVersionsComeAndGo() async throws {
        let versions = Versions()
        let expected = [try versions.answers(2), try versions.answers(1)]
        let live = try LiveFold(path: versions.path)
        let sample = versions.sample
        let isOver = Flag()
        weak let first = live.file
        let seen = try await withThrowingTaskGroup(of: Set<Int>.self) { group in
            for thread in 0..<4 {
                group.addTask {
                    let network = thread % 2
                    let session = try LiveSession(live, ["a", "b"][network])
                    var seen = Set<Int>()
                    var last = false
                    repeat {
                        // Asked before the run: what is run after the last replacement is of the last version.
                        last = isOver.flag.load(ordering: .acquiring)
                        let answer = try session.run(sample)
                        guard let version = expected.firstIndex(where: { $0[network] == answer }) else {
                            Issue.record("an answer of no version")
                            return seen
                        }
                        seen.insert(version)
                        #expect(!last || version == 0)
                        // All may be on one thread.
                        await Task.yield()
                    } while !last
                    return seen
                }
            }
            // They do not wait for ever where this throws.
            defer { isOver.flag.store(true, ordering: .releasing) }
            for version in 0..<61 {
                try versions.put(Versions.fold(version % 2 == 0 ? 2 : 1).encoded())
                #expect(try live.refresh())
                await Task.yield()
            }
            isOver.flag.store(true, ordering: .releasing)
            return try await group.reduce(into: Set<Int>()) { $0.formUnion($1) }
        }
        #expect(seen.isSubset(of: [0, 1]) && !seen.isEmpty)
        #expect(live.generation == 61)
        // The first version is closed as soon as its last session is gone.
        #expect(first == nil)
    }
}
