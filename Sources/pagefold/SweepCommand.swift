// `pagefold sweep`: a job packed with many settings, one record a run; and `pagefold sweep-run`, one run of it.

import ArgumentParser
import Foundation
import PagefoldExperiments
import PagefoldImport
import PagefoldPacking

struct SweepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep",
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
        var order = Sweep.Order(job: job, vary: vary, folder: output)
        order.pairs = pairs
        order.preset = preset
        order.changes = changes
        order.parallel = parallel
        order.threads = common.threads
        order.test = test
        order.keepsFolds = keepFolds
        order.command = CommandLine.arguments
        let sweep = try Sweep(order)
        if dryRun { return try show(sweep) }

        let progress = ProgressLine(names: [])
        let interruption = Interruption {
            "runs that have ended are kept, others go on from their checkpoints: \(Interruption.command)"
        }
        let summary = try sweep.carryOut(arguments: ["sweep-run"]) { event in
            switch event {
            case .begun(let runs, let made): progress.line("\(runs) runs, \(made) of them made before")
            case .ended(let run, let count, let all):
                progress.line("\(run.name): \(run.error ?? "done") (\(count) of \(all))")
            }
        }
        progress.end()
        withExtendedLifetime(interruption) {}
        if common.json { try printJSON(summary) } else { try say(summary.text) }
        if summary.failures > 0 { throw ExitCode.failure }
    }

    private func show(_ sweep: Sweep) throws {
        var table = TextTable(["run", "state"])
        for run in sweep.runs {
            let state = run.isDone ? "done" : run.isCutOff ? "cut off, goes on" : "to do"
            table.add([run.name, sweep.faults[run.name] ?? state])
        }
        try say(table.text)
    }
}

/// `pagefold sweep-run`, for `pagefold sweep` alone.
struct SweepRunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep-run", abstract: "One run of pagefold sweep.", shouldDisplay: false)

    func run() throws {
        guard let child = SweepChild() else {
            throw ValidationError("sweep-run is started by pagefold sweep.")
        }
        defer { withExtendedLifetime(child) {} }
        do {
            let (job, settings) = try child.run.load()
            let progress = ProgressLine(
                names: job.networks.map(\.name), settings: settings.training, prefix: "\(child.run.name): ")
            try child.run.carryOut(job, settings, report: progress.show)
        } catch {
            try child.run.fail("\(error)")
            throw ExitCode.failure
        }
    }
}

extension SweepSummary {
    var text: String {
        func number(_ value: Double?, _ format: String) -> String {
            value.map { String(format: format, $0) } ?? "–"
        }
        var table = TextTable(["run", "bytes", "ratio", "mean", "worst", "agreement %", "seconds"])
        for run in runs {
            table.add([
                run.name, run.bytes.map(grouped) ?? "–", number(run.ratio, "%.2fx"),
                number(run.meanDifference, "%+.2f"), number(run.worstDifference, "%+.2f"),
                percent(run.leastAgreement), number(run.seconds, "%.0f"),
            ])
        }
        let errors = runs.compactMap { run in run.error.map { "\(run.name): \($0)" } }
        let count = "\(runs.count - errors.count) of \(runs.count) runs have records in \(folder)"
        return ([table.text] + errors + [count]).joined(separator: "\n")
    }
}
