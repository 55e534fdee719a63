// The parts that the generators are made of: waves against libm, drawing against areas, spectra against
// known tones.

import Foundation
import PagefoldCore
import Testing

@testable import PagefoldDemo

@Suite struct DrawingTests {
    @Test(arguments: [-3.7, -0.5, -0.25, -0.1, 0, 0.125, 0.25, 0.4, 0.5, 0.75, 0.9, 12.3])
    func waveIsSine(turns: Double) {
        #expect(abs(Double(Wave.sine(Float(turns))) - sin(2 * .pi * turns)) < 1e-5)
        #expect(abs(Double(Wave.cosine(Float(turns))) - cos(2 * .pi * turns)) < 1e-5)
    }

    @Test func bellHasMeanZeroAndVarianceOne() {
        var random = RandomSource(seed: 5)
        let values = (0..<20_000).map { _ in Double(random.bell()) }
        let mean = values.reduce(0, +) / 20_000
        let squares: [Double] = values.map { value in (value - mean) * (value - mean) }
        let variance = squares.reduce(0, +) / 20_000
        #expect(abs(mean) < 0.03)
        #expect(abs(variance - 1) < 0.05)
    }

    @Test func filledFormsHaveTheirArea() {
        var square = Plane(width: 20, height: 20)
        square.fill([Point(4, 4), Point(14, 4), Point(14, 14), Point(4, 14)])
        #expect(abs(area(square) - 100) < 2)
        var disc = Plane(width: 20, height: 20)
        disc.fill(arc(10, 10, 6, 6))
        #expect(abs(area(disc) - 113.1) < 4)
        var line = Plane(width: 20, height: 20)
        line.stroke([Point(4, 10), Point(14, 10)], thickness: 3)
        #expect(abs(area(line) - 37.07) < 2)
    }

    @Test func drawingOutsideThePictureLeavesItEmpty() {
        var plane = Plane(width: 8, height: 8)
        plane.fill([Point(-30, -30), Point(-20, -30), Point(-20, -20)])
        plane.stroke([Point(40, 1), Point(50, 1)], thickness: 2)
        #expect(plane.values.allSatisfy { $0 == 0 })
    }

    @Test func blurKeepsTheSumAwayFromTheBorder() {
        var plane = Plane(width: 9, height: 9)
        plane.values[4 * 9 + 4] = 16
        plane.blur()
        #expect(plane.values[4 * 9 + 4] == 4)
        #expect(plane.values[3 * 9 + 3] == 1)
        #expect(plane.values.reduce(0, +) == 16)
    }

    @Test(arguments: [3, 9, 20, 31])
    func aToneIsLoudestInItsBin(bin: Int) {
        let spectrogram = Spectrogram(frame: 64, hop: 32)
        let count = spectrogram.samples(frames: 3)
        let waveform: [Float] = (0..<count).map { i in Wave.sine(Float(i * bin) / 64) }
        let loudness = spectrogram.loudness(waveform, frames: 3)
        #expect(loudness.count == 32 * 3)
        for t in 0..<3 {
            let column: [Float] = (0..<32).map { row in loudness[row * 3 + t] }
            #expect(column.firstIndex(of: column.max() ?? 0) == 32 - bin)
            // A Hann window sums to half its length; a sine has half its amplitude in one bin: |X| = 16.
            #expect(abs((column.max() ?? 0) - 4) < 0.01)
        }
    }
}

private func area(_ plane: Plane) -> Float { plane.values.reduce(0, +) }
