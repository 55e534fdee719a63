// The pipeline, from networks with data to a fold: Fisher, separation, matching, joint training, selection. Read this
// first; each stage is a file of its own.

import Foundation
public import PagefoldCore
public import PagefoldEngine
import PagefoldFold
import PagefoldGraph

/// Folds networks onto one pool.
public struct Packer {
    public let settings: PackingSettings
    private let engine: Engine
    private let fisher: FisherMemory?
    private let report: (PackingEvent) -> Void

    public init(
        settings: PackingSettings, engine: Engine, report: @escaping (PackingEvent) -> Void = { _ in }
    ) throws(InputError) {
        try self.init(settings: settings, engine: engine, fisher: nil, report: report)
    }

    /// - Parameter fisher: shared by runs on the same networks and data.
    init(
        settings: PackingSettings, engine: Engine, fisher: FisherMemory?,
        report: @escaping (PackingEvent) -> Void
    ) throws(InputError) {
        self.settings = try settings.validated()
        self.engine = engine
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

    /// What a run goes on from, as its identity has it.
    static func name(of start: PackingResult?) -> String {
        start.map { " \(CRC32C.checksum($0.fold.encoded()))" } ?? ""
    }

    /// - Parameters:
    ///   - start: a fold of these networks with these settings, to train further; nil: to begin with.
    ///   - search: what chose the settings; the checkpoint keeps it.
    func pack(
        _ given: [PackingTask], from start: PackingResult?, checkpoint path: String? = nil,
        fingerprint: String = "", search: KeptSearch? = nil
    ) throws(InputError) -> PackingResult {
        var tasks = [PackingTask]()
        for task in given { tasks.append(try task.validated().prepared(by: engine, settings)) }
        let originals = tasks.map(\.network.weights)
        if settings.channelScales {
            for index in tasks.indices { tasks[index].network = tasks[index].network.addingChannelScales() }
        }
        tasks = try settings.choosingTails(for: tasks)
        let plans = tasks.map { NetworkPlan(program: $0.network.program) }
        let identity = try JobIdentity.text(
            settings: settings, tasks: tasks,
            fingerprint: fingerprint + (search?.begun ?? Self.name(of: start)))
        let resumed = try path.flatMap { path throws(InputError) in try Checkpoint.read(path) }
        if let resumed, let path, resumed.header.fingerprint != identity {
            throw Checkpoint.foreign(path)
        }

        let placing = Placing(
            settings: settings, tasks: tasks, plans: plans, engine: engine, fisher: fisher, report: report)
        let paged = try placing.pagedWeights()
        let placement: Placement
        if let resumed {
            guard
                let remembered = try resumed.header.placement.restored(
                    by: placing, for: paged, poolCount: resumed.state.pool.weights.count),
                resumed.fits(
                    remembered, turns: Turns(settings.training, networks: tasks.count),
                    hasAnchors: settings.training.matchingLoss != .none)
            else {
                throw InputError(
                    file: path ?? "", field: "checkpoint", problem: "it is damaged",
                    remedy: "delete it to begin anew")
            }
            placement = remembered
        } else if let start {
            placement = start.fold.placement(loss: start.matchingLoss).placement
        } else {
            placement = try placing.place(paged)
        }
        try check(placement.size(of: tasks, formats: settings.formats), settings)

        let training = JointTraining(
            networks: tasks.indices.map { index in
                tasks[index].trained(plan: plans[index], teacher: originals[index])
            },
            placement: placement,
            matchingLoss: settings.training.matchingLoss == .none
                ? nil
                : MatchingLoss(
                    kind: settings.training.matchingLoss, lambda: settings.training.lambda,
                    pages: placement.pages, patches: placement.patches),
            formats: settings.formats, settings: settings.training, engine: engine)
        let run = TrainingRun(
            training: training, tasks: tasks, looks: settings.looks, engine: engine, report: report)
        let outcome = try run.finish(
            keeping: path.map {
                KeptRun(
                    path: $0, identity: identity, placement: PlacementRecord(placement), search: search,
                    resumed: resumed)
            })
        return PackingResult(
            fold: placement.fold(of: tasks, outcome.weights, formats: settings.formats),
            originals: run.originals, best: outcome.best, history: outcome.history,
            matchingLoss: placement.loss, pages: paged, baselines: run.baselines,
            chances: zip(tasks, run.originals).map { $0.chance($1.unit, looks: settings.looks) })
    }

    /// A pool of a given size may need more than the budget. To be known before hours of training.
    private func check(_ size: FoldSize, _ settings: PackingSettings) throws(InputError) {
        let bytes = size.bytes
        guard bytes <= settings.budget else {
            throw InputError(
                .settings, field: "budget",
                problem: "\(size.frames) frames and what is exclusive need \(bytes) bytes",
                remedy: "raise the budget to that, or choose fewer frames")
        }
    }
}
