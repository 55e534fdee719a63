// Looks at a job before minutes go into it: files, shapes, labels, transforms, the place of the result, what the originals
// answer, what the budget leaves, how long it will take.

import Foundation
import PagefoldCore
public import PagefoldEngine
import PagefoldFold
import PagefoldGraph
public import PagefoldImport
public import PagefoldPacking
public import PagefoldReport

/// What a check of a job found. `CodingKeys` are the keys of the JSON document.
public struct CheckRecord: Sendable, Encodable {
    /// One network of the job.
    public struct Network: Sendable, Encodable {
        public var name: String
        /// Of the original, biases included.
        public var weights: Int
        /// Numbers of samples.
        public var training: Int
        public var validation: Int
        public var test: Int?
        /// Of the original on validation samples, 400 at most.
        public var original: PackRecord.Score
        public var warnings: [String]

        enum CodingKeys: String, CodingKey {
            case name = "name", weights = "weights", training = "training", validation = "validation"
            case test = "test", original = "original", warnings = "warnings"
        }
    }
    /// A format that the budget can be spent on.
    public struct Choice: Sendable, Encodable {
        public var format: String
        /// Weights in a page.
        public var page: Int
        public var frames: Int
        /// Pages of all networks for each frame.
        public var sharing: Double
        /// Bytes of all frames, and of everything else: programs, page tables, biases, names.
        public var frameBytes: Int
        public var otherBytes: Int
        /// Why it is not tried; empty where it is.
        public var verdict: String

        enum CodingKeys: String, CodingKey {
            case format = "format", page = "page", frames = "frames", sharing = "sharing"
            case frameBytes = "frameBytes", otherBytes = "otherBytes", verdict = "verdict"
        }

        init(_ point: SearchPoint) {
            (format, page, frames) = ("\(point.format)", point.page, point.frames)
            (sharing, verdict) = (point.sharing, point.verdict.text)
            otherBytes = BudgetSearch.otherBytes(of: point)
            frameBytes = point.bytes - otherBytes
        }
    }
    public var networks: [Network]
    /// What must be mended before the job can be packed: one sentence for each file or network.
    public var errors: [String]
    /// Float32 bytes of all networks; nil where one is missing.
    public var originalBytes: Int?
    public var budget: Int?
    /// What the budget can be spent on.
    public var choices: [Choice]
    /// Seconds that packing will take, about; nil where something is missing.
    public var seconds: Double?

    enum CodingKeys: String, CodingKey {
        case networks = "networks", errors = "errors", originalBytes = "originalBytes", budget = "budget"
        case choices = "choices", seconds = "seconds"
    }

    /// Whether nothing keeps the job from being packed.
    public var isSound: Bool { errors.isEmpty }
    /// All warnings, with the names of their networks.
    public var warnings: [String] {
        networks.flatMap { network in network.warnings.map { "\(network.name): \($0)" } }
    }
}

extension Job {
    /// Checks everything that can be checked in seconds. Test samples are read, but no network answers them.
    /// - Parameters:
    ///   - output: where the fold file would be written.
    ///   - progress: is told which network is looked at.
    public func check(
        _ settings: PackingSettings, output: String, engine: Engine, progress: (String) -> Void = { _ in }
    ) -> CheckRecord {
        var record = CheckRecord(networks: [], errors: [], choices: [])
        func attempt<Result>(_ work: () throws(InputError) -> Result) -> Result? {
            do throws(InputError) { return try work() } catch {
                record.errors.append("\(placing(error))")
                return nil
            }
        }
        _ = attempt { () throws(InputError) in try refuseOverwriting(output) }
        var tasks: [PackingTask] = []
        for entry in networks {
            progress(entry.name)
            // A file of samples that is damaged says nothing of the test samples, and the other way round.
            let test = attempt { () throws(InputError) in try entry.checkTest(jobFile: path) }
            let found = attempt { () throws(InputError) -> (PackingTask, OriginalCheck) in
                let task = try entry.loadTask(
                    jobFile: path, seed: settings.training.seed, pageBiases: settings.pageBiases
                ).validated()
                return (task, try OriginalCheck(task, engine: engine))
            }
            guard let (task, original) = found else { continue }
            tasks.append(task)
            record.networks.append(
                .init(
                    name: entry.name, weights: task.network.weights.count, training: task.training.count,
                    validation: task.validation.count, test: test ?? nil, original: .init(original.measure),
                    warnings: original.warnings))
        }
        guard tasks.count == networks.count else { return record }
        let originalBytes = tasks.reduce(0) { $0 + 4 * $1.network.program.weightCount }
        record.originalBytes = originalBytes
        var settings = settings
        guard
            let points = attempt({ () throws(InputError) in
                settings.budget = try bytes(originalBytes: originalBytes, for: settings)
                return try BudgetSearch(settings: settings, engine: engine).choices(for: tasks)
            })
        else { return record }
        record.budget = settings.pool == .budget ? settings.budget : nil
        record.choices = points.map { .init($0) }
        progress("the time of a step")
        record.seconds =
            TimeEstimate(
                tasks, settings, trials: points.count { $0.verdict == .open }, engine: engine
            ).whole
        return record
    }
}

extension JobNetwork {
    /// Reads the test samples and compares their shape and labels with the network.
    /// - Returns: how many there are; nil where the job names none.
    fileprivate func checkTest(jobFile: String) throws(InputError) -> Int? {
        guard let test = try loadTest(jobFile: jobFile) else { return nil }
        let network = try loadNetwork(jobFile: jobFile)
        let text = try text(of: network, jobFile: jobFile)
        let isStream = isStream(network.program, test)
        let samples = try samples(test, for: network, jobFile: jobFile)
        var opened = network
        opened.program = network.program.openingStates(answersStates: isStream)
        do {
            try opened.check(samples, for: objective(of: opened.program, text), field: "test samples")
        } catch { throw placing(error, jobFile: jobFile) }
        return samples.count
    }
}
