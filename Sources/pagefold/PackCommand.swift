// `pagefold pack`: a job file in, one fold file out.

import ArgumentParser
import Foundation
import PagefoldExperiments
import PagefoldImport
import PagefoldPacking
import PagefoldReport

struct Pack: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Packs the networks of a job file into one fold file.",
        discussion: """
            The budget counts every byte of the fold file: pool, page tables, biases, programs, names, checksums. Unless
            the job names a format, short trials find out what the weights are stored as: wide numbers that many pages
            share, or narrow ones that few do.
            At the end a table says what each network had before and has after, each in its own unit, and which ones
            are ruined (docs/job-file.md says when). The fold file is written all the same; --strict makes that exit
            code 3, --max-loss writes nothing.
            A run that is stopped with Ctrl-C or killed goes on from its last checkpoint when started again, and ends with
            the same bytes.
            """)

    @Argument(help: "The job file (docs/job-file.md).")
    var job: String

    @Option(name: .shortAndLong, help: "The fold file to write. Default: the job file's name with .fold.")
    var output: String?

    @Option(help: "Bytes for everything, as 283000 or 256KiB, or a ratio, as 3.8x. Default: the job file's.")
    var budget: String?

    @Option(help: "Points that no network may lose on its validation samples; else nothing is written.")
    var maxLoss: Double?

    @Flag(
        help:
            "Exit with code 3 where a network is ruined or an original looks wrong. The fold file is written all the same."
    )
    var strict = false

    @Option(help: "Training steps of each network. Default: the job file's, else 20000.")
    var steps: Int?

    @Option(help: "Settings of a paper over the job file's: wv, ws, or pagefold for none.")
    var preset: String?

    @Option(name: .customLong("set"), help: "Any setting of docs/job-file.md over all others, as page=100.")
    var changes: [String] = []

    @Option(help: "Seed of everything random. Default: the job file's, else 1.")
    var seed: UInt64?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let maxLoss, !(maxLoss >= 0 && maxLoss.isFinite) {
            throw ValidationError("--max-loss \(maxLoss): points from 0 are possible.")
        }
    }

    func run() throws {
        var changes = changes
        if let budget { changes.append("budget=\(budget)") }
        if let steps { changes.append("steps=\(steps)") }
        let (job, settings) = try Job.load(job, preset: preset, changes: changes, seed: seed)
        let run = PackingRun(
            job: job, settings: settings, output: output, mostLoss: maxLoss.map { $0 / 100 },
            engine: common.engine())
        let progress = ProgressLine(names: job.networks.map(\.name), settings: settings.training)
        if let notice = run.notice { progress.line("note: \(notice)") }
        let checkpoint = run.checkpoint
        let interruption = Interruption {
            let isThere = FileManager.default.fileExists(atPath: checkpoint)
            if isThere, let step = progress.keptStep {
                return "to go on from the checkpoint at step \(step), \(checkpoint): \(Interruption.command)"
            }
            return isThere
                ? "\(checkpoint) is as it was before this run; to go on: \(Interruption.command)"
                : "nothing was kept yet; to begin anew: \(Interruption.command)"
        }
        defer { progress.end() }
        var (_, record) = try run.pack(report: progress.show)
        progress.end()
        record.command = CommandLine.arguments
        if common.json { try printJSON(record) } else { try say(record.text) }
        // Whoever could not read the record gets it again without the work.
        run.removeCheckpoint()
        withExtendedLifetime(interruption) {}
        for warning in record.warnings { warn("warning: \(warning)") }
        if let suggestion = record.suggestion { warn("note: \(suggestion)") }
        if strict, progress.hasWarned || !record.ruinedNetworks.isEmpty { throw ExitCode(3) }
    }
}

extension PackRecord {
    /// What `pagefold pack` says at its end.
    var text: String {
        let changes = changes
        let isQuantised = changes.contains { $0.quantised != nil }
        let isRuined = changes.contains { $0.ruin != nil }
        var table = TextTable(
            ["validation", "measure", "original"] + (isQuantised ? ["as quantised"] : [])
                + ["packed", "change", "agreement %"] + (isRuined ? [""] : []))
        for row in changes {
            table.add(
                [row.network, row.measure, row.before] + (isQuantised ? [row.quantised ?? ""] : [])
                    + [row.after, row.change, percent(row.agreement)]
                    + (isRuined ? [row.ruin == nil ? "" : "ruined"] : []))
        }
        let original = originalBytes ?? 0
        let ratio = String(format: "%.2f", Double(original) / Double(bytes))
        let format = settings["format"].map { $0 == "auto" ? "" : " as \($0)" } ?? ""
        let turns = settings["optimisation"].map { $0 != "simultaneous" } ?? false
        let of = turns && networks.count > 1 ? " of all networks, \(settings["steps"] ?? "") of each" : ""
        return """
            \(searchText)\(table.text)
            \(output ?? ""): \(grouped(bytes)) bytes for \(grouped(original)) (\(ratio)x), \(frames ?? 0) frames of \
            \(pageSize ?? 0) weights\(format), best at step \(bestStep ?? 0) of \(history.last?.step ?? 0)\(of)
            \(String(format: "%.0f", seconds ?? 0)) s, at most \((peakMemory ?? 0) >> 20) MiB of memory
            """
    }

    /// The choices of a budget search, a line each; empty where there was none.
    private var searchText: String {
        guard let search else { return "" }
        var table = TextTable([
            "stored as", "page", "frames", "pages a frame", "bytes", "steps", "mean", "worst",
        ])
        for point in search {
            table.add([
                point.format, "\(point.page)", "\(point.frames)", String(format: "%.2f", point.sharing),
                grouped(point.bytes), "\(point.steps)", point.mean.map(points) ?? "–",
                point.worst.map(points) ?? "–",
            ])
        }
        let verdicts = search.map { "\($0.format): \($0.verdict)" }.joined(separator: "; ")
        return "\(table.text)\n\(verdicts)\n\n"
    }
}
