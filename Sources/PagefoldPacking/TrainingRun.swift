// A joint training run from its first step to its last: looks at the validation samples, keeps the best state,
// rolls back what is not finite, writes checkpoints.

import Foundation
import PagefoldCore
import PagefoldEngine

/// The loop around `JointTraining`.
struct TrainingRun {
    let training: JointTraining
    let tasks: [PackingTask]
    let settings: PackingSettings
    let threads: Workers
    let report: (PackingEvent) -> Void
    /// What some networks may lose at most, if that is bounded.
    let bounds: LossBounds?
    let originals: [Score]
    /// What the networks are compared with in selection and balance.
    let baselines: [Score]
    private let indices: [[Int]]
    private let originalAnswers: [[Int]]
    private let arenas: [BlockArena]

    /// A run that diverges more often than this is given up.
    static let mostRollbacks = 8

    struct Outcome {
        var weights: [[Float]]
        var best: Evaluated
        var history: [Evaluated]
    }

    init(
        training: JointTraining, tasks: [PackingTask], settings: PackingSettings, threads: Workers,
        bounds: LossBounds? = nil, report: @escaping (PackingEvent) -> Void
    ) {
        self.training = training
        self.tasks = tasks
        self.settings = settings
        self.threads = threads
        self.report = report
        self.bounds = bounds
        let arenas = (0..<threads.threads).map { _ in BlockArena(plans: training.networks.map(\.plan)) }
        self.arenas = arenas
        let indices = tasks.map { spread(settings.validationSamples, of: $0.validation.count) }
        self.indices = indices
        originalAnswers = tasks.indices.map { index in
            let network = training.networks[index]
            let weights = network.teacher ?? training.flat[index]
            return Evaluation.classes(
                network.plan, weights: weights, source: tasks[index].validation, indices: indices[index],
                threads: threads, arenas: arenas)
        }
        let originals = zip(tasks, originalAnswers).enumerated().map { index, pair in
            Evaluation.score(
                pair.1, source: pair.0.validation, indices: indices[index], original: pair.1)
        }
        self.originals = originals
        baselines = zip(tasks, originals).map { $1.baseline(unseenAccuracy: $0.unseenAccuracy) }
    }

    /// Runs to the last step.
    func finish(
        resuming checkpoint: Checkpoint?, to path: String?, identity: String, placement: PlacementRecord
    ) throws(InputError) -> Outcome {
        var scale: Float = 1
        var rollbacks = 0
        var history = [Evaluated]()
        // The best standing so far; what is kept is the last state that is as good.
        var summit: Standing?
        var best: (weights: [[Float]], evaluated: Evaluated)?
        var lossSums = [Float](repeating: 0, count: tasks.count)
        var lossCounts = lossSums

        if let checkpoint {
            let header = checkpoint.header
            scale = header.learningRateScale
            rollbacks = header.rollbacks
            history = header.history
            summit = history.filter { isAllowed($0.scores) }.map { standing(of: $0.scores) }.max()
            if let evaluated = header.best { best = (checkpoint.bestWeights, evaluated) }
            training.restore(
                TrainingState(
                    step: header.step, importance: header.importance, vectors: checkpoint.state))
            report(.resumed(step: header.step))
        }
        var good = training.capture()
        let total = training.turns.total
        let lookEvery = settings.evaluateEvery * training.turns.stride
        if checkpoint == nil || history.isEmpty { try look(losses: lossSums) }

        func look(losses: [Float]) throws(InputError) {
            let scores = scoreAll()
            balance(scores)
            good.importance = training.networks.map(\.importance)
            let evaluated = Evaluated(step: training.step, scores: scores, losses: losses)
            let standing = standing(of: scores)
            var isBest = false
            if isAllowed(scores) {
                // Where others have bounds they are not in the standing, and pay for what chance takes from it.
                let isAsGood =
                    bounds == nil
                    ? standing.isAsGood(as: summit ?? standing) : summit.map { $0 < standing } ?? true
                isBest = best == nil || settings.training.selection == .last || isAsGood
                // The first of equals, as after a restart.
                summit = max(standing, summit ?? standing)
            }
            if isBest { best = (training.weights, evaluated) }
            history.append(evaluated)
            report(.evaluated(evaluated, isBest: isBest))
            guard let path, let best else { return }
            try Checkpoint(
                header: CheckpointHeader(
                    fingerprint: identity, step: good.step, learningRateScale: scale, rollbacks: rollbacks,
                    importance: good.importance, placement: placement,
                    best: best.evaluated, history: history, lengths: [], stateVectors: 0),
                state: good.vectors, bestWeights: best.weights
            ).write(to: path)
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
                        file: "training", field: "step \(training.step)",
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

    private func isAllowed(_ scores: [Score]) -> Bool { bounds?.allow(scores, originals) ?? true }

    private func standing(of scores: [Score]) -> Standing {
        guard let free = bounds?.free else { return Standing(scores, baselines) }
        return Standing(free.map { scores[$0] }, free.map { baselines[$0] })
    }

    /// Gives the networks that lose most a larger share of the joint loss, so that no network pays for another. The
    /// mean over the networks stays what the tasks asked for.
    private func balance(_ scores: [Score]) {
        guard settings.training.balance > 0, scores.count > 1, training.step > 0 else { return }
        if let bounds {
            let importance = training.networks.map(\.importance)
            return training.setImportance(
                bounds.balanced(importance, given: tasks.map(\.importance), scores, originals))
        }
        let losses = zip(scores, baselines).map { Float(max(-$0.gain(over: $1), 0)) }
        let mean = losses.reduce(0, +) / Float(losses.count)
        let given = tasks.map(\.importance)
        // From what the task gave, not from the last look: networks that all lose a little would drift to the bounds.
        let importance = zip(given, losses).map { given, loss in
            given * min(max(exp(settings.training.balance * (loss - mean)), 0.25), 8)
        }
        let target = given.reduce(0, +)
        let sum = importance.reduce(0, +)
        training.setImportance(importance.map { $0 * target / sum })
    }

    private func scoreAll() -> [Score] {
        tasks.indices.map { index in
            let answers = Evaluation.classes(
                training.networks[index].plan, weights: training.flat[index],
                source: tasks[index].validation, indices: indices[index], threads: threads, arenas: arenas)
            return Evaluation.score(
                answers, source: tasks[index].validation, indices: indices[index],
                original: originalAnswers[index])
        }
    }
}
