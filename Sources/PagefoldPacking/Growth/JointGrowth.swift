// Joint training of a fold to which a network has been added, within what the others may lose. Only values of frames
// move, and what the added network has for itself.

import PagefoldCore
import PagefoldEngine
import PagefoldFold
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
    let engine: Engine
    let report: (PackingEvent) -> Void

    /// - Returns: the best fold within the bounds, which is the one that was given where there is no better; what the
    ///   run saw; the measures that the bounds count from.
    func run() throws(InputError) -> (fold: Fold, outcome: TrainingRun.Outcome, before: [Measure]) {
        let added = tasks.count - 1
        let networks = tasks.enumerated().map { index, task in
            // The others are their own teachers, as they were.
            let teacher =
                index == added ? original : task.network.program.effectiveWeights(task.network.weights)
            return task.trained(plan: NetworkPlan(program: task.network.program), teacher: teacher)
        }
        let (placement, own) = fold.placement()
        let others = 0..<own[added].lowerBound
        let training = JointTraining(
            networks: networks, placement: placement,
            frozen: FrozenParts(frames: Set(others.dropFirst(fold.frameCount)), networks: Set(0..<added)),
            formats: fold.formats, settings: settings.training, engine: engine)
        let run = TrainingRun(
            training: training, tasks: tasks, looks: settings.looks, engine: engine,
            bounds: LossBounds(most: tasks.indices.map { $0 == added ? nil : mostLoss }), report: report)
        let outcome = try run.finish()
        var result = fold
        if outcome.best.step > 0 {
            result.take(outcome.weights)
            result.networks[added] = placement.folded(
                added, tasks[added], outcome.weights, formats: fold.formats)
            // The placement has cut all patches to one size.
            result.networks[added].patches = fold.networks[added].patches.map {
                Patches(size: $0.size, indices: $0.indices, values: outcome.weights.patches[added])
            }
        }
        return (result, outcome, run.originals)
    }
}
