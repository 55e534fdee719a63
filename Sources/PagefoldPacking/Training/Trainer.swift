// Training one network from scratch: joint training of a network alone on its own frames, with labels only.

import Foundation
public import PagefoldCore
public import PagefoldEngine
public import PagefoldFold
public import PagefoldGraph

/// What training gives.
public struct TrainedResult: Sendable {
    /// The network with its trained weights.
    public var network: Network
    public var best: Evaluated
    public var history: [Evaluated]
}

/// Trains networks that have no weights yet.
public struct Trainer {
    public var settings: TrainingSettings
    public var evaluateEvery: Int
    public var validationSamples: Int

    public init(settings: TrainingSettings, evaluateEvery: Int = 200, validationSamples: Int = 4_000) {
        var settings = settings
        settings.labelWeight = 1
        self.settings = settings
        self.evaluateEvery = evaluateEvery
        self.validationSamples = validationSamples
    }

    /// - Throws: `InputError` naming the setting that makes no sense.
    public func validate() throws(InputError) {
        try settings.validate()
        guard evaluateEvery > 0, validationSamples > 0 else {
            throw InputError(
                .settings, field: "evaluate_every",
                problem: "\(evaluateEvery) steps, \(validationSamples) samples",
                remedy: "choose numbers above 0")
        }
    }

    /// Trains with cross-entropy and keeps the state with the best validation accuracy.
    /// - Throws: `InputError` when data and network do not fit or training diverges.
    public func train(
        _ network: Network, text: NetworkText, training: any SampleSource, validation: any SampleSource,
        engine: Engine, report: @escaping (PackingEvent) -> Void = { _ in }
    ) throws(InputError) -> TrainedResult {
        try validate()
        let lowered = try network.lowered(for: .training)
        let task = try PackingTask(network: lowered, text: text, training: training, validation: validation)
            .validated()
        guard (0..<training.count).allSatisfy({ training.label($0) >= 0 }),
            (0..<validation.count).allSatisfy({ validation.label($0) >= 0 })
        else {
            throw InputError(
                .network(network.name), field: "labels", problem: "some samples have none",
                remedy: "training from scratch needs a label for each sample")
        }
        let program = lowered.program
        let pageSize = PackingSettings.defaultPageSize
        let frames = FrameTable(pageSize: pageSize, pagedCounts: [program.pagedCount])
        let joint = JointTraining(
            networks: [
                TrainedNetwork(
                    plan: NetworkPlan(program: program), samples: training, teacher: nil, fromScratch: true)
            ],
            frames: frames, pool: lowered.filledPages(pageSize: pageSize), tails: [task.tail],
            settings: settings, engine: engine)
        let run = TrainingRun(
            training: joint, tasks: [task], looks: Looks(every: evaluateEvery, samples: validationSamples),
            engine: engine, report: report)
        let outcome = try run.finish()
        var trained = lowered
        trained.weights = Array(outcome.weights.pool[..<program.pagedCount]) + outcome.weights.tails[0]
        return TrainedResult(
            network: network.replacingWeights(by: trained), best: outcome.best, history: outcome.history)
    }
}

extension LoweredNetwork {
    /// Its paged weights, the last page filled up with zeros: [pages][pageSize].
    func filledPages(pageSize: Int) -> [Float] {
        let count = program.pageCount(pageSize: pageSize) * pageSize
        return weights[..<program.pagedCount]
            + [Float](repeating: 0, count: count - program.pagedCount)
    }

    /// The network alone in a fold, every page on a frame of its own: how a trained network is kept.
    public func fold(text: NetworkText, pageSize: Int = PackingSettings.defaultPageSize) -> Fold {
        let pages = program.pageCount(pageSize: pageSize)
        return Fold(
            pageSize: pageSize, pool: filledPages(pageSize: pageSize),
            networks: [
                FoldedNetwork(
                    text: text, program: program, pageTable: Array(0..<pages),
                    tail: Array(weights[program.pagedCount...]))
            ])
    }
}
