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
    let threads: ThreadPool
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
        let (placement, own) = placement()
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
            let steps = weights.last!
            result.pool = Array(weights[0][..<fold.pool.count])
            if fold.formats.pool.hasStep { result.steps = Array(steps[..<fold.frameCount]) }
            if fold.formats.exclusivePages.hasStep {
                result.networks[added].exclusiveSteps = Array(steps[own[added]])
            }
            result.networks[added].exclusivePages = Array(
                weights[0][own[added].lowerBound * size..<own[added].upperBound * size])
            result.networks[added].tail = weights[1 + added]
            result.networks[added].overrides?.values = weights[1 + tasks.count + added]
        }
        return (result, outcome, run.originals)
    }

    /// The fold as training sees it, and the frames of each network's exclusive pages.
    private func placement() -> (Placement, own: [Range<Int>]) {
        var tables = [[Int]]()
        var own = [Range<Int>]()
        var pool = fold.pool
        var steps = fold.formats.pool.hasStep ? fold.steps : [Float](repeating: 1, count: fold.frameCount)
        var next = fold.frameCount
        for network in fold.networks {
            let pages = network.exclusivePages.count / fold.pageSize
            own.append(next..<next + pages)
            tables.append(
                network.pageTable.map { $0 < fold.frameCount ? $0 : $0 - fold.frameCount + next })
            pool += network.exclusivePages
            steps +=
                fold.formats.exclusivePages.hasStep
                ? network.exclusiveSteps : [Float](repeating: 1, count: pages)
            next += pages
        }
        // Exclusive pages that no entry names have no place in the table, if they are the last.
        let frames = FrameTable(pageSize: fold.pageSize, frameCount: fold.frameCount, frameOf: tables)
        pool.removeLast(pool.count - frames.frameCount * fold.pageSize)
        steps.removeLast(steps.count - frames.frameCount)
        // Overrides of all sizes as blocks of the largest size that they are made of.
        let size = fold.networks.compactMap { $0.overrides?.blockSize }.reduce(0, greatestCommonDivisor)
        let blocks = fold.networks.map { network in
            guard let overrides = network.overrides else { return [Int]() }
            let parts = overrides.blockSize / size
            return overrides.blocks.flatMap { $0 * parts..<($0 + 1) * parts }
        }
        return (
            Placement(
                frames: frames, blocks: ExclusiveBlockTable(size: max(size, 1), blocks: blocks), pool: pool, steps: steps,
                exclusive: fold.networks.map { $0.overrides?.values ?? [] }, loss: 0),
            own
        )
    }
}

func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    b == 0 ? a : greatestCommonDivisor(b, a % b)
}
