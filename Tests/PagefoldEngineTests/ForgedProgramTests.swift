// Programs that a forged fold file could bring past `validate`: the engine runs them within its buffers. Most telling
// under the address sanitizer.

import PagefoldCore
import PagefoldGraph
import PagefoldTestCases
import Testing

@testable import PagefoldEngine

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
