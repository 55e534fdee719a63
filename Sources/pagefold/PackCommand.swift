// `pagefold pack`: a job file in, one fold file out.

import ArgumentParser
import Foundation
import PagefoldExperiments
import PagefoldImport
import PagefoldReport

struct Pack: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Packs the networks of a job file into one fold file.",
        discussion: """
            The budget counts every byte of the fold file: pool, page tables, biases, programs, names, checksums. Unless
            the job names a format, short trials find out what the weights are stored as: wide numbers that many pages
            share, or narrow ones that few do.
            A run that is killed goes on from its last checkpoint when started again, and ends with the same bytes.
            """)

    @Argument(help: "The job file (docs/job-file.md).")
    var job: String

    @Option(name: .shortAndLong, help: "The fold file to write. Default: the job file's name with .fold.")
    var output: String?

    @Option(help: "Bytes for everything, as 283000 or 256KiB, or a ratio, as 3.8x. Default: the job file's.")
    var budget: String?

    @Option(help: "Points that no network may lose on its validation samples; else nothing is written.")
    var maxLoss: Double?

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
        let progress = ProgressLine(names: job.networks.map(\.name))
        var (_, record) = try run.pack(report: progress.show)
        run.removeCheckpoint()
        record.command = CommandLine.arguments
        if common.json { try printJSON(record) } else { print(record.text) }
    }
}

extension PackRecord {
    /// What `pagefold pack` says at its end.
    var text: String {
        let units = MeasureColumn(networks.map(\.original.unit))
        let rounded = QuantisedColumn(networks.map(\.quantised))
        var table = TextTable(
            ["validation"] + units.title + ["original %"] + rounded.title
                + ["packed %", "difference", "agreement %"])
        for network in networks {
            table.add(
                [network.name] + units.cell(network.original.unit) + [percent(network.original.measure)]
                    + rounded.cell(network.quantised) + [
                        percent(network.packed.measure),
                        points(network.packed.points(over: network.original) / 100),
                        percent(network.packed.agreement),
                    ])
        }
        let original = originalBytes ?? 0
        let ratio = String(format: "%.2f", Double(original) / Double(bytes))
        let format = settings["format"].map { $0 == "auto" ? "" : " as \($0)" } ?? ""
        return """
            \(searchText)\(table.text)
            \(output ?? ""): \(grouped(bytes)) bytes for \(grouped(original)) (\(ratio)x), \(frames ?? 0) frames of \
            \(pageSize ?? 0) weights\(format), best at step \(bestStep ?? 0) of \(history.last?.step ?? 0)
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
