// One more network for a fold that others run from: placement, training of what is its own, and, where a loss of the
// others is allowed, joint training of all. Packing anew is Packer's.

public import PagefoldCore
public import PagefoldEngine
public import PagefoldFold
public import PagefoldGraph

/// What adding a network gives.
public struct GrowthResult: Sendable {
    /// A network that was there before.
    public struct Neighbour: Sendable {
        public var name: String
        /// In the fold as it was and as it is; nil where the network came without data.
        public var before: Measure?
        public var after: Measure?
        /// Whether every weight of it is what it was, bit for bit.
        public var isUnchanged: Bool
    }
    public var fold: Fold
    public var original: Measure
    /// Before training: matched and fitted alone.
    public var matched: Measure
    public var packed: Measure
    public var neighbours: [Neighbour]
    /// Second-order loss ΣF(w − w*)² before training.
    public var matchingLoss: Double
    /// The looks at the network alone; then, where a loss is allowed, at all networks, the added one last.
    public var history: [Evaluated]
    public var jointHistory: [Evaluated]
    public var bestStep: Int
}

/// Adds networks to folds.
public struct Grower {
    /// `budget` is what the fold file may grow by. Page size, pool and matching are not chosen here: the page size is
    /// the fold's.
    public let settings: PackingSettings
    /// Share of its validation samples that the measure of a network that is there may fall by. 0: none of its
    /// weights moves.
    public let mostLoss: Double
    private let engine: Engine
    private let report: (PackingEvent) -> Void

    /// Float32 bytes of a network for each byte that the file grows by, where nobody chooses.
    public static let defaultRatio = 5.9

    /// - Throws: `InputError` naming the setting that makes no sense.
    public init(
        settings: PackingSettings, mostLoss: Double = 0, engine: Engine,
        report: @escaping (PackingEvent) -> Void = { _ in }
    ) throws(InputError) {
        self.settings = try settings.validated()
        guard (0...1).contains(mostLoss) else {
            throw InputError(
                .settings, field: "max-loss", problem: "\(100 * mostLoss) points",
                remedy: "choose 0…100 points")
        }
        guard settings.separation.method != .density else {
            throw InputError(
                .settings, field: "separation",
                problem: "density is not possible in a fold that is there",
                remedy: "choose none or loss")
        }
        self.mostLoss = mostLoss
        self.engine = engine
        self.report = report
    }

    /// Adds one network.
    /// - Parameters:
    ///   - others: the networks that are there with their data, in any order: their weights are the fold's. Needed
    ///     where a loss is allowed.
    /// - Throws: `InputError` when the name is taken, the budget too small, data do not fit, others are missing, or
    ///   training diverges again and again.
    public func add(
        _ task: PackingTask, to fold: Fold, others: [PackingTask] = []
    ) throws(InputError) -> GrowthResult {
        var task = try task.validated().prepared(by: engine, settings)
        let name = task.text.name
        guard !fold.networks.contains(where: { $0.text.name == name }) else {
            throw InputError(
                .fold, field: "network \(name)", problem: "there is one of that name already",
                remedy: "remove it first or give another name")
        }
        let block = settings.separation.patchSize
        guard settings.separation.method == .none || block == 0 || fold.pageSize % block == 0 else {
            throw InputError(
                .settings, field: "block",
                problem: "\(block) does not divide the fold's page of \(fold.pageSize)",
                remedy: "choose a divisor")
        }
        let neighbours = mostLoss > 0 ? try tasks(of: fold, among: others) : []
        var settings = settings
        settings.pageSize = fold.pageSize
        let original = task.network.weights
        if settings.channelScales { task.network = task.network.addingChannelScales() }
        task = try settings.choosingTails(
            for: [task], narrowest: fold.networks.map(\.tailFormat).min { $0.width < $1.width },
            room: FrameFitting.factors.upperBound)[0]
        let plan = NetworkPlan(program: task.network.program)
        let placing = Placing(
            settings: settings, tasks: [task], plans: [plan], engine: engine, report: report)
        let paged = try placing.pagedWeights()[0]
        report(.stage(.matchingToFold))
        let found = try GrowthPlacing(fold: fold, settings: settings, task: task, workers: engine.workers)
            .place(paged)
        report(.matched(frames: fold.frameCount, loss: found.placement.loss))

        let newcomer = task.trained(plan: plan, teacher: original)
        let run = TrainingRun(
            training: JointTraining(
                networks: [newcomer], placement: found.placement, frozen: FrozenParts(frames: found.fixed),
                formats: fold.formats, settings: settings.training, engine: engine),
            tasks: [task], looks: settings.looks, engine: engine, report: report)
        let outcome = try run.finish()
        var alone = fold
        alone.take(outcome.weights)
        alone.networks.append(
            found.placement.folded(0, task, outcome.weights, formats: fold.formats))
        var result = GrowthResult(
            fold: alone, original: run.originals[0], matched: outcome.history[0].measures[0],
            packed: outcome.best.measures[0], neighbours: [], matchingLoss: found.placement.loss,
            history: outcome.history, jointHistory: [], bestStep: outcome.best.step)
        var measures = [(before: Measure, after: Measure)]()
        if mostLoss > 0 {
            report(.stage(.trainingAll(mostLoss: mostLoss)))
            let joint = JointGrowth(
                fold: alone, tasks: neighbours + [task], original: original, settings: settings,
                mostLoss: mostLoss, engine: engine, report: report)
            let (together, joined, before) = try joint.run()
            result.fold = together
            result.jointHistory = joined.history
            if joined.best.step > 0 {
                result.packed = joined.best.measures[neighbours.count]
                result.bestStep = joined.best.step
            }
            measures = neighbours.indices.map { (before[$0], joined.best.measures[$0]) }
        }
        result.neighbours = fold.networks.indices.map { index in
            GrowthResult.Neighbour(
                name: fold.networks[index].text.name,
                before: measures.isEmpty ? nil : measures[index].before,
                after: measures.isEmpty ? nil : measures[index].after,
                isUnchanged: Self.bits(of: index, in: fold) == Self.bits(of: index, in: result.fold))
        }
        return result
    }

    private static func bits(of network: Int, in fold: Fold) -> [UInt32] {
        fold.weights(of: fold.networks[network]).map(\.bitPattern)
    }

    /// Tasks of the networks that are there, in their order, with the weights that they have now.
    private func tasks(of fold: Fold, among others: [PackingTask]) throws(InputError) -> [PackingTask] {
        var tasks = [PackingTask]()
        for index in fold.networks.indices {
            let name = fold.networks[index].text.name
            guard var task = others.first(where: { $0.text.name == name }) else {
                throw InputError(
                    .job, field: "network \(name)",
                    problem: "it is in the fold, and there are no data to see what it loses",
                    remedy: "name all networks of the fold with their data, or allow no loss")
            }
            task.network = fold.lowered(index)
            task.tailFormat = fold.networks[index].tailFormat
            tasks.append(try task.validated().prepared(by: engine, settings))
        }
        return tasks
    }
}

extension Fold {
    /// A network as it is in the fold, with the channel scales that it has.
    public func lowered(_ index: Int) -> LoweredNetwork {
        let network = networks[index]
        return LoweredNetwork(
            name: network.text.name, program: network.program, weights: weights(of: network))
    }
}
