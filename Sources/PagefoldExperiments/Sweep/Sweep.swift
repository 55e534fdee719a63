// A sweep: a job packed with many settings, one record a run. Which runs there are is SweepPlan's, what a run does
// SweepRun's, how they share the processors SweepProcesses's.

import Foundation
public import PagefoldCore
import PagefoldGraph
import PagefoldImport
import PagefoldPacking

/// All runs of a sweep and the folder of their records.
public struct Sweep: Sendable {
    /// What a sweep is asked for.
    public struct Order: Sendable {
        /// Path of the job file.
        public var job: String
        /// Texts as `page=10,100` or `seed=1...10`.
        public var vary: [String]
        /// The first values of all lists together, then the second ones, instead of every value with every other.
        public var pairs = false
        /// A preset and changes for all runs, as `Job.load`.
        public var preset: String?
        public var changes: [String] = []
        /// The folder for records and checkpoints.
        public var folder: String
        /// Processes at a time, and threads of each; nil: the processors are shared out.
        public var parallel = 1
        public var threads: Int?
        /// Evaluate each run on the test samples too.
        public var test = false
        /// Keep the fold files beside the records.
        public var keepsFolds = false
        /// The command line, for records.
        public var command: [String] = []

        public init(job: String, vary: [String], folder: String) {
            self.job = job
            self.vary = vary
            self.folder = folder
        }
    }

    /// What a sweep tells while it works.
    public enum Event: Sendable {
        /// So many runs there are; so many of them were made before.
        case begun(runs: Int, made: Int)
        /// A run is over, so many of those that were to be made.
        case ended(SweepSummary.Run, count: Int, of: Int)
    }

    public let order: Order
    public let runs: [SweepRun]
    /// What is wrong with runs whose settings make no sense, by name.
    public let faults: [String: String]

    /// Finds the runs; nothing is written.
    /// - Throws: `InputError` for texts that cannot be read, and where a network is missing: no run of it would come to
    ///   anything.
    public init(_ order: Order) throws(InputError) {
        let (job, _) = try Job.load(order.job, changes: order.changes)
        let plan = try SweepPlan(vary: order.vary, pairs: order.pairs, job: job)
        let processors = ProcessInfo.processInfo.activeProcessorCount
        let runs = plan.points.map { point in
            SweepRun(
                job: order.job, preset: order.preset, changes: order.changes, name: point.name,
                parameters: point.parameters, folder: order.folder, command: order.command,
                threads: order.threads ?? max(processors / order.parallel, 1), test: order.test,
                keepsFold: order.keepsFolds)
        }
        self.order = order
        (self.runs, faults) = try Self.identified(runs)
    }

    /// Gives each run its identity, and tells what is wrong with those whose settings make no sense.
    private static func identified(
        _ given: [SweepRun]
    ) throws(InputError) -> (runs: [SweepRun], faults: [String: String]) {
        var runs = given
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
        return (runs, faults)
    }

    /// Makes all runs that were not made before, each in a process of its own.
    /// - Parameter arguments: with which this program is started anew for each run; it makes a `SweepChild` then.
    /// - Throws: `InputError` when another sweep is at work in the folder, nothing can be written there, or no process
    ///   be started. A run that fails leaves a record with its error.
    public func carryOut(
        arguments: [String], report: (Event) -> Void
    ) throws(InputError) -> SweepSummary {
        try makeFolder()
        let lock = try FolderLock(sweepIn: order.folder)
        defer { withExtendedLifetime(lock) {} }
        let done = Set(runs.filter(\.isDone).map(\.name))
        for run in runs { run.removeLeftovers(isDone: done.contains(run.name)) }
        let toDo = runs.filter { faults[$0.name] == nil && !done.contains($0.name) }
        for run in runs { if let fault = faults[run.name] { try run.fail(fault) } }
        report(.begun(runs: runs.count, made: runs.count - toDo.count - faults.count))
        var ended = 0
        try SweepProcesses(parallel: order.parallel, arguments: arguments).run(toDo) { run in
            ended += 1
            report(.ended(SweepSummary.Run(run), count: ended, of: toDo.count))
        }
        return SweepSummary(
            command: order.command, folder: order.folder, runs: runs.map { SweepSummary.Run($0) })
    }

    private func makeFolder() throws(InputError) {
        do {
            try FileManager.default.createDirectory(atPath: order.folder, withIntermediateDirectories: true)
        } catch {
            throw InputError(
                file: order.folder, field: "--output", problem: "no folder can be made there",
                remedy: "choose another place")
        }
    }
}
