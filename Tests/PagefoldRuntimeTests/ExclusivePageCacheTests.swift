// The cache of exclusive pages by itself: what it reads, what it keeps, what goes first.

import Foundation
import PagefoldCore
import Testing

@testable import PagefoldRuntime

@Suite struct ExclusivePageCacheTests {
    private static let bytes = 4096

    /// A file of four sections; the bytes of each are its number plus `generation`.
    private final class Sections {
        let path = NSTemporaryDirectory() + "pagefold-\(UUID().uuidString).sections"

        init() throws { try write(generation: 0) }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        /// Over the file that is there: a cache that reads again sees it.
        func write(generation: UInt8) throws {
            let content = (0..<4).flatMap { [UInt8](repeating: $0 + generation, count: bytes) }
            if !FileManager.default.fileExists(atPath: path) {
                _ = FileManager.default.createFile(atPath: path, contents: nil)
            }
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            try handle.write(contentsOf: content)
        }

        func cache(sections: Int) -> ExclusivePageCache {
            ExclusivePageCache(
                path: path, descriptor: open(path, O_RDONLY),
                sections: (0..<4).map { ExclusivePageCache.Section(offset: $0 * bytes, count: bytes) },
                capacity: sections * bytes)
        }
    }

    /// The first byte of a network's pages, loaded and given back.
    private static func look(_ cache: ExclusivePageCache, at network: Int) throws -> UInt8 {
        let pages = try cache.acquire(network)
        defer { cache.release(network) }
        let all = UnsafeRawBufferPointer(start: pages, count: bytes)
        #expect(all.allSatisfy { $0 == all[0] })
        return all[0]
    }

    @Test func whatWasUsedLongestAgoGoesFirst() throws {
        let file = try Sections()
        let cache = file.cache(sections: 2)
        #expect(try Self.look(cache, at: 0) == 0 && Self.look(cache, at: 1) == 1)
        // Used again: 1 has waited longer now.
        #expect(try Self.look(cache, at: 0) == 0)
        #expect(try Self.look(cache, at: 2) == 2)
        #expect(cache.residentBytes == 2 * Self.bytes)
        try file.write(generation: 100)
        #expect(try Self.look(cache, at: 0) == 0 && Self.look(cache, at: 2) == 2, "they are in memory")
        #expect(try Self.look(cache, at: 1) == 101, "it was read again")
        #expect(try Self.look(cache, at: 2) == 2 && Self.look(cache, at: 0) == 100, "0 went for 1")
    }

    @Test func whatIsInUseStays() throws {
        let file = try Sections()
        let cache = file.cache(sections: 2)
        _ = try cache.acquire(0)
        _ = try cache.acquire(0)
        cache.release(0)
        #expect(try Self.look(cache, at: 1) == 1 && Self.look(cache, at: 2) == 2)
        _ = try cache.acquire(3)
        let error = #expect(throws: InputError.self) { try cache.acquire(1) }
        #expect(error?.file == file.path && error?.field == "exclusive pages")
        try file.write(generation: 100)
        #expect(try Self.look(cache, at: 0) == 0)
        cache.release(0)
        #expect(try Self.look(cache, at: 1) == 101)
        #expect(cache.residentBytes == 2 * Self.bytes)
    }
}
