// One sample behind guards, and a block that has it in every lane: for kernels that serve both. Not a test itself.
import CPagefoldKernels
import PagefoldTestCases
import Testing

/// Runs a kernel on a sample, and on a block with that sample in every lane; its argument is the floats of a number.
func compareSampleWithBlock(
    _ set: String, _ inputs: [Int], to outputs: Int,
    _ kernel: (_ unit: Int, [UnsafePointer<Float>], UnsafeMutablePointer<Float>) -> Void
) {
    let samples = inputs.enumerated().map {
        GuardedMemory(randomNumbers($0.element, seed: UInt64($0.offset)))
    }
    let blocks = samples.map { sample in
        let block = GuardedMemory(count: sample.bytes.count * lanes, alignment: 64)
        for i in 0..<block.floats.count { block.floats[i] = sample.floats[i / lanes] }
        return block
    }
    let single = GuardedMemory(count: 4 * outputs)
    let many = GuardedMemory(count: 4 * outputs * lanes, alignment: 64)
    with(set) {
        kernel(1, samples.map { UnsafePointer($0.floats.baseAddress!) }, single.floats.baseAddress!)
        kernel(lanes, blocks.map { UnsafePointer($0.floats.baseAddress!) }, many.floats.baseAddress!)
    }
    for lane in [0, 9, 15] {
        let due = (0..<outputs).map { Double(many.floats[$0 * lanes + lane]) }
        #expect(relativeDifference(Array(single.floats), due) < 1e-5)
    }
    #expect(single.floats.contains { $0 != 0 })
    withExtendedLifetime((samples, blocks)) {}
}
