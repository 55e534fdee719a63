// From a job and its settings to a fold file and a record: what `pagefold pack` does once and `pagefold sweep` many
// times.

import Foundation
public import PagefoldCore
public import PagefoldEngine
public import PagefoldFold
import PagefoldGraph
public import PagefoldImport
public import PagefoldPacking
public import PagefoldReport

/// One run of the packer on a job.
public struct PackingRun: Sendable {
    public var job: Job
    public var settings: PackingSettings
    /// Path of the fold file.
    public var output: String
    /// What no network may lose, as a share of its validation samples; nil: anything.
    public var mostLoss: Double?
    public var engine: Engine

    /// - Parameter output: nil: the job file's name with `.fold`.
    public init(
        job: Job, settings: PackingSettings, output: String? = nil, mostLoss: Double? = nil,
        engine: Engine = .onAllProcessors()
    ) {
        self.job = job
        self.settings = settings
        self.output = output ?? FilePath.withoutSuffix(job.path) + ".fold"
        self.mostLoss = mostLoss
        self.engine = engine
    }

    /// Kept while the run works, so that it goes on after a kill. It is still there when `pack` returns: whoever keeps
    /// the record removes it afterwards.
    public var checkpoint: String { output + ".checkpoint" }

    public func removeCheckpoint() { try? FileManager.default.removeItem(atPath: checkpoint) }

    /// What is to be told before the run begins: a budget that does not count, because the settings say how many frames
    /// there are.
    public var notice: String? {
        guard settings.pool != .budget, let budget = job.budget else { return nil }
        let frames = settings.texts["frames"] ?? ""
        return
            "the budget of \(budget.text) does not count: frames is \(frames), and the fold file is as large as "
            + "these frames make it; set frames=budget to keep to the budget"
    }

    /// Packs, writes the fold file and tells what was done.
    /// - Parameter report: is told what happens meanwhile.
    /// - Returns: the content of the fold file, and a record without a command line.
    /// - Throws: `InputError` for data that are missing or do not fit, settings that make no sense, a network that loses
    ///   more than `mostLoss`, or a fold file that cannot be written.
    public func pack(
        report: @escaping (PackingEvent) -> Void = { _ in }
    ) throws(InputError) -> (fold: Fold, record: PackRecord) {
        let started = Date()
        let clock = StageClock(.loading)
        try job.refuseOverwriting(output)
        let tasks = try job.loadTasks(settings) { report(.stage($0)) }
        let originalBytes = tasks.reduce(0) { $0 + 4 * $1.network.program.weightCount }
        var settings = settings
        settings.budget = try job.bytes(originalBytes: originalBytes, for: settings)
        for task in tasks {
            for text in try OriginalCheck(try task.validated(), engine: engine).warnings {
                report(.warned("\(task.text.name): \(text)"))
            }
        }
        let quantised = try quantisedScores(of: tasks, settings)

        let search = try BudgetSearch(settings: settings, engine: engine) { event in
            clock.note(event)
            report(event)
        }
        let found: SearchResult
        do {
            found = try search.pack(
                tasks, checkpoint: checkpoint, fingerprint: "\(job.fileChecksum())", mostLoss: mostLoss)
        } catch { throw job.placing(error) }
        let result = found.packing
        settings = found.settings
        clock.begin(.writing)
        let bytes = result.fold.encoded()
        try AtomicFile.write(bytes, to: output)

        var record = PackRecord(bytes: bytes.count, tasks: tasks, result: result)
        for index in quantised.indices { record.networks[index].quantised = quantised[index] }
        record.settings = settings.texts
        record.settings["budget"] = settings.pool == .budget ? job.budget?.text : nil
        record.search = found.points.isEmpty ? nil : found.points.map(PackRecord.SearchPoint.init)
        if settings.pool == .budget {
            let sizes = [NumberFormat.int4, .int8].compactMap { format in
                BudgetSearch.bytesWithoutSharing(tasks, self.settings, as: format).map { ("\(format)", $0) }
            }
            record.withoutSharing = Dictionary(uniqueKeysWithValues: sizes)
        }
        record.output = output
        record.originalBytes = originalBytes
        record.stages = clock.seconds
        record.resumedStep = clock.resumedStep
        record.seconds = Date().timeIntervalSince(started)
        record.peakMemory = peakMemory()
        record.threads = engine.workers.threads
        return (result.fold, record)
    }

    /// For each network that comes from a quantised file, what the file's own arithmetic scores on the validation samples.
    private func quantisedScores(
        of tasks: [PackingTask], _ settings: PackingSettings
    ) throws(InputError) -> [PackRecord.Score?] {
        var scores: [PackRecord.Score?] = []
        for (entry, task) in zip(job.networks, tasks) {
            guard try entry.isQuantised() else {
                scores.append(nil)
                continue
            }
            let comparison = try Comparison(
                task.network, objective: task.prepared(by: engine, settings).objective, scales: false,
                samples: task.validation, most: settings.validationSamples, field: "validation samples",
                engine: engine)
            let validation = try entry.loadTraining(jobFile: job.path, seed: 0).validation
            let measure = try entry.quantisedMeasure(
                in: comparison, on: validation,
                answersStates: task.network.program.outputs.count > task.text.outputs.count,
                jobFile: job.path)
            scores.append(measure.map { .init($0) })
        }
        return scores
    }
}

extension Job {
    /// Of the job file's bytes; 0 where it is gone.
    func fileChecksum() -> UInt32 {
        FileManager.default.contents(atPath: path).map { CRC32C.checksum([UInt8]($0)) } ?? 0
    }
}

extension Engine {
    /// A thread for each processor of the machine.
    public static func onAllProcessors() -> Engine {
        Engine(threads: ProcessInfo.processInfo.activeProcessorCount)
    }
}
