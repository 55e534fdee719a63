// The random generator of splits and augmentation: small, seeded, the same on every platform.

/// SplitMix64 (Steele, Lea, Flood 2014): a counter stepped by the golden ratio and mixed.
struct SplitMix64 {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// The generator of one sample: streams of different counters do not overlap in practice.
    init(seed: UInt64, counter: UInt64) {
        var outer = SplitMix64(seed: seed)
        var inner = SplitMix64(seed: outer.next() ^ counter)
        state = inner.next()
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }

    /// A whole number in `0 ..< bound` (bias below 2⁻⁴⁰ for the bounds used here). Precondition: bound > 0.
    mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0)
        return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// A number in −1 ..< 1.
    mutating func signedUnit() -> Float {
        Float(Int32(truncatingIfNeeded: next() >> 40) - (1 << 23)) / 8_388_608
    }

    /// Fisher–Yates; written out because the standard library does not promise the order of its own.
    mutating func shuffle<T>(_ values: inout [T]) {
        for last in stride(from: values.count - 1, to: 0, by: -1) { values.swapAt(last, below(last + 1)) }
    }
}
