// `pagefold check`: everything about a job that can be known in seconds.

import ArgumentParser
import Foundation
import PagefoldExperiments
import PagefoldImport
import PagefoldReport

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks a job file with everything that it names, in seconds.",
        discussion: """
            Reads all model files and samples, compares shapes and labels, lets the originals answer some validation \
            samples, and tells what the budget leaves for weights and about how long packing takes. Test samples are \
            read, but no network answers them. What would stop `pack` is listed whole; the exit code is 1 then, and 3 \
            with --strict where there are warnings.
            """)

    @Argument(help: "The job file (docs/job-file.md).")
    var job: String

    @Option(help: "Bytes for everything, as 283000 or 256KiB, or a ratio, as 3.8x. Default: the job file's.")
    var budget: String?

    @Option(help: "Settings of a paper over the job file's: wv, ws, or pagefold for none.")
    var preset: String?

    @Option(name: .customLong("set"), help: "Any setting of docs/job-file.md over all others, as page=100.")
    var changes: [String] = []

    @Option(name: .shortAndLong, help: "Where the fold file would be written. Default: the job file's name.")
    var output: String?

    @Flag(help: "Warnings count too: the exit code is 3.")
    var strict = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        let changes = changes + (budget.map { ["budget=\($0)"] } ?? [])
        let (job, settings) = try Job.load(job, preset: preset, changes: changes)
        let engine = common.engine()
        let run = PackingRun(job: job, settings: settings, output: output, engine: engine)
        let progress = ProgressLine(names: [])
        defer { progress.end() }
        if let notice = run.notice { progress.line("note: \(notice)") }
        let record = job.check(settings, output: run.output, engine: engine) {
            progress.begin("checking \($0)")
        }
        progress.end()
        if common.json { try printJSON(record) } else { try say(record.text) }
        if !record.isSound { throw ExitCode(1) }
        if strict, !record.warnings.isEmpty { throw ExitCode(3) }
    }
}

extension CheckRecord {
    fileprivate var text: String {
        var parts: [String] = []
        if !networks.isEmpty { parts.append(networkTable) }
        if !choices.isEmpty { parts.append(choiceTable) }
        if let seconds { parts.append("packing takes about \(duration(seconds)), and the matching on top") }
        parts += warnings.map { "warning: \($0)" }
        parts += errors.map { "error: \($0)" }
        parts.append(
            isSound
                ? "nothing keeps the job from being packed"
                : "\(errors.count) to mend before the job can be packed")
        return parts.joined(separator: "\n")
    }

    private var networkTable: String {
        let units = MeasureColumn(networks.map(\.original.unit))
        var table = TextTable(
            ["network"] + units.title + ["original %", "of", "weights", "training", "validation", "test"])
        for network in networks {
            table.add(
                [network.name] + units.cell(network.original.unit) + [
                    percent(network.original.measure), grouped(network.original.count),
                    grouped(network.weights), grouped(network.training), grouped(network.validation),
                    network.test.map(grouped) ?? "–",
                ])
        }
        return table.text + "\n"
    }

    private var choiceTable: String {
        var table = TextTable(["stored as", "bytes of weights", "others", "frames", "pages a frame", ""])
        for choice in choices {
            table.add([
                choice.format, grouped(choice.frameBytes), grouped(choice.otherBytes),
                "\(choice.frames) of \(choice.page)", String(format: "%.2f", choice.sharing), choice.verdict,
            ])
        }
        let ratio = String(format: "%.2f", Double(originalBytes ?? 0) / Double(max(budget ?? 1, 1)))
        return "\(table.text)\nbudget: \(grouped(budget ?? 0)) bytes for \(grouped(originalBytes ?? 0)) "
            + "(\(ratio)x)"
    }

    private func duration(_ seconds: Double) -> String {
        switch seconds {
        case ..<90: String(format: "%.0f s", max(seconds, 1))
        case ..<5400: String(format: "%.0f minutes", seconds / 60)
        default: String(format: "%.1f hours", seconds / 3600)
        }
    }
}
