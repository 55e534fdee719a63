// `pagefold train`: trains the networks of a job file that are given as layers.

import ArgumentParser
import Foundation
import PagefoldExperiments
import PagefoldImport
import PagefoldPacking

struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains networks from scratch from the layers in a job file.",
        discussion: "Each network is written to NAME.fold beside the job file, where pack finds it.")

    @Argument(help: "The job file (docs/job-file.md).")
    var job: String

    @Argument(help: "Networks to train. Default: all that are given as layers.")
    var networks: [String] = []

    @Option(help: "Seed of weights and batches. Default: the job file's, else 1.")
    var seed: UInt64?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let (job, settings) = try Job.load(job, seed: seed)
        let engine = common.engine()
        var records = [TrainRecord]()
        let chosen = try job.trainable(named: networks)
        for (index, network) in chosen.enumerated() {
            let progress = ProgressLine(names: [network.name])
            let rest = chosen[index...].map(\.name)
            let interruption = Interruption {
                let command = ([CommandLine.arguments[0], "train", self.job] + rest).joined(separator: " ")
                let done = index == 0 ? "" : "; what is trained is kept"
                return "nothing of \(network.name) is kept\(done); to go on: \(command)"
            }
            defer { progress.end() }
            records.append(
                try job.train(
                    network, seed: settings.training.seed, engine: engine, report: progress.show))
            withExtendedLifetime(interruption) {}
        }
        if common.json { return try printJSON(records) }
        var table = TextTable(["network", "weights", "validation %", "step", "seconds", "file"])
        for record in records {
            table.add([
                record.name, grouped(record.weights), percent(record.accuracy), "\(record.bestStep)",
                String(format: "%.0f", record.seconds), record.output,
            ])
        }
        try say(table.text)
    }
}
