// `pagefold sweep`: a job packed with many settings, one record a run. Which runs there are is SweepPlan's, how they
// are run SweepProcesses's.

import ArgumentParser
import Foundation
import PagefoldCore
import PagefoldGraph
import PagefoldImport
import PagefoldPacking
import PagefoldReport

struct Sweep: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Packs the networks of a job file with many settings, one record a run.",
        discussion: """
            Every value of each --vary is run with every value of the others. Each run writes FOLDER/NAME.json when it \
            ends; pagefold report makes plots of the folder. Started again after a kill, with the same command, a sweep \
            leaves finished runs alone and goes on with the others from their checkpoints; a run is made anew when the \
            job file, a network or a setting has changed. A run that fails leaves a record with its error, and the \
            others go on.

              pagefold sweep job.yaml --vary networks=3,5 --vary page=10,100,1000 --vary seed=1...3 -o runs
            """)

    @Argument(help: "The job file (docs/job-file.md).")
    var job: String

    @Option(
        help: ArgumentHelp(
            """
            What varies: any setting of docs/job-file.md, budget, preset, or networks (a number: so many, from the \
            first; or names joined by +).
            """,
            valueName: "key=values"))
    var vary: [String]

    @Option(
        name: .shortAndLong, help: "The folder for records and checkpoints. It is made where it is not there."
    )
    var output: String

    @Flag(
        name: .customLong("zip"), help: "Take the first values of all lists together, then the second ones.")
    var pairs = false

    @Option(help: "Settings of a paper over the job file's, for all runs: wv, ws, or pagefold for none.")
    var preset: String?

    @Option(name: .customLong("set"), help: "Any setting over all others, for all runs, as page=100.")
    var changes: [String] = []

    @Option(help: "Runs at a time, each in a process of its own.")
    var parallel = 1

    @Flag(help: "Evaluate each run on the test samples too: for reporting, once, when all choices are made.")
    var test = false

    @Flag(help: "Keep the fold files beside the records.")
    var keepFolds = false

    @Flag(help: "Show the runs and do nothing.")
    var dryRun = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard !vary.isEmpty else { throw ValidationError("--vary is missing, as --vary seed=1...3.") }
        guard (1...256).contains(parallel) else { throw ValidationError("--parallel must be in 1…256.") }
    }

    func run() throws {
        let (job, _) = try Job.load(job, changes: changes)
        let plan = try SweepPlan(vary: vary, pairs: pairs, job: job)
        var runs = plan.points.map(run)
        let faults = try identify(&runs, job)
        if dryRun { return try show(runs, faults) }

        try makeFolder()
        let lock = try FolderLock(sweepIn: output)
        defer { withExtendedLifetime(lock) {} }
        let done = Set(runs.filter(\.isDone).map(\.name))
        for run in runs { run.removeLeftovers(isDone: done.contains(run.name)) }
        let toDo = runs.filter { faults[$0.name] == nil && !done.contains($0.name) }
        for run in runs { if let fault = faults[run.name] { try run.fail(fault) } }
        let progress = ProgressLine(names: [])
        progress.line("\(runs.count) runs, \(runs.count - toDo.count - faults.count) of them made before")
        var ended = 0
        try SweepProcesses(parallel: parallel).run(toDo) { run in
            ended += 1
            let outcome = SweepSummary.Run(run)
            progress.line("\(run.name): \(outcome.error ?? "done") (\(ended) of \(toDo.count))")
        }
        let summary = SweepSummary(
            command: CommandLine.arguments, folder: output, runs: runs.map { SweepSummary.Run($0) })
        if common.json { try printJSON(summary) } else { print(summary.text) }
        if summary.failures > 0 { throw ExitCode.failure }
    }

    private func run(_ point: SweepPoint) -> SweepRun {
        let processors = ProcessInfo.processInfo.activeProcessorCount
        return SweepRun(
            job: job, preset: preset, changes: changes, name: point.name, parameters: point.parameters,
            folder: output, command: CommandLine.arguments,
            threads: common.threads ?? max(processors / parallel, 1), test: test, keepsFold: keepFolds)
    }

    /// Gives each run its identity.
    /// - Returns: what is wrong with runs whose settings make no sense, by name.
    /// - Throws: `InputError` where a network is missing: no run of it would come to anything.
    private func identify(_ runs: inout [SweepRun], _ job: Job) throws(InputError) -> [String: String] {
        var faults: [String: String] = [:]
        var weights: [String: UInt32] = [:]
        for index in runs.indices {
            let loaded: (job: Job, settings: PackingSettings)
            do { loaded = try runs[index].load() } catch {
                faults[runs[index].name] = "\(error)"
                continue
            }
            for network in loaded.job.networks where weights[network.name] == nil {
                weights[network.name] = try network.loadNetwork(jobFile: loaded.job.path).weights
                    .withUnsafeBytes { CRC32C.checksum($0) }
            }
            runs[index].identity = runs[index].identity(loaded.job, loaded.settings, weights: weights)
        }
        return faults
    }

    private func makeFolder() throws(InputError) {
        do {
            try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
        } catch {
            throw InputError(
                file: output, field: "--output", problem: "no folder can be made there",
                remedy: "choose another place")
        }
    }

    private func show(_ runs: [SweepRun], _ faults: [String: String]) throws {
        var table = TextTable(["run", "state"])
        for run in runs {
            let isCutOff = FileManager.default.fileExists(atPath: run.fold + ".checkpoint")
            let state = run.isDone ? "done" : isCutOff ? "cut off, goes on" : "to do"
            table.add([run.name, faults[run.name] ?? state])
        }
        print(table.text)
    }
}
