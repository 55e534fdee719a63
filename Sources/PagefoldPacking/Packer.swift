// The pipeline, from networks with data to a fold: Fisher, matching, joint training, selection. Read this first;
// each stage is a file of its own.

import Foundation
public import PagefoldCore
public import PagefoldEngine
import PagefoldGraph

/// Folds networks onto one pool.
public struct Packer {
    public let settings: PackingSettings
    private let threads: ThreadPool
    private let report: (PackingEvent) -> Void

    public init(
        settings: PackingSettings, threads: ThreadPool, report: @escaping (PackingEvent) -> Void = { _ in }
    ) throws(InputError) {
        self.settings = try settings.validated()
        self.threads = threads
        self.report = report
    }

    /// Packs networks into one fold of at most `settings.budget` bytes.
    /// - Parameters:
    ///   - checkpoint: where the run is kept while it works. When a checkpoint of the same job is there, it goes on
    ///     from it and ends with the same bytes.
    ///   - fingerprint: names the job with its data, for that comparison.
    /// - Throws: `InputError` when the networks and their data do not fit, or training diverges again and again.
    public func pack(
        _ tasks: [PackingTask], checkpoint path: String? = nil, fingerprint: String = ""
    ) throws(InputError) -> PackingResult {
        var tasks = tasks
        for index in tasks.indices { tasks[index] = try tasks[index].validated() }
        let originals = tasks.map(\.network.weights)
        if settings.channelScales {
            for index in tasks.indices { tasks[index].network = tasks[index].network.addingChannelScales() }
        }
        let plans = tasks.map { NetworkPlan(program: $0.network.program) }
        let identity = try JobIdentity.text(settings: settings, tasks: tasks, fingerprint: fingerprint)
        let resumed = try path.flatMap { path throws(InputError) in try Checkpoint.read(path) }
        if let resumed, resumed.header.fingerprint != identity {
            throw InputError(
                file: path ?? "", field: "checkpoint", problem: "it belongs to another job",
                remedy: "delete it, or write this job's fold file to another name")
        }

        let count = try frameCount(for: tasks, pageSize: settings.pageSize, budget: settings.budget)
        let frames: FrameTable
        let pool: [Float]
        let matchingLoss: Double
        if let resumed {
            guard
                resumed.fits(
                    plans.map(\.program), pageSize: settings.pageSize, frames: count,
                    steps: settings.training.steps)
            else {
                throw InputError(
                    file: path ?? "", field: "checkpoint", problem: "it is damaged",
                    remedy: "delete it to begin anew")
            }
            frames = FrameTable(
                pageSize: settings.pageSize, frameCount: count, frameOf: resumed.header.pageTables)
            pool = resumed.state[0]
            matchingLoss = resumed.header.matchingLoss
        } else {
            (frames, pool, matchingLoss) = try matchPages(tasks, plans, onto: count)
        }

        let training = JointTraining(
            networks: tasks.indices.map { index in
                NetworkInTraining(
                    plan: plans[index], source: tasks[index].training, teacher: FloatBuffer(originals[index]),
                    importance: tasks[index].importance, fromScratch: false)
            },
            frames: frames, pool: pool,
            tails: tasks.map { Array($0.network.weights[$0.network.program.pagedCount...]) },
            settings: settings.training, threads: threads)
        let run = TrainingRun(
            training: training, tasks: tasks, settings: settings, threads: threads, report: report)
        let outcome = try run.finish(
            resuming: resumed, to: path, identity: identity, matchingLoss: matchingLoss)
        return PackingResult(
            fold: assemble(tasks, frames, outcome.weights), originals: run.originals, best: outcome.best,
            history: outcome.history, matchingLoss: matchingLoss)
    }

    /// Fisher of each network, then the frames of all pages and the Fisher-weighted mean on each frame.
    private func matchPages(
        _ tasks: [PackingTask], _ plans: [NetworkPlan], onto count: Int
    ) throws(InputError) -> (FrameTable, [Float], Double) {
        var paged = [PagedWeights]()
        for (task, plan) in zip(tasks, plans) {
            report(.stage("Fisher of \(task.network.name)"))
            let program = plan.program
            var fisher = FisherInformation.diagonal(
                of: plan, weights: program.effectiveWeights(task.network.weights), source: task.training,
                indices: spread(settings.fisherSamples, of: task.training.count),
                kind: settings.fisher, threads: threads)
            // With w = s·v the Fisher of v is s² times that of w.
            for row in RowLayout(program: program, pageSize: settings.pageSize).rows where row.scale >= 0 {
                let scale = task.network.weights[row.scale]
                for i in row.range { fisher[i] *= scale * scale }
            }
            let end = program.pagedCount
            let total = fisher[..<end].reduce(0.0) { $0 + Double($1) }
            let divisor = total > 0 ? pow(total, Double(settings.fisherNormalisation)) : 1
            let factor = Float(Double(task.importance) / divisor)
            paged.append(
                try PagedWeights(
                    name: task.network.name, weights: Array(task.network.weights[..<end]),
                    fisher: fisher[..<end].map { $0 * factor }, pageSize: settings.pageSize))
        }
        report(.stage("matching pages to \(count) frames"))
        var matchingSettings = MatchingSettings()
        matchingSettings.seed = settings.training.seed
        let matching = try match(paged, onto: count, settings: matchingSettings)
        report(.matched(frames: count, loss: matching.loss))
        let table = FrameTable(
            pageSize: settings.pageSize, frameCount: count, frameOf: matching.assignment.frameOf)
        return (table, try matching.assignment.frameWeights(of: paged), matching.loss)
    }

    private func assemble(_ tasks: [PackingTask], _ frames: FrameTable, _ weights: [[Float]]) -> Fold {
        Fold(
            pageSize: frames.pageSize, pool: weights[0],
            networks: tasks.enumerated().map { index, task in
                FoldedNetwork(
                    text: task.text, program: task.network.program, pageTable: frames.frameOf[index],
                    tail: weights[1 + index])
            })
    }
}
