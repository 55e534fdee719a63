// What the formats of a fold make of weights in training: the forward pass sees rounded weights, and the gradient goes
// to the weights behind them as if nothing had been rounded (straight-through; Bengio et al. 2013).

internal import CPagefoldKernels
import PagefoldCore

extension NumberFormat {
    /// The quantum of a frame with these weights, as a float16 holds it. It follows the weights while they are trained: a
    /// quantum that is learned as a weight of its own (Esser et al. 2020) gave no better networks.
    func quantum(for weights: UnsafePointer<Float>, count: Int) -> Float {
        guard let normalQuantum = traits.normalQuantum else { return 1 }
        var sum = 0.0
        for i in 0..<count { sum += Double(weights[i]) * Double(weights[i]) }
        let deviation = Float((sum / Double(max(count, 1))).squareRoot())
        return Float(Float16(min(deviation * normalQuantum, Self.mostQuantum)))
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
    private let formats: WeightFormats
    private let sharedCount: Int
    private let pageSize: Int

    /// - Parameter start: frames whose quantum it knows are on a file's numbers already.
    init(_ start: PackedWeights, of frames: FrameTable, formats: WeightFormats) {
        values = FloatBuffer(start.pool)
        quanta = FloatBuffer(start.quanta)
        self.formats = formats
        sharedCount = frames.sharedCount
        pageSize = frames.pageSize
    }

    private func format(of frame: Int) -> NumberFormat {
        frame < sharedCount ? formats.pool : formats.exclusivePages
    }

    /// Takes over a frame whose numbers and quantum a fold file gives. Rounding has changed the deviation of its weights, so
    /// the float weights are rescaled until the quantum derived from them equals the stored one.
    /// - Returns: the rounded weights, [pageSize]; nil where the quantum is not known.
    func adopt(_ frame: Int, behind weights: UnsafeMutablePointer<Float>) -> UnsafePointer<Float>? {
        guard quanta.pointer[frame].isFinite else { return nil }
        let start = frame * pageSize
        let natural = format(of: frame).quantum(for: weights + start, count: pageSize)
        if format(of: frame).hasQuantum, natural > 0 {
            let factor = quanta.pointer[frame] / natural
            for i in start..<start + pageSize { weights[i] *= factor }
        }
        return UnsafePointer(values.pointer + start)
    }

    /// Takes over the weights of one frame.
    /// - Parameter keepsQuantum: its quantum stays what it is.
    /// - Returns: the rounded weights, [pageSize].
    func take(_ frame: Int, from weights: UnsafePointer<Float>, keepsQuantum: Bool) -> UnsafePointer<Float> {
        let format = format(of: frame)
        let start = frame * pageSize
        if !keepsQuantum { quanta.pointer[frame] = format.quantum(for: weights + start, count: pageSize) }
        format.round(
            weights + start, count: pageSize, quantum: quanta.pointer[frame], to: values.pointer + start)
        return UnsafePointer(values.pointer + start)
    }
}
