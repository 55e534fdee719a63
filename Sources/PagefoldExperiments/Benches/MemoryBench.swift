// `pagefold bench memory`: what a process that serves all networks of a fold file has in memory, as the system tells it.

import ArgumentParser
import Foundation
import PagefoldCore
import PagefoldImport
import PagefoldRuntime

struct BenchMemory: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "memory",
        abstract: "Resident memory of a process that serves all networks.",
        discussion: """
            All sessions have one arena, as networks that run one after the other may. Each network is run; then the \
            system is asked what is resident. With --cache exclusive pages stay in the file and come into so many bytes \
            of memory while their network runs. With --batch each network then answers so many samples together, in \
            another arena that all have in common.
            """)

    @Argument(help: "The fold file.")
    var fold: String

    @Option(help: "Sessions of each network.")
    var sessions = 1

    @Option(help: "Bytes for exclusive pages, as 64KiB. Default: they are mapped.")
    var cache: String?

    @Option(help: "Samples in a batch; 0: none is run.")
    var batch = 0

    @Flag(help: "Print one JSON document instead of text.")
    var json = false

    struct Record: Codable {
        var version: String
        var command: [String]
        var sessions: Int
        /// Bytes. Of the process before the file is opened.
        var residentBefore: Int
        /// After each session has run.
        var residentAfter: Int
        /// Of the mapped fold file that are resident.
        var mapped: Int
        var cached: Int
        /// For one sample at a time, and for batches.
        var arena: Int
        var batchArena: Int
        var fileSize: Int
        var pool: Int
        var originalBytes: Int
        /// What is neither of the file, nor cached, nor arena.
        var other: Int { residentAfter - residentBefore - mapped - cached - arena - batchArena }
    }

    func validate() throws {
        guard (1...100_000).contains(sessions) else {
            throw ValidationError("--sessions must be in 1…100000.")
        }
        guard (0...10_000).contains(batch) else { throw ValidationError("--batch must be in 0…10000.") }
    }

    func run() throws {
        // The clerk of the measurement takes memory at its first call.
        _ = ResidentMemory(of: fold)
        let before = ResidentMemory(of: fold)
        var plan = MemoryPlan()
        if let cache {
            plan.exclusivePages = .cached(bytes: try Budget.read(cache).bytes(originalBytes: 0))
        }
        let file = try FoldFile(toMeasure: fold, memory: plan)
        let arenaBytes = try file.networkNames.map { try file.arenaBytes($0) }.max() ?? 0
        let batchBytes = batch > 0 ? try file.networkNames.map { try file.batchArenaBytes($0) }.max() ?? 0 : 0
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
        let several =
            batch > 0 ? try file.networkNames.map { try file.batchSession($0, arena: batchArena) } : []
        for session in several {
            try session.load()
            _ = session.run([Float](repeating: 0.5, count: batch * session.program.inputShape.count))
            session.unload()
        }
        let after = withExtendedLifetime((open, several)) { ResidentMemory(of: fold) }
        let reader = file.reader
        let record = Record(
            version: pagefoldVersion, command: CommandLine.arguments, sessions: open.count,
            residentBefore: before.process, residentAfter: after.process, mapped: after.mapping,
            cached: file.cachedBytes ?? 0, arena: arenaBytes, batchArena: batchBytes,
            fileSize: reader.fileSize,
            pool: reader.sectionSizes.first { $0.kind == .pool }?.bytes ?? 0,
            originalBytes: reader.networks.reduce(0) { $0 + 4 * $1.program.plainWeightCount })
        if json { try printJSON(record) } else { print(record.text) }
    }
}

/// What the system says is resident, in bytes; 0 where it does not tell.
struct ResidentMemory {
    let process: Int
    /// Of mappings of one file.
    let mapping: Int

    init(of path: String) {
        let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        // To its end: files of /proc have no size, and what reads by size stops too early.
        let handle = FileHandle(forReadingAtPath: "/proc/self/smaps")
        let maps = String(decoding: (try? handle?.readToEnd()) ?? Data(), as: UTF8.self)
        var isOurs = false
        var sums = (process: 0, mapping: 0)
        for line in maps.split(separator: "\n") {
            // The first line of a mapping begins with its addresses; those that follow with a capital.
            if let first = line.unicodeScalars.first, !("A"..."Z").contains(first) {
                isOurs = line.hasSuffix(real)
            } else if line.hasPrefix("Rss:") {
                let bytes = (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) << 10
                sums.process += bytes
                if isOurs { sums.mapping += bytes }
            }
        }
        process = sums.process
        mapping = sums.mapping
    }
}

extension BenchMemory.Record {
    var text: String {
        var table = TextTable(["", "bytes"])
        table.add(["float32 weights of the originals", grouped(originalBytes)])
        table.add(["fold file", grouped(fileSize)])
        table.add(["  of it the pool", grouped(pool)])
        table.add(["resident before opening", grouped(residentBefore)])
        table.add(["resident with \(sessions) sessions that have run", grouped(residentAfter)])
        table.add(["  of the mapped file", grouped(mapped)])
        table.add(["  exclusive pages in the cache", grouped(cached)])
        table.add(["  arena of all sessions", grouped(arena)])
        if batchArena > 0 { table.add(["  arena of all batch sessions", grouped(batchArena)]) }
        table.add(["  else", grouped(other)])
        return table.text
    }
}
