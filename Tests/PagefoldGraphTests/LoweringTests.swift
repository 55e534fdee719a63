// What lowering makes of a graph: fused steps, the order of weights, and an arena in which living values never meet.

import PagefoldCore
import PagefoldGraph
import PagefoldTestCases
import Testing

@Suite struct LoweringTests {
    @Test func biasAndActivationBecomePartOfTheStepBefore() throws {
        var builder = NetworkBuilder("fused", input: Shape(channels: 2, height: 4, width: 4))
        builder.add(.convolution(outputs: 3, window: Window(height: 3, width: 3)), bias: false)
        builder.add(.bias)
        builder.add(.activation(.relu))
        builder.add(.reshape(Shape(channels: 12)))
        builder.add(.dense(outputs: 5))
        builder.add(.activation(.tanh))
        builder.add(.softmax)
        let program = try builder.network.lowered(for: .inference).program
        #expect(program.steps.map(\.opcode) == [.convolution, .dense, .softmax])
        #expect(program.steps.map(\.activation) == [.relu, .tanh, .none])
        #expect(program.steps[0].bias != Step.none32)
        #expect(program.logits == Int(program.steps[1].output))
        #expect(program.output == Int(program.steps[2].output))
    }

    @Test func aSharedValueIsLeftAsItIs() throws {
        var builder = NetworkBuilder("shared", input: Shape(channels: 4))
        let value = builder.add(.dense(outputs: 4))
        builder.add(.activation(.relu))
        builder.add(.add, from: [value, builder.last])
        let program = try builder.network.lowered(for: .inference).program
        #expect(program.steps.map(\.opcode) == [.dense, .activation, .add])
        #expect(program.steps[0].activation == .none)
    }

    @Test func trainingKeepsWhatInferenceDrops() throws {
        var builder = NetworkBuilder("modes", input: Shape(channels: 4))
        builder.add(.dense(outputs: 3))
        builder.add(.batchNormalisation(epsilon: 1e-3))
        builder.add(.dropout(rate: 0.5))
        builder.add(.activation(.relu))
        let training = try builder.network.lowered(for: .training).program
        let inference = try builder.network.lowered(for: .inference).program
        #expect(training.steps.map(\.opcode) == [.dense, .batchNormalisation, .dropout, .activation])
        #expect(inference.steps.map(\.opcode) == [.dense])
        #expect(inference.steps[0].activation == .relu)
        #expect(inference.weightCount == 15)
        #expect(training.weightCount == 27)
    }

    @Test(arguments: [false, true])
    func weightsLieInTheOrderOfTheLayers(pageBiases: Bool) throws {
        var builder = NetworkBuilder("order", input: Shape(channels: 3))
        builder.add(.dense(outputs: 2))
        builder.add(.activation(.relu))
        builder.add(.dense(outputs: 4))
        let lowered = try builder.network.lowered(for: .inference, pageBiases: pageBiases)
        let nodes = lowered.spans.map { builder.network.nodes[$0.node].parameters[$0.parameter].values.count }
        #expect(nodes == (pageBiases ? [6, 2, 8, 4] : [6, 8, 2, 4]))
        #expect(lowered.program.pagedCount == (pageBiases ? 20 : 14))
        for span in lowered.spans {
            let values = builder.network.nodes[span.node].parameters[span.parameter].values
            #expect(Array(lowered.weights[span.offset..<span.offset + span.count]) == values)
        }
    }

    @Test(arguments: OperationCase.all)
    func trainedWeightsFindBackIntoTheGraph(of test: OperationCase) throws {
        var lowered = try test.network.lowered(for: .training)
        #expect(test.network.replacingWeights(by: lowered) == test.network)
        lowered.weights = lowered.weights.map { $0 * 0.5 + 0.25 }
        let changed = try test.network.replacingWeights(by: lowered).lowered(for: .training)
        #expect(changed.weights == lowered.weights)
        #expect(changed.program == lowered.program)
    }

    @Test(arguments: UInt64(0)..<40)
    func livingValuesNeverOverlap(seed: UInt64) throws {
        let network = randomNetwork(seed: seed)
        let lowered = try network.lowered(for: .inference)
        let program = lowered.program
        var lastUse = [Int](repeating: -1, count: program.values.count)
        for (index, step) in program.steps.enumerated() {
            lastUse[Int(step.input)] = index
            if step.secondInput != Step.none16 { lastUse[Int(step.secondInput)] = index }
        }
        lastUse[program.output] = .max
        lastUse[program.logits] = .max
        var written = [0]
        for (index, step) in program.steps.enumerated() {
            let output = Int(step.output)
            let place = program.place(output)
            for value in written where lastUse[value] >= index {
                #expect(!place.overlaps(program.place(value)), "step \(index) writes over value \(value)")
            }
            written.append(output)
        }
        // A plan without any reuse would pass, too; so would one without an arena.
        #expect(program.arenaCount <= program.values.reduce(0) { $0 + $1.count })
        let sample = randomNumbers(program.inputShape.count, seed: seed)
        let expected = try ReferenceNetwork(network).run([sample.map(Double.init)])[0]
        #expect(relativeDifference(lowered.interpret(sample), expected) < 1e-5)
    }

    @Test func aChainNeedsRoomForTwoValues() throws {
        var builder = NetworkBuilder("chain", input: Shape(channels: 10))
        for _ in 0..<6 { builder.add(.dense(outputs: 10)) }
        #expect(try builder.network.lowered(for: .inference).program.arenaCount == 20)
    }
}

extension Program {
    fileprivate func place(_ value: Int) -> Range<Int> {
        let start = ArenaPlan(self).values[value] / 4
        return start..<start + values[value].count
    }
}

/// A graph of random branches over images of one size.
private func randomNetwork(seed: UInt64) -> Network {
    var random = RandomSource(seed: seed)
    var builder = NetworkBuilder("random \(seed)", input: Shape(channels: 3, height: 4, width: 3), seed: seed)
    var channels = [3]
    for _ in 0..<4 + random.below(12) {
        let from = random.below(channels.count)
        switch random.below(6) {
        case 0: builder.add(.activation(.tanh), from: [from])
        case 1: builder.add(.activation(.leakyRelu, alpha: 0.1), from: [from])
        case 2:
            let same = channels.indices.filter { channels[$0] == channels[from] }
            builder.add(.add, from: [from, same[random.below(same.count)]])
        case 3:
            let other = random.below(channels.count)
            if channels[from] + channels[other] < 20 { builder.add(.concatenate, from: [from, other]) }
        case 4: builder.add(.dropout(rate: 0.5), from: [from])
        default:
            let padding = Padding(top: 1, left: 0, bottom: 1, right: 2)
            let window = Window(height: 3, width: 3, padding: padding)
            builder.add(.convolution(outputs: 1 + random.below(5), window: window), from: [from])
        }
        if builder.last == channels.count { channels.append(builder.lastShape.channels) }
    }
    builder.add(.globalAveragePool)
    return builder.network
}
