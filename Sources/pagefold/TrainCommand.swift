// `pagefold train`: trains the networks of a job file that are given as layers.

import ArgumentParser
import Foundation
import PagefoldCore
import PagefoldEngine
import PagefoldGraph
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

    struct Record: Codable {
        var name: String
        var weights: Int
        var accuracy: Double
        var bestStep: Int
        var output: String
        var seconds: Double
    }

    func run() throws {
        let (job, packing) = try Job.load(job, seed: seed)
        for name in networks where !job.networks.contains(where: { $0.name == name }) {
            throw InputError(
                file: job.path, field: "network \(name)", problem: "there is none of that name",
                remedy: "choose one of \(job.networks.map(\.name).joined(separator: ", "))")
        }
        let seed = packing.training.seed
        let engine = common.engine()
        var records = [Record]()
        for entry in job.networks where networks.isEmpty || networks.contains(entry.name) {
            guard case .layers(let layers, let input) = entry.weights else {
                if networks.isEmpty { continue }
                throw InputError(
                    file: job.path, field: "network \(entry.name)", problem: "it brings its weights",
                    remedy: "give it layers and an input instead")
            }
            let started = Date()
            // A stream for each name: equal first weights would make networks alike, and packing easier than it is.
            var random = RandomSource(seed: seed, UInt64(CRC32C.checksum(Array(entry.name.utf8))))
            let network = try Network(name: entry.name, input: input, layers: layers, seed: random.next())
            let (training, validation) = try entry.loadTraining(jobFile: job.path, seed: seed)
            var settings = TrainingSettings()
            func whole(_ key: String, _ usual: Int) throws(InputError) -> Int {
                guard let number = entry.training[key] else { return usual }
                guard let value = Int(exactly: number), value >= 0 else {
                    throw InputError(
                        file: job.path, field: "network \(entry.name): train.\(key)", problem: "\(number)",
                        remedy: "write a whole number from 0")
                }
                return value
            }
            settings.seed = entry.training["seed"] == nil ? seed : UInt64(try whole("seed", 0))
            settings.steps = try whole("steps", 4_000)
            settings.batch = try whole("batch", 100)
            settings.learningRate = Float(entry.training["learning_rate"] ?? 2e-3)
            let trainer = Trainer(settings: settings, evaluateEvery: try whole("evaluate_every", 250))
            let progress = ProgressLine(names: [entry.name])
            progress.line("training \(entry.name) on \(training.count) samples")
            let classCount = try network.shapes().last?.count ?? 0
            let text = try entry.text(classCount: classCount, jobFile: job.path)
            do { try trainer.validate() } catch {
                throw InputError(
                    file: job.path, field: "network \(entry.name): train.\(error.field)",
                    problem: error.problem, remedy: error.remedy)
            }
            let result = try trainer.train(
                network, text: text, training: training, validation: validation, engine: engine,
                report: progress.show)
            let lowered = try result.network.lowered(for: .inference)
            let output = entry.trainedPath(jobFile: job.path)
            try AtomicFile.write(lowered.fold(text: text).encoded(), to: output)
            records.append(
                Record(
                    name: entry.name, weights: lowered.weights.count, accuracy: result.best.measures[0].value,
                    bestStep: result.best.step, output: output, seconds: Date().timeIntervalSince(started)))
        }
        if common.json { return try printJSON(records) }
        var table = TextTable(["network", "weights", "validation %", "step", "seconds", "file"])
        for record in records {
            table.add([
                record.name, grouped(record.weights), percent(record.accuracy), "\(record.bestStep)",
                String(format: "%.0f", record.seconds), record.output,
            ])
        }
        print(table.text)
    }
}
