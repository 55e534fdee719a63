// A joint training run from its first step to its last: looks at the validation samples, keeps the best state,
// rolls back what is not finite, writes checkpoints.

import Foundation
import PagefoldCore
import PagefoldEngine

/// When and on what a run looks at how good its networks are.
struct Looks {
    /// Steps of each network between two looks.
    var every: Int
    /// Validation samples of each network looked at, at most.
    var samples: Int
}

/// Where a run is kept while it works, and what is there already.
struct KeptRun {
    let path: String
    /// Names the job with its settings and data.
    let identity: String
    let placement: PlacementRecord
    let search: KeptSearch?
    let resumed: Checkpoint?
}

/// The loop around `JointTraining`.
struct TrainingRun {
    let training: JointTraining
    let tasks: [PackingTask]
    let engine: Engine
    let report: (PackingEvent) -> Void
    /// What some networks may lose at most, if that is bounded.
    let bounds: LossBounds?
    let originals: [Measure]
    /// What the networks are compared with in selection and balance.
    let baselines: [Measure]
    private let looks: Looks
    private let indices: [[Int]]
    private let originalAnswers: [[Answer]]

    /// A run that diverges more often than this is given up.
    static let mostRollbacks = 8

    struct Outcome {
        var weights: PackedWeights
        var best: Evaluated
        var history: [Evaluated]
    }

    init(
        training: JointTraining, tasks: [PackingTask], looks: Looks, engine: Engine,
        bounds: LossBounds? = nil, report: @escaping (PackingEvent) -> Void
    ) {
        self.training = training
        self.tasks = tasks
        self.looks = looks
        self.engine = engine
        self.report = report
        self.bounds = bounds
        let indices = tasks.map { spread(looks.samples, of: $0.validation.count) }
        self.indices = indices
        originalAnswers = tasks.indices.map { index in
            let network = training.networks[index]
            return engine.answers(
                of: network.plan, weights: network.teacher ?? training.weights.flat[index],
                to: tasks[index].validation, indices: indices[index], objective: network.objective)
        }
        let originals = zip(tasks, originalAnswers).enumerated().map { index, pair in
            training.networks[index].objective.measure(
                pair.1, original: pair.1, samples: pair.0.validation, indices: indices[index])
        }
        self.originals = originals
        baselines = zip(tasks, originals).map { $1.baseline(unseenAccuracy: $0.unseenAccuracy) }
    }

