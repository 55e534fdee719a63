// The engine's plans against the interpreter and the reference, on every instruction set that this machine has.

import CPagefoldKernels
import PagefoldCore
import PagefoldGraph
import PagefoldTestCases
import Testing

@testable import PagefoldEngine

/// Those of the three that this machine can run.
let instructionSets: [String] = ["baseline", "avx2", "avx512"].filter {
    defer { pf_choose_instruction_set(nil) }
    return pf_choose_instruction_set($0) != 0
}

/// Runs `body` with the calling thread on one instruction set.
func with<Result>(instructionSet: String, _ body: () throws -> Result) rethrows -> Result {
    #expect(pf_choose_instruction_set(instructionSet) == 1)
    defer { pf_choose_instruction_set(nil) }
    return try body()
}

@Suite struct PlanTests {
    @Test(arguments: OperationCase.all, instructionSets)
    func answersAreTheInterpreters(of test: OperationCase, instructionSet: String) throws {
        for mode in [LoweringMode.inference, .training] {
            let lowered = try test.network.lowered(for: mode)
            for lanes in [16, 5] {
                let samples = (0..<lanes).map {
                    randomNumbers(lowered.program.inputShape.count, seed: UInt64($0), scale: 2)
                }
                let answers = with(instructionSet: instructionSet) { lowered.answers(samples) }
                for (answer, sample) in zip(answers, samples) {
                    #expect(relativeDifference(answer, lowered.interpret(sample).map(Double.init)) < 1e-5)
                }
            }
        }
    }

    @Test func aNetworkWithoutWeightsHasAPlaceForItsLossGradient() throws {
        var builder = NetworkBuilder("plain", input: Shape(channels: 3, height: 2, width: 2))
        builder.add(.globalAveragePool)
        let plan = NetworkPlan(program: try builder.network.lowered(for: .inference).program)
        #expect(plan.scores[0].gradient >= 0)
        #expect((plan.scores[0].gradient + plan.scores[0].count * blockSize) * 4 <= plan.arenaBytes)
    }

    @Test func multiplyAddsOfAGroupedConvolutionAndADenseLayer() throws {
        var builder = NetworkBuilder("counted", input: Shape(channels: 4, height: 5, width: 6))
        builder.add(.convolution(outputs: 6, window: Window(height: 3, width: 2), groups: 2))
        builder.add(.dense(outputs: 7))
        let program = try builder.network.lowered(for: .inference).program
        #expect(NetworkPlan(program: program).multiplyAdds == 6 * 3 * 5 * 2 * 3 * 2 + 6 * 3 * 5 * 7)
    }
}

extension LoweredNetwork {
    /// The plan's answers to up to 16 samples.
    func answers(_ samples: [[Float]], mode: BlockMode? = nil, toScores: Bool = false) -> [[Float]] {
        let plan = NetworkPlan(program: program)
        let arena = BlockArena(plans: [plan])
        let source = SampleArray(
            shape: program.inputShape, samples: Array(samples.joined()),
            labels: [Int32](repeating: 0, count: samples.count))
        arena.fill(plan, from: source, indices: Array(samples.indices))
        weights.withUnsafeBufferPointer { weights in
            plan.forward(
                weights: weights.baseAddress!, arena: arena.pointer,
                mode: mode ?? BlockMode(lanes: samples.count),
                toScores: toScores)
        }
        let offset = toScores ? plan.scores[0].value : plan.outputOffset(0)
        let count = toScores ? plan.scores[0].count : program.outputCount
        return withExtendedLifetime(arena) {
            samples.indices.map { lane in (0..<count).map { arena.pointer[offset + $0 * blockSize + lane] } }
        }
    }
}
