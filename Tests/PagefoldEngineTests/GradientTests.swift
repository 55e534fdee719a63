// The engine's gradients against central differences of the double-precision reference, for every case of the
// table; squared gradients against those of single samples; dropout against differences of the engine itself.

import PagefoldCore
import PagefoldGraph
import PagefoldTestCases
import Testing

@testable import PagefoldEngine

@Suite struct GradientTests {
    @Test(arguments: OperationCase.all, instructionSets)
    func gradientsAreDifferences(of test: OperationCase, instructionSet: String) throws {
        let network = test.network
        for training in [true, false] where training || network.normalises {
            for lanes in [16, 3] {
                let lowered = try network.lowered(for: .training)
                let samples = (0..<lanes).map {
                    randomNumbers(lowered.program.inputShape.count, seed: 50 + UInt64($0), scale: 2)
                }
                let classes = lowered.program.values[lowered.program.logits].count
                let upstream = (0..<lanes).map { randomNumbers(classes, seed: 100 + UInt64($0)) }
                // Dropout has its own test: here it is the identity, which it is outside training mode.
                let mode = BlockMode(training: training && !network.dropsOut, lanes: lanes)
                let gradient = with(instructionSet: instructionSet) {
                    lowered.gradient(samples, upstream: upstream, mode: mode)
                }
                for span in lowered.spans {
                    let role = network.nodes[span.node].parameters[span.parameter].role
                    // The places of mean and variance receive statistics instead, in training.
                    if mode.training && (role == .mean || role == .variance) { continue }
                    if role == .mean || role == .variance || role == .constant { continue }
                    let direction = randomNumbers(span.count, seed: UInt64(span.offset)).map(Double.init)
                    let slope = try network.slope(
                        samples, upstream, span, direction, training: mode.training)
                    let part = gradient[span.offset..<span.offset + span.count]
                    let got = zip(part, direction).reduce(0) { $0 + Double($1.0) * $1.1 }
                    let size = zip(part, direction).reduce(0) { $0 + abs(Double($1.0) * $1.1) }
                    #expect(
                        abs(got - slope) < 2e-5 * max(size, 1) + 1e-4 * abs(slope)
                            * (mode.training ? 1 : 0.1),
                        "\(role) of node \(span.node), \(lanes) lanes, training \(mode.training)")
                }
            }
        }
    }

    @Test(arguments: OperationCase.all)
    func squaredGradientsAreThoseOfSingleSamples(of test: OperationCase) throws {
        let lowered = try test.network.lowered(for: .training)
        let lanes = 7
        let samples = (0..<lanes).map {
            randomNumbers(lowered.program.inputShape.count, seed: 70 + UInt64($0), scale: 2)
        }
        let classes = lowered.program.values[lowered.program.logits].count
        let upstream = (0..<lanes).map { randomNumbers(classes, seed: 90 + UInt64($0)) }
        let mode = BlockMode(lanes: lanes)
        let squared = lowered.gradient(samples, upstream: upstream, mode: mode, squared: true)
        var expected = [Double](repeating: 0, count: squared.count)
        for lane in 0..<lanes {
            var alone = upstream.map { $0.map { _ in Float(0) } }
            alone[lane] = upstream[lane]
            let gradient = lowered.gradient(samples, upstream: alone, mode: mode)
            for i in gradient.indices { expected[i] += Double(gradient[i]) * Double(gradient[i]) }
        }
        for span in lowered.spans {
            let role = test.network.nodes[span.node].parameters[span.parameter].role
            if role == .mean || role == .variance { continue }
            let range = span.offset..<span.offset + span.count
            #expect(relativeDifference(Array(squared[range]), Array(expected[range])) < 2e-5, "\(role)")
        }
    }

    @Test func batchStatisticsStandInThePlacesOfMeanAndVariance() throws {
        var builder = NetworkBuilder("statistics", input: Shape(channels: 2, height: 3, width: 2))
        builder.add(.bias)
        builder.add(.batchNormalisation(epsilon: 1e-3))
        let lowered = try builder.network.lowered(for: .training)
        let samples = (0..<5).map { randomNumbers(12, seed: UInt64($0), scale: 2) }
        let upstream = (0..<5).map { randomNumbers(12, seed: 9 + UInt64($0)) }
        let gradient = lowered.gradient(
            samples, upstream: upstream, mode: BlockMode(training: true, lanes: 5))
        let bias = lowered.weights[0..<2]
        for channel in 0..<2 {
            let all = samples.flatMap { $0[channel * 6..<channel * 6 + 6].map { Double($0 + bias[channel]) } }
            let mean = all.reduce(0, +) / 30
            let variance = all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 30
            #expect(abs(Double(gradient[2 + 4 + channel]) - mean) < 1e-5)
            #expect(abs(Double(gradient[2 + 6 + channel]) - variance) < 1e-5)
        }
    }

    @Test func dropoutDropsTheSameNumbersInBothPasses() throws {
        var builder = NetworkBuilder("dropout", input: Shape(channels: 8))
        builder.add(.dense(outputs: 40))
        builder.add(.dropout(rate: 0.3))
        let lowered = try builder.network.lowered(for: .training)
        let samples = (0..<16).map { randomNumbers(8, seed: UInt64($0)) }
        let upstream = (0..<16).map { randomNumbers(40, seed: 20 + UInt64($0)) }
        let mode = BlockMode(training: true, seed: 3, counter: 4)
        func loss(_ network: LoweredNetwork) -> Double {
            zip(network.answers(samples, mode: mode), upstream).reduce(0) { sum, pair in
                sum + zip(pair.0, pair.1).reduce(0) { $0 + Double($1.0) * Double($1.1) }
            }
        }
        let gradient = lowered.gradient(samples, upstream: upstream, mode: mode)
        for weight in [0, 17, 100, 319, 320, 359] {
            var (up, down) = (lowered, lowered)
            up.weights[weight] += 1
            down.weights[weight] -= 1
            // The network is linear in one weight, so the step may be large.
            #expect(abs((loss(up) - loss(down)) / 2 - Double(gradient[weight])) < 1e-3)
        }
        let answers = lowered.answers(samples, mode: mode)
        let dropped = answers.joined().count { $0 == 0 }
        #expect((130..<255).contains(dropped), "about 0.3 of 640, here \(dropped)")
        #expect(lowered.answers(samples, mode: BlockMode(training: true, seed: 3, counter: 5)) != answers)
    }
}

