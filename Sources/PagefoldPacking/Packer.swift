// The pipeline, from networks with data to a fold: Fisher, separation, matching, joint training, selection. Read this
// first; each stage is a file of its own.

import Foundation
public import PagefoldCore
public import PagefoldEngine
import PagefoldGraph

/// Folds networks onto one pool.
public struct Packer {
    public let settings: PackingSettings
    private let threads: Workers
    private let fisher: FisherMemory?
    private let report: (PackingEvent) -> Void

    public init(
        settings: PackingSettings, threads: Workers, report: @escaping (PackingEvent) -> Void = { _ in }
    ) throws(InputError) {
        try self.init(settings: settings, threads: threads, fisher: nil, report: report)
    }

    /// - Parameter fisher: shared by runs on the same networks and data.
    init(
        settings: PackingSettings, threads: Workers, fisher: FisherMemory?,
        report: @escaping (PackingEvent) -> Void
    ) throws(InputError) {
        self.settings = try settings.validated()
        self.threads = threads
        self.fisher = fisher
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
        try pack(tasks, from: nil, checkpoint: path, fingerprint: fingerprint)
    }

    /// - Parameter start: a fold of these networks with these settings, to train further; nil: to begin with.
    func pack(
        _ given: [PackingTask], from start: PackingResult?, checkpoint path: String? = nil,
        fingerprint: String = ""
    ) throws(InputError) -> PackingResult {
        var tasks = given
        for index in tasks.indices { tasks[index] = try tasks[index].validated() }
        let originals = tasks.map(\.network.weights)
        if settings.channelScales {
            for index in tasks.indices { tasks[index].network = tasks[index].network.addingChannelScales() }
        }
        let settled = try settings.choosingTail(for: tasks)
        if settled != settings {
            let packer = try Packer(settings: settled, threads: threads, fisher: fisher, report: report)
            return try packer.pack(given, from: start, checkpoint: path, fingerprint: fingerprint)
        }
        let plans = tasks.map { NetworkPlan(program: $0.network.program) }
        let begun = start.map { " \(CRC32C.checksum($0.fold.encoded()))" } ?? ""
        let identity = try JobIdentity.text(
            settings: settings, tasks: tasks, fingerprint: fingerprint + begun)
        let resumed = try path.flatMap { path throws(InputError) in try Checkpoint.read(path) }
        if let resumed, resumed.header.fingerprint != identity {
            throw InputError(
                file: path ?? "", field: "checkpoint", problem: "it belongs to another job",
                remedy: "delete it, or write this job's fold file to another name")
        }

        let placing = Placing(
            settings: settings, tasks: tasks, plans: plans, threads: threads, fisher: fisher, report: report)
        let paged = try placing.pagedWeights()
        let placement: Placement
        if let resumed {
            guard
                let remembered = try resumed.header.placement.restored(
                    by: placing, for: paged, poolCount: resumed.state.first?.count ?? 0),
                resumed.fits(
                    remembered, tails: plans.map(\.program.tailCount),
                    turns: Turns(settings.training, networks: tasks.count),
                    hasAnchors: settings.training.matchingLoss != .none)
            else {
                throw InputError(
                    file: path ?? "", field: "checkpoint", problem: "it is damaged",
                    remedy: "delete it to begin anew")
            }
            placement = remembered
        } else if let start {
            placement = start.fold.placement(loss: start.matchingLoss).placement
            for index in tasks.indices {
                tasks[index].network.weights.replaceSubrange(
                    plans[index].program.pagedCount..., with: start.fold.networks[index].tail)
            }
        } else {
            placement = try placing.place(paged)
        }
        try checkSize(of: assemble(tasks, placement, weights(of: placement, tasks)))

        let training = JointTraining(
            networks: tasks.indices.map { index in
                NetworkInTraining(
                    plan: plans[index], source: tasks[index].training, teacher: FloatBuffer(originals[index]),
                    importance: tasks[index].importance, fromScratch: false)
            },
            placement: placement,
            tails: tasks.map { Array($0.network.weights[$0.network.program.pagedCount...]) },
            matchingLoss: settings.training.matchingLoss == .none
                ? nil
                : MatchingLoss(
                    kind: settings.training.matchingLoss, lambda: settings.training.lambda,
                    pages: placement.pages, patches: placement.patches),
            formats: settings.formats, settings: settings.training, threads: threads)
        let run = TrainingRun(
            training: training, tasks: tasks, settings: settings, threads: threads, report: report)
        let outcome = try run.finish(
            resuming: resumed, to: path, identity: identity, placement: PlacementRecord(placement))
        return PackingResult(
            fold: assemble(tasks, placement, outcome.weights), originals: run.originals, best: outcome.best,
            history: outcome.history, matchingLoss: placement.loss, pages: paged, baselines: run.baselines)
    }

    private func weights(of placement: Placement, _ tasks: [PackingTask]) -> [[Float]] {
        [placement.pool] + tasks.map { Array($0.network.weights[$0.network.program.pagedCount...]) }
            + placement.exclusive + [[Float](repeating: 1, count: placement.frames.frameCount)]
    }

    /// A pool of a given size may need more than the budget. To be known before hours of training.
    private func checkSize(of fold: Fold) throws(InputError) {
        let bytes = fold.encoded().count
        guard bytes <= settings.budget else {
            throw InputError(
                file: "settings", field: "budget",
                problem: "\(fold.frameCount) frames and what is exclusive need \(bytes) bytes",
                remedy: "raise the budget to that, or choose fewer frames")
        }
    }

    /// - Parameter weights: of all frames, then each network's tail, then each network's patches, then the quantum
    ///   of each frame.
    private func assemble(_ tasks: [PackingTask], _ placement: Placement, _ weights: [[Float]]) -> Fold {
        let frames = placement.frames
        let size = frames.pageSize
        let formats = settings.formats
        return Fold(
            pageSize: size, pool: Array(weights[0][..<(frames.sharedCount * size)]),
            quanta: formats.pool.hasQuantum ? Array(weights.last![..<frames.sharedCount]) : [],
            networks: tasks.enumerated().map { index, task in
                let (table, exclusive) = frames.folded(index)
                let indices = placement.patches.indices[index]
                return FoldedNetwork(
                    text: task.text, program: task.network.program, pageTable: table,
                    exclusivePages: exclusive.flatMap { weights[0][$0 * size..<($0 + 1) * size] },
                    exclusiveQuanta: formats.exclusivePages.hasQuantum
                        ? exclusive.map { weights.last![$0] } : [],
                    patches: indices.isEmpty
                        ? nil
                        : Patches(
                            size: placement.patches.size, indices: indices,
                            values: weights[1 + tasks.count + index]),
                    tail: weights[1 + index])
            }, formats: formats)
    }
}
