// Energies of a recording in bands of the mel scale, frame by frame: what MFCC and LogMel have in common.
import Foundation
import PagefoldCore

/// What makes one sample of a recording.
protocol SoundFeatures {
    /// As a job file names it.
    var name: String { get }
    /// Samples a second that it takes.
    var sampleRate: Int { get }
    /// Channels, height and width of a recording's features.
    var shape: Shape { get }
    /// The features of each signal, one after the other.
    func features(of signals: some Sequence<[Float]>) -> [Float]
}

/// Power of short frames, summed by triangles on the mel scale 2595·log10(1 + f/700).
struct MelSpectrum {
    private let frameLength: Int
    private let hop: Int
    private let fftSize: Int
    private let window: [Float]
    private let filters: [Filter]
    private let transform: FourierTransform

    /// One triangle: the bins where it is above zero.
    private struct Filter {
        let firstBin: Int
        let weights: [Float]
    }

    /// - Parameters:
    ///   - range: of the bands, in hertz; nil: from 0 to half the sample rate.
    init(
        sampleRate: Int, frameLength: Int, hop: Int, fftSize: Int, bands: Int,
        range: (low: Double, high: Double)? = nil
    ) {
        self.frameLength = frameLength
        self.hop = hop
        self.fftSize = fftSize
        window = (0..<frameLength).map {
            Float(0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(frameLength)))
        }
        transform = FourierTransform(size: fftSize)
        func mel(_ hertz: Double) -> Double { 2_595 * log10(1 + hertz / 700) }
        let highest = mel(range?.high ?? Double(sampleRate) / 2)
        let lowest = mel(range?.low ?? 0)
        let edges = (0..<(bands + 2)).map {
            700 * (pow(10, (lowest + (highest - lowest) * Double($0) / Double(bands + 1)) / 2_595) - 1)
        }
        let binWidth = Double(sampleRate) / Double(fftSize)
        filters = (0..<bands).map { band in
            let (low, centre, high) = (edges[band], edges[band + 1], edges[band + 2])
            let weights = (0...(fftSize / 2)).map { bin in
                let frequency = Double(bin) * binWidth
                return Float(
                    max(0, min((frequency - low) / (centre - low), (high - frequency) / (high - centre))))
            }
            let firstBin = weights.firstIndex { $0 > 0 } ?? 0
            let end = (weights.lastIndex { $0 > 0 } ?? -1) + 1
            return Filter(firstBin: firstBin, weights: Array(weights[firstBin..<max(firstBin, end)]))
        }
    }

    /// Calls `body` with the bands' energies of each of `frames` frames, those of a signal that is padded with zeros or
    /// cut on both sides alike.
    func forEachFrame(of signal: [Float], frames: Int, _ body: ([Float]) -> Void) {
        var real = [Float](repeating: 0, count: fftSize)
        var imaginary = real
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
            body(
                filters.map { filter in
                    var energy: Float = 0
                    for (offset, weight) in filter.weights.enumerated() {
                        energy += weight * power[filter.firstBin + offset]
                    }
                    return energy
                })
        }
    }
}
