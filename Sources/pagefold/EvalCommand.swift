// `pagefold eval`: how good the networks of a fold file are on a job's test samples, beside their originals.

import ArgumentParser
import Foundation
import PagefoldExperiments
import PagefoldImport
import PagefoldPacking
import PagefoldReport

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

    func run() throws {
        let (job, _) = try Job.load(job)
        let progress = ProgressLine(names: job.networks.map(\.name))
        defer { progress.end() }
        var record = try job.evaluate(fold: fold, engine: common.engine()) { progress.show(.stage($0)) }
        progress.end()
        record.command = CommandLine.arguments
        if common.json { try printJSON(record) } else { try say(record.text) }
    }
}

extension EvalRecord {
    fileprivate var text: String {
        let units = MeasureColumn(networks.map(\.original.unit))
        let rounded = QuantisedColumn(networks.map(\.quantised))
        var table = TextTable(
            ["test"] + units.title + ["samples", "original %"] + rounded.title
                + ["packed %", "difference", "agreement %"])
        var differences = [Double]()
        for network in networks {
            let difference = network.packed.map { $0.points(over: network.original) / 100 }
            if let difference { differences.append(difference) }
            table.add(
                [network.name] + units.cell(network.original.unit) + [
                    grouped(network.original.count), percent(network.original.measure),
                ] + rounded.cell(network.quantised) + [
                    percent(network.packed?.measure), difference.map(points) ?? "–",
                    percent(network.packed?.agreement),
                ])
        }
        guard let bytes, !differences.isEmpty else { return table.text }
        let mean = differences.reduce(0, +) / Double(differences.count)
        table.add(["mean"] + units.cell(nil) + ["", ""] + rounded.cell(nil) + ["", points(mean), ""])
        let ratio = String(format: "%.2f", Double(originalBytes ?? 0) / Double(bytes))
        return """
            \(table.text)
            \(grouped(bytes)) bytes for \(grouped(originalBytes ?? 0)) (\(ratio)x), worst \
            \(points(differences.min() ?? 0)), mean \(points(mean))
            """
    }
}
