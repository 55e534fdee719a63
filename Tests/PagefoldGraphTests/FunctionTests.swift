// Lowering keeps the function: the interpreter's answer against the reference, for every case of the table.

import PagefoldCore
import PagefoldGraph
import PagefoldTestCases
import Testing

@Suite struct FunctionTests {
    @Test(arguments: OperationCase.all, [LoweringMode.training, .inference])
    func loweringKeepsTheFunction(of test: OperationCase, mode: LoweringMode) throws {
        for pageBiases in [false, true] {
            let lowered = try test.network.lowered(for: mode, pageBiases: pageBiases)
            try lowered.program.validate()
            for seed in UInt64(0)..<3 {
                let sample = randomNumbers(lowered.program.inputShape.count, seed: seed, scale: 2)
                let expected = try ReferenceNetwork(test.network).run([sample.map(Double.init)])[0]
                #expect(relativeDifference(lowered.interpret(sample), expected) < 1e-5)
            }
        }
    }

    @Test(arguments: OperationCase.all)
    func foldingBatchNormalisationKeepsTheFunction(of test: OperationCase) throws {
        let folded = test.network.foldingBatchNormalisation()
        let sample = randomNumbers(try test.network.shapes()[0].count, seed: 4, scale: 2).map(Double.init)
        let expected = try ReferenceNetwork(test.network).run([sample])[0]
        let got = try ReferenceNetwork(folded).run([sample])[0]
        #expect(relativeDifference(got.map { Float($0) }, expected) < 1e-5)
    }
}
