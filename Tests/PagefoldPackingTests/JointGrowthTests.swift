// Training of all networks after one was added: only what is better is taken, and only values of frames move.

import PagefoldCore
import PagefoldEngine
import PagefoldFold
import PagefoldGraph
import PagefoldTestCases
import Testing

@testable import PagefoldPacking

@Suite struct JointGrowthTests {
    private static func grow(
        _ fold: Fold, mostLoss: Double, change: (inout PackingSettings) -> Void = { _ in }
    ) throws -> GrowthResult {
        var settings = GrowingTests.settings(steps: 12)
        change(&settings)
        // Without labels every changed answer is a loss.
        let others = try SmallProblem.tasks().map { task in
            var task = task
            let shape = task.network.program.inputShape
            task.validation = SampleArray(
                shape: shape, samples: randomNumbers(60 * shape.count, seed: 6),
                labels: [Int32](repeating: -1, count: 60))
            return task
        }
        return try GrowingTests.add(to: fold, settings: settings, mostLoss: mostLoss, others: others)
    }

    /// Without steps, or where the others lose what they may not, the fold is the one before.
    @Test(arguments: [(0, Float(3e-2)), (12, 1e-1)])
    func withNothingBetterTheFoldStaysAsItWas(steps: Int, rate: Float) throws {
        let fold = try GrowingTests.fold(1)
        func result(_ mostLoss: Double) throws -> GrowthResult {
            try Self.grow(fold, mostLoss: mostLoss) {
                $0.training.steps = steps
                $0.training.warmUp = 0
                $0.training.learningRate = rate
            }
        }
        let alone = try result(0)
        let together = try result(1e-9)
        #expect(together.jointHistory.count == (steps == 0 ? 1 : 4))
        #expect(together.fold == alone.fold)
        #expect(together.packed == alone.packed && together.bestStep == alone.bestStep)
        #expect(together.neighbours.allSatisfy { $0.isUnchanged && $0.before == $0.after })
    }

    /// Frames move; page tables, programs, tails, exclusive pages and patches of the others do not, nor do the places
    /// of the added network.
    @Test(arguments: [0, 1, 2]) func onlyValuesMove(separation: Int) throws {
        let fold = try GrowingTests.fold(separation)
        let alone = try Self.grow(fold, mostLoss: 0).fold
        let together = try Self.grow(fold, mostLoss: 0.3)
        #expect(together.fold.pool != fold.pool)
        #expect(together.neighbours.contains { !$0.isUnchanged })
        #expect(Array(together.fold.networks[..<2]) == fold.networks)
        #expect(together.fold.networks[2].pageTable == alone.networks[2].pageTable)
        #expect(together.fold.networks[2].patches?.indices == alone.networks[2].patches?.indices)
        #expect(together.fold.networks[2].exclusivePages.count == alone.networks[2].exclusivePages.count)
        #expect(together.fold.encoded().count == alone.encoded().count)
    }
}
