// The quantum of a frame whose weights are not normally distributed: the stretch that is found against all others.

import PagefoldCore
import PagefoldTestCases
import Testing

@testable import PagefoldEngine

@Suite struct FrameStretchTests {
    private static let formats = NumberFormat.allCases.filter(\.hasQuantum)

    /// Sums of uniform numbers, nearly normal.
    private static let normal: [Float] = {
        let numbers = randomNumbers(256 * 12, seed: 1)
        return (0..<256).map { numbers[$0 * 12..<$0 * 12 + 12].reduce(0, +) }
    }()

    /// As rows of a depthwise layer: few weights count, one in sixteen is eight times as large.
    private static let heavy = normal.enumerated().map { $0 % 16 == 0 ? 8 * $1 : $1 }

    private static func found(_ format: NumberFormat, _ weights: [Float], from known: Float = 1) -> Float {
        var scratch = weights
        return format.stretch(for: weights, count: weights.count, from: known, scratch: &scratch)
    }

    private static func error(_ format: NumberFormat, _ weights: [Float], _ stretch: Float) -> Double {
        var rounded = weights
        let quantum = format.quantum(for: weights, count: weights.count, stretch: stretch)
        format.round(weights, count: weights.count, quantum: quantum, to: &rounded)
        return zip(weights, rounded).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
    }

    @Test(arguments: formats, [false, true])
    func noOtherStretchIsMuchBetter(format: NumberFormat, isHeavy: Bool) {
        let weights = isHeavy ? Self.heavy : Self.normal
        let own = Self.error(format, weights, Self.found(format, weights))
        let least = (-200...400).map { Self.error(format, weights, Float(1.01).power($0)) }.min()!
        // Steps of an eighth: one in between may suit a few large weights by chance.
        #expect(own <= 1.25 * least)
        #expect(own <= Self.error(format, weights, 1))
    }

    /// What this is for: eight bits lose next to nothing of large weights that the normal quantum would cut off.
    @Test func largeWeightsAreNotCutOff() {
        let before = Self.error(.int8, Self.heavy, 1)
        let after = Self.error(.int8, Self.heavy, Self.found(.int8, Self.heavy))
        #expect(after < before / 20)
    }

    @Test(arguments: formats)
    func itDoesNotDependOnTheMagnitude(format: NumberFormat) {
        let doubled = Self.heavy.map { $0 * 4 }
        #expect(Self.found(format, doubled) == Self.found(format, Self.heavy))
    }

    /// Numbers that a fold file gives keep its quantum: no step is better than the one that they are on.
    @Test(arguments: formats)
    func numbersOfTheFormatKeepTheirQuantum(format: NumberFormat) {
        let codes = randomNumbers(256, seed: 3)
        let quantum: Float = 0.125
        var weights = codes
        format.round(codes.map { $0 * 2 }, count: 256, quantum: quantum, to: &weights)
        let normal = format.quantum(for: weights, count: 256, stretch: 1)
        let stretch = quantum / normal
        #expect(abs(Self.found(format, weights, from: stretch) - stretch) < 1e-3)
    }

    @Test(arguments: NumberFormat.allCases)
    func thereIsNothingToFind(format: NumberFormat) {
        #expect(Self.found(format, [Float](repeating: 0, count: 16), from: 1.5) == 1.5)
        if !format.hasQuantum { #expect(Self.found(format, Self.heavy, from: 1.5) == 1.5) }
    }
}

extension Float {
    fileprivate func power(_ exponent: Int) -> Float {
        (0..<abs(exponent)).reduce(1) { result, _ in exponent < 0 ? result / self : result * self }
    }
}
