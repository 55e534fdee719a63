// What decides how far each network is heard in joint training: importance between looks, bounds on losses, warm-up.

import PagefoldCore
import PagefoldEngine
import PagefoldFold
import PagefoldGraph
import PagefoldTestCases
import Testing

@testable import PagefoldPacking

@Suite struct BalanceTests {
    /// Balance moves importance from one network to another: together they keep what the tasks gave.
    @Test(arguments: [[Float(1), 1], [2, 0.5]])
    func networksShareWhatTheTasksGave(given: [Float]) throws {
        let folder = try TemporaryFolder()
        var tasks = try SmallProblem.tasks()
        for index in tasks.indices { tasks[index].importance = given[index] }
        // Without labels every changed answer is a loss.
        let shape = tasks[1].network.program.inputShape
        tasks[1].validation = SampleArray(
            shape: shape, samples: randomNumbers(30 * shape.count, seed: 6),
            labels: [Int32](repeating: -1, count: 30))
        var settings = SmallProblem.settings(budget: 2_000)
        settings.training.steps = 12
        _ = try SmallProblem.pack(tasks, settings: settings, checkpoint: folder("run.checkpoint"))
        let checkpoint = try #require(try Checkpoint.read(folder("run.checkpoint")))
        let importance = checkpoint.header.importance
        #expect(zip(importance, given).contains { abs($0 / $1 - 1) > 0.02 }, "\(importance): nobody lost")
        let sums = (importance.reduce(0, +), given.reduce(0, +))
        #expect(abs(sums.0 / sums.1 - 1) < 1e-5, "\(importance)")
    }

    /// The first step of Adam moves a weight by the learning rate, whatever its gradient: of a rise over n steps, 1/n
    /// of the whole rate.
    @Test(arguments: [0, 1, 4, 10])
    func theLearningRateRisesFromNothing(warmUp: Int) throws {
        var settings = SmallProblem.settings(budget: 100_000)
        settings.training.warmUp = warmUp
        settings.training.selection = .last
        let pools = try [0, 1].map { steps in
            settings.training.steps = steps
            return try SmallProblem.pack(settings: settings).fold.pool
        }
        let moved = zip(pools[0], pools[1]).map { abs($1 - $0) }.max() ?? 0
        let rate = settings.training.learningRate / Float(max(warmUp, 1))
        #expect(abs(moved / rate - 1) < 0.01, "\(moved) instead of \(rate)")
    }

    @Test func theLearningRateRisesByEqualStepsAndFallsAfterwards() {
        var training = TrainingSettings()
        training.steps = 50
        training.warmUp = 8
        let rates = (0..<50).map { training.learningRate(at: $0) / training.learningRate }
        for step in 0..<8 { #expect(abs(rates[step] - Float(step + 1) / 8) < 1e-6) }
        #expect(rates[8] == 1)
        #expect(zip(rates[8...], rates[9...]).allSatisfy { $0 > $1 })
        training.schedule = .constant
        #expect((8..<50).allSatisfy { training.learningRate(at: $0) == training.learningRate })
    }
}

@Suite struct LossBoundsTests {
    private static func measure(_ accuracy: Double) -> Measure {
        Measure(accuracy: accuracy, agreement: 1, count: 1_000)
    }

    private static func measures(_ accuracies: Double...) -> [Measure] { accuracies.map { measure($0) } }

    private static let bounds = LossBounds(most: [0.01, nil, 0.02])

    @Test func whoHasABoundMayLoseItAndNoMore() {
        let originals = Self.measures(0.9, 0.9, 0.9)
        #expect(Self.bounds.free == [1])
        #expect(Self.bounds.allow(originals, originals))
        #expect(Self.bounds.allow(Self.measures(0.89, 0.1, 0.88), originals))
        #expect(!Self.bounds.allow(Self.measures(0.889, 1, 1), originals))
        #expect(!Self.bounds.allow(Self.measures(1, 1, 0.879), originals))
    }

    /// From half of its bound on a network gains weight in the joint loss, below it loses; who has none keeps its own.
    @Test func whoIsNearItsBoundGainsWeight() {
        let originals = Self.measures(0.9, 0.9, 0.9)
        let given: [Float] = [1, 1, 1]
        func balanced(_ measures: [Measure], from importance: [Float] = [1, 1, 1]) -> [Float] {
            Self.bounds.balanced(importance, given: given, measures, originals)
        }
        let half = balanced(Self.measures(0.895, 0.5, 0.89))
        #expect(zip(half, given).allSatisfy { abs($0 - $1) < 1e-5 })
        let apart = balanced(Self.measures(0.89, 0.5, 0.9))
        #expect(apart[0] > 1 && apart[1] == 1 && apart[2] < 1)
        // However often: within an eighth and 64 times what it was given.
        var low = given
        var high = given
        for _ in 0..<100 {
            low = balanced(Self.measures(1, 1, 1), from: low)
            high = balanced(Self.measures(0, 0, 0), from: high)
        }
        #expect(low == [0.125, 1, 0.125] && high == [64, 1, 64])
    }
}
