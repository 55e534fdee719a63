// `pagefold bench memory`: what a process that serves all networks of a fold file has in memory, as the system tells it.

import ArgumentParser
import PagefoldExperiments
import PagefoldImport

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

    func validate() throws {
        guard (1...100_000).contains(sessions) else {
            throw ValidationError("--sessions must be in 1…100000.")
        }
        guard (0...10_000).contains(batch) else { throw ValidationError("--batch must be in 0…10000.") }
    }

    func run() throws {
        let cache = try cache.map { try Budget.read($0).bytes(originalBytes: 0) }
        var record = try MemoryBench(sessions: sessions, cache: cache, batch: batch).measure(fold)
        record.command = CommandLine.arguments
        if json { try printJSON(record) } else { try say(record.text) }
    }
}

extension MemoryBench.Record {
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
