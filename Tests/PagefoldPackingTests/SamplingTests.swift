// Which samples a step sees: each once in an epoch, in an order that follows from seed, network and epoch alone.

import Testing

@testable import PagefoldPacking

@Suite struct BatchSamplerTests {
    private static func sampler(
        count: Int = 23, batch: Int = 7, seed: UInt64 = 1, stream: UInt64 = 0
    ) -> BatchSampler { BatchSampler(count: count, batch: batch, seed: seed, stream: stream) }

    /// Batches that end within an epoch, with it, and that are larger than it.
    @Test(arguments: [(23, 7), (20, 5), (3, 10), (1, 4)])
    func everyEpochHasEachSampleOnce(count: Int, batch: Int) {
        var sampler = Self.sampler(count: count, batch: batch)
        let seen = (0..<3 * count).flatMap { sampler.indices(step: $0) }
        let epochs = (0..<3).map { Array(seen[$0 * count..<($0 + 1) * count]) }
        for epoch in epochs { #expect(epoch.sorted() == Array(0..<count)) }
        #expect(count < 20 || Set(epochs).count == 3, "each epoch has an order of its own")
    }

    /// A resumed run has no state of a generator.
    @Test func aStepNeedsNoStepsBeforeIt() {
        var whole = Self.sampler()
        let steps = (0..<12).map { whole.indices(step: $0) }
        for step in [11, 3, 3, 8] {
            var resumed = Self.sampler()
            #expect(resumed.indices(step: step) == steps[step])
            #expect(whole.indices(step: step) == steps[step])
        }
    }

    @Test func seedsAndNetworksHaveOrdersOfTheirOwn() {
        let names: [(seed: UInt64, stream: UInt64)] = [(1, 0), (2, 0), (1, 1)]
        let orders = names.map { name in
            var sampler = Self.sampler(seed: name.seed, stream: name.stream)
            return (0..<4).flatMap { sampler.indices(step: $0) }
        }
        #expect(Set(orders).count == 3)
    }

    @Test func everyAugmentedSampleHasAVariantOfItsOwn() {
        let variants = [Self.sampler(), Self.sampler(seed: 2), Self.sampler(stream: 1)].flatMap { sampler in
            (0..<20).flatMap { step in (0..<7).map { sampler.variant(step: step, position: $0) } }
        }
        #expect(Set(variants).count == variants.count)
        #expect(Self.sampler().variant(step: 3, position: 2) == variants[3 * 7 + 2])
    }

    @Test(arguments: [(5, 12), (12, 12), (20, 12), (1, 3), (0, 3)])
    func aSpreadIsEvenAndRises(most: Int, count: Int) {
        let chosen = spread(most, of: count)
        #expect(chosen.count == min(most, count))
        let gaps = zip(chosen, chosen.dropFirst()).map { $1 - $0 }
        #expect(gaps.allSatisfy { $0 >= 1 } && (gaps.max() ?? 0) - (gaps.min() ?? 0) <= 1)
    }
}
