// Features against NumPy and SciPy (make_goldens.py). Sets of real data are RealDataTests'.
import PagefoldCore
import PagefoldTestCases
import Testing

@testable import PagefoldData

@Suite struct FeatureTests {
    @Test(arguments: [1, 2, 10, 16, 64]) func fourier(size: Int) throws {
        let golden = try Goldens.array("fourier-\(size).npy").floats
        var real = Array(golden[..<size])
        var imaginary = Array(golden[size..<(2 * size)])
        FourierTransform(size: size).apply(real: &real, imaginary: &imaginary)
        #expect(largestDifference(real + imaginary, Array(golden[(2 * size)...])) < 1e-4)
    }

    @Test(arguments: ["mfcc-long", "mfcc-short", "mfcc-other"]) func mfcc(name: String) throws {
        let signal = try Goldens.array("signal-long.npy").floats
        var mfcc = MFCC()
        if name == "mfcc-other" {
            (mfcc.frameLength, mfcc.hop, mfcc.melBands) = (200, 80, 20)
            (mfcc.frames, mfcc.first, mfcc.coefficients) = (9, 0, 20)
        }
        let features = mfcc.features(of: [name == "mfcc-long" ? signal : Array(signal[..<3_001])])
        let golden = try Goldens.array("\(name).npy")
        #expect([mfcc.shape.height, mfcc.shape.width] == golden.shape)
        #expect(largestDifference(features, golden.floats) < 2e-3)
    }

    @Test func mfccOfSilence() {
        // Every band has the same energy, so all coefficients but the first vanish.
        let features = MFCC().features(of: [[Float](repeating: 0, count: 100), []])
        #expect(features.count == 2 * 61 * 13)
        #expect(features.allSatisfy { abs($0) < 1e-4 })
    }

    @Test func logmelSegments() throws {
        let clip = try Goldens.array("clip.npy")
        let golden = try Goldens.array("segments.npy")
        let segments = LogmelSegments()
        let all = segments.segments(of: clip.floats, bands: 5, clipFrames: 100, dropsSilence: false)
        #expect(all.count == golden.shape[0])
        #expect(largestDifference(all.flatMap { $0 }, golden.floats) < 1e-4)
    }

    @Test func silentSegmentsAreDroppedButNeverAll() throws {
        let clip = [Float](repeating: 150, count: 3 * 41) + [Float](repeating: 0, count: 3 * 41)
        // Three bands of 82 frames, of which the first half sounds.
        let sounding = (0..<3).flatMap { _ in clip[..<41] + clip[123..<164] }
        var segments = LogmelSegments()
        segments.hop = 41
        let kept = segments.segments(of: sounding, bands: 3, clipFrames: 82, dropsSilence: true)
        #expect(kept.count == 1 && kept.first?.first == -5)
        let silent = [Float](repeating: 0, count: 3 * 82)
        #expect(segments.segments(of: silent, bands: 3, clipFrames: 82, dropsSilence: true).count == 2)
    }

    @Test func fourierWindows() throws {
        let readings = try Goldens.array("readings.npy")
        let features = FourierWindows().features(
            of: readings.floats, time: 250, channels: 6, transform: FourierTransform(size: 10))
        let golden = try Goldens.array("windows.npy")
        #expect(golden.shape == [20, 120])
        #expect(largestDifference(features, golden.floats) < 1e-4)
    }

    @Test func transformsOfADataset() throws {
        let clips = NumericArray(
            shape: [2, 5, 100],
            payload: .u8([UInt8](repeating: 180, count: 500) + [UInt8](repeating: 0, count: 500)))
        let dataset = try Dataset(clips, labels: [4, 7], groups: [1, 2], file: "clips")
        let transform = try Transform(
            TransformDescription("logmel_segments_delta", ["hop": .number(30)]), file: "job")
        let evaluation = try dataset.applying(transform, purpose: .evaluation, file: "job")
        #expect(evaluation.count == 4)
        #expect(evaluation.shape == Shape(channels: 2, height: 5, width: 41))
        #expect(evaluation.labels == [4, 4, 7, 7])
        #expect(evaluation.groups == [1, 1, 2, 2])
        #expect(evaluation.origins == [0, 0, 1, 1])
        #expect(evaluation.sample(0)[0] == 10 && evaluation.sample(3)[0] == -80)
    }

    @Test func orderOfTransformsCounts() throws {
        let values = NumericArray(shape: [1, 4, 2], payload: .f32([1, 2, 3, 4, 5, 6, 7, 8]))
        func load(_ names: [TransformDescription]) throws -> [Float] {
            var dataset = try Dataset(values, file: "x")
            for name in names {
                dataset = try dataset.applying(
                    try Transform(name, file: "job"), purpose: .training, file: "job")
            }
            return dataset.sample(0)
        }
        let scale = TransformDescription("scale", ["divisor": .number(2)])
        let windows = TransformDescription("fft_windows", ["intervals": .number(2), "points": .number(2)])
        let norm = TransformDescription("l2norm")
        #expect(try load([scale, windows]) == load([windows, scale]))
        #expect(try load([norm, windows]) != load([windows, norm]))
        // Interval 0 of channel 0 is 1, 3: sum 4, difference −2.
        #expect(try load([windows])[..<4] == [4, -2, 0, 0])
    }
}
