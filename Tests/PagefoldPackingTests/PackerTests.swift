// The packing pipeline on a small problem: budget, determinism, refusals, divergence.

import PagefoldCore
import PagefoldEngine
import PagefoldFold
import PagefoldGraph
import PagefoldTestCases
import Testing

@testable import PagefoldPacking

@Suite struct PackerTests {
    @Test(arguments: [2_000, 2_300, 2_600, 3_100, 100_000])
    func theFileKeepsToItsBudgetAndUsesIt(budget: Int) throws {
        let result = try SmallProblem.pack(settings: SmallProblem.settings(budget: budget))
        let size = result.fold.encoded().count
        let pages = result.fold.networks.reduce(0) { $0 + $1.pageTable.count }
        #expect(size <= budget)
        #expect(result.fold.frameCount == pages || budget - size < SmallProblem.pageSize * 4)
        #expect(result.fold.frameCount <= pages)
    }

    @Test(arguments: [false, true])
    func withAFrameForEveryPageNothingIsLost(channelScales: Bool) throws {
        var settings = SmallProblem.settings(budget: 100_000)
        settings.training.steps = 0
        settings.channelScales = channelScales
        let tasks = try SmallProblem.tasks()
        let result = try SmallProblem.pack(tasks, settings: settings)
        for (task, network) in zip(tasks, result.fold.networks) {
            let flat = result.fold.weights(of: network)
            let plain = network.program.absorbingScales(flat)
            #expect(plain.program == task.network.program)
            #expect(relativeDifference(plain.weights, task.network.weights.map(Double.init)) < 1e-6)
            #expect(network.program.plainWeightCount == task.network.weights.count)
            #expect(channelScales == (network.program.weightCount > task.network.weights.count))
            let sample = randomNumbers(task.network.program.inputShape.count, seed: 1)
            let packed = LoweredNetwork(name: "", program: network.program, weights: flat)
            let original = task.network.interpret(sample).map(Double.init)
            #expect(relativeDifference(packed.interpret(sample), original) < 1e-5)
        }
        #expect(result.best.measures.allSatisfy { $0.agreement == 1 })
        #expect(result.best.measures == result.originals)
        #expect(result.matchingLoss == 0)
    }

    @Test(arguments: [1, 2, 3])
    func theSameBytesForAnyNumberOfThreads(threads: Int) throws {
        let alone = try SmallProblem.pack(threads: 1)
        let result = try SmallProblem.pack(threads: threads)
        #expect(result.fold.encoded() == alone.fold.encoded())
        #expect(result.history == alone.history)
        // Otherwise the bytes would tell nothing about training.
        #expect(alone.best.step > 0)
    }

    @Test func anotherSeedGivesOtherBytes() throws {
        var settings = SmallProblem.settings()
        let bytes = try SmallProblem.pack(settings: settings).fold.encoded()
        settings.training.seed = 2
        let other = try SmallProblem.pack(settings: settings).fold.encoded()
        #expect(other != bytes)
    }

    /// Pages of any size, also such that no page begins where a vector unit would like it to.
    @Test(arguments: [8, 9, 13, 31, 64, 1_000])
    func pagesOfAnySize(pageSize: Int) throws {
        var settings = SmallProblem.settings(budget: 100_000)
        settings.pageSize = pageSize
        settings.training.steps = 3
        let result = try SmallProblem.pack(settings: settings)
        #expect(result.fold.pageSize == pageSize)
        #expect(result.fold.pool.count % pageSize == 0)
        #expect(result.fold.pool.allSatisfy { $0.isFinite })
    }

    @Test(arguments: [false, true])
    func trainingLowersTheLoss(channelScales: Bool) throws {
        var settings = SmallProblem.settings()
        settings.channelScales = channelScales
        settings.training.steps = 120
        settings.evaluateEvery = 20
        let result = try SmallProblem.pack(settings: settings)
        let losses = result.history.dropFirst().map { $0.losses.reduce(0, +) }
        #expect(result.history.map(\.step) == [0, 20, 40, 60, 80, 100, 120])
        #expect(try #require(losses.last) < 0.8 * losses[0])
        #expect(result.history.contains(result.best))
    }

