// Networks for the benchmark: seeded weights and Fisher values with the heavy tail of real ones.
// Not real networks: losses compare methods on this data only.

import Glibc
import PagefoldPacking

struct NormalGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    private mutating func unit() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return (Double((z ^ (z >> 31)) >> 11) + 0.5) * 0x1p-53
    }

    /// Standard normal (Box & Muller).
    mutating func next() -> Double { sqrt(-2 * log(unit())) * cos(2 * .pi * unit()) }
}

/// Weights N(0, 0.15²) and lognormal Fisher values: a factor for each run of 50 weights (a hidden unit) times one
/// for each weight; the benchmark prints what the top 1 % of the weights hold.
func syntheticNetwork(_ name: String, weights count: Int, pageSize: Int, seed: UInt64) throws -> PagedWeights
{
    var generator = NormalGenerator(seed: seed)
    let weights = (0..<count).map { _ in Float(0.15 * generator.next()) }
    var unit = 1.0
    let fisher = (0..<count).map { index in
        if index % 50 == 0 { unit = exp(2.6 * generator.next()) }
        return Float(unit * exp(2.0 * generator.next()))
    }
    return try PagedWeights(name: name, weights: weights, fisher: fisher, pageSize: pageSize)
        .normalisingFisher()
}

/// The share of the Fisher sum that the top 1 % of the weights hold.
func topShare(_ network: PagedWeights) -> Double {
    let sorted = network.fisher.sorted(by: >)
    return Double(sorted[..<(network.weightCount / 100)].reduce(0, +)) / Double(sorted.reduce(0, +))
}
