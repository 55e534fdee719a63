// Joint training of a fold to which a network has been added, within what the others may lose. Only values of frames
// move, and what the added network has for itself.

import PagefoldCore
import PagefoldEngine
import PagefoldGraph

/// Trains all networks of a fold, the added one last, from where they are.
struct JointGrowth {
    let fold: Fold
    /// All networks of the fold with their data, as they are in the fold.
    let tasks: [PackingTask]
    /// The added network's flat weights before packing.
    let original: [Float]
    let settings: PackingSettings
    let mostLoss: Double
    let threads: Workers
    let report: (PackingEvent) -> Void

    /// - Returns: the best fold within the bounds, which is the one that was given where there is no better; what the
    ///   run saw; the scores that the bounds count from.
    func run() throws(InputError) -> (fold: Fold, outcome: TrainingRun.Outcome, before: [Score]) {
        let added = tasks.count - 1
        let networks = tasks.enumerated().map { index, task in
            // The others are their own teachers, as they were.
            let teacher =
                index == added ? original : task.network.program.effectiveWeights(task.network.weights)
            return NetworkInTraining(
                plan: NetworkPlan(program: task.network.program), source: task.training,
                teacher: FloatBuffer(teacher), importance: task.importance)
        }
        let (placement, own) = fold.placement()
        let others = 0..<own[added].lowerBound
        let training = JointTraining(
            networks: networks, placement: placement, tails: fold.networks.map(\.tail),
            frozen: FrozenParts(frames: Set(others.dropFirst(fold.frameCount)), networks: Set(0..<added)),
            formats: fold.formats, settings: settings.training, threads: threads)
        let run = TrainingRun(
            training: training, tasks: tasks, settings: settings, threads: threads,
            bounds: LossBounds(most: tasks.indices.map { $0 == added ? nil : mostLoss }), report: report)
        let outcome = try run.finish(
            resuming: nil, to: nil, identity: "", placement: PlacementRecord(placement.frames))
        var result = fold
        if outcome.best.step > 0 {
            let weights = outcome.weights
            let size = fold.pageSize
            let quanta = weights.last!
            result.pool = Array(weights[0][..<fold.pool.count])
            if fold.formats.pool.hasQuantum { result.quanta = Array(quanta[..<fold.frameCount]) }
            if fold.formats.exclusivePages.hasQuantum {
                result.networks[added].exclusiveQuanta = Array(quanta[own[added]])
            }
            result.networks[added].exclusivePages = Array(
                weights[0][own[added].lowerBound * size..<own[added].upperBound * size])
            result.networks[added].tail = weights[1 + added]
            result.networks[added].patches?.values = weights[1 + tasks.count + added]
        }
        return (result, outcome, run.originals)
    }
}
