// The stages of `pagefold demo`: samples and training, packing, evaluation, running in place. All of them one after the
// other is DemoRun.

import Foundation
import PagefoldCore
import PagefoldFold
import PagefoldDemo
import PagefoldEngine
import PagefoldGraph
import PagefoldPacking
import PagefoldRuntime

/// A demo task with its samples and the network that was trained on them.
struct DemoNetwork {
    var task: DemoTask
    var text: NetworkText
    var lowered: LoweredNetwork
    var training: SampleArray
    var validation: SampleArray
    var test: SampleArray
}

/// Classes that a network gave to the test samples: alone with its own weights, and from the pool.
struct DemoAnswers {
    var original: [Int]
    var packed: [Int]
}

/// What running from the mapped fold file showed.
struct DemoRuns {
    struct Network {
        var runs = 0
        /// Runs whose class is that of the evaluation.
        var agreeing = 0
        /// Median time of a run after a switch.
        var microseconds = 0.0
        /// Median time of the same run once more.
        var repeatedMicroseconds = 0.0
    }
    var networks: [Network]
    /// Median time to pick another network.
    var switchNanoseconds = 0.0
}

extension DemoRun {
    static let trainingSteps = 1_600
    /// Test samples of each network that are run in place, one by one.
    static let runsOfEach = 40

    /// Draws the samples of a task and trains its network on them.
    func train(
        _ task: DemoTask, number: Int, report: @escaping (PackingEvent) -> Void
    ) throws(InputError) -> DemoNetwork {
        func draw(_ count: Int, set: UInt64) -> SampleArray {
            let (samples, labels) = task.generate(count: count, seed: seed &* 3 &+ set)
            return SampleArray(shape: task.shape, samples: samples, labels: labels)
        }
        let training = draw(4_000, set: 0)
        let validation = draw(1_000, set: 1)
        let test = draw(1_000, set: 2)
        // A seed for each network: equal beginnings would make the networks alike, and packing easier than it is.
        var random = RandomSource(seed: seed, UInt64(number))
        let network = try Network(
            name: task.name, input: task.shape, layers: task.network, seed: random.next())
        let text = NetworkText(name: task.name, classes: task.classes)
        var settings = TrainingSettings()
        settings.steps = Self.trainingSteps
        settings.learningRate = 3e-3
        settings.warmUp = 50
        settings.seed = random.next()
        let result = try Trainer(settings: settings, evaluateEvery: 200).train(
            network, text: text, training: training, validation: validation, engine: engine, report: report)
        return DemoNetwork(
            task: task, text: text, lowered: try result.network.lowered(for: .inference), training: training,
            validation: validation, test: test)
    }

    /// Packs all networks onto one pool.
    func pack(
        _ networks: [DemoNetwork], budget: Int, report: @escaping (PackingEvent) -> Void
    ) throws(InputError) -> SearchResult {
        var settings = PackingSettings(budget: budget)
        settings.fisherSamples = 1_000
        settings.evaluateEvery = max((steps + 7) / 8, 1)
        settings.training.steps = steps
        settings.training.learningRate = 3e-3
        settings.training.labelWeight = 0.5
        settings.training.warmUp = min(50, steps)
        settings.training.seed = seed
        let tasks = networks.map {
            PackingTask(network: $0.lowered, text: $0.text, training: $0.training, validation: $0.validation)
        }
        return try BudgetSearch(settings: settings, engine: engine, report: report).pack(tasks)
    }

    /// The answers to all test samples.
    func evaluate(_ networks: [DemoNetwork], _ fold: Fold) -> [DemoAnswers] {
        zip(networks, fold.networks).map { network, folded in
            func classes(_ program: Program, _ weights: [Float]) -> [Int] {
                engine.answers(
                    of: NetworkPlan(program: program), weights: FloatBuffer(weights), to: network.test,
                    indices: Array(0..<network.test.count), objective: Classification()
                ).map { if case .label(let label) = $0 { Int(label) } else { -1 } }
            }
            return DemoAnswers(
                original: classes(network.lowered.program, network.lowered.weights),
                packed: classes(folded.program, folded.program.effectiveWeights(fold.weights(of: folded))))
        }
    }

    /// Runs the networks from the mapped file in random order and compares with the evaluation.
    func runInPlace(
        _ file: FoldFile, _ networks: [DemoNetwork], _ answers: [DemoAnswers]
    ) throws(InputError) -> DemoRuns {
        let sessions = try file.sessions()
        var turns = [(network: Int, sample: Int)]()
        for index in networks.indices {
            turns += (0..<min(Self.runsOfEach, networks[index].test.count)).map { (index, $0) }
        }
        var random = RandomSource(seed: seed, 0xD3)
        turns = random.permutation(turns.count).map { turns[$0] }

        let clock = ContinuousClock()
        var result = DemoRuns(networks: networks.map { _ in DemoRuns.Network() })
        var times = [[Double]](repeating: [], count: networks.count)
        var repeatedTimes = times
        for (index, sample) in turns {
            let input = networks[index].test.sample(sample)
            let start = clock.now
            let scores = try sessions[index].run(input)
            let middle = clock.now
            let again = try sessions[index].run(input)
            let end = clock.now
            times[index].append((middle - start).seconds * 1e6)
            repeatedTimes[index].append((end - middle).seconds * 1e6)
            result.networks[index].runs += 1
            // Kernels and interpreter add in another order: scores that are equal but for rounding agree.
            let best = scores.max() ?? 0
            let agrees = scores[answers[index].packed[sample]] >= best - 1e-5 && again == scores
            if agrees { result.networks[index].agreeing += 1 }
        }
        for index in networks.indices {
            result.networks[index].microseconds = median(times[index])
            result.networks[index].repeatedMicroseconds = median(repeatedTimes[index])
        }
        result.switchNanoseconds = pickingTime(sessions, order: turns.map(\.network))
        return result
    }
}

extension SampleArray {
    /// One sample in CHW order.
    func sample(_ index: Int) -> [Float] {
        Array(samples[index * shape.count..<(index + 1) * shape.count])
    }
}
