// Log-mel spectrograms of recordings. It does not read recordings and does not normalise.
public import PagefoldCore
import Foundation

/// Decibels of the energies that `MFCC` takes its cosines of: 10·log10(max(energy, floor)), one row a frame and one column a
/// band; `bandsFirst`: one row a band.
///
/// Frames, window, power and triangles are MFCC's, the triangles from `low` to `high` hertz.
public struct LogMel: Sendable, Equatable, SoundFeatures {
    let name = "logmel"
    /// Samples a second of the recordings.
    public var sampleRate = 16_000
    /// Samples of a frame: 25 ms at 16 kHz.
    public var frameLength = 400
    /// Samples from one frame to the next: 10 ms at 16 kHz.
    public var hop = 160
    public var fftSize = 512
    public var melBands = 40
    /// Frames of the result; 98 frames span one second at 16 kHz.
    public var frames = 98
    /// Hertz; 0 for `high` is half the sample rate.
    public var low: Double = 0
    public var high: Double = 0
    /// The least energy.
    public var floor: Double = 1e-10
    public var bandsFirst = false

    public init() {}

    init(_ reader: inout ParameterReader, file: String) throws(InputError) {
        sampleRate = try reader.whole("sample_rate", default: sampleRate, in: 1...1_000_000)
        frameLength = try reader.whole("frame_length", default: frameLength, in: 1...65_536)
        hop = try reader.whole("hop", default: hop, in: 1...65_536)
        fftSize = try reader.whole("fft_size", default: fftSize, in: 2...65_536)
        melBands = try reader.whole("mel_bands", default: melBands, in: 1...1_024)
        frames = try reader.whole("frames", default: frames, in: 1...16_384)
        low = try reader.number("low", default: low, in: 0...1e6)
        high = try reader.number("high", default: high, in: 0...1e6)
        floor = try reader.number("floor", default: floor, in: 1e-30...1)
        bandsFirst = try reader.whole("bands_first", default: 0, in: 0...1) == 1
        guard fftSize & (fftSize - 1) == 0, frameLength <= fftSize else {
            throw InputError(
                file: file, field: "logmel", problem: "the sizes do not fit together",
                remedy: "let fft_size be a power of two of at least frame_length (\(frameLength))")
        }
        let top = high == 0 ? Double(sampleRate) / 2 : high
        guard low < top, top <= Double(sampleRate) / 2 else {
            throw InputError(
                file: file, field: "logmel",
                problem: "low \(low) and high \(top) are no range of frequencies",
                remedy: "let low be below high, and high at most half of sample_rate")
        }
    }

    /// Shape of the features of one recording.
    public var shape: Shape {
        bandsFirst
            ? Shape(channels: 1, height: melBands, width: frames)
            : Shape(channels: 1, height: frames, width: melBands)
    }

    func features(of signals: some Sequence<[Float]>) -> [Float] {
        let spectrum = MelSpectrum(
            sampleRate: sampleRate, frameLength: frameLength, hop: hop, fftSize: fftSize, bands: melBands,
            range: (low, high == 0 ? Double(sampleRate) / 2 : high))
        let floor = Float(self.floor)
        var result: [Float] = []
        for signal in signals {
            var rows: [Float] = []
            spectrum.forEachFrame(of: signal, frames: frames) {
                rows += $0.map { 10 * log10(max($0, floor)) }
            }
            guard bandsFirst else {
                result += rows
                continue
            }
            for band in 0..<melBands {
                for frame in 0..<frames { result.append(rows[frame * melBands + band]) }
            }
        }
        return result
    }
}
