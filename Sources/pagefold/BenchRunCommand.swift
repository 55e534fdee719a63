// `pagefold bench run`: how long one run of each network takes, in place, and what the page table costs.

import ArgumentParser
import Foundation
import PagefoldExperiments

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

    func run() throws {
        var record = try RunBench(runs: runs, pages: pages == nil ? nil : try pageSizes()).measure(fold)
        record.command = CommandLine.arguments
        if json { try printJSON(record) } else { try say(record.text) }
    }
}

extension RunBench.Record {
    var text: String {
        var table = TextTable(["network", "median µs", "p99 µs"])
        for network in networks + [all] {
            table.add([
                network.name, String(format: "%.1f", network.median), String(format: "%.1f", network.p99),
            ])
        }
        var result = "\(table.text)\n\(fold), one thread, \(instructionSet), \(runs) runs each"
        result += "\n" + InterpretedRecord.text(networks.map { ($0.name, $0.interpretedSteps ?? []) })
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

extension Throughput {
    /// A table with a row for each network.
    static func text(_ throughput: [Throughput], networks: [String]) -> String {
        var table = TextTable(["samples a second"] + throughput.map { "batch \($0.batch)" })
        for (index, name) in networks.enumerated() {
            table.add([name] + throughput.map { grouped(Int($0.samplesPerSecond[index])) })
        }
        table.add(["all"] + throughput.map { grouped(Int($0.all)) })
        return table.text
    }
}
