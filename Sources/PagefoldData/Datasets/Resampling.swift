// A signal at another rate: interpolation by a windowed sinc. It does not read recordings.
import Foundation

/// Changes the number of samples a second.
///
/// Output sample i lies at i·from/to of the input; it is the sum of inputs weighted by c·sinc(c·x) times a Kaiser window
/// (β = 9), c = 0.95·min(1, to/from), x the distance, over 32 zero crossings to each side. Outside the signal are zeros. Rates
/// are reduced by their common divisor, so that the weights repeat.
struct Resampling {
    private let up: Int
    private let down: Int
    private let cutoff: Double
    private let reach: Double
    /// Zero crossings of the sinc to each side.
    private static let crossings = 32.0
    /// Weights of so many places between two inputs are kept; others are computed anew.
    private static let phaseLimit = 1_024
    private let phases: [[Float]]

    /// Preconditions: both rates are above 0.
    init(from: Int, to: Int) {
        precondition(from > 0 && to > 0)
        var (a, b) = (from, to)
        while b != 0 { (a, b) = (b, a % b) }
        (up, down) = (to / a, from / a)
        let cutoff = 0.95 * min(1, Double(to) / Double(from))
        let reach = Resampling.crossings / cutoff
        (self.cutoff, self.reach) = (cutoff, reach)
        let up = up
        phases =
            up <= Resampling.phaseLimit
            ? (0..<up).map { Resampling.weights(Double($0) / Double(up), cutoff, reach) } : []
    }

    /// Weights of the inputs around a place, the first of them at ⌊place⌋ − ⌊reach⌋.
    private static func weights(_ fraction: Double, _ cutoff: Double, _ reach: Double) -> [Float] {
        let half = Int(reach)
        return (-half...half + 1).map { offset in
            let x = Double(offset) - fraction
            guard abs(x) < reach else { return 0 }
            let angle = Double.pi * cutoff * x
            let sinc = angle == 0 ? 1 : sin(angle) / angle
            let ratio = x / reach
            return Float(cutoff * sinc * bessel(9 * (1 - ratio * ratio).squareRoot()) / bessel(9))
        }
    }

    /// The modified Bessel function of order 0, by its series.
    private static func bessel(_ x: Double) -> Double {
        var (sum, term) = (1.0, 1.0)
        for k in 1...40 {
            term *= (x / 2 / Double(k)) * (x / 2 / Double(k))
            sum += term
        }
        return sum
    }

    /// How many samples a signal of `count` gets; nil where the number is beyond what is allowed.
    func count(of count: Int) -> Int? {
        let product = count.multipliedReportingOverflow(by: up)
        guard !product.overflow, product.partialValue <= Int.max - down else { return nil }
        return (product.partialValue + down - 1) / down
    }

    /// Precondition: `count(of:)` has a value for the signal.
    func apply(_ signal: [Float]) -> [Float] {
        guard up != down, let count = count(of: signal.count) else { return signal }
        let half = Int(reach)
        return (0..<count).map { index in
            let (place, phase) = (index * down).quotientAndRemainder(dividingBy: up)
            let weights =
                phases.isEmpty ? Resampling.weights(Double(phase) / Double(up), cutoff, reach) : phases[phase]
            let first = place - half
            var sum: Float = 0
            for offset in max(0, -first)..<max(max(0, -first), min(weights.count, signal.count - first)) {
                sum += weights[offset] * signal[first + offset]
            }
            return sum
        }
    }
}
