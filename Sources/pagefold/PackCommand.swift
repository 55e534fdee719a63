// `pagefold pack`: a job file in, one fold file out.

import ArgumentParser
import Foundation
import PagefoldCore
import PagefoldGraph
import PagefoldImport
import PagefoldPacking
import PagefoldReport

struct Pack: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Packs the networks of a job file into one fold file.",
        discussion: """
            The budget counts every byte of the fold file: pool, page tables, biases, programs, names, checksums.
            A run that is killed goes on from its last checkpoint when started again, and ends with the same bytes.
            """)

    @Argument(help: "The job file (docs/job-file.md).")
    var job: String

    @Option(name: .shortAndLong, help: "The fold file to write. Default: the job file's name with .fold.")
    var output: String?

    @Option(help: "Bytes for everything, as 283000 or 256KiB, or a ratio, as 3.8x. Default: the job file's.")
    var budget: String?

    @Option(help: "Training steps of each network. Default: the job file's, else 20000.")
    var steps: Int?

    @Option(help: "Settings of a paper over the job file's: wv, ws, or pagefold for none.")
    var preset: String?

    @Option(name: .customLong("set"), help: "Any setting of docs/job-file.md over all others, as page=100.")
    var changes: [String] = []

    @Option(help: "Seed of everything random. Default: the job file's, else 1.")
    var seed: UInt64?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let started = Date()
        var changes = changes
        if let budget { changes.append("budget=\(budget)") }
        if let steps { changes.append("steps=\(steps)") }
        var (job, settings) = try Job.load(job, preset: preset, changes: changes, seed: seed)
        let output = output ?? (job.path as NSString).deletingPathExtension + ".fold"
        try job.refuseOverwriting(output)
        let tasks = try job.loadTasks(settings)
        let originalBytes = tasks.reduce(0) { $0 + 4 * $1.network.program.weightCount }
        settings.budget = try job.bytes(originalBytes: originalBytes, for: settings)

        let checkpoint = output + ".checkpoint"
        let progress = ProgressLine(names: tasks.map(\.text.name))
        let packer = try Packer(settings: settings, threads: common.threadPool(), report: progress.show)
        let fingerprint = FileManager.default.contents(atPath: job.path).map { CRC32C.checksum([UInt8]($0)) }
        let result = try packer.pack(
            tasks, checkpoint: checkpoint, fingerprint: "\(fingerprint ?? 0)")
        let bytes = result.fold.encoded()
        try AtomicFile.write(bytes, to: output)
        try? FileManager.default.removeItem(atPath: checkpoint)
        var record = PackRecord(
            bytes: bytes.count,
            networks: zip(tasks, zip(result.originals, result.best.scores)).map { task, scores in
                var network = PackRecord.Network(
                    name: task.text.name, original: scores.0.recorded, packed: scores.1.recorded)
                network.weights = task.network.weights.count
                return network
            })
        record.version = pagefoldVersion
        record.command = CommandLine.arguments
        record.settings = try RecordSettings.text(of: settings)
        record.output = output
        record.originalBytes = originalBytes
        record.frames = result.fold.frameCount
        record.pageSize = result.fold.pageSize
        record.matchingLoss = result.matchingLoss
        record.bestStep = result.best.step
        record.history = result.history.map { look in
            PackRecord.Look(step: look.step, scores: look.scores.map(\.recorded), losses: look.losses)
        }
        record.seconds = Date().timeIntervalSince(started)
        record.peakMemory = peakMemory()
        if common.json { try printJSON(record) } else { print(record.text) }
    }
}

extension Score {
    var recorded: PackRecord.Score {
        PackRecord.Score(accuracy: accuracy, agreement: agreement, count: count)
    }
}

extension PackRecord {
    var text: String {
        var table = TextTable(["validation", "original %", "packed %", "difference", "agreement %"])
        for network in networks {
            table.add([
                network.name, percent(network.original.measure), percent(network.packed.measure),
                points(network.packed.measure - network.original.measure), percent(network.packed.agreement),
            ])
        }
        let original = originalBytes ?? 0
        let ratio = String(format: "%.2f", Double(original) / Double(bytes))
        return """
            \(table.text)
            \(output ?? ""): \(grouped(bytes)) bytes for \(grouped(original)) (\(ratio)x), \(frames ?? 0) frames of \
            \(pageSize ?? 0) weights, best at step \(bestStep ?? 0) of \(settings["steps"] ?? "–")
            \(String(format: "%.0f", seconds ?? 0)) s, at most \((peakMemory ?? 0) >> 20) MiB of memory
            """
    }
}

/// Largest resident memory of this process so far, in bytes.
func peakMemory() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
}