    @Test(arguments: [1, 300, 600])
    func aBudgetTooSmallIsRefused(budget: Int) throws {
        let error = #expect(throws: InputError.self) {
            try SmallProblem.pack(settings: SmallProblem.settings(budget: budget))
        }
        #expect(error?.field == "budget")
        #expect(error?.problem.contains("\(budget) bytes") == true)
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func weightsThatAreNotFiniteAreRefused(weight: Float) throws {
        var tasks = try SmallProblem.tasks()
        tasks[1].network.weights[17] = weight
        let error = #expect(throws: InputError.self) { try SmallProblem.pack(tasks) }
        #expect(error?.file == "vector")
        #expect(error?.field == "weight 17")
    }

    @Test(arguments: [Int32(3), -2, .max])
    func labelsOutsideTheClassesAreRefused(label: Int32) throws {
        for validation in [false, true] {
            var tasks = try SmallProblem.tasks()
            let count = 20
            let shape = tasks[0].network.program.inputShape
            var labels = [Int32](repeating: 0, count: count)
            labels[11] = label
            let source = SampleArray(
                shape: shape, samples: randomNumbers(count * shape.count, seed: 1), labels: labels)
            if validation { tasks[0].validation = source } else { tasks[0].training = source }
            let error = #expect(throws: InputError.self) { try SmallProblem.pack(tasks) }
            #expect(error?.file == "image")
            #expect(error?.field == (validation ? "validation samples" : "training samples"))
            #expect(error?.problem.contains("label \(label) of sample 11") == true)
        }
    }

    @Test func samplesOfAnotherShapeOrNoneAreRefused() throws {
        var tasks = try SmallProblem.tasks()
        tasks[0].training = SmallProblem.samples(
            Shape(channels: 2, height: 7, width: 6), classes: 3, count: 10, seed: 1)
        let shape = #expect(throws: InputError.self) { try SmallProblem.pack(tasks) }
        #expect(shape?.problem.contains("2×7×6") == true && shape?.problem.contains("2×6×7") == true)
        tasks = try SmallProblem.tasks()
        tasks[1].validation = SampleArray(shape: Shape(channels: 10), samples: [], labels: [])
        let none = #expect(throws: InputError.self) { try SmallProblem.pack(tasks) }
        #expect(none?.file == "vector")
        #expect(none?.problem == "there are none")
    }

    @Test func aNetworkWithoutLabelsLearnsFromItsOriginal() throws {
        var tasks = try SmallProblem.tasks()
        let shape = tasks[1].network.program.inputShape
        let none = SampleArray(
            shape: shape, samples: randomNumbers(40 * shape.count, seed: 6),
            labels: [Int32](repeating: -1, count: 40))
        tasks[1].training = none
        tasks[1].validation = none
        let result = try SmallProblem.pack(tasks)
        #expect(result.best.measures[1].accuracy == nil)
        #expect(result.originals[1].agreement == 1)
        #expect(result.history.dropFirst().allSatisfy { $0.losses[1].isFinite && $0.losses[1] > 0 })
    }

    static let wrongSettings: [(String, @Sendable (inout PackingSettings) -> Void)] = [
        ("budget", { $0.budget = 0 }), ("page", { $0.pageSize = 0 }), ("page", { $0.pageSize = 1 << 20 }),
        ("fisher_samples", { $0.fisherSamples = 0 }),
        ("fisher_normalisation", { $0.fisherNormalisation = 2 }),
        ("evaluate_every", { $0.evaluateEvery = 0 }), ("validation_samples", { $0.validationSamples = -1 }),
        ("steps", { $0.training.steps = -1 }), ("batch", { $0.training.batch = 0 }),
        ("learning_rate", { $0.training.learningRate = .nan }),
        ("learning_rate", { $0.training.learningRate = 0 }),
        ("label_weight", { $0.training.labelWeight = 1.5 }), ("temperature", { $0.training.temperature = 0 }),
        ("warm_up", { $0.training.warmUp = -1 }),
    ]