    /// Runs to the last step.
    /// - Parameter kept: nil: the run is not kept on disk.
    func finish(keeping kept: KeptRun? = nil) throws(InputError) -> Outcome {
        var scale: Float = 1
        var rollbacks = 0
        var history = [Evaluated]()
        // The best standing so far; what is kept is the last state that is as good.
        var summit: Standing?
        var best: (weights: PackedWeights, evaluated: Evaluated)?
        var lossSums = [Float](repeating: 0, count: tasks.count)
        var lossCounts = lossSums

        if let checkpoint = kept?.resumed {
            let header = checkpoint.header
            scale = header.learningRateScale
            rollbacks = header.rollbacks
            history = header.history
            summit = history.filter { isAllowed($0.measures) }.map { standing(of: $0.measures) }.max()
            best = (checkpoint.best, header.best)
            training.restore(
                TrainingState(
                    step: header.step, importance: header.importance, weights: checkpoint.state,
                    anchors: checkpoint.anchors))
            report(.resumed(step: header.step))
        }
        var good = training.capture()
        let total = training.turns.total
        let lookEvery = looks.every * training.turns.stride
        if kept?.resumed == nil || history.isEmpty { try look(losses: lossSums) }

        func look(losses: [Float]) throws(InputError) {
            let measures = measureAll()
            balance(measures)
            good.importance = training.networks.map(\.importance)
            let evaluated = Evaluated(step: training.step, measures: measures, losses: losses)
            let standing = standing(of: measures)
            var isBest = false
            if isAllowed(measures) {
                // Bounded networks are not ranked, so only strict improvements are accepted.
                let isAsGood =
                    bounds == nil
                    ? standing.isAsGood(as: summit ?? standing) : summit.map { $0 < standing } ?? true
                isBest = best == nil || training.settings.selection == .last || isAsGood
                // The first of equals, as after a restart.
                summit = max(standing, summit ?? standing)
            }
            if isBest { best = (training.weights.packed, evaluated) }
            history.append(evaluated)
            report(.evaluated(evaluated, isBest: isBest))
            // What is kept was looked at with the quanta that it had.
            training.renewQuanta()
            good.weights.stretches = training.weights.stretches
            guard let kept, let best else { return }
            try Checkpoint(
                header: CheckpointHeader(
                    fingerprint: kept.identity, step: good.step, learningRateScale: scale,
                    rollbacks: rollbacks, importance: good.importance, placement: kept.placement,
                    best: best.evaluated, history: history, search: kept.search),
                state: good.weights, anchors: good.anchors, best: best.weights
            ).write(to: kept.path)
        }

        while training.step < total {
            let active = training.turns[training.step].active
            let losses = training.advance(learningRateScale: scale)
            for index in active {
                lossSums[index] += losses[index]
                lossCounts[index] += 1
            }
            var sound = losses.allSatisfy(\.isFinite)
            report(.stepped(step: training.step, of: total, losses: losses))
            let due = training.step % lookEvery == 0 || training.step == total
            if sound && due {
                let state = training.capture()
                sound = state.isFinite
                if sound {
                    good = state
                    try look(losses: zip(lossSums, lossCounts).map { $0 / max($1, 1) })
                    lossSums = lossSums.map { _ in 0 }
                    lossCounts = lossSums
                }
            }
            if !sound {
                rollbacks += 1
                guard rollbacks <= Self.mostRollbacks else {
                    throw InputError(
                        .part("training"), field: "step \(training.step)",
                        problem: "weights or losses are not finite, \(rollbacks) times over",
                        remedy: "lower the learning rate or look at the data")
                }
                scale *= 0.5
                training.restore(good)
                lossSums = lossSums.map { _ in 0 }
                lossCounts = lossSums
                report(.rolledBack(to: good.step, learningRateScale: scale))
            }
        }
        guard let best else { preconditionFailure("a run looks at least once") }
        return Outcome(weights: best.weights, best: best.evaluated, history: history)
    }

    private func isAllowed(_ measures: [Measure]) -> Bool { bounds?.allow(measures, originals) ?? true }

    private func standing(of measures: [Measure]) -> Standing {
        guard let free = bounds?.free else { return Standing(measures, baselines) }
        return Standing(free.map { measures[$0] }, free.map { baselines[$0] })
    }

    /// Gives the networks that lose most a larger share of the joint loss, so that no network pays for another. The
    /// mean over the networks stays what the tasks asked for.
    private func balance(_ measures: [Measure]) {
        let strength = training.settings.balance
        guard strength > 0, measures.count > 1, training.step > 0 else { return }
        if let bounds {
            let importance = training.networks.map(\.importance)
            return training.setImportance(
                bounds.balanced(importance, given: tasks.map(\.importance), measures, originals))
        }
        let losses = zip(measures, baselines).map { Float(max(-$0.gain(over: $1), 0)) }
        let mean = losses.reduce(0, +) / Float(losses.count)
        let given = tasks.map(\.importance)
        // From what the task gave, not from the last look: networks that all lose a little would drift to the bounds.
        let importance = zip(given, losses).map { given, loss in
            given * min(max(exp(strength * (loss - mean)), 0.25), 8)
        }
        let target = given.reduce(0, +)
        let sum = importance.reduce(0, +)
        training.setImportance(importance.map { $0 * target / sum })
    }

    private func measureAll() -> [Measure] {
        tasks.indices.map { index in
            let network = training.networks[index]
            let answers = engine.answers(
                of: network.plan, weights: training.weights.flat[index], to: tasks[index].validation,
                indices: indices[index], objective: network.objective)
            return network.objective.measure(
                answers, original: originalAnswers[index], samples: tasks[index].validation,
                indices: indices[index])
        }
    }
}
