// Programs that a forged fold file could bring past `validate`: the engine runs them within its buffers. Most telling
// under the address sanitizer.

import PagefoldCore
import PagefoldEngine
import PagefoldGraph
import PagefoldTestCases
import Testing

@Suite struct ForgedProgramTests {
    @Test(arguments: UInt64(0)..<8)
    func acceptedProgramsRun(seed: UInt64) throws {
        var random = RandomSource(seed: seed)
        var ran = 0
        let networks = OperationCase.all.map(\.network)
        for _ in 0..<150 {
            var lowered = try networks[random.below(networks.count)].lowered(for: .training)
            for _ in 0..<1 + random.below(3) { lowered.program.forge(&random) }
            guard (try? lowered.program.validate()) != nil, lowered.program.isSmall else { continue }
            ran += 1
            let sample = randomNumbers(lowered.program.inputShape.count, seed: seed)
            // Lengths only: what a forged program computes is nobody's business.
            #expect(lowered.answers([sample])[0].count == lowered.program.outputCount)
            let upstream = [randomNumbers(lowered.program.values[lowered.program.logits].count, seed: seed)]
            let gradient = lowered.gradient([sample], upstream: upstream, mode: BlockMode(lanes: 1))
            #expect(gradient.count == lowered.weights.count)
        }
        #expect(ran > 10)
    }
}

extension Program {
    fileprivate mutating func forge(_ random: inout RandomSource) {
        let step = random.below(steps.count)
        let small = UInt8(random.below(5))
        let any = UInt8(random.below(256))
        switch random.below(14) {
        case 0: steps[step].kernelHeight = small
        case 1: steps[step].kernelWidth = any
        case 2: steps[step].strideHeight = small
        case 3: steps[step].strideWidth = any
        case 4: steps[step].padTop = small
        case 5: steps[step].padLeft = any
        case 6: steps[step].dilationHeight = any
        case 7: steps[step].dilationWidth = small
        case 8: steps[step].groups = UInt16(random.below(6))
        case 9: steps[step].weights = UInt32(random.below(weightCount + 2))
        case 10: steps[step].bias = random.below(2) == 0 ? Step.none32 : UInt32(random.below(weightCount + 2))
        case 11: values[random.below(values.count)].height = 1 + random.below(9)
        case 12: values[random.below(values.count)].width = 1 + random.below(9)
        default: logits = random.below(values.count)
        }
    }

    fileprivate var isSmall: Bool {
        values.allSatisfy { $0.count < 5_000 }
            && steps.allSatisfy {
                Int($0.kernelHeight) * Int($0.kernelWidth) * values[Int($0.output)].count < 200_000
            }
    }
}
