// `pagefold bench switch`: random executions over all networks of a fold file, run in place and as runtimes without paging
// run them.

import ArgumentParser
import Foundation
import PagefoldExperiments

struct BenchSwitch: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "switch",
        abstract: "Random executions over all networks: in place, against copying or restoring weights.",
        discussion: """
            One sequence of executions, drawn from the seed, on one thread, each on a sample of its own. In place, a \
            switch is picking another session. The other ways fill tensors of the network's own before each execution: \
            from the pool through the page table, or from a file of its float32 weights that is in the page cache \
            (warm) or not (cold). docs/running.md says what is timed.
            """)

    @Argument(help: "The fold file.")
    var fold: String

    @Option(help: "Executions in the sequence.")
    var runs = 50

    @Option(help: "Times that each way goes through the sequence.")
    var repeats = 20

    @Option(help: "Draws the sequence and the samples.")
    var seed: UInt64 = 1

    @Option(
        help:
            "A folder on a disk, for the files of weights. Default: the system's folder for temporary files.")
    var scratch: String?

    @Flag(help: "Print one JSON document instead of text.")
    var json = false

    func validate() throws {
        guard (1...1_000_000).contains(runs) else { throw ValidationError("--runs must be in 1…1000000.") }
        guard (1...10_000).contains(repeats) else { throw ValidationError("--repeats must be in 1…10000.") }
    }

    func run() throws {
        var record = try SwitchBench(runs: runs, repeats: repeats, seed: seed, scratch: scratch).measure(fold)
        record.command = CommandLine.arguments
        if json { try printJSON(record) } else { try say(record.text) }
    }
}

extension SwitchRecord {
    var text: String {
        var table = TextTable([
            "way", "bytes copied", "switch, median µs", "p99 µs", "run, median µs", "p99 µs", "sequence, ms",
            "against in place",
        ])
        for way in ways {
            table.add([
                way.name.rawValue, grouped(way.bytesCopied), String(format: "%.2f", way.switchMedian),
                String(format: "%.2f", way.switchP99), String(format: "%.1f", way.runMedian),
                String(format: "%.1f", way.runP99), String(format: "%.3f", way.sequence),
                String(format: "%.2fx", way.againstInPlace),
            ])
        }
        let papers = published.map {
            "\($0.method) \($0.executions) executions "
                + String(
                    format: "%.3f ms against %.1f ms (%.0fx)", $0.inMemory, $0.restored,
                    $0.ratio)
        }
        return """
            \(table.text)

            \(fold): \(networks.count) networks, \(executions) executions, \(repeats) rounds, seed \(seed), one thread, \
            \(instructionSet)
            switch: from a network's number to a session to run, the clock's own \
            \(String(format: "%.0f", clockNanoseconds)) ns included; in place that is picking a session, \
            \(String(format: "%.1f", pickNanoseconds)) ns without the clock
            run: filling in the sample and running; in place and right after a run of the same network: \
            \(String(format: "%.1f", runAgainMedian)) µs
            bytes copied: weights that one switch moves, mean of the sequence\(coldness)
            largest difference between answers: \(largestDifference)
            published, on the papers' machines, from the pool against a restored checkpoint: \
            \(papers.joined(separator: "; "))
            """
    }

    private var coldness: String {
        warmReads == 0
            ? ""
            : "\nnot all cold: before \(percent(warmReads)) % of cold reads the page cache still held some of the "
                + "file; name a folder on a disk by --scratch"
    }
}
