// Spectra of short intervals of sensor readings. The readings come from the file.
import PagefoldCore

/// A window of readings (1 × time × channels) becomes 1 × `intervals` × (channels · 2 · `points`)
/// (after S. Yao et al., "DeepSense", 2017).
///
/// Interval i spans readings i·L … (i+1)·L, L = time / intervals, which need not be whole: 12.5 readings for
/// 250 in 20. It is sampled at `points` even places i·L + j·L/points by linear interpolation, so that no
/// reading is lost and every interval has the same length. A row holds, for each channel in turn, the real
/// parts of the `points`-point DFT, then the imaginary parts.
public struct FourierWindows: Sendable, Equatable {
    public var intervals = 20
    public var points = 10

    public init() {}

    func shape(channels: Int) -> Shape {
        Shape(channels: 1, height: intervals, width: channels * 2 * points)
    }

    /// The features of one window. Precondition: it holds time × channels readings, time ≥ 1.
    func features(of window: [Float], time: Int, channels: Int, transform: FourierTransform) -> [Float] {
        var result: [Float] = []
        result.reserveCapacity(intervals * channels * 2 * points)
        let length = Double(time) / Double(intervals)
        var real = [Float](repeating: 0, count: points)
        var imaginary = real
        for interval in 0..<intervals {
            for channel in 0..<channels {
                for point in 0..<points {
                    let place = (Double(interval) + Double(point) / Double(points)) * length
                    // Rounding may not lead past the last reading.
                    let left = min(Int(place), time - 1)
                    let right = min(left + 1, time - 1)
                    let (a, b) = (window[left * channels + channel], window[right * channels + channel])
                    real[point] = a + (b - a) * Float(place - Double(left))
                    imaginary[point] = 0
                }
                transform.apply(real: &real, imaginary: &imaginary)
                result += real
                result += imaginary
            }
        }
        return result
    }
}
