// A memory plan and hot replacement through the header's declarations: the limit holds, nothing traps, versions change.

import CPagefold
import Foundation
import PagefoldCore
import PagefoldFold
import PagefoldRuntime
import PagefoldTestCases
import Testing

@Suite struct HeaderMemoryTests {
    /// Other exclusive pages, renamed into place.
    private static func write(to small: TemporaryFold, scale: Float) throws {
        var fold = try FoldFile(path: small.path).fold()
        for index in fold.networks.indices {
            fold.networks[index].exclusivePages = randomNumbers(32, seed: UInt64(index), scale: scale)
        }
        try Data(fold.encoded()).write(to: URL(fileURLWithPath: small.path + ".new"))
        guard rename(small.path + ".new", small.path) == 0 else { throw POSIXError(.EIO) }
    }

    private static func plan(exclusive: Int = 0, lazily: Bool = false) -> pagefold_memory {
        pagefold_memory(
            size: MemoryLayout<pagefold_memory>.size, exclusive_bytes: exclusive,
            verifies_lazily: lazily ? 1 : 0, is_locked: 0)
    }

    private static func open(
        _ path: String, _ memory: pagefold_memory
    ) -> (status: pagefold_status, file: OpaquePointer?, text: String) {
        var memory = memory
        var file: OpaquePointer?
        var text = [CChar](repeating: 0, count: Int(PAGEFOLD_ERROR_SIZE))
        let status = pagefold_file_open_in(path, &memory, &file, &text, text.count)
        return (status, file, String(decoding: text.prefix { $0 != 0 }.map { UInt8($0) }, as: UTF8.self))
    }

    private static func session(_ file: OpaquePointer?, _ index: Int) throws -> OpaquePointer {
        var session: OpaquePointer?
        #expect(pagefold_session_open(file, index, nil, 0, &session, nil, 0) == PAGEFOLD_OK)
        return try #require(session)
    }

    /// The answer to a sample of halves; nil when it does not run.
    private static func answer(_ session: OpaquePointer) throws -> [Float]? {
        let network = try #require(pagefold_session_network(session)).pointee
        let input = try #require(pagefold_session_input(session))
        for i in 0..<network.input_count { input[i] = 0.5 }
        guard pagefold_run(session) == PAGEFOLD_OK else { return nil }
        return Array(
            UnsafeBufferPointer(start: pagefold_session_output(session), count: network.output_count))
    }

    private static func expected(_ path: String, _ index: Int) throws -> [Float] {
        let file = try FoldFile(path: path)
        let session = try file.session(file.networkNames[index])
        return try session.run([Float](repeating: 0.5, count: session.program.inputShape.count))
    }

    @Test func aLimitIsHeldAndTold() throws {
        let fold = try TemporaryFold()
        let bytes = 4 * 32
        let opened = Self.open(fold.path, Self.plan(exclusive: bytes))
        #expect(opened.status == PAGEFOLD_OK, "\(opened.text)")
        defer { pagefold_file_close(opened.file) }
        let first = try Self.session(opened.file, 0)
        let second = try Self.session(opened.file, 1)
        pagefold_session_prefetch(first)
        // A run loads by itself, where there is room.
        #expect(try Self.answer(first) == Self.expected(fold.path, 0))
        #expect(try Self.answer(second) == nil)
        #expect(pagefold_run(second) == PAGEFOLD_NOT_LOADED)
        var text = [CChar](repeating: 0, count: 1024)
        #expect(pagefold_session_load(second, &text, text.count) == PAGEFOLD_NOT_LOADED)
        let told = String(decoding: text.prefix { $0 != 0 }.map { UInt8($0) }, as: UTF8.self)
        #expect(told.hasPrefix("\(fold.path): exclusive pages: "), "\(told)")
        pagefold_session_unload(first)
        #expect(pagefold_session_load(second, &text, text.count) == PAGEFOLD_OK)
        #expect(text[0] == 0)
        #expect(try Self.answer(second) == Self.expected(fold.path, 1))
        // Closing makes room, too.
        pagefold_session_close(second)
        #expect(try Self.answer(first) == Self.expected(fold.path, 0))
        pagefold_session_close(first)

        let small = Self.open(fold.path, Self.plan(exclusive: bytes - 1))
        #expect(small.status == PAGEFOLD_BAD_FILE && small.file == nil && small.text.contains("\(bytes)"))
        let huge = Self.open(fold.path, Self.plan(exclusive: -1))  // SIZE_MAX
        #expect(huge.status == PAGEFOLD_OK)
        pagefold_file_close(huge.file)
    }

