// The formulas of the published systems as an independent script computes them (Goldens/make_methods_golden.py).

import PagefoldCore
import PagefoldEngine
import PagefoldGraph
import PagefoldTestCases
import Testing

@testable import PagefoldPacking

private struct Cases<Item: Decodable>: Decodable {
    var items: [Item?]

    private enum Key: CodingKey { case items, kind }

    /// The items of one kind; the others have other fields.
    init(from decoder: any Decoder) throws {
        var list = try decoder.container(keyedBy: Key.self).nestedUnkeyedContainer(forKey: .items)
        items = []
        while !list.isAtEnd { items.append(try list.decode(Optional<Item>.self)) }
    }
}

/// Decodes as nil where the kind is another.
private struct OfKind<Item: KindOfCase>: Decodable {
    var item: Item?

    private enum Key: CodingKey { case kind }

    init(from decoder: any Decoder) throws {
        let kind = try decoder.container(keyedBy: Key.self).decode(String.self, forKey: .kind)
        item = kind == Item.kind ? try Item(from: decoder) : nil
    }
}

private protocol KindOfCase: Decodable {
    static var kind: String { get }
}

private func cases<Item: KindOfCase>(_: Item.Type) throws -> [Item] {
    let file: Cases<OfKind<Item>> = try golden("methods_golden.json")
    return file.items.compactMap { $0?.item }
}

/// Within `tolerance` of the right value, relative to it.
private func isClose(_ value: Double, _ right: Double, _ tolerance: Double) -> Bool {
    abs(value - right) <= tolerance * max(abs(right), 1e-12)
}

@Suite struct MethodsGoldenTests {
    private struct Stretch: KindOfCase {
        static let kind = "stretch"
        var fisher: [Float]
        var stretched: [Double]
    }

    @Test func fisherIsStretched() throws {
        for item in try cases(Stretch.self) {
            let stretched = Placing.stretched(item.fisher)
            for (value, right) in zip(stretched, item.stretched) {
                #expect(abs(Double(value) - right) < 1e-7)
            }
            #expect(stretched.min() == 0 && stretched.max() == 1)
        }
        #expect(Placing.stretched([2, 2]) == [2, 2])
    }

    private struct Insertion: KindOfCase {
        static let kind = "insertion"
        /// The page that joins, then those that are there.
        var fisher: [[Float]]
        var weights: [[Float]]
        var cost: Double
    }

    @Test func insertionCostIsTheGrowthOfTheLeastLoss() throws {
        let items = try cases(Insertion.self)
        #expect(items.count == 3)
        for item in items {
            let networks = try zip(item.fisher, item.weights).map {
                try PagedWeights(name: "", weights: $1, fisher: $0, pageSize: 13)
            }
            let others = networks.dropFirst().map { _ in 0 }
            var frames = FrameContents(
                store: try PageStore(networks), frameCount: 2, frameOf: [-1] + others)
            var cost = [Float](repeating: .nan, count: 1)
            frames.costs(of: 0, on: [0], into: &cost)
            #expect(isClose(Double(cost[0]), item.cost, 1e-5))
            #expect(isClose(frames.exactCost(of: 0, on: 0), item.cost, 1e-6))
            #expect(frames.exactCost(of: 0, on: 1) == 0)
            // The whole frame at once: the loss of all pages less that of all but the first.
            let all = try PageAssignment(frameCount: 1, frameOf: networks.map { _ in [0] })
            frames = FrameContents(store: try PageStore(networks), frameCount: 2, frameOf: [1] + others)
            #expect(isClose(try all.secondOrderLoss(of: networks) - frames.totalLoss, item.cost, 1e-6))
        }
    }

    private struct Greedy: KindOfCase {
        struct Weights: Decodable {
            var weights: [Float]
            var fisher: [Float]
        }
        static let kind = "greedy"
        var networks: [Weights]
        var pageSize: Int
        var frames: Int
        var contents: [Float]?
        var frameOf: [[Int]]
    }

    @Test func greedyMatchingChoosesTheSameFrames() throws {
        let items = try cases(Greedy.self)
        #expect(items.contains { $0.contents != nil } && items.contains { $0.contents == nil })
        for item in items {
            let networks = try item.networks.map {
                try PagedWeights(name: "", weights: $0.weights, fisher: $0.fisher, pageSize: item.pageSize)
            }
            let assignment = try matchGreedily(networks, onto: item.frames, contents: item.contents)
            #expect(assignment.frameOf == item.frameOf)
        }
    }

    private struct Matching: KindOfCase {
        static let kind = "matching"
        var weight: Double
        var others: [[Double]]
        var arithmetic: [Double]
        var quadratic: [Double]
        var harmonic: [Double]
    }

    @Test(arguments: MatchingLossKind.allCases)
    func matchingLossAndItsSlope(kind: MatchingLossKind) throws {
        for item in try cases(Matching.self) {
            let (value, slope) = MatchingLoss.loss(
                kind, of: item.weight, others: item.others.map { ($0[0], $0[1]) })
            let right =
                switch kind {
                case .none: [0.0, 0]
                case .arithmetic: item.arithmetic
                case .quadratic: item.quadratic
                case .harmonic: item.harmonic
                }
            #expect(isClose(value, right[0], 1e-6))
            #expect(isClose(slope, right[1], 1e-6))
        }
        // Nothing draws a weight that is where all others are, or that has no others.
        #expect(MatchingLoss.loss(kind, of: 2, others: [(3, 2)]).slope == 0)
        #expect(MatchingLoss.loss(kind, of: 2, others: []).value == 0)
    }

