// A small discrete Fourier transform: radix 2 for powers of two, the definition for other sizes.
// It serves features at load time and is no general FFT library.
import Foundation

/// X_k = Σ_n x_n · exp(−2πi·k·n / N), unscaled, as numpy.fft.fft.
struct FourierTransform: Sendable {
    let size: Int
    private let cosines: [Float]
    private let sines: [Float]
    private let isPowerOfTwo: Bool

    /// Precondition: size > 0.
    init(size: Int) {
        precondition(size > 0)
        self.size = size
        isPowerOfTwo = size & (size - 1) == 0
        cosines = (0..<size).map { Float(cos(2 * Double.pi * Double($0) / Double(size))) }
        sines = (0..<size).map { Float(-sin(2 * Double.pi * Double($0) / Double(size))) }
    }

    /// Transforms in place. Precondition: both arrays hold `size` values.
    func apply(real: inout [Float], imaginary: inout [Float]) {
        precondition(real.count == size && imaginary.count == size)
        if isPowerOfTwo {
            radix2(&real, &imaginary)
        } else {
            definition(&real, &imaginary)
        }
    }

    private func definition(_ real: inout [Float], _ imaginary: inout [Float]) {
        let (a, b) = (real, imaginary)
        for k in 0..<size {
            var sum: SIMD2<Float> = .zero
            for n in 0..<size {
                let (c, s) = (cosines[k * n % size], sines[k * n % size])
                sum += SIMD2(a[n] * c - b[n] * s, a[n] * s + b[n] * c)
            }
            real[k] = sum.x
            imaginary[k] = sum.y
        }
    }

    private func radix2(_ real: inout [Float], _ imaginary: inout [Float]) {
        var reversed = 0
        for index in 0..<size {
            if index < reversed {
                real.swapAt(index, reversed)
                imaginary.swapAt(index, reversed)
            }
            // Add one to the bit-reversed counter: carry from the top.
            var bit = size >> 1
            while bit > 0, reversed & bit != 0 {
                reversed ^= bit
                bit >>= 1
            }
            reversed |= bit
        }
        var half = 1
        while half < size {
            let step = size / (2 * half)
            for start in stride(from: 0, to: size, by: 2 * half) {
                for offset in 0..<half {
                    let (c, s) = (cosines[offset * step], sines[offset * step])
                    let (low, high) = (start + offset, start + offset + half)
                    let turnedReal = real[high] * c - imaginary[high] * s
                    let turnedImaginary = real[high] * s + imaginary[high] * c
                    real[high] = real[low] - turnedReal
                    imaginary[high] = imaginary[low] - turnedImaginary
                    real[low] += turnedReal
                    imaginary[low] += turnedImaginary
                }
            }
            half *= 2
        }
    }
}
