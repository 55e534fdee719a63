// `pagefold demo`: the main job on five generated tasks, from nothing: train, pack, evaluate, run, switch.

import ArgumentParser
import Foundation
import PagefoldDemo
import PagefoldExperiments
import PagefoldImport
import PagefoldPacking

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
    var steps = DemoRun.usualSteps

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
        let progress = ProgressLine(names: DemoTask.all.map(\.name))
        var single = progress
        let interruption = Interruption { "nothing was kept; to begin anew: \(Interruption.command)" }
        defer {
            single.end()
            progress.end()
        }
        var record = try DemoRun(
            output: output, budget: budget, steps: steps, seed: seed, engine: common.engine()
        ).run { event in
            switch event {
            case .begun(let task):
                let name = DemoTask.all[task].name
                if task > 0 { single.end() }
                progress.line(
                    "\(task + 1)/\(DemoTask.all.count) drawing samples of \(name), training a network")
                single = ProgressLine(names: [name])
            case .training(let event): single.show(event)
            case .packing(let originalBytes, let budget):
                single.end()
                progress.line(
                    "packing \(grouped(originalBytes)) bytes of weights into a file of at most "
                        + grouped(budget))
            case .packed(let event): progress.show(event)
            case .running:
                progress.begin("opening \(output), running its networks in place in random order")
            }
        }
        progress.end()
        withExtendedLifetime(interruption) {}
        record.command = CommandLine.arguments
        if common.json { try printJSON(record) } else { try say(record.text) }
        if record.networks.contains(where: { $0.agreeing < $0.runs }) {
            progress.line("error: networks run in place gave other answers than in evaluation")
            throw ExitCode.failure
        }
    }
}

extension DemoRecord {
    var text: String {
        var table = TextTable([
            "network", "input", "weights", "float32 bytes", "test % alone", "test % packed", "difference",
            "µs a run", "once more",
        ])
        for network in networks {
            table.add([
                network.name, network.input, grouped(network.weights), grouped(network.originalBytes),
                percent(network.original), percent(network.packed), points(network.packed - network.original),
                String(format: "%.0f", network.microseconds),
                String(format: "%.0f", network.repeatedMicroseconds),
            ])
        }
        let count = Double(max(networks.count, 1))
        let original = networks.reduce(0) { $0 + $1.original } / count
        let packed = networks.reduce(0) { $0 + $1.packed } / count
        table.add([
            "all", "", grouped(networks.reduce(0) { $0 + $1.weights }), grouped(originalBytes),
            percent(original), percent(packed), points(packed - original), "", "",
        ])
        let ratio = String(format: "%.2f", Double(originalBytes) / Double(max(bytes, 1)))
        let runs = networks.reduce(0) { $0 + $1.runs }
        let agreeing = networks.reduce(0) { $0 + $1.agreeing }
        return """
            \(table.text)

            bytes     \(grouped(originalBytes)) → \(grouped(bytes)), \(ratio)x smaller, with everything counted: \
            \(frames) frames of \(pageSize) weights as \(format),
                      page tables, biases, programs, class names, checksums
            in place  \(agreeing) of \(runs) runs from the mapped file gave the class of the evaluation
            switching \(String(format: "%.0f", switchNanoseconds)) ns to pick another network (median), \
            \(switchCopiedBytes) bytes copied
            time      \(String(format: "%.0f", seconds)) s (training \(String(format: "%.0f", trainingSeconds)) s, \
            packing \(String(format: "%.0f", packingSeconds)) s), at most \(peakMemory >> 20) MiB of memory

            Try next:
            \(nextCommands)
            """
    }

    private var nextCommands: String {
        // As this program was called, so that the commands work without an installation too.
        let here = FileManager.default.currentDirectoryPath + "/"
        let called = command.first ?? "pagefold"
        let program = called.hasPrefix(here) ? String(called.dropFirst(here.count)) : called
        var lines = ["  \(program) info \(output)"]
        if let sample, let sampleClass, let network = networks.first {
            lines.append("  \(program) run \(output) \(network.name) \(sample)    # a drawn \(sampleClass)")
        }
        lines.append("  \(program) pack --help    # your own networks: docs/job-file.md")
        return lines.joined(separator: "\n")
    }
}