    private struct Density: KindOfCase {
        static let kind = "density"
        var fisher: [Float]
        var pageSize: Int
        var targetPerformance: Double
        var margin: Double
        var frames: Int
        var pages: [Int]
    }

    @Test func pagesByContributionDensity() throws {
        let items = try cases(Density.self)
        #expect(items.count == 5)
        for item in items {
            let network = try PagedWeights(
                name: "", weights: item.fisher.map { _ in 1 }, fisher: item.fisher, pageSize: item.pageSize)
            #expect(
                ContributionDensity.exclusivePages(
                    of: network, targetPerformance: item.targetPerformance, margin: item.margin,
                    frames: item.frames) == item.pages)
        }
    }

    private struct Target: KindOfCase {
        static let kind = "target"
        var inputs: Tensor
        var weight: Tensor
        var bias: Tensor
        var labels: [Int32]
        var alpha: Double
        var targetAccuracy: Double
        var rate: Double
    }

    @Test(arguments: [1, 3])
    func targetPerformanceRate(threads: Int) throws {
        let items = try cases(Target.self)
        #expect(items.count == 5)
        for item in items {
            let lowered = try dense(item.weight, item.bias)
            let rate = TargetPerformance.rate(
                of: NetworkPlan(program: lowered.program), weights: lowered.weights,
                samples: SampleArray(
                    shape: lowered.program.inputShape, samples: item.inputs.floats, labels: item.labels),
                alpha: item.alpha, targetAccuracy: item.targetAccuracy, engine: Engine(threads: threads))
            #expect(abs(rate - item.rate) < 1e-6)
        }
    }

    private struct Turned: KindOfCase {
        static let kind = "turns"
        var mean: MatchingLossKind
        var steps: Int
        var turn: Int
        var sequential: Bool
        var rate: Float
        var lambda: Float
        var frameOf: [[Int]]
        var weights: [Tensor]
        var biases: [Tensor]
        var inputs: [Tensor]
        var labels: [[Int32]]
        var fisher: [[Float]]
        var pool: [Float]
        var trainedPool: [Double]
        var trainedBiases: [[Double]]
    }

    /// Whole runs: turns, Adam anew in each of them, matching loss towards what the others had after their turns.
    @Test(arguments: [1, 2])
    func trainingInTurnsWithMatchingLoss(threads: Int) throws {
        let items = try cases(Turned.self)
        #expect(Set(items.map(\.mean)).count == 3 && items.contains { $0.sequential })
        for item in items {
            var settings = TrainingSettings()
            settings.steps = item.steps
            settings.turn = item.turn
            settings.optimisation = item.sequential ? .sequential : .roundRobin
            settings.schedule = .constant
            settings.warmUp = 0
            settings.batch = item.labels[0].count
            settings.learningRate = item.rate
            settings.labelWeight = 1
            let networks = try zip(item.weights, item.biases).map { try dense($0, $1) }
            let placement = Placement(
                frames: FrameTable(pageSize: 4, frameCount: 4, frameOf: item.frameOf), pool: item.pool,
                tails: networks.map { Array($0.weights[$0.program.pagedCount...]) })
            let training = JointTraining(
                networks: networks.indices.map { index in
                    TrainedNetwork(
                        plan: NetworkPlan(program: networks[index].program),
                        samples: SampleArray(
                            shape: Shape(channels: 6), samples: item.inputs[index].floats,
                            labels: item.labels[index]), teacher: nil)
                },
                placement: placement,
                matchingLoss: MatchingLoss(
                    kind: item.mean, lambda: item.lambda,
                    pages: try zip(item.weights, item.fisher).map {
                        try PagedWeights(name: "", weights: $0.floats, fisher: $1, pageSize: 4)
                    }, patches: placement.patches),
                settings: settings, engine: Engine(threads: threads))
            #expect(training.turns.total == 3 * item.steps)
            while training.step < training.turns.total { _ = training.advance() }
            #expect(relativeDifference(training.weights.packed.pool, item.trainedPool) < 2e-5, "\(item.mean)")
            for (values, right) in zip(training.weights.packed.tails, item.trainedBiases) {
                #expect(relativeDifference(values, right) < 2e-5, "\(item.mean)")
            }
        }
    }

    private func dense(_ weight: Tensor, _ bias: Tensor) throws -> LoweredNetwork {
        let nodes = [
            Node(name: "input", operation: .input(Shape(channels: weight.shape[1]))),
            Node(
                name: "dense", operation: .dense(outputs: weight.shape[0]), inputs: [0],
                parameters: [
                    Parameter(name: "weight", role: .weight, shape: weight.shape, values: weight.floats),
                    Parameter(name: "bias", role: .bias, shape: bias.shape, values: bias.floats),
                ]),
        ]
        return try Network(name: "dense", nodes: nodes).lowered(for: .inference)
    }
}