    @Test(arguments: wrongSettings.indices)
    func settingsThatMakeNoSenseAreNamed(index: Int) throws {
        let (field, change) = Self.wrongSettings[index]
        var settings = SmallProblem.settings()
        change(&settings)
        let error = #expect(throws: InputError.self) { try SmallProblem.pack(settings: settings) }
        #expect(error?.field == field)
    }

    /// An absurd learning rate is either tamed by rolling back, or told; what comes out is finite.
    @Test(arguments: [Float(1e8), 1e20, 1e30, 3e38])
    func divergenceRollsBackOrIsTold(rate: Float) throws {
        var settings = SmallProblem.settings()
        settings.training.learningRate = rate
        settings.training.warmUp = 0
        var rollbacks = 0
        do {
            let result = try SmallProblem.pack(settings: settings) { event in
                if case .rolledBack = event { rollbacks += 1 }
            }
            #expect(result.fold.pool.allSatisfy { $0.isFinite })
            #expect(result.fold.networks.flatMap(\.tail).allSatisfy { $0.isFinite })
        } catch let error as InputError {
            #expect(error.file == "training")
            #expect(rollbacks > 0)
        }
        if rate > 1e29 { #expect(rollbacks > 0) }
    }

    @Test func samplesThatAreNotFiniteEndInAnError() throws {
        var tasks = try SmallProblem.tasks()
        let shape = tasks[1].network.program.inputShape
        var samples = randomNumbers(20 * shape.count, seed: 1)
        samples[33] = .nan
        tasks[1].training = SampleArray(
            shape: shape, samples: samples, labels: [Int32](repeating: 0, count: 20))
        #expect(throws: InputError.self) { try SmallProblem.pack(tasks) }
    }

    @Test func networksThatAreKeptApartHaveEachFrameOnce() throws {
        var settings = SmallProblem.settings(budget: .max)
        settings.pool = .frames(11)
        func repeated() throws -> [Int] {
            try SmallProblem.pack(settings: settings).fold.networks.map {
                $0.pageTable.count - Set($0.pageTable).count
            }
        }
        #expect(try repeated().contains { $0 > 0 })
        settings.keepsNetworksApart = true
        #expect(try repeated() == [0, 0])
    }

    /// Labels are the originals' own answers, so that every change is a loss. Measured by a lower figure nobody loses,
    /// nobody gains importance, and balancing makes no difference.
    @Test func networksAreMeasuredByWhatTheirOriginalsReachOnUnseenSamples() throws {
        func pack(_ unseen: Double?, balance: Float) throws -> Fold {
            var tasks = try SmallProblem.tasks()
            for index in tasks.indices {
                let validation = tasks[index].validation
                let answers = Engine(threads: 1).answers(
                    of: NetworkPlan(program: tasks[index].network.program),
                    weights: FloatBuffer(tasks[index].network.weights), to: validation,
                    indices: Array(0..<validation.count), objective: Classification())
                let samples = [Float](unsafeUninitializedCapacity: validation.count * validation.shape.count)
                {
                    for i in 0..<validation.count {
                        let start = i * validation.shape.count
                        validation.copySample(
                            i, variant: nil,
                            into: UnsafeMutableBufferPointer(
                                rebasing: $0[start..<start + validation.shape.count]))
                    }
                    $1 = $0.count
                }
                tasks[index].validation = SampleArray(
                    shape: validation.shape, samples: samples,
                    labels: answers.map { if case .label(let label) = $0 { label } else { -1 } })
                tasks[index].unseenAccuracy = unseen
            }
            var settings = SmallProblem.settings()
            settings.training.balance = balance
            settings.training.selection = .last
            return try SmallProblem.pack(tasks, settings: settings).fold
        }
        #expect(try pack(0, balance: 10) != pack(nil, balance: 10))
        #expect(try pack(nil, balance: 10) != pack(nil, balance: 0))
        #expect(throws: InputError.self) { try pack(1.5, balance: 0) }
    }
}
