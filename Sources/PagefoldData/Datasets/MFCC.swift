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
public struct MFCC: Sendable, Equatable {
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
        let window = (0..<frameLength).map {
            Float(0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(frameLength)))
        }
        let transform = FourierTransform(size: fftSize)
        let filters = melFilters
        let cosines = cosineRows
        var result: [Float] = []
        var real = [Float](repeating: 0, count: fftSize)
        var imaginary = real
        for signal in signals {
            let span = (frames - 1) * hop + frameLength
            let start = (signal.count - span) >> 1
            for frame in 0..<frames {
                let origin = start + frame * hop
                for index in 0..<fftSize {
                    let position = origin + index
                    let isInside = index < frameLength && position >= 0 && position < signal.count
                    real[index] = isInside ? signal[position] * window[index] : 0
                    imaginary[index] = 0
                }
                transform.apply(real: &real, imaginary: &imaginary)
                let power = (0...(fftSize / 2)).map {
                    (real[$0] * real[$0] + imaginary[$0] * imaginary[$0]) / Float(fftSize)
                }
                let energies = filters.map { filter in
                    var energy: Float = 0
                    for (offset, weight) in filter.weights.enumerated() {
                        energy += weight * power[filter.firstBin + offset]
                    }
                    return log(max(energy, 1e-10))
                }
                for row in cosines {
                    var sum: Float = 0
                    for band in 0..<melBands { sum += row[band] * energies[band] }
                    result.append(sum)
                }
            }
        }
        return result
    }

    /// One triangle: the bins where it is above zero.
    private struct MelFilter {
        let firstBin: Int
        let weights: [Float]
    }

    private var melFilters: [MelFilter] {
        let highest = 2_595 * log10(1 + Double(sampleRate) / 2 / 700)
        let edges = (0..<(melBands + 2)).map {
            700 * (pow(10, highest * Double($0) / Double(melBands + 1) / 2_595) - 1)
        }
        let binWidth = Double(sampleRate) / Double(fftSize)
        return (0..<melBands).map { band in
            let (low, centre, high) = (edges[band], edges[band + 1], edges[band + 2])
            let weights = (0...(fftSize / 2)).map { bin in
                let frequency = Double(bin) * binWidth
                return Float(
                    max(0, min((frequency - low) / (centre - low), (high - frequency) / (high - centre))))
            }
            let firstBin = weights.firstIndex { $0 > 0 } ?? 0
            let end = (weights.lastIndex { $0 > 0 } ?? -1) + 1
            return MelFilter(firstBin: firstBin, weights: Array(weights[firstBin..<max(firstBin, end)]))
        }
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
