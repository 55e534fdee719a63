// From a waveform to loudness over frequency and time, by a short-time Fourier transform. No resampling,
// no mel scale: just what the tones need.

import PagefoldCore

/// Short-time spectra of a real waveform: Hann window, radix-2 transform (Cooley & Tukey 1965).
struct Spectrogram {
    /// Samples of one frame, a power of two.
    let frame: Int
    /// Samples from one frame to the next.
    let hop: Int
    private let window: [Float]
    private let cosines: [Float]
    private let sines: [Float]
    private let reversed: [Int]

    init(frame: Int, hop: Int) {
        precondition(frame > 1 && frame & (frame - 1) == 0, "a frame is a power of two")
        self.frame = frame
        self.hop = hop
        let step = 1 / Float(frame)
        window = (0..<frame).map { 0.5 - 0.5 * Wave.cosine(Float($0) * step) }
        cosines = (0..<frame / 2).map { Wave.cosine(Float($0) * step) }
        sines = (0..<frame / 2).map { -Wave.sine(Float($0) * step) }
        let bits = frame.trailingZeroBitCount
        reversed = (0..<frame).map { i in
            (0..<bits).reduce(0) { $0 | ((i >> $1) & 1) << (bits - 1 - $1) }
        }
    }

    /// Samples needed for a number of frames.
    func samples(frames: Int) -> Int { frame + hop * (frames - 1) }

    /// The fourth root of power as `[frame / 2][frames]`, highest frequency first; bin 0 is left out.
    /// The root stands for the logarithm: it compresses loudness and needs no libm.
    func loudness(_ waveform: [Float], frames: Int) -> [Float] {
        let bins = frame / 2
        var result = [Float](repeating: 0, count: bins * frames)
        var real = [Float](repeating: 0, count: frame)
        var imaginary = real
        for t in 0..<frames {
            for i in 0..<frame {
                real[reversed[i]] = waveform[t * hop + i] * window[i]
                imaginary[i] = 0
            }
            transform(&real, &imaginary)
            for bin in 1...bins {
                let power = real[bin] * real[bin] + imaginary[bin] * imaginary[bin]
                result[(bins - bin) * frames + t] = power.squareRoot().squareRoot()
            }
        }
        return result
    }

    /// Transforms in place; the input is in bit-reversed order already.
    private func transform(_ real: inout [Float], _ imaginary: inout [Float]) {
        var half = 1
        while half < frame {
            let stride = frame / (2 * half)
            for k in 0..<half {
                let c = cosines[k * stride]
                let s = sines[k * stride]
                var a = k
                while a < frame {
                    let b = a + half
                    let re = real[b] * c - imaginary[b] * s
                    let im = real[b] * s + imaginary[b] * c
                    real[b] = real[a] - re
                    imaginary[b] = imaginary[a] - im
                    real[a] += re
                    imaginary[a] += im
                    a += 2 * half
                }
            }
            half *= 2
        }
    }
}
