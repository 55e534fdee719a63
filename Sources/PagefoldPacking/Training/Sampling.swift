// Which samples a step sees. Everything follows from the seed and the step's number, so that a resumed run needs no
// state of a generator.

import PagefoldCore

/// Batches without replacement: epoch by epoch, each in an order of its own.
struct BatchSampler {
    private let count: Int
    private let batch: Int
    private let seed: UInt64
    private let stream: UInt64
    private var epoch = -1
    private var order: [Int] = []

    init(count: Int, batch: Int, seed: UInt64, stream: UInt64) {
        self.count = count
        self.batch = batch
        self.seed = seed
        self.stream = stream
    }

    /// Indices of the samples of a step.
    mutating func indices(step: Int) -> [Int] {
        (step * batch..<(step + 1) * batch).map { position in
            if position / count != epoch {
                epoch = position / count
                var random = RandomSource(seed: seed, stream, UInt64(epoch))
                order = random.permutation(count)
            }
            return order[position % count]
        }
    }

    /// Names the augmented version of one sample of one step.
    func variant(step: Int, position: Int) -> UInt64 {
        var random = RandomSource(seed: seed ^ 0xA5A5_5A5A, stream, UInt64(step * batch + position))
        return random.next()
    }
}

/// Which samples stand for a large set where all of it would take too long: evenly spread, always the same.
public func spread(_ most: Int, of count: Int) -> [Int] {
    guard count > most else { return Array(0..<count) }
    return (0..<most).map { $0 * count / most }
}
