// What the formats of a fold make of weights in training: the forward pass sees rounded weights, and the gradient goes
// to the weights behind them as if nothing had been rounded (straight-through; Bengio et al. 2013).

internal import CPagefoldKernels
import PagefoldCore

extension NumberFormat {
    /// The quantum of a frame with these weights, as a float16 holds it. It follows the weights while they are trained: a
    /// quantum that is learned as a weight of its own (Esser et al. 2020) gave no better networks.
    /// - Parameter stretch: how many times as large it is as that for normally distributed weights.
    func quantum(for weights: UnsafePointer<Float>, count: Int, stretch: Float) -> Float {
        guard let normal = normalQuantum(for: weights, count: count) else { return 1 }
        return quantum(normal, stretch)
    }

    /// The best quantum for normally distributed weights of the same deviation; nil where the format has none.
    fileprivate func normalQuantum(for weights: UnsafePointer<Float>, count: Int) -> Float? {
        guard let normalQuantum = traits.normalQuantum else { return nil }
        var sum = 0.0
        for i in 0..<count { sum += Double(weights[i]) * Double(weights[i]) }
        return Float((sum / Double(max(count, 1))).squareRoot()) * normalQuantum
    }

    private func quantum(_ normal: Float, _ stretch: Float) -> Float {
        Float(Float16(min(normal * stretch, Self.mostQuantum)))
    }

    /// The stretch with the least mean square error, looked for in small steps from one that is known. Rows with few large
    /// weights, as those of depthwise layers, are far from normally distributed: the normal quantum cuts their largest
    /// weights off.
    /// - Parameter scratch: [count]
    func stretch(
        for weights: UnsafePointer<Float>, count: Int, from known: Float,
        scratch: UnsafeMutablePointer<Float>
    ) -> Float {
        guard let normal = normalQuantum(for: weights, count: count), normal > 0, normal.isFinite else {
            return known
        }
        func error(_ stretch: Float) -> Double {
            round(weights, count: count, quantum: quantum(normal, stretch), to: scratch)
            var sum = 0.0
            for i in 0..<count {
                let difference = Double(weights[i] - scratch[i])
                sum += difference * difference
            }
            return sum
        }
        var best = (stretch: known, error: error(known))
        // The error is not quite convex: a few steps up are taken before a direction is given up.
        let (ratio, patience): (Float, Int) = (1.125, 3)
        for factor in [ratio, 1 / ratio] {
            var next = known
            var worse = 0
            while worse < patience, (1 / 64...64).contains(next / known) {
                next *= factor
                let found = error(next)
                worse = found < best.error ? 0 : worse + 1
                if found < best.error { best = (next, found) }
            }
        }
        return best.stretch
    }

    /// Writes to `target` the numbers of this format nearest to `weights`.
    func round(
        _ weights: UnsafePointer<Float>, count: Int, quantum: Float = 1,
        to target: UnsafeMutablePointer<Float>
    ) {
        pf_round_weights(count, weights, Int32(rawValue), quantum, target)
    }
}

/// All frames as their formats hold them: what networks run on while the weights behind are trained.
final class RoundedFrames: @unchecked Sendable {  // Each frame is written by one ticket.
    /// [frames][pageSize]
    let values: FloatBuffer
    /// [frames]
    let quanta: FloatBuffer
    /// [frames]: how many times as large a quantum is as that for normally distributed weights.
    let stretches: FloatBuffer
    private let formats: WeightFormats
    private let sharedCount: Int
    private let pageSize: Int

    /// - Parameter start: frames whose quantum it knows are on a file's numbers already.
    init(_ start: PackedWeights, of frames: FrameTable, formats: WeightFormats) {
        values = FloatBuffer(start.pool)
        quanta = FloatBuffer(start.quanta)
        stretches = FloatBuffer([Float](repeating: 1, count: start.quanta.count))
        self.formats = formats
        sharedCount = frames.sharedCount
        pageSize = frames.pageSize
    }

    private func format(of frame: Int) -> NumberFormat {
        frame < sharedCount ? formats.pool : formats.exclusivePages
    }

    /// Takes over a frame whose numbers and quantum a fold file gives: the stretch is the one that leads to it.
    /// - Returns: the rounded weights, [pageSize]; nil where the quantum is not known.
    func adopt(_ frame: Int, _ weights: UnsafePointer<Float>) -> UnsafePointer<Float>? {
        let quantum = quanta.pointer[frame]
        guard quantum.isFinite else { return nil }
        let start = frame * pageSize
        if let normal = format(of: frame).normalQuantum(for: weights + start, count: pageSize), normal > 0,
            quantum > 0
        {
            stretches.pointer[frame] = quantum / normal
        }
        return UnsafePointer(values.pointer + start)
    }

    /// Looks for the stretch that suits the weights of a frame best.
    /// - Parameter scratch: [pageSize]
    func stretch(
        _ frame: Int, for weights: UnsafePointer<Float>, scratch: UnsafeMutablePointer<Float>
    ) {
        stretches.pointer[frame] = format(of: frame).stretch(
            for: weights + frame * pageSize, count: pageSize, from: stretches.pointer[frame], scratch: scratch
        )
    }

    /// Takes over the weights of one frame.
    /// - Parameter keepsQuantum: its quantum stays what it is.
    /// - Returns: the rounded weights, [pageSize].
    func take(_ frame: Int, from weights: UnsafePointer<Float>, keepsQuantum: Bool) -> UnsafePointer<Float> {
        let format = format(of: frame)
        let start = frame * pageSize
        if !keepsQuantum {
            quanta.pointer[frame] = format.quantum(
                for: weights + start, count: pageSize, stretch: stretches.pointer[frame])
        }
        format.round(
            weights + start, count: pageSize, quantum: quanta.pointer[frame], to: values.pointer + start)
        return UnsafePointer(values.pointer + start)
    }
}
