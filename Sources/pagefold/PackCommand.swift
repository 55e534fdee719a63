// `pagefold pack`: a job file in, one fold file out.

import ArgumentParser
import Foundation
import PagefoldCore
import PagefoldGraph
import PagefoldImport
import PagefoldPacking

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
        let record = PackRecord(
            command: CommandLine.arguments, output: output, bytes: bytes.count, originalBytes: originalBytes,
            frames: result.fold.frameCount, matchingLoss: result.matchingLoss, settings: settings,
            networks: zip(tasks, zip(result.originals, result.best.scores)).map {
                PackRecord.Network(name: $0.text.name, original: $1.0, packed: $1.1)
            },
            bestStep: result.best.step, history: result.history, seconds: Date().timeIntervalSince(started),
            peakMemory: peakMemory())
        if common.json { try printJSON(record) } else { print(record.text) }
    }
}

/// What a packing run did, for people and for reports.
struct PackRecord: Codable {
    struct Network: Codable {
        var name: String
        var original: Score
        var packed: Score
    }
    var command: [String]
    var output: String
    var bytes: Int
    var originalBytes: Int
    var frames: Int
    var matchingLoss: Double
    var settings: PackingSettings
    var networks: [Network]
    var bestStep: Int
    var history: [Evaluated]
    var seconds: Double
    /// Largest resident memory of the process, bytes.
    var peakMemory: Int

    var text: String {
        var table = TextTable(["validation", "original %", "packed %", "difference", "agreement %"])
        for network in networks {
            table.add([
                network.name, percent(network.original.measure), percent(network.packed.measure),
                points(network.packed.measure - network.original.measure), percent(network.packed.agreement),
            ])
        }
        let ratio = String(format: "%.2f", Double(originalBytes) / Double(bytes))
        return """
            \(table.text)
            \(output): \(grouped(bytes)) bytes for \(grouped(originalBytes)) (\(ratio)x), \(frames) frames of \
            \(settings.pageSize) weights, best at step \(bestStep) of \(settings.training.steps)
            \(String(format: "%.0f", seconds)) s, at most \(peakMemory >> 20) MiB of memory
            """
    }
}

/// Largest resident memory of this process so far, in bytes.
func peakMemory() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
}
