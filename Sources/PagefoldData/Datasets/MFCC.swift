// Mel-frequency cepstral coefficients of recordings. It does not read recordings and does not normalise.
public import PagefoldCore
import Foundation

/// MFCC: one row a frame, one column a coefficient.
///
/// For a signal s in −1 … 1: frame t is s[t·hop ..< t·hop + frameLength] times a periodic Hann window
/// 0.5 − 0.5·cos(2πn / frameLength), zero-padded to `fftSize`; power P_k = |FFT_k|² / fftSize;
/// energies of `melBands` triangles equally wide on the mel scale 2595·log10(1 + f/700) from 0 Hz to half
/// the sample rate, not normalised by area; log(max(energy, 1e−10)); orthonormal DCT-II over the bands;
/// coefficients `first ..< first + coefficients`.
/// Signals shorter than `frames` frames are padded with zeros and longer ones cropped, both centred.
public struct MFCC: Sendable, Equatable, SoundFeatures {
    let name = "mfcc"

    /// Samples a second of the recordings.
    public var sampleRate = 8_000
    /// Samples of a frame: 32 ms at 8 kHz.
    public var frameLength = 256
    /// Samples from one frame to the next: 16 ms at 8 kHz.
    public var hop = 128
    public var fftSize = 256
    public var melBands = 40
    /// Frames of the result; 61 frames span one second at 8 kHz.
    public var frames = 61
    /// The first coefficient kept; 0 would be the loudness.
    public var first = 1
    public var coefficients = 13

    public init() {}

    /// Shape of the features of one recording.
    public var shape: Shape { Shape(channels: 1, height: frames, width: coefficients) }

    /// The features of each signal, one after the other.
    func features(of signals: some Sequence<[Float]>) -> [Float] {
        var result: [Float] = []
        let cosines = cosineRows
        let spectrum = MelSpectrum(
            sampleRate: sampleRate, frameLength: frameLength, hop: hop, fftSize: fftSize, bands: melBands)
        for signal in signals {
            spectrum.forEachFrame(of: signal, frames: frames) { frame in
                let energies = frame.map { log(max($0, 1e-10)) }
                for row in cosines {
                    var sum: Float = 0
                    for band in 0..<melBands { sum += row[band] * energies[band] }
                    result.append(sum)
                }
            }
        }
        return result
    }

    /// Rows `first ..< first + coefficients` of the orthonormal DCT-II matrix.
    private var cosineRows: [[Float]] {
        (first..<(first + coefficients)).map { k in
            let scale = ((k == 0 ? 1 : 2) / Double(melBands)).squareRoot()
            return (0..<melBands).map { n in
                Float(scale * cos(Double.pi * Double(k) * (Double(n) + 0.5) / Double(melBands)))
            }
        }
    }
}
