// `pagefold bench run`: how long one run of each network takes, in place, and what the page table costs.

import ArgumentParser
import Foundation
import PagefoldCore
import PagefoldPacking
import PagefoldRuntime

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures a fold file on this machine.",
        subcommands: [BenchRun.self, BenchSwitch.self, BenchSoak.self, BenchMemory.self])
}

struct BenchRun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Latency and throughput of each network on one thread.",
        discussion: """
            "all" runs every network once, one after the other, switches included. With --pages the same networks are \
            cut anew, without sharing, into pages of other sizes and into none, to see what a page table costs.
            """)

    @Argument(help: "The fold file.")
    var fold: String

    @Option(help: "Timed runs of each network.")
    var runs = 2000

    @Option(help: "Page sizes to compare with weights in one piece, as 16,64,512,4096.")
    var pages: String?

    @Flag(help: "Print one JSON document instead of text.")
    var json = false

    func validate() throws {
        guard (1...10_000_000).contains(runs) else { throw ValidationError("--runs must be in 1…10000000.") }
        guard try pageSizes().allSatisfy({ (1...1 << 20).contains($0) }) else {
            throw ValidationError("--pages must be in 1…1048576.")
        }
    }

    private func pageSizes() throws -> [Int] {
        try (pages ?? "").split(separator: ",").map {
            guard let size = Int($0) else { throw ValidationError("--pages \($0) is no number.") }
            return size
        }
    }

    struct Record: Codable {
        struct Network: Codable {
            var name: String
            /// Microseconds of one run.
            var median: Double
            var p99: Double
        }
        struct Cut: Codable {
            /// Weights in a page; nil: in one piece.
            var pageSize: Int?
            /// Medians in microseconds, of each network and of all in a row.
            var medians: [Double]
            var all: Double
        }
        var version: String
        var command: [String]
        var fold: String
        var instructionSet: String
        var runs: Int
        var networks: [Network]
        var all: Network
        var throughput: [Throughput]
        var cuts: [Cut]
    }

    func run() throws {
        let file = try FoldFile(toMeasure: fold)
        let measured = try measure(file)
        var record = Record(
            version: pagefoldVersion, command: CommandLine.arguments, fold: fold,
            instructionSet: FoldFile.instructionSet, runs: runs, networks: measured.networks,
            all: measured.all, throughput: try Throughput.measure(file, runs: runs), cuts: [])
        if pages != nil {
            let original = try file.fold()
            for size in try [nil] + pageSizes() {
                let path = NSTemporaryDirectory() + "pagefold-\(UUID().uuidString).fold"
                defer { unlink(path) }
                try AtomicFile.write(original.recut(pageSize: size).encoded(), to: path)
                let measured = try measure(FoldFile(path: path))
                record.cuts.append(
                    Record.Cut(
                        pageSize: size, medians: measured.networks.map(\.median), all: measured.all.median))
            }
        }
        if json { try printJSON(record) } else { print(record.text) }
    }

    private func measure(_ file: FoldFile) throws -> (networks: [Record.Network], all: Record.Network) {
        let sessions = try file.networkNames.map { try file.session($0) }
        for (index, session) in sessions.enumerated() {
            var random = RandomSource(seed: UInt64(index))
            session.input.indices.forEach { session.input[$0] = random.uniform() }
        }
        // A run may overwrite its input; what is computed does not matter here, how long it takes does.
        var networks = [Record.Network]()
        for session in sessions {
            networks.append(timed(session.text.name) { session.run() })
        }
        let all = timed("all") { for session in sessions { session.run() } }
        return (networks, all)
    }

    private func timed(_ name: String, _ work: () -> Void) -> Record.Network {
        for _ in 0..<max(runs / 10, 5) { work() }
        var times = [Double]()
        times.reserveCapacity(runs)
        let clock = ContinuousClock()
        for _ in 0..<runs {
            let start = clock.now
            work()
            times.append((clock.now - start).seconds * 1e6)
        }
        return Record.Network(name: name, median: median(times), p99: quantile(0.99, times))
    }
}

extension FoldFile {
    /// Opens a fold file that holds something to measure.
    convenience init(toMeasure path: String, memory: MemoryPlan = MemoryPlan()) throws(InputError) {
        try self.init(path: path, memory: memory)
        guard !networkNames.isEmpty else {
            throw InputError(
                file: path, field: "networks", problem: "it holds none",
                remedy: "name a fold file with networks")
        }
    }
}

extension Fold {
    /// The same networks in pages of another size, each page on a frame of its own; nil: each network in one piece.
    func recut(pageSize: Int?) -> Fold {
        let pageSize = pageSize ?? networks.map(\.program.pagedCount).reduce(1, max)
        var result = Fold(pageSize: pageSize, pool: [], networks: [])
        for network in networks {
            var flat = weights(of: network)
            let tail = Array(flat[network.program.pagedCount...])
            flat.removeLast(tail.count)
            let pages = network.program.pageCount(pageSize: pageSize)
            let first = result.frameCount
            result.pool += flat + [Float](repeating: 0, count: pages * pageSize - flat.count)
            result.networks.append(
                FoldedNetwork(
                    text: network.text, program: network.program, pageTable: Array(first..<first + pages),
                    tail: tail))
        }
        return result
    }
}

extension BenchRun.Record {
    var text: String {
        var table = TextTable(["network", "median µs", "p99 µs"])
        for network in networks + [all] {
            table.add([
                network.name, String(format: "%.1f", network.median), String(format: "%.1f", network.p99),
            ])
        }
        var result = "\(table.text)\n\(fold), one thread, \(instructionSet), \(runs) runs each"
        result += "\n\n" + Throughput.text(throughput, networks: networks.map(\.name))
        guard let whole = cuts.first else { return result }
        var costs = TextTable(["weights in a page", "all, median µs", "against one piece"])
        for cut in cuts {
            costs.add([
                cut.pageSize.map { "\($0)" } ?? "one piece", String(format: "%.1f", cut.all),
                String(format: "%.3f", cut.all / whole.all),
            ])
        }
        result += "\n\n\(costs.text)"
        return result
    }
}
