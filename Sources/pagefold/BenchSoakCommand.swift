// `pagefold bench soak`: very many runs on several threads while the fold file is replaced again and again.

import ArgumentParser
import Foundation
import PagefoldExperiments

struct BenchSoak: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak",
        abstract: "Runs all networks on several threads while the file is replaced, and compares every bit.",
        discussion: """
            Works on a copy of the fold file and on a second version of it with other weights, which take turns. Every \
            answer must be that of one of the two versions, bit for bit, and both must be seen; at the end the process may \
            be 16 MiB larger than after the first hundredth of the runs. Otherwise the exit code is 1.
            """)

    @Argument(help: "The fold file.")
    var fold: String

    @Option(help: "Runs in all.")
    var runs = 1_000_000

    @Option(help: "Threads that run networks.")
    var threads: Int?

    @Option(help: "Seed of the order of networks and of the moments of replacement.")
    var seed: UInt64 = 1

    @Flag(help: "Print one JSON document instead of text.")
    var json = false

    func validate() throws {
        guard (100...1_000_000_000).contains(runs) else {
            throw ValidationError("--runs must be in 100…1000000000.")
        }
        if let threads, !(1...256).contains(threads) {
            throw ValidationError("--threads must be in 1…256.")
        }
    }

    func run() throws {
        var record = try SoakBench(runs: runs, threads: threads, seed: seed).run(fold)
        record.command = CommandLine.arguments
        if json { try printJSON(record) } else { try say(record.text) }
        if !record.isSound { throw ExitCode.failure }
    }
}

extension SoakBench.Record {
    var text: String {
        """
        \(grouped(runs)) runs on \(threads) threads, \(grouped(replacements)) replacements, \
        \(String(format: "%.0f", seconds)) s
        answers: \(grouped(answersByVersion[0])) of the first version, \(grouped(answersByVersion[1])) of the \
        second, \(wrong) of neither, bit for bit
        memory: \(residentBefore >> 10) KiB after a hundredth of the runs, \(residentAfter >> 10) KiB at the end
        """
    }
}