extension Network {
    var dropsOut: Bool { nodes.contains { if case .dropout = $0.operation { true } else { false } } }
    var normalises: Bool {
        nodes.contains { if case .batchNormalisation = $0.operation { true } else { false } }
    }

    /// Derivative of Σ logits · upstream along a direction in one parameter.
    func slope(
        _ samples: [[Float]], _ upstream: [[Float]], _ span: ParameterSpan, _ direction: [Double],
        training: Bool
    ) throws -> Double {
        let reference = try ReferenceNetwork(self)
        let inputs = samples.map { $0.map(Double.init) }
        func loss(_ step: Double) -> Double {
            var parameters = nodes.map { $0.parameters.map { $0.values.map(Double.init) } }
            for i in direction.indices { parameters[span.node][span.parameter][i] += step * direction[i] }
            let logits = reference.run(inputs, parameters: parameters, training: training, toLogits: true)
            return zip(logits, upstream).reduce(0) { sum, pair in
                sum + zip(pair.0, pair.1).reduce(0) { $0 + $1.0 * Double($1.1) }
            }
        }
        return (loss(1e-6) - loss(-1e-6)) / 2e-6
    }
}

extension LoweredNetwork {
    /// The plan's gradient of Σ logits · upstream, summed over the samples of one block: [weightCount].
    func gradient(
        _ samples: [[Float]], upstream: [[Float]], mode: BlockMode, squared: Bool = false
    ) -> [Float] {
        let plan = NetworkPlan(program: program)
        return gradient(
            plan, BlockArena(plans: [plan]), samples, upstream: upstream, mode: mode, squared: squared
        ).values
    }

    /// The same in an arena, where the gradients of all values stay.
    func gradient(
        _ plan: NetworkPlan, _ arena: BlockArena, _ samples: [[Float]], upstream: [[Float]],
        mode: BlockMode, squared: Bool = false
    ) -> FloatBuffer {
        let source = SampleArray(
            shape: program.inputShape, samples: Array(samples.joined()),
            labels: [Int32](repeating: 0, count: samples.count))
        arena.fill(plan, from: source, indices: Array(samples.indices))
        let gradient = FloatBuffer(count: weights.count)
        weights.withUnsafeBufferPointer { weights in
            plan.forward(weights: weights.baseAddress!, arena: arena.pointer, mode: mode, toScores: true)
            let target = arena.pointer + plan.scores[0].gradient
            for c in 0..<plan.scores[0].count {
                for lane in 0..<blockSize {
                    target[c * blockSize + lane] = lane < upstream.count ? upstream[lane][c] : 0
                }
            }
            plan.backward(
                weights: weights.baseAddress!, arena: arena.pointer, gradient: gradient.pointer, mode: mode,
                squared: squared)
        }
        return withExtendedLifetime(arena) { gradient }
    }
}
