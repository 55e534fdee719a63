// The random numbers of the matching: SplitMix64 (Steele, Lea & Flood, OOPSLA 2014). Not for cryptography.

/// Equal seeds give equal numbers on every machine.
struct SeededGenerator: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Uniform in 0..<1.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Uniform in `0..<bound`, bound > 0.
    mutating func index(below bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    mutating func shuffle(_ list: inout [Int]) {
        for i in stride(from: list.count - 1, to: 0, by: -1) { list.swapAt(i, index(below: i + 1)) }
    }
}
