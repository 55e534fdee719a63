// Networks of different objectives packed together: numbers, a reconstruction, raw outputs, classes.

import Foundation
import PagefoldCore
import PagefoldEngine
import PagefoldFold
import PagefoldGraph
import PagefoldTestCases
import Testing

@testable import PagefoldPacking

@Suite struct ObjectivePackingTests {
    /// An autoencoder of waves: normal ones have one frequency, others another.
    private static func waves(_ count: Int, seed: UInt64) -> SampleArray {
        var random = RandomSource(seed: seed)
        let labels = (0..<count).map { Int32($0 % 4 == 3 ? 1 : 0) }
        let samples = labels.flatMap { label -> [Float] in
            let (phase, height) = (random.uniform(0, 4), random.uniform(0.5, 1))
            return (0..<12).map { i in
                let place = (Float(i) * (label == 1 ? 2 : 1) + phase).truncatingRemainder(dividingBy: 4)
                return height * (abs(place - 2) - 1)
            }
        }
        return SampleArray(shape: Shape(channels: 12), samples: samples, labels: labels)
    }

    /// Sum and difference of the halves of a vector.
    private static func sums(_ count: Int, seed: UInt64) -> SampleArray {
        var random = RandomSource(seed: seed)
        let samples = (0..<count * 8).map { _ in random.uniform(-1, 1) }
        let numbers = (0..<count).flatMap { index -> [Float] in
            let sample = samples[index * 8..<(index + 1) * 8]
            let (first, second) = (sample.prefix(4).reduce(0, +), sample.suffix(4).reduce(0, +))
            return [first + second, first - second]
        }
        return SampleArray(
            shape: Shape(channels: 8), samples: samples, labels: [Int32](repeating: -1, count: count),
            numbers: numbers)
    }

    private static func network(_ name: String, input: Int, layers: [String], seed: UInt64) throws
        -> LoweredNetwork
    {
        try Network(name: name, input: Shape(channels: input), layers: layers, seed: seed)
            .lowered(for: .inference)
    }

    /// The weights of a network that was trained for its objective alone.
    private static func trained(
        _ network: LoweredNetwork, _ objective: any Objective, _ samples: SampleArray
    ) -> LoweredNetwork {
        var settings = TrainingSettings()
        (settings.steps, settings.batch, settings.warmUp, settings.labelWeight) = (400, 32, 5, 1)
        settings.learningRate = 1e-2
        let paged = network.program.pagedCount
        let frames = FrameTable(pageSize: 24, pagedCounts: [paged])
        let training = JointTraining(
            networks: [
                TrainedNetwork(
                    plan: NetworkPlan(program: network.program), samples: samples, objective: objective,
                    teacher: nil)
            ],
            frames: frames, pool: network.filledPages(pageSize: 24),
            tails: [Array(network.weights[paged...])], settings: settings, engine: Engine(threads: 1))
        let first = training.advance()[0]
        while training.step < 400 { _ = training.advance() }
        #expect(training.advance()[0] < 0.3 * first)
        var result = network
        result.weights = training.weights.flat[0].values
        return result
    }

    private static func tasks() throws -> [PackingTask] {
        let waves = waves(240, seed: 1)
        let sums = sums(200, seed: 2)
        let encoder = trained(
            try network("waves", input: 12, layers: ["dense 4", "tanh", "dense 12"], seed: 3),
            Reconstruction(), waves)
        let adder = trained(
            try network("sums", input: 8, layers: ["dense 10", "tanh", "dense 2"], seed: 4), Regression(),
            sums)
        let other = trained(
            try network("as it is", input: 8, layers: ["dense 10", "tanh", "dense 2"], seed: 9), Regression(),
            sums)
        let classes = try SmallProblem.tasks()[1]
        return [
            PackingTask(
                network: encoder, text: NetworkText(name: "waves"), training: waves,
                validation: Self.waves(80, seed: 5), objective: Reconstruction()),
            PackingTask(
                network: adder, text: NetworkText(name: "sums"), training: sums,
                validation: Self.sums(80, seed: 6), objective: Regression()),
            PackingTask(
                network: other, text: NetworkText(name: "as it is"), training: sums,
                validation: Self.sums(80, seed: 7), objective: RawOutput()),
            classes,
        ]
    }

