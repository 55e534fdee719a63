// Augmentation: each step's formula, determinism, parsing.
import Foundation
import PagefoldCore
import PagefoldTestCases
import Testing

@testable import PagefoldData

@Suite struct AugmentationTests {
    private func apply(
        _ step: Augmentation.Step, to values: [Float], _ shape: Shape, counter: UInt64, seed: UInt64 = 1
    ) -> [Float] {
        var sample = values
        var scratch = values
        sample.withUnsafeMutableBufferPointer { sample in
            scratch.withUnsafeMutableBufferPointer { scratch in
                Augmentation(steps: [step], seed: seed)
                    .apply(to: sample, shape: shape, counter: counter, scratch: scratch)
            }
        }
        return sample
    }

    static let shape = Shape(channels: 2, height: 2, width: 3)
    static let values = (0..<12).map { Float($0) }

    @Test func shiftRepeatsEdges() {
        // Every move of up to one row and two columns, computed anew from the definition.
        var expected: Set<[Float]> = []
        for down in -1...1 {
            for right in -2...2 {
                var moved: [Float] = []
                for channel in 0..<2 {
                    for row in 0..<2 {
                        for column in 0..<3 {
                            let source = (min(max(row - down, 0), 1), min(max(column - right, 0), 2))
                            moved.append(Self.values[channel * 6 + source.0 * 3 + source.1])
                        }
                    }
                }
                expected.insert(moved)
            }
        }
        let seen = Set(
            (0..<400).map { apply(.shift(rows: 1, columns: 2), to: Self.values, Self.shape, counter: $0) })
        #expect(seen == expected)
    }

    @Test(arguments: 0..<8) func shiftsBeyondTheSample(counter: UInt64) {
        let result = apply(.shift(rows: 50, columns: 50), to: Self.values, Self.shape, counter: counter)
        #expect(
            result.count == 12 && result[..<6].allSatisfy { $0 < 6 } && result[6...].allSatisfy { $0 >= 6 })
    }

    @Test func flipMirrorsHalfOfTheSamples() {
        let mirrored: [Float] = [2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9]
        let results = (0..<400).map { apply(.flip, to: Self.values, Self.shape, counter: $0) }
        #expect(results.allSatisfy { $0 == Self.values || $0 == mirrored })
        #expect((150...250).contains(results.filter { $0 == mirrored }.count))
    }

    @Test func noiseHasItsMoments() {
        let shape = Shape(channels: 1, height: 100, width: 100)
        let noise = apply(.noise(sigma: 0.5), to: [Float](repeating: 3, count: 10_000), shape, counter: 4)
        let mean = noise.reduce(0, +) / 10_000
        let variance = noise.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 10_000
        #expect(abs(mean - 3) < 0.02)
        #expect(abs(variance - 0.25) < 0.02)
    }

    @Test func brightnessContrastAndCutout() {
        let bright = apply(.brightness(amount: 0.5), to: Self.values, Self.shape, counter: 1)
        #expect(bright != Self.values && abs(bright[0]) <= 0.5)
        #expect(largestDifference(bright.map { $0 - bright[0] }, Self.values) < 1e-5)
        let contrast = apply(.contrast(amount: 0.5), to: Self.values, Self.shape, counter: 1)
        let gain = contrast[1] - contrast[0]
        #expect(gain != 1 && (0.5...1.5).contains(gain))
        #expect(largestDifference(contrast, Self.values.map { 5.5 + ($0 - 5.5) * gain }) < 1e-4)
        let ones = [Float](repeating: 1, count: 12)
        let cut = apply(.cutout(size: 1), to: ones, Self.shape, counter: 1)
        #expect(cut.filter { $0 == 0 }.count == 2 && cut[..<6] == cut[6...])
    }

    @Test func seedAndCounterDecide() {
        func noise(_ counter: UInt64, _ seed: UInt64) -> [Float] {
            apply(.noise(sigma: 1), to: Self.values, Self.shape, counter: counter, seed: seed)
        }
        #expect(noise(1, 1) == noise(1, 1))
        #expect(noise(1, 1) != noise(2, 1))
        #expect(noise(1, 1) != noise(1, 2))
    }

    @Test func mixingBlendsWithAnotherSample() {
        let shape = Shape(channels: 1, height: 2, width: 3)
        let first: [Float] = [0, 1, 2, 3, 4, 5]
        let second: [Float] = [10, 10, 10, 10, 10, 10]
        func mixed(_ share: Float, counter: UInt64) -> [Float] {
            var sample = first
            var scratch = [Float](repeating: .nan, count: shape.count)
            sample.withUnsafeMutableBufferPointer { sample in
                scratch.withUnsafeMutableBufferPointer { scratch in
                    Augmentation(steps: [.mix(share: share)], seed: 1).apply(
                        to: sample, shape: shape, counter: counter, scratch: scratch
                    ) { _, target in _ = target.update(fromContentsOf: second) }
                }
            }
            return sample
        }
        var parts = Set<Float>()
        for counter in 0..<50 as Range<UInt64> {
            #expect(mixed(0, counter: counter) == first)
            let sample = mixed(1, counter: counter)
            let part = sample[0] / 10
            #expect((0...1).contains(part))
            #expect(zip(sample, first).allSatisfy { abs($0 - ($1 + part * (10 - $1))) < 1e-5 })
            parts.insert(part)
        }
        #expect(parts.count == 50)
    }

    @Test func parsing() throws {
        let augmentation = try Augmentation(
            [
                TransformDescription("shift", ["pixels": .number(2), "rows": .number(0)]),
                TransformDescription("flip"),
                TransformDescription("noise", ["sigma": .number(0.25)]),
            ], seed: 3, file: "job")
        #expect(augmentation.steps == [.shift(rows: 0, columns: 2), .flip, .noise(sigma: 0.25)])
        #expect(throws: InputError.self) {
            try Augmentation([TransformDescription("noise")], seed: 3, file: "job")
        }
        #expect(throws: InputError.self) {
            try Augmentation([TransformDescription("flip", ["axis": .number(1)])], seed: 3, file: "job")
        }
    }
}
