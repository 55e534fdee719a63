// `pagefold add`: one more network for a fold file that is there.

import ArgumentParser
import Foundation
import PagefoldExperiments
import PagefoldImport
import PagefoldPacking
import PagefoldReport

struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Adds one network of a job file to a fold file.",
        discussion: """
            The others stay as they are, bit for bit: the network shares their frames as they find them, and trains \
            its scales and biases, free frames, and as many pages of its own as the budget pays for.
            With --max-loss the frames move as well: all networks are trained together, and the best state is kept \
            in which none of the others has lost more than that on its validation samples. The job file then names \
            all networks of the fold file with their data; their weights are taken from the fold file.
            """)

    @Argument(help: "The fold file.")
    var fold: String

    @Argument(help: "The job file that describes the network and its data (docs/job-file.md).")
    var job: String

    @Option(help: "Which network of the job. Default: the one that the fold file does not have.")
    var network: String?

    @Option(
        help: """
            Bytes that the fold file may grow by, as 40000 or 40KiB, or a ratio of the network's own float32 bytes, \
            as 4x. Default: 5.9x.
            """)
    var budget: String?

    @Option(
        help: "Points of accuracy (of agreement where there are no labels) that each of the others may lose.")
    var maxLoss: Double = 0

    @Option(name: .shortAndLong, help: "The fold file to write. Default: the same file.")
    var output: String?

    @Option(help: "Training steps. Default: the job file's, else 20000.")
    var steps: Int?

    @Option(
        name: .customLong("set"), help: "Any setting of docs/job-file.md over the job file's, as block=4.")
    var changes: [String] = []

    @Option(help: "Seed of everything random. Default: the job file's, else 1.")
    var seed: UInt64?

    @OptionGroup var common: CommonOptions

    func run() throws {
        var changes = changes
        if let steps { changes.append("steps=\(steps)") }
        let run = try GrowthRun(
            fold: fold, job: job, network: network, budget: try budget.map(Budget.read), maxLoss: maxLoss,
            output: output, changes: changes, seed: seed, engine: common.engine())
        let alone = ProgressLine(names: [run.network], settings: run.settings.training)
        let together = ProgressLine(
            names: run.neighbours + [run.network], settings: run.settings.training)
        let output = run.output
        let interruption = Interruption {
            "\(output) is as it was; to begin anew: \(Interruption.command)"
        }
        defer {
            alone.end()
            together.end()
        }
        // A look at all networks says that joint training has begun.
        var isJoint = false
        var record = try run.add { event in
            if case .evaluated(let evaluated, _) = event { isJoint = evaluated.measures.count > 1 }
            if isJoint { alone.end() }
            (isJoint ? together : alone).show(event)
        }
        alone.end()
        together.end()
        withExtendedLifetime(interruption) {}
        record.command = CommandLine.arguments
        if common.json { try printJSON(record) } else { try say(record.text) }
    }
}

extension GrowthRecord {
    var text: String {
        var table = TextTable(["validation", "before %", "after %", "difference", "agreement %"])
        table.add([
            network, percent(original.measure), percent(packed.measure),
            points(packed.points(over: original) / 100), percent(packed.agreement),
        ])
        for other in others {
            let isKnown = other.before != nil && other.after != nil
            let difference = isKnown ? other.after!.points(over: other.before!) / 100 : 0
            table.add([
                other.name, percent(other.before?.measure), percent(other.after?.measure),
                isKnown || other.isUnchanged ? points(difference) : "–",
                percent(other.isUnchanged ? 1 : other.after?.agreement),
            ])
        }
        let unchanged = others.allSatisfy(\.isUnchanged)
        let grown = bytes - bytesBefore
        let ratio = grown > 0 ? String(format: " (%.2fx)", Double(originalBytes) / Double(grown)) : ""
        let fate =
            unchanged
            ? (maxLoss > 0
                ? "no state within \(maxLoss) points was better: the others are unchanged, bit for bit"
                : "the others are unchanged, bit for bit")
            : "the others are within \(maxLoss) points of what they were"
        return """
            \(table.text)
            \(output): \(grouped(bytesBefore)) bytes before, \(grouped(bytes)) after: \(grouped(grown)) for \
            \(grouped(originalBytes))\(ratio)
            \(fate)
            best at step \(bestStep) of \(settings.training.steps), \(percent(matched.measure)) % before \
            training, \(String(format: "%.0f", seconds)) s, at most \(peakMemory >> 20) MiB of memory
            """
    }
}
