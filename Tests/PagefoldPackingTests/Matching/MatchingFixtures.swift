// Seeded networks for the matching tests: heavy-tailed Fisher values, as real networks have.

import PagefoldPacking

/// SplitMix64, apart from the one under test.
struct TestGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A power of ten with uniform exponent.
    mutating func power(from low: Double, to high: Double) -> Double {
        var value = 1.0
        let exponent = Int(low + unit() * (high - low))
        for _ in 0..<abs(exponent) { value *= exponent < 0 ? 0.1 : 10 }
        return value * (1 + unit())
    }
}

/// A network of normal-like weights and Fisher values over eight decades, an eighth of them 0.
func makeNetwork(_ name: String, weights count: Int, pageSize: Int, seed: UInt64) throws -> PagedWeights {
    var generator = TestGenerator(seed: seed)
    let weights = (0..<count).map { _ in
        Float(generator.unit() + generator.unit() + generator.unit() - 1.5) * 0.2
    }
    let fisher = (0..<count).map { _ in
        generator.next() % 8 == 0 ? 0 : Float(generator.power(from: -6, to: 2))
    }
    return try PagedWeights(name: name, weights: weights, fisher: fisher, pageSize: pageSize)
        .normalisingFisher()
}

/// Networks of differing sizes, their last pages padded.
func makeNetworks(_ sizes: [Int], pageSize: Int, seed: UInt64) throws -> [PagedWeights] {
    try sizes.enumerated().map { index, size in
        try makeNetwork(
            "network \(index)", weights: size, pageSize: pageSize, seed: seed &+ UInt64(index) &* 77)
    }
}

/// Second-order loss straight from its definition, sharing no code with the package.
func plainLoss(_ assignment: PageAssignment, of networks: [PagedWeights]) -> Double {
    guard let size = networks.first?.pageSize else { return 0 }
    var loss = 0.0
    for frame in 0..<assignment.frameCount {
        for i in 0..<size {
            var users: [(f: Double, w: Double)] = []
            for (network, frames) in zip(networks, assignment.frameOf) {
                for (page, own) in frames.enumerated() where own == frame {
                    users.append(
                        (Double(network.fisher[page * size + i]), Double(network.weights[page * size + i])))
                }
            }
            let total = users.reduce(0) { $0 + $1.f }
            guard total > 0 else { continue }
            let mean = users.reduce(0) { $0 + $1.f * $1.w } / total
            loss += users.reduce(0) { $0 + $1.f * ($1.w - mean) * ($1.w - mean) }
        }
    }
    return loss
}
