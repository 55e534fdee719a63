// The one generator of random numbers: seeded, small, the same everywhere. Not for secrets.

/// SplitMix64 (Steele, Lea & Flood 2014): a 64-bit counter and a mixing function, so that any stream can be
/// named by its seed and resumed without stored state.
public struct RandomSource: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    /// A stream of its own for each combination of numbers, for example (seed, network, step).
    public init(seed: UInt64, _ first: UInt64, _ second: UInt64 = 0) {
        var mixer = RandomSource(seed: seed)
        mixer.state = mixer.next() ^ (first &* 0x9E37_79B9_7F4A_7C15)
        mixer.state = mixer.next() ^ (second &* 0xD1B5_4A32_D192_ED03)
        state = mixer.next()
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Uniform in [0, 1), 24 bits.
    public mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

    /// Uniform in [low, high).
    public mutating func uniform(_ low: Float, _ high: Float) -> Float { low + (high - low) * uniform() }

    /// Uniform among 0 ..< bound. The bias of the multiplication method is below 2⁻³² for bounds under 2³².
    public mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: UInt64(bound).multipliedFullWidth(by: next()).high)
    }

    /// The numbers 0 ..< count in random order (Fisher–Yates).
    public mutating func permutation(_ count: Int) -> [Int] {
        var order = Array(0..<count)
        guard count > 1 else { return order }
        for i in stride(from: count - 1, to: 0, by: -1) { order.swapAt(i, below(i + 1)) }
        return order
    }
}
