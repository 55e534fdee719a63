// Scales of output channels: the function stays, whoever applies them; their gradients are right.

import PagefoldCore
import PagefoldEngine
import PagefoldGraph
import PagefoldTestCases
import Testing

@testable import PagefoldPacking

@Suite struct ChannelScaleTests {
    @Test(arguments: OperationCase.all, [false, true])
    func scalesKeepTheFunction(of test: OperationCase, pageBiases: Bool) throws {
        let plain = try test.network.lowered(for: .inference, pageBiases: pageBiases)
        let scaled = plain.addingChannelScales()
        try scaled.program.validate()
        let sample = randomNumbers(plain.program.inputShape.count, seed: 2, scale: 2)
        let expected = try ReferenceNetwork(test.network).run([sample.map(Double.init)])[0]
        #expect(relativeDifference(scaled.interpret(sample), expected) < 1e-5)
        let effective = scaled.program.effectiveWeights(scaled.weights)
        #expect(
            relativeDifference(Array(effective[..<plain.weights.count]), plain.weights.map(Double.init))
                < 1e-6)
        #expect(scaled.program.plainWeightCount == plain.weights.count)
        let back = scaled.program.absorbingScales(scaled.weights)
        #expect(back.program == plain.program)
        #expect(relativeDifference(back.weights, plain.weights.map(Double.init)) < 1e-6)
    }

    @Test(arguments: OperationCase.all)
    func rowsHaveOneMagnitude(of test: OperationCase) throws {
        let scaled = try test.network.lowered(for: .inference).addingChannelScales()
        for row in RowLayout(program: scaled.program, pageSize: 16).rows {
            let square = scaled.weights[row.range].reduce(0) { $0 + $1 * $1 } / Float(row.range.count)
            #expect(abs(square.squareRoot() - 0.1) < 1e-5)
        }
    }

    @Test(arguments: [1, 3, 16, 1_000])
    func pagesAreCoveredOnceByTheirRows(pageSize: Int) throws {
        for test in OperationCase.all {
            let scaled = try test.network.lowered(for: .inference, pageBiases: true).addingChannelScales()
            let layout = RowLayout(program: scaled.program, pageSize: pageSize)
            for (page, runs) in layout.pages.enumerated() {
                let covered = runs.flatMap { Array($0.range) }
                let end = min((page + 1) * pageSize, scaled.program.pagedCount)
                #expect(covered == Array(page * pageSize..<end), "\(test) page \(page)")
            }
        }
    }

    /// Scales that lie before the biases leave a hole where they were: biases are not cut off with them.
    @Test func whatLiesBehindTheScalesStays() throws {
        let shape = Shape(channels: 5)
        var step = Step(opcode: .dense, input: 0, output: 1)
        step.weights = 0
        step.scale = 15
        step.bias = 18
        let program = Program(
            values: [shape, Shape(channels: 3)], steps: [step], outputs: [ProgramOutput(value: 1)],
            pagedCount: 15, weightCount: 21)
        try program.validate()
        let scaled = LoweredNetwork(
            name: "", program: program,
            weights: randomNumbers(15, seed: 1) + [2, -3, 0.5] + randomNumbers(3, seed: 2))
        let absorbed = program.absorbingScales(scaled.weights)
        try absorbed.program.validate()
        #expect(absorbed.weights.count == 21 && absorbed.program.weightCount == 21)
        let plain = LoweredNetwork(name: "", program: absorbed.program, weights: absorbed.weights)
        let sample = randomNumbers(5, seed: 3)
        #expect(relativeDifference(plain.interpret(sample), scaled.interpret(sample).map(Double.init)) < 1e-6)
    }

    /// A network of zeros has no magnitude to scale by.
    @Test func rowsOfZerosStayZeros() throws {
        var lowered = try SmallProblem.tasks()[1].network
        for i in 0..<lowered.program.pagedCount { lowered.weights[i] = 0 }
        let scaled = lowered.addingChannelScales()
        #expect(scaled.weights.allSatisfy { $0.isFinite })
        #expect(scaled.weights[..<lowered.program.pagedCount].allSatisfy { $0 == 0 })
    }

    /// One step of Adam from zero moments moves every weight by the rate against the sign of its gradient: with
    /// w = s·v the signs of v and s follow from differences of the loss.
    @Test func aStepFollowsTheGradientsOfWeightsAndScales() throws {
        let task = try SmallProblem.tasks()[1]
        let scaled = task.network.addingChannelScales()
        let program = scaled.program
        var settings = TrainingSettings()
        settings.warmUp = 0
        settings.batch = 70
        settings.learningRate = 1e-3
        func training(_ weights: [Float]) -> JointTraining {
            let frames = FrameTable(pageSize: 24, pagedCounts: [program.pagedCount])
            var network = scaled
            network.weights = weights
            return JointTraining(
                networks: [
                    TrainedNetwork(
                        plan: NetworkPlan(program: program), samples: task.training, teacher: nil)
                ],
                frames: frames, pool: network.filledPages(pageSize: 24),
                tails: [Array(weights[program.pagedCount...])], settings: settings,
                engine: Engine(threads: 2))
        }
        let stepped = training(scaled.weights)
        _ = stepped.advance()
        let after =
            Array(stepped.weights.unrounded.pool.weights[..<program.pagedCount])
            + stepped.weights.unrounded.tails[0].weights
        var compared = 0
        for i in stride(from: 0, to: scaled.weights.count, by: 3) {
            let width = max(abs(scaled.weights[i]) * 0.02, 1e-3)
            let losses = [width, -width].map { shift in
                var moved = scaled.weights
                moved[i] += shift
                return training(moved).advance()[0]
            }
            let slope = (losses[0] - losses[1]) / (2 * width)
            guard abs(slope) > 2e-3 else { continue }
            compared += 1
            let move = after[i] - scaled.weights[i]
            #expect(abs(abs(move) - 1e-3) < 2e-5, "weight \(i)")
            #expect((move < 0) == (slope > 0), "weight \(i): slope \(slope), moved by \(move)")
        }
        #expect(compared > 40)
    }
}