    private static func settings() -> PackingSettings {
        var settings = SmallProblem.settings(budget: 2_000)
        settings.training.steps = 60
        settings.training.learningRate = 1e-2
        settings.evaluateEvery = 20
        settings.validationSamples = 80
        return settings
    }

    @Test func allObjectivesInOneFold() throws {
        let tasks = try Self.tasks()
        let result = try SmallProblem.pack(tasks, settings: Self.settings())
        #expect(
            result.originals.map(\.unit) == [.areaUnderCurve, .relativeError, .relativeError, .accuracy])
        #expect(result.originals[0].value > 0.75)
        #expect(result.originals[1].value < 0.2 && result.originals[2].value == 0)
        let first = try #require(result.history.first).measures
        for index in [1, 2] {
            // Shared frames cost something, and training takes most of it back.
            #expect(first[index].value > 1.5 * result.best.measures[index].value)
        }
        #expect(result.best.measures[0].value > 0.7)
        #expect(result.best.measures[2].agreement == nil)
        #expect(zip(result.gains, result.best.measures).allSatisfy { $0 > -0.5 && $1.value.isFinite })
    }

    @Test func theSameBytesForAnyNumberOfThreadsAndAfterAKill() throws {
        let tasks = try Self.tasks()
        let whole = try SmallProblem.pack(tasks, settings: Self.settings(), threads: 1)
        let folder = try TemporaryFolder()
        var looks = 0
        let path = folder("run.checkpoint")
        _ = try SmallProblem.pack(tasks, settings: Self.settings(), threads: 3, checkpoint: path) { event in
            guard case .evaluated = event else { return }
            looks += 1
            if looks == 2 { try? FileManager.default.copyItem(atPath: path, toPath: folder("kept")) }
        }
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(atPath: folder("kept"), toPath: path)
        let resumed = try SmallProblem.pack(tasks, settings: Self.settings(), threads: 2, checkpoint: path)
        #expect(resumed.fold.encoded() == whole.fold.encoded())
        #expect(resumed.history == whole.history)
    }

    /// Two inputs, two outputs, two states: distilled on all outputs, and as a classifier on the first alone.
    @Test(arguments: [true, false]) func networksOfSeveralPorts(isRaw: Bool) throws {
        let lowered = try PortCase.network().lowered(for: .inference)
        let count = PortCase.image.count + PortCase.vector.count
        func samples(_ number: Int, seed: UInt64) -> SampleArray {
            SampleArray(
                shape: Shape(channels: count), samples: randomNumbers(number * count, seed: seed),
                labels: [Int32](repeating: -1, count: number))
        }
        let task = PackingTask(
            network: lowered, text: lowered.text, training: samples(90, seed: 1),
            validation: samples(40, seed: 2),
            objective: isRaw ? RawOutput() as any Objective : Classification())
        var settings = Self.settings()
        settings.pool = .frames(4)
        settings.budget = .max
        let result = try SmallProblem.pack([task], settings: settings)
        let first = try #require(result.history.first).measures[0]
        let best = result.best.measures[0]
        #expect(result.originals[0].unit == (isRaw ? .relativeError : .agreement))
        #expect(isRaw ? best.value < 0.8 * first.value : best.value >= first.value, "\(first) \(best)")
        #expect(result.fold.networks[0].text == lowered.text)
        #expect(result.fold.networks[0].program.states.count == 2)
        let again = try SmallProblem.pack([task], settings: settings, threads: 1)
        #expect(again.fold == result.fold)
    }

    @Test func whatDoesNotFitIsRefused() throws {
        var tasks = try Self.tasks()
        tasks[1].training = Self.waves(20, seed: 1)
        let error = #expect(throws: InputError.self) {
            try SmallProblem.pack(tasks, settings: Self.settings())
        }
        #expect(error?.file == "sums")
        tasks = try Self.tasks()
        tasks[3].objective = Reconstruction()
        let other = #expect(throws: InputError.self) {
            try SmallProblem.pack(tasks, settings: Self.settings())
        }
        #expect(other?.problem == "it answers 4 numbers to 10")
    }
}
