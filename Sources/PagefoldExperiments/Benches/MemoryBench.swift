// What a process that serves all networks of a fold file has in memory, as the system tells it: what `pagefold bench
// memory` measures.

public import PagefoldCore
import PagefoldRuntime

/// Resident memory of a process that serves all networks. All sessions have one arena, as networks that run one after
/// the other may.
public struct MemoryBench: Hashable, Sendable {
    /// Sessions of each network.
    public var sessions: Int
    /// Bytes for exclusive pages; nil: they are mapped.
    public var cache: Int?
    /// Samples that each network answers together afterwards, in another arena that all have in common; 0: none.
    public var batch: Int

    public init(sessions: Int = 1, cache: Int? = nil, batch: Int = 0) {
        self.sessions = sessions
        self.cache = cache
        self.batch = batch
    }

    /// What was resident.
    public struct Record: Hashable, Sendable, Encodable {
        public var version: String
        /// The command line.
        public var command: [String] = []
        public var sessions: Int
        /// Bytes. Of the process before the file is opened.
        public var residentBefore: Int
        /// After each session has run.
        public var residentAfter: Int
        /// Of the mapped fold file that are resident.
        public var mapped: Int
        public var cached: Int
        /// For one sample at a time, and for batches.
        public var arena: Int
        public var batchArena: Int
        public var fileSize: Int
        public var pool: Int
        public var originalBytes: Int
        /// What is neither of the file, nor cached, nor arena.
        public var other: Int { residentAfter - residentBefore - mapped - cached - arena - batchArena }

        enum CodingKeys: String, CodingKey {
            case version = "version", command = "command", sessions = "sessions"
            case residentBefore = "residentBefore", residentAfter = "residentAfter", mapped = "mapped"
            case cached = "cached", arena = "arena", batchArena = "batchArena", fileSize = "fileSize"
            case pool = "pool", originalBytes = "originalBytes"
        }
    }

    /// Runs each network of a fold file once in each of its sessions and asks the system what is resident.
    /// - Throws: `InputError` where the file is damaged or holds no network, or the cache has no room for one.
    public func measure(_ fold: String) throws(InputError) -> Record {
        // The first call allocates memory of its own.
        _ = ResidentMemory(of: fold)
        let before = ResidentMemory(of: fold)
        var plan = MemoryPlan()
        if let cache { plan.exclusivePages = .cached(bytes: cache) }
        let file = try FoldFile(toMeasure: fold, memory: plan)
        var (arenaBytes, batchBytes) = (0, 0)
        for name in file.networkNames {
            arenaBytes = max(arenaBytes, try file.arenaBytes(name))
            if batch > 0 { batchBytes = max(batchBytes, try file.batchArenaBytes(name)) }
        }
        let arena = UnsafeMutableRawBufferPointer.allocate(byteCount: arenaBytes, alignment: 64)
        defer { arena.deallocate() }
        let batchArena = UnsafeMutableRawBufferPointer.allocate(byteCount: batchBytes, alignment: 64)
        defer { batchArena.deallocate() }
        var open = [Session]()
        for name in file.networkNames {
            for _ in 0..<sessions { open.append(try file.session(name, arena: arena)) }
        }
        for session in open {
            try session.load()
            for index in session.input.indices { session.input[index] = 0.5 }
            session.run()
            session.unload()
        }
        var several = [BatchSession]()
        for name in file.networkNames where batch > 0 {
            several.append(try file.batchSession(name, arena: batchArena))
        }
        for session in several {
            try session.load()
            _ = try session.run([Float](repeating: 0.5, count: batch * session.program.inputShape.count))
            session.unload()
        }
        let after = withExtendedLifetime((open, several)) { ResidentMemory(of: fold) }
        let reader = file.reader
        return Record(
            version: pagefoldVersion, sessions: open.count,
            residentBefore: before.process, residentAfter: after.process, mapped: after.mapping,
            cached: file.cachedBytes ?? 0, arena: arenaBytes, batchArena: batchBytes,
            fileSize: reader.fileSize,
            pool: reader.sectionSizes.first { $0.kind == .pool }?.bytes ?? 0,
            originalBytes: reader.networks.reduce(0) { $0 + 4 * $1.program.plainWeightCount })
    }
}
