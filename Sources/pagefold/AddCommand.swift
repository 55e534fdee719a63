// `pagefold add`: one more network for a fold file that is there.

import ArgumentParser
import Foundation
import PagefoldCore
import PagefoldGraph
import PagefoldImport
import PagefoldPacking
import PagefoldReport
import PagefoldRuntime

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
        let started = Date()
        var changes = changes.filter { !$0.hasPrefix("budget=") }
        if let steps { changes.append("steps=\(steps)") }
        let file = try FoldFile(path: fold)
        let before = try file.fold()
        // Last: whatever was asked for, pages are those of the fold.
        changes.append("page=\(before.pageSize)")
        var (job, settings) = try Job.load(job, changes: changes, seed: seed)
        let budget = try Budget.read(
            budget ?? self.changes.last { $0.hasPrefix("budget=") }.map { String($0.dropFirst(7)) }
                ?? "\(Grower.defaultRatio)x")
        let entry = try job.newcomer(network, to: file)
        let output = output ?? fold
        let others = maxLoss > 0 ? job.networks.filter { file.networkNames.contains($0.name) } : []
        job.networks = [entry]
        try job.refuseOverwriting(output)

        let task = try job.loadTasks(settings)[0]
        let originalBytes = 4 * task.network.program.weightCount
        settings.budget = budget.bytes(originalBytes: originalBytes)
        var neighbours = [PackingTask]()
        for other in others {
            neighbours.append(
                try other.loadTask(
                    jobFile: job.path, seed: settings.training.seed,
                    network: before.lowered(file.networkNames.firstIndex(of: other.name)!)))
        }
        let result = try add(task, to: before, others: neighbours, settings)
        let bytes = result.fold.encoded()
        try AtomicFile.write(bytes, to: output)
        let record = AddRecord(
            command: CommandLine.arguments, output: output, bytesBefore: file.reader.fileSize,
            bytes: bytes.count, originalBytes: originalBytes, network: entry.name,
            original: .init(result.original),
            matched: .init(result.matched), packed: .init(result.packed),
            others: result.neighbours.map {
                AddRecord.Other(
                    name: $0.name, before: $0.before.map { .init($0) }, after: $0.after.map { .init($0) },
                    isUnchanged: $0.isUnchanged)
            },
            maxLoss: maxLoss, matchingLoss: result.matchingLoss, settings: settings,
            bestStep: result.bestStep,
            history: result.history, jointHistory: result.jointHistory,
            seconds: Date().timeIntervalSince(started), peakMemory: peakMemory())
        if common.json { try printJSON(record) } else { print(record.text) }
    }

    private func add(
        _ task: PackingTask, to fold: Fold, others: [PackingTask], _ settings: PackingSettings
    ) throws(InputError) -> GrowthResult {
        let alone = ProgressLine(names: [task.text.name])
        let together = ProgressLine(names: fold.networks.map(\.text.name) + [task.text.name])
        // A look at all networks says that joint training has begun.
        var isJoint = false
        do {
            return try Grower(settings: settings, mostLoss: maxLoss / 100, engine: common.engine()) {
                if case .evaluated(let evaluated, _) = $0 { isJoint = evaluated.measures.count > 1 }
                (isJoint ? together : alone).show($0)
            }.add(task, to: fold, others: others)
        } catch {
            throw error.inFold(self.fold, job: job)
        }
    }
}

extension Job {
    /// The network to add: the one of that name, or the only one that the fold file does not have.
    func newcomer(_ name: String?, to file: FoldFile) throws(InputError) -> JobNetwork {
        if let name {
            guard let entry = networks.first(where: { $0.name == name }) else {
                throw InputError(
                    file: path, field: "network \(name)", problem: "there is none of that name",
                    remedy: "choose one of \(networks.map(\.name).joined(separator: ", "))")
            }
            guard !file.networkNames.contains(name) else {
                throw InputError(
                    file: file.path, field: "network \(name)", problem: "there is one of that name already",
                    remedy: "remove it first or give another name")
            }
            return entry
        }
        let new = networks.filter { !file.networkNames.contains($0.name) }
        guard new.count == 1 else {
            throw InputError(
                file: path, field: "networks",
                problem: new.isEmpty
                    ? "all of them are in \(file.path) already" : "\(new.count) are not in \(file.path)",
                remedy: new.isEmpty ? "give the network another name" : "name one with --network")
        }
        return new[0]
    }
}

extension InputError {
    /// The same with the names of files that the library does not know.
    func inFold(_ fold: String, job: String) -> InputError {
        let name = file == "fold" ? fold : file == "job" ? job : file
        return InputError(file: name, field: field, problem: problem, remedy: remedy)
    }
}

/// What adding a network did, for people and for reports.
struct AddRecord: Codable {
    struct Other: Codable {
        var name: String
        var before: PackRecord.Score?
        var after: PackRecord.Score?
        /// Every weight is what it was, bit for bit.
        var isUnchanged: Bool
    }
    var command: [String]
    var output: String
    var bytesBefore: Int
    var bytes: Int
    /// Float32 bytes of the added network.
    var originalBytes: Int
    var network: String
    var original: PackRecord.Score
    /// Before training.
    var matched: PackRecord.Score
    var packed: PackRecord.Score
    var others: [Other]
    var maxLoss: Double
    var matchingLoss: Double
    var settings: PackingSettings
    var bestStep: Int
    var history: [Evaluated]
    var jointHistory: [Evaluated]
    var seconds: Double
    /// Largest resident memory of the process, bytes.
    var peakMemory: Int

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
