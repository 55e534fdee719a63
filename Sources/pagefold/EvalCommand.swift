// `pagefold eval`: how good the networks of a fold file are on a job's test samples, beside their originals.

import ArgumentParser
import Foundation
import PagefoldCore
import PagefoldImport
import PagefoldPacking
import PagefoldReport
import PagefoldRuntime

struct Eval: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Evaluates the networks of a fold file on the test samples of a job file.",
        discussion: """
            Without a fold file, the originals alone are evaluated. Look at the test set once, at the end: pack \
            chooses on validation samples.
            """)

    @Argument(help: "The fold file. Leave it out to evaluate the originals alone.")
    var fold: String?

    @Option(name: .shortAndLong, help: "The job file that names the test samples.")
    var job: String

    @OptionGroup var common: CommonOptions

    struct Record: Codable {
        struct Network: Codable {
            var name: String
            var original: PackRecord.Score
            var packed: PackRecord.Score?
        }
        var command: [String]
        var fold: String?
        var bytes: Int?
        var originalBytes: Int
        var networks: [Network]
    }

    func run() throws {
        let (job, _) = try Job.load(job)
        let engine = common.engine()
        let file = try fold.map { try FoldFile(path: $0) }
        let content = try file?.fold()
        var record = Record(
            command: CommandLine.arguments, fold: fold, bytes: file?.reader.fileSize,
            originalBytes: content?.networks.reduce(0) { $0 + 4 * $1.program.plainWeightCount } ?? 0,
            networks: [])
        for score in try job.testScores(of: content, path: fold ?? "", engine: engine) {
            if content == nil { record.originalBytes += 4 * score.weights }
            record.networks.append(
                Record.Network(
                    name: score.name, original: .init(score.original), packed: score.packed.map { .init($0) })
            )
        }
        guard !record.networks.isEmpty else {
            throw InputError(
                file: job.path, field: "networks", problem: "none has test samples", remedy: "add data.test")
        }
        if common.json { return try printJSON(record) }
        print(Self.text(record))
    }

    private static func text(_ record: Record) -> String {
        var table = TextTable(["test", "samples", "original %", "packed %", "difference", "agreement %"])
        var differences = [Double]()
        for network in record.networks {
            let difference = network.packed.map { $0.points(over: network.original) / 100 }
            if let difference { differences.append(difference) }
            table.add([
                network.name, grouped(network.original.count), percent(network.original.measure),
                percent(network.packed?.measure), difference.map(points) ?? "–",
                percent(network.packed?.agreement),
            ])
        }
        guard let bytes = record.bytes, !differences.isEmpty else { return table.text }
        let mean = differences.reduce(0, +) / Double(differences.count)
        table.add(["mean", "", "", "", points(mean), ""])
        let ratio = String(format: "%.2f", Double(record.originalBytes) / Double(bytes))
        return """
            \(table.text)
            \(grouped(bytes)) bytes for \(grouped(record.originalBytes)) (\(ratio)x), worst \
            \(points(differences.min() ?? 0)), mean \(points(mean))
            """
    }
}
