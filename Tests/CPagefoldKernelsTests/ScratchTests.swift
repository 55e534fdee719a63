// How much scratch kernels ask for: as much as the hungriest instruction set of the machine needs, so that memory sized on
// one thread suffices on another that has chosen a set of its own.
import CPagefoldKernels
import Testing

@Suite struct ScratchTests {
    @Test(arguments: convolutionCases) func scratchSufficesForEveryInstructionSet(test: ConvolutionCase) {
        var shape = test.c
        var dense = pf_dense(
            features_in: shape.channels_in * shape.width_in, features_out: shape.channels_out,
            activation: Int32(PF_NONE.rawValue), alpha: 0, beta: 0)
        let asked = instructionSets.map { set in
            with(set) {
                [
                    pf_single_convolution_scratch(&shape), pf_convolution_scratch(&shape),
                    pf_convolution_forward_scratch(&shape), pf_dense_scratch(&dense),
                ]
            }
        }
        for (set, bytes) in zip(instructionSets, asked) { #expect(bytes == asked[0], "\(set)") }
    }
}
