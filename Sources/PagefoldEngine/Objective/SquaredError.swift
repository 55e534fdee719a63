// Errors of numbers, as shares of their spread: what regression, reconstruction and distillation of raw outputs have in
// common. What the numbers are compared with is theirs.

import PagefoldCore

/// A normal distribution around each number of an output, with a share of the output's spread as its deviation.
struct SquaredError: Hashable, Sendable {
    /// An error of this share of the spread costs half a nat: about what a classifier pays for a doubtful answer.
    static let tolerance: Float = 0.1
    /// Backward passes for the Fisher of an output of many numbers, which are then drawn at random.
    static let mostPasses = 16

    /// The spread of each output; 1 where it is not known.
    var spreads: [Float] = []

    func spread(_ output: Int) -> Float {
        output < spreads.count && spreads[output] > 0 ? spreads[output] : 1
    }

    /// Adds ½ mean((y − target) / (tolerance · spread))² over the output's numbers to each lane's loss, times `weight`, and
    /// its gradient.
    func add(_ block: LossBlock, output index: Int, target: UnsafePointer<Float>, weight: Float) {
        let output = block.outputs[index]
        let deviation = Self.tolerance * spread(index)
        let factor = weight / (deviation * deviation * Float(output.count))
        for n in 0..<output.count {
            for lane in n * block.stride..<n * block.stride + block.lanes {
                let distance = output.scores[lane] - target[lane]
                block.loss[lane - n * block.stride] += 0.5 * factor * distance * distance
                output.gradient[lane] += factor * block.scale * distance
            }
        }
    }

    /// Sets gradients and losses to 0.
    func clear(_ block: LossBlock) {
        for output in block.outputs {
            output.gradient.update(repeating: 0, count: output.count * block.stride)
        }
        block.loss.update(repeating: 0, count: block.stride)
    }

    /// The Fisher of normal distributions: Σ over numbers n of (∂y(n) / ∂w)² / deviation², one pass for each number; where
    /// there are many, the mean over passes of (Σ ± ∂y(n) / ∂w)² with signs drawn anew, whose expectation is the same.
    func curvature(_ block: LossBlock, outputs: Range<Int>, number: Int, backward: () -> Void) {
        let total = outputs.reduce(0) { $0 + block.outputs[$1].count }
        let isExact = total <= Self.mostPasses
        for pass in 0..<min(total, Self.mostPasses) {
            clear(block)
            var random = RandomSource(seed: 0x5157_A1D5, UInt64(number), UInt64(pass))
            var first = 0
            for index in outputs {
                let output = block.outputs[index]
                let deviation =
                    Self.tolerance * spread(index) * Float(output.count * outputs.count).squareRoot()
                let size = isExact ? 1 / deviation : 1 / (deviation * Float(Self.mostPasses).squareRoot())
                for n in 0..<output.count {
                    for lane in 0..<block.lanes {
                        let sign: Float =
                            isExact ? (first + n == pass ? 1 : 0) : random.next() & 1 == 0 ? 1 : -1
                        // Two outputs may have the same scores.
                        output.gradient[n * block.stride + lane] += sign * size
                    }
                }
                first += output.count
            }
            backward()
        }
    }

    /// Mean square error of an output's numbers, in units of its squared spread.
    func square(_ numbers: some Sequence<Float>, _ targets: some Sequence<Float>, output: Int) -> Double {
        var sum = 0.0
        var count = 0
        for (number, target) in zip(numbers, targets) {
            let distance = Double((number - target) / spread(output))
            sum += distance * distance
            count += 1
        }
        return sum / Double(max(count, 1))
    }
}
