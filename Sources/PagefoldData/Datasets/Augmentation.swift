// Random changes of training samples that keep their class. Which samples to draw is the trainer's matter.
public import PagefoldCore

/// A list of random changes, the same for the same seed and counter, in whatever order or thread.
public struct Augmentation: Sendable, Equatable {
    /// One kind of change; u is uniform in −1 … 1, drawn anew for each sample.
    public enum Step: Sendable, Equatable {
        /// Moves by up to `rows` and `columns` either way; the edge values fill what becomes free.
        case shift(rows: Int, columns: Int)
        /// Mirrors left and right, for every other sample on average.
        case flip
        /// v + sigma·n, n of mean 0 and variance 1: a sum of four uniform numbers, so |n| ≤ 2√3.
        case noise(sigma: Float)
        /// v + amount·u.
        case brightness(amount: Float)
        /// m + (v − m)·(1 + amount·u), m the mean of the sample.
        case contrast(amount: Float)
        /// A square of `size` × `size` pixels at a random place becomes 0 in all channels.
        case cutout(size: Int)
        /// (1 − a)·v + a·v′ for a `share` of the samples, v′ another sample and a uniform in 0 … 1 (mixup, Zhang et al.
        /// 2018). It has no class: only for samples without labels, where the original says what it is.
        case mix(share: Float)
    }

    public let steps: [Step]
    public let seed: UInt64

    public init(steps: [Step], seed: UInt64) {
        self.steps = steps
        self.seed = seed
    }

    /// Whether samples are mixed with others.
    public var mixes: Bool {
        steps.contains { step in
            if case .mix = step { return true }
            return false
        }
    }

    /// Changes a sample (CHW) in place. `counter` is the number of the draw, such as step · batch + place.
    /// Preconditions: sample and scratch hold `shape.count` values each.
    /// - Parameter partner: writes the sample that a random number stands for, to mix with.
    public func apply(
        to sample: UnsafeMutableBufferPointer<Float>, shape: Shape, counter: UInt64,
        scratch: UnsafeMutableBufferPointer<Float>,
        partner: (UInt64, UnsafeMutableBufferPointer<Float>) -> Void = { _, _ in }
    ) {
        precondition(sample.count == shape.count && scratch.count >= shape.count)
        var generator = RandomSource(seed: seed, counter)
        for step in steps {
            switch step {
            case .shift(let rows, let columns):
                let down = generator.below(2 * rows + 1) - rows
                let right = generator.below(2 * columns + 1) - columns
                shift(sample, shape, down: down, right: right, scratch)
            case .flip:
                if generator.next() >> 63 == 1 { flip(sample, shape) }
            case .noise(let sigma):
                for index in sample.indices { sample[index] += sigma * nearlyNormal(generator.next()) }
            case .brightness(let amount):
                let offset = amount * generator.uniform(-1, 1)
                for index in sample.indices { sample[index] += offset }
            case .contrast(let amount):
                let gain = 1 + amount * generator.uniform(-1, 1)
                let mean = sample.reduce(0, +) / Float(max(1, sample.count))
                for index in sample.indices { sample[index] = mean + (sample[index] - mean) * gain }
            case .cutout(let size):
                let (row, column) = (generator.below(shape.height), generator.below(shape.width))
                cut(sample, shape, row: row - size / 2, column: column - size / 2, size: size)
            case .mix(let share):
                let (isMixed, part) = (generator.uniform() < share, generator.uniform())
                let number = generator.next()
                guard isMixed else { continue }
                for index in sample.indices { scratch[index] = sample[index] }
                partner(number, scratch)
                for index in sample.indices { sample[index] += part * (scratch[index] - sample[index]) }
            }
        }
    }

    private func shift(
        _ sample: UnsafeMutableBufferPointer<Float>, _ shape: Shape, down: Int, right: Int,
        _ scratch: UnsafeMutableBufferPointer<Float>
    ) {
        guard down != 0 || right != 0 else { return }
        let (height, width) = (shape.height, shape.width)
        for index in sample.indices { scratch[index] = sample[index] }
        // Columns first … inside come from the sample, those before and after repeat its edges.
        let first = min(max(right, 0), width)
        let last = max(min(width + right, width), first)
        for line in 0..<(shape.channels * height) {
            let (channel, row) = line.quotientAndRemainder(dividingBy: height)
            let source = (channel * height + min(max(row - down, 0), height - 1)) * width
            let target = line * width
            for column in 0..<first { sample[target + column] = scratch[source] }
            for column in first..<last { sample[target + column] = scratch[source + column - right] }
            for column in last..<width { sample[target + column] = scratch[source + width - 1] }
        }
    }

    private func flip(_ sample: UnsafeMutableBufferPointer<Float>, _ shape: Shape) {
        for line in 0..<(shape.channels * shape.height) {
            var (left, right) = (line * shape.width, (line + 1) * shape.width - 1)
            while left < right {
                sample.swapAt(left, right)
                left += 1
                right -= 1
            }
        }
    }

    private func cut(
        _ sample: UnsafeMutableBufferPointer<Float>, _ shape: Shape, row: Int, column: Int, size: Int
    ) {
        let columns = max(0, column)..<min(shape.width, column + size)
        for channel in 0..<shape.channels {
            for row in max(0, row)..<min(shape.height, row + size) {
                for column in columns {
                    sample[(channel * shape.height + row) * shape.width + column] = 0
                }
            }
        }
    }

    /// Four uniform 16-bit numbers of one draw, summed, centred and scaled to variance 1: an order of
    /// magnitude cheaper than a logarithm and a cosine for each value.
    @inline(__always)
    private func nearlyNormal(_ bits: UInt64) -> Float {
        let low = (bits & 0x0000_ffff_0000_ffff) &+ (bits >> 16 & 0x0000_ffff_0000_ffff)
        let sum = Int32(truncatingIfNeeded: (low & 0xffff_ffff) &+ (low >> 32))
        // Variance of a sum of four numbers uniform over 65,536 values: 4 · (65536² − 1) / 12.
        return Float(2 * sum - 4 * 65_535) * (0.5 / 37_837.226)
    }
}
