// Which steps the fast kernels compute together.

extension Program {
    /// Convolution steps whose only reader is a 2×2 max-pool of stride 2 without padding: step → pool's step.
    /// - Parameter isPossible: whether the engine can compute this convolution.
    package func fusedPools(where isPossible: (Step) -> Bool = { _ in true }) -> [Int: Int] {
        var readers = [Int](repeating: 0, count: values.count)
        for step in steps {
            readers[Int(step.input)] += 1
            if step.secondInput != Step.none16 { readers[Int(step.secondInput)] += 1 }
        }
        for value in finalValues { readers[value] += 1 }
        var fused = [Int: Int]()
        for (index, step) in steps.enumerated().dropFirst() where step.opcode == .maxPool {
            let before = steps[index - 1]
            let shape = values[Int(step.input)]
            let pooled = values[Int(step.output)]
            if before.opcode == .convolution, before.output == step.input, readers[Int(step.input)] == 1,
                step.kernelHeight == 2, step.kernelWidth == 2, step.strideHeight == 2, step.strideWidth == 2,
                step.padTop == 0, step.padLeft == 0, pooled.height == shape.height / 2,
                pooled.width == shape.width / 2, before.activation.isMonotone, isPossible(before)
            {
                fused[index - 1] = index
            }
        }
        return fused
    }
}
