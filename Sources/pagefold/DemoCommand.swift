// `pagefold demo`: the main job on five generated tasks, from nothing: train, pack, evaluate, run, switch. What each
// stage does is in DemoStages, what is printed in DemoReport.

import ArgumentParser
import Foundation
import PagefoldCore
import PagefoldDemo
import PagefoldGraph
import PagefoldImport
import PagefoldPacking
import PagefoldRuntime

struct Demo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains five networks on generated data, packs them into one pool and runs them from it.",
        discussion: """
            Needs no data and no network; about a minute on two cores. Writes the fold file and, beside \
            it, one sample to try pagefold run with.
            """)

    @Option(name: .shortAndLong, help: "The fold file to write.")
    var output = "demo.fold"

    @Option(help: "Bytes for everything, as 40000 or 40KiB, or a ratio, as 16x.")
    var budget = "16x"

    @Option(help: "Joint training steps.")
    var steps = DemoStages.jointSteps

    @Option(help: "Seed of everything random: samples, weights, batches.")
    var seed: UInt64 = 1

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard Budget(budget) != nil else {
            throw ValidationError("--budget \(budget): write bytes, as 40000 or 40KiB, or a ratio, as 16x.")
        }
        guard steps >= 0 else { throw ValidationError("--steps \(steps): write a whole number from 0.") }
    }

    func run() throws {
        guard let budget = Budget(budget) else { return }  // validate() has said what is wrong.
        let folder = (output as NSString).deletingLastPathComponent
        guard FileManager.default.isWritableFile(atPath: folder.isEmpty ? "." : folder) else {
            throw InputError(
                file: output, field: "--output", problem: "nothing can be written to its folder",
                remedy: "name a folder that is there and yours")
        }
        let clock = ContinuousClock()
        let started = clock.now
        let stages = DemoStages(seed: seed, engine: common.engine())

        let progress = ProgressLine(names: DemoTask.all.map(\.name))
        var networks = [DemoNetwork]()
        for (index, task) in DemoTask.all.enumerated() {
            progress.line(
                "\(index + 1)/\(DemoTask.all.count) drawing samples of \(task.name), training a network")
            let single = ProgressLine(names: [task.name])
            networks.append(try stages.train(task, number: index, report: single.show))
        }
        let trained = clock.now

        let originalBytes = networks.reduce(0) { $0 + 4 * $1.lowered.weights.count }
        let limit = budget.bytes(originalBytes: originalBytes)
        progress.line(
            "packing \(grouped(originalBytes)) bytes of weights into a file of at most \(grouped(limit))")
        let found = try stages.pack(networks, budget: limit, steps: steps, report: progress.show)
        let packed = found.packing
        let bytes = packed.fold.encoded()
        try AtomicFile.write(bytes, to: output)
        let packedAt = clock.now

        progress.line("opening \(output), running its networks in place in random order")
        let file = try FoldFile(path: output)
        var record = DemoRecord(
            command: CommandLine.arguments, output: output, bytes: bytes.count, originalBytes: originalBytes,
            frames: packed.fold.frameCount, pageSize: packed.fold.pageSize,
            format: "\(packed.fold.formats.pool)",
            bestStep: packed.best.step, steps: steps)
        let answers = stages.evaluate(networks, packed.fold)
        let runs = try stages.runInPlace(file, networks, answers)
        for (index, network) in networks.enumerated() {
            record.networks.append(DemoRecord.Network(network, answers[index], runs.networks[index]))
        }
        record.switchNanoseconds = runs.switchNanoseconds
        if let sample = DemoSample(networks[0], answers[0].packed, besides: output) {
            try AtomicFile.write(NumPyFile.write(sample.values, shape: sample.shape), to: sample.path)
            record.sample = sample.path
            record.sampleClass = sample.className
        }
        record.trainingSeconds = (trained - started).seconds
        record.packingSeconds = (packedAt - trained).seconds
        record.seconds = (clock.now - started).seconds
        record.peakMemory = peakMemory()

        if common.json { try printJSON(record) } else { print(record.text) }
        if record.networks.contains(where: { $0.agreeing < $0.runs }) {
            progress.line("error: networks run in place gave other answers than in evaluation")
            throw ExitCode.failure
        }
    }
}
