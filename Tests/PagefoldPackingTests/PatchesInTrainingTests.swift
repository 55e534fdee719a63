// Patches while they are trained: a network whose blocks are all its own is trained as if it shared nothing.

import PagefoldCore
import PagefoldEngine
import PagefoldGraph
import PagefoldTestCases
import Testing

@testable import PagefoldPacking

@Suite struct PatchesInTrainingTests {
    private static let pageSize = 24

    private func training(
        _ tasks: [PackingTask], _ placement: Placement, _ settings: TrainingSettings, threads: Int,
        matchingLoss: MatchingLoss? = nil
    ) -> JointTraining {
        JointTraining(
            networks: tasks.map {
                TrainedNetwork(
                    plan: NetworkPlan(program: $0.network.program), samples: $0.training, teacher: nil)
            },
            placement: placement,
            matchingLoss: matchingLoss, settings: settings, engine: Engine(threads: threads))
    }

    private func padded(_ task: PackingTask) -> [Float] {
        task.network.filledPages(pageSize: Self.pageSize)
    }

    /// Both networks on the same frames, but every block of the exclusive ones is their own.
    private func placement(_ tasks: [PackingTask], exclusive: Set<Int>, size: Int) -> Placement {
        let pages = tasks.map { $0.network.program.pageCount(pageSize: Self.pageSize) }
        let blocks = tasks.enumerated().map { index, task in
            exclusive.contains(index) ? Array(0..<(task.network.program.pagedCount - 1) / size + 1) : []
        }
        let values = zip(tasks, blocks).map { task, blocks in
            let weights = padded(task)
            return blocks.flatMap { weights[$0 * size..<($0 + 1) * size] }
        }
        // The frames hold what the last network has, and something else where it has nothing.
        let frameCount = pages.max() ?? 0
        var pool = randomNumbers(frameCount * Self.pageSize, seed: 5)
        let last = padded(tasks[tasks.count - 1])
        pool.replaceSubrange(0..<last.count, with: last)
        return Placement(
            frames: FrameTable(
                pageSize: Self.pageSize, frameCount: frameCount, frameOf: pages.map { Array(0..<$0) }),
            patches: PatchTable(size: size, indices: blocks),
            weights: PackedWeights(
                pool: pool, quanta: [Float](repeating: .nan, count: frameCount), tails: tasks.map(\.tail),
                patches: values))
    }

    private func alone(_ tasks: [PackingTask]) -> Placement {
        let frames = FrameTable(
            pageSize: Self.pageSize, pagedCounts: tasks.map(\.network.program.pagedCount))
        return Placement(
            frames: frames, pool: tasks.flatMap { padded($0) }, tails: tasks.map(\.tail))
    }

    @Test(arguments: [1, 3, 8, 24], Optimisation.allCases)
    func allBlocksExclusiveIsTrainingWithoutSharing(
        size: Int, optimisation: Optimisation
    ) throws {
        var tasks = try SmallProblem.tasks()
        // Half of the cases with scales.
        if size % 2 == 0 {
            for index in tasks.indices { tasks[index].network = tasks[index].network.addingChannelScales() }
        }
        var settings = SmallProblem.settings().training
        settings.steps = 6
        settings.turn = 2
        settings.optimisation = optimisation
        // Both, or only the first: then the second has the frames for itself.
        for exclusive in [Set([0, 1]), [0]] {
            let own = training(
                tasks, placement(tasks, exclusive: exclusive, size: size), settings, threads: 2)
            let apart = training(tasks, alone(tasks), settings, threads: 1)
            #expect(own.weights.flat.map(\.values) == apart.weights.flat.map(\.values))
            let start = own.weights.flat.map(\.values)
            for step in 0..<own.turns.total {
                #expect(own.advance() == apart.advance(), "step \(step)")
                #expect(own.weights.flat.map(\.values) == apart.weights.flat.map(\.values), "step \(step)")
            }
            #expect(zip(start, own.weights.flat).allSatisfy { $0 != $1.values })
        }
    }

    /// Frames under blocks that are all exclusive have nobody to move them.
    @Test func framesThatNobodyReadsStay() throws {
        let tasks = try SmallProblem.tasks()
        let placement = placement(tasks, exclusive: [0, 1], size: 4)
        let training = training(tasks, placement, SmallProblem.settings().training, threads: 1)
        for _ in 0..<5 { _ = training.advance() }
        #expect(training.weights.packed.pool == placement.weights.pool)
    }

    /// In the turn of a network whose blocks are its own, the matching loss of the others does not move their frames.
    @Test(arguments: [false, true])
    func aTurnLeavesFramesOfWhichTheNetworkHasNothing(matchingLoss: Bool) throws {
        var tasks = try SmallProblem.tasks()
        tasks.append(tasks[1])
        let placement = placement(tasks, exclusive: [0], size: 4)
        var settings = SmallProblem.settings().training
        settings.optimisation = .roundRobin
        settings.turn = 2
        let pages = try tasks.enumerated().map { index, task in
            let weights = Array(task.network.weights[..<task.network.program.pagedCount])
            return try PagedWeights(
                name: "", weights: weights, fisher: weights.map { _ in index == 0 ? 0 : 1 },
                pageSize: Self.pageSize)
        }
        let training = training(
            tasks, placement, settings, threads: 1,
            matchingLoss: matchingLoss
                ? MatchingLoss(kind: .arithmetic, lambda: 1, pages: pages, patches: placement.patches) : nil)
        for step in 0..<12 {
            let before = training.weights.packed.pool
            let active = training.turns[step].active
            _ = training.advance()
            #expect((training.weights.packed.pool == before) == (active == 0..<1), "step \(step)")
        }
    }

    /// Some blocks of some pages: where a network reads its weights is what the fold file says.
    @Test(arguments: [1, 4, 24], [false, true])
    func everyWeightComesFromItsPlace(size: Int, scales: Bool) throws {
        var tasks = try SmallProblem.tasks()
        if scales {
            for index in tasks.indices { tasks[index].network = tasks[index].network.addingChannelScales() }
        }
        var placement = placement(tasks, exclusive: [0, 1], size: size)
        for (index, task) in tasks.enumerated() {
            let weights = padded(task)
            placement.patches.indices[index] = placement.patches.indices[index].filter { $0 % 3 == index }
            placement.weights.patches[index] = placement.patches.indices[index].flatMap {
                weights[$0 * size..<($0 + 1) * size]
            }
        }
        let training = training(tasks, placement, SmallProblem.settings().training, threads: 2)
        for _ in 0..<4 { _ = training.advance() }
        let state = training.weights.packed
        for (index, task) in tasks.enumerated() {
            let program = task.network.program
            var flat = (0..<program.pagedCount).map { i -> Float in
                let list = placement.patches.indices[index]
                if let place = list.firstIndex(of: i / size) {
                    return state.patches[index][place * size + i % size]
                }
                return state.pool[
                    placement.frames.frameOf[index][i / Self.pageSize] * Self.pageSize + i % Self.pageSize]
            }
            flat += state.tails[index]
            #expect(program.effectiveWeights(flat) == training.weights.flat[index].values)
        }
    }
}