    @Test(arguments: [0, 8, MemoryLayout<pagefold_memory>.size + 8, -1]) func unknownSizesAreRefused(
        size: Int
    ) throws {
        let fold = try TemporaryFold()
        var memory = Self.plan()
        memory.size = size
        let opened = Self.open(fold.path, memory)
        #expect(opened.status == PAGEFOLD_BAD_ARGUMENT && opened.file == nil)
        #expect(opened.text.contains("sizeof(pagefold_memory)"))
        var live: OpaquePointer?
        #expect(pagefold_live_open(fold.path, &memory, &live, nil, 0) == PAGEFOLD_BAD_ARGUMENT && live == nil)
    }

    @Test func lazyVerificationTellsDamageAtTheSession() throws {
        let fold = try TemporaryFold()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: fold.path))
        let content = try FoldFile(path: fold.path).fold()
        let pattern = withUnsafeBytes(of: content.pool[33].bitPattern.littleEndian) { Data($0) }
        bytes[try #require(bytes.range(of: pattern)).lowerBound] ^= 1
        let damaged = try fold.write(bytes, as: "damaged.fold")
        #expect(Self.open(damaged, Self.plan()).status == PAGEFOLD_BAD_FILE)
        let opened = Self.open(damaged, Self.plan(lazily: true))
        #expect(opened.status == PAGEFOLD_OK)
        defer { pagefold_file_close(opened.file) }
        var session: OpaquePointer?
        #expect(pagefold_session_open(opened.file, 0, nil, 0, &session, nil, 0) == PAGEFOLD_BAD_FILE)
        #expect(session == nil)
    }

    @Test func aFileIsReplacedWhileItsNetworksRun() throws {
        let fold = try TemporaryFold()
        let before = try Self.expected(fold.path, 0)
        var live: OpaquePointer?
        var memory = Self.plan(exclusive: 4096)
        #expect(pagefold_live_open(fold.path, &memory, &live, nil, 0) == PAGEFOLD_OK)
        func newest() throws -> OpaquePointer {
            var file: OpaquePointer?
            #expect(pagefold_live_file(live, &file, nil, 0) == PAGEFOLD_OK)
            defer { pagefold_file_close(file) }
            return try Self.session(file, 0)
        }
        let old = try newest()
        #expect(pagefold_live_refresh(live, nil, 0) == PAGEFOLD_OK && pagefold_live_generation(live) == 0)
        try Self.write(to: fold, scale: 3)
        let after = try Self.expected(fold.path, 0)
        #expect(after != before)
        #expect(pagefold_live_refresh(live, nil, 0) == PAGEFOLD_OK && pagefold_live_generation(live) == 1)
        let new = try newest()
        #expect(try Self.answer(old) == before && Self.answer(new) == after)
        // A broken one is refused, and the one before stays.
        _ = try fold.write(Data(count: 100), as: "broken")
        #expect(rename(fold.folder + "/broken", fold.path) == 0)
        var text = [CChar](repeating: 0, count: 1024)
        #expect(pagefold_live_refresh(live, &text, text.count) == PAGEFOLD_BAD_FILE && text[0] != 0)
        #expect(pagefold_live_generation(live) == 1)
        let same = try newest()
        pagefold_live_close(live)
        #expect(try Self.answer(same) == after)
        for session in [old, new, same] { pagefold_session_close(session) }
    }

    @Test(arguments: [0, 4 * 32]) func batchesAnswerAsSessionsDo(exclusive: Int) throws {
        let fold = try TemporaryFold()
        let opened = Self.open(fold.path, Self.plan(exclusive: exclusive))
        defer { pagefold_file_close(opened.file) }
        for index in 0..<pagefold_file_network_count(opened.file) {
            let network = try #require(pagefold_file_network(opened.file, index)).pointee
            let arena = GuardedMemory(count: network.batch_arena_bytes, alignment: 64)
            var batch: OpaquePointer?
            #expect(
                pagefold_batch_open(
                    opened.file, index, arena.bytes.baseAddress, arena.bytes.count - 1, &batch, nil, 0)
                    == PAGEFOLD_BAD_ARGUMENT)
            #expect(batch == nil)
            let status = pagefold_batch_open(
                opened.file, index, arena.bytes.baseAddress, arena.bytes.count, &batch, nil, 0)
            #expect(status == PAGEFOLD_OK)
            let samples = GuardedMemory([Float](repeating: 0.5, count: 17 * network.input_count))
            let answers = GuardedMemory(count: 4 * 17 * network.output_count)
            #expect(
                pagefold_batch_run(batch, samples.floats.baseAddress, 17, answers.floats.baseAddress)
                    == PAGEFOLD_OK)
            let expected = try Self.expected(fold.path, index).map { Double($0) }
            for sample in 0..<17 {
                let answer = Array(answers.floats[sample * expected.count..<(sample + 1) * expected.count])
                #expect(relativeDifference(answer, expected) < 1e-5)
            }
            // Where pages are limited, those of a batch that is open leave no room for another network's.
            let other = try Self.session(opened.file, (index + 1) % 3)
            #expect(pagefold_run(other) == (exclusive > 0 ? PAGEFOLD_NOT_LOADED : PAGEFOLD_OK))
            pagefold_session_close(other)
            #expect(
                pagefold_batch_run(batch, samples.floats.baseAddress, -1, answers.floats.baseAddress)
                    == PAGEFOLD_BAD_ARGUMENT)
            #expect(
                pagefold_batch_run(batch, samples.floats.baseAddress, .max / 4, answers.floats.baseAddress)
                    == PAGEFOLD_BAD_ARGUMENT)
            #expect(pagefold_batch_run(batch, nil, 1, answers.floats.baseAddress) == PAGEFOLD_BAD_ARGUMENT)
            #expect(pagefold_batch_run(batch, samples.floats.baseAddress, 1, nil) == PAGEFOLD_BAD_ARGUMENT)
            pagefold_batch_close(batch)
            withExtendedLifetime(arena) {}
        }
        var batch: OpaquePointer?
        #expect(pagefold_batch_open(opened.file, 3, nil, 0, &batch, nil, 0) == PAGEFOLD_BAD_ARGUMENT)
        #expect(pagefold_batch_open(nil, 0, nil, 0, &batch, nil, 0) == PAGEFOLD_BAD_ARGUMENT)
        #expect(pagefold_batch_open(opened.file, 0, nil, 0, nil, nil, 0) == PAGEFOLD_BAD_ARGUMENT)
        var number: Float = 0
        #expect(pagefold_batch_run(nil, [0], 1, &number) == PAGEFOLD_BAD_ARGUMENT)
        pagefold_batch_close(nil)
    }

    @Test func nullsAreTold() throws {
        var handle: OpaquePointer?
        #expect(pagefold_file_open_in(nil, nil, &handle, nil, 0) == PAGEFOLD_BAD_ARGUMENT)
        #expect(pagefold_file_open_in("a", nil, nil, nil, 0) == PAGEFOLD_BAD_ARGUMENT)
        #expect(pagefold_live_open(nil, nil, &handle, nil, 0) == PAGEFOLD_BAD_ARGUMENT)
        #expect(pagefold_live_open("a", nil, nil, nil, 0) == PAGEFOLD_BAD_ARGUMENT)
        #expect(pagefold_live_open("/no/such.fold", nil, &handle, nil, 0) == PAGEFOLD_BAD_FILE)
        #expect(handle == nil)
        #expect(pagefold_live_refresh(nil, nil, 0) == PAGEFOLD_BAD_ARGUMENT)
        #expect(pagefold_live_file(nil, &handle, nil, 0) == PAGEFOLD_BAD_ARGUMENT)
        #expect(pagefold_live_generation(nil) == 0)
        #expect(pagefold_session_load(nil, nil, 0) == PAGEFOLD_BAD_ARGUMENT)
        pagefold_session_unload(nil)
        pagefold_session_prefetch(nil)
        pagefold_live_close(nil)
    }
}
