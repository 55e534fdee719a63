// The second level of memory: exclusive pages stay in the file and come into a few bytes of memory while their network
// runs. The first level, pool and tables, is FoldFile's.

internal import Foundation
internal import PagefoldCore
internal import Synchronization

/// Exclusive pages of some networks at a time, within a number of bytes.
final class ExclusivePageCache: Sendable {
    /// Bytes of a file that are one network's exclusive pages.
    struct Section: Sendable {
        let offset: Int
        let count: Int
    }

    private struct Entry {
        let memory: UnsafeMutableRawBufferPointer
        var users: Int
        var lastUse: UInt64
    }

    // Entries are touched under the lock, their bytes while in use.
    private struct State: @unchecked Sendable {
        var entries: [Int: Entry] = [:]
        var bytes = 0
        var clock: UInt64 = 0
    }

    private let path: String
    private let descriptor: Int32
    private let sections: [Section]
    private let capacity: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - descriptor: open for reading; closed with the cache.
    ///   - sections: where each network's exclusive pages lie in the file.
    init(path: String, descriptor: Int32, sections: [Section], capacity: Int) {
        self.path = path
        self.descriptor = descriptor
        self.sections = sections
        self.capacity = capacity
    }

    deinit {
        state.withLock { state in for entry in state.entries.values { Self.giveBack(entry.memory) } }
        close(descriptor)
    }

    /// Bytes that are held now.
    var residentBytes: Int { state.withLock { $0.bytes } }

    /// Brings a network's pages into memory and keeps them there until `release`.
    /// - Throws: `InputError` when those in use leave no room, or the file cannot be read.
    func acquire(_ network: Int) throws(InputError) -> UnsafeRawPointer {
        let outcome = state.withLock { state -> Result<UnsafeRawPointer, InputError> in
            state.clock += 1
            if state.entries[network] == nil {
                if let failure = fetch(network, &state) { return .failure(failure) }
            }
            state.entries[network]!.users += 1
            state.entries[network]!.lastUse = state.clock
            return .success(UnsafeRawPointer(state.entries[network]!.memory.baseAddress!))
        }
        return try outcome.get()
    }

    /// The network's pages may go when room is needed.
    func release(_ network: Int) { state.withLock { $0.entries[network]?.users -= 1 } }

    /// Asks the system to read a network's pages ahead, and does not wait for it.
    func prefetch(_ network: Int) {
        #if os(Linux)
            let section = sections[network]
            _ = posix_fadvise(descriptor, section.offset, section.count, Int32(POSIX_FADV_WILLNEED))
        #endif
    }

    /// Memory from the system itself: what an allocator gets back it may keep, and the limit would not hold.
    private static func take(_ bytes: Int) -> UnsafeMutableRawBufferPointer? {
        let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory, memory != MAP_FAILED else { return nil }
        return UnsafeMutableRawBufferPointer(start: memory, count: bytes)
    }

    private static func giveBack(_ memory: UnsafeMutableRawBufferPointer) {
        munmap(memory.baseAddress!, memory.count)
    }

    private func fetch(_ network: Int, _ state: inout State) -> InputError? {
        let section = sections[network]
        while state.bytes + section.count > capacity {
            let idle = state.entries.filter { $0.value.users == 0 }
            guard let oldest = idle.min(by: { ($0.value.lastUse, $0.key) < ($1.value.lastUse, $1.key) })
            else {
                return InputError(
                    file: path, field: "exclusive pages",
                    problem: "\(section.count) bytes more than the limit of \(capacity) allows",
                    remedy: "unload a session that is not running, or raise the limit")
            }
            state.bytes -= oldest.value.memory.count
            Self.giveBack(oldest.value.memory)
            state.entries[oldest.key] = nil
        }
        guard let memory = Self.take(max(section.count, 4)) else {
            return InputError(
                file: path, field: "exclusive pages", problem: "no memory for \(section.count) bytes",
                remedy: "lower the limit or close other programs")
        }
        var done = 0
        while done < section.count {
            let count = pread(
                descriptor, memory.baseAddress! + done, section.count - done, off_t(section.offset + done))
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                let reason = count == 0 ? "the file has become shorter" : String(cString: strerror(errno))
                Self.giveBack(memory)
                return InputError(
                    file: path, field: "exclusive pages", problem: reason,
                    remedy: "replace fold files by renaming, never by writing over them")
            }
            done += count
        }
        state.entries[network] = Entry(memory: memory, users: 0, lastUse: state.clock)
        state.bytes += memory.count
        return nil
    }
}
