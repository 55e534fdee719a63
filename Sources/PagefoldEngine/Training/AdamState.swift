// Weights with Adam's two moments. The arithmetic is in the kernel; this only keeps the three together.

internal import CPagefoldKernels
import Foundation

/// The numbers of one Adam step (Kingma & Ba 2015, algorithm 1).
public struct AdamRate: Sendable {
    let learningRate: Float
    let beta1: Float
    let beta2: Float
    let epsilon: Float
    let correction1: Float
    let correction2: Float

    public init(learningRate: Float, beta1: Float, beta2: Float, epsilon: Float, time: Float) {
        self.learningRate = learningRate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        correction1 = 1 - pow(beta1, time)
        correction2 = 1 - pow(beta2, time)
    }
}

/// Weights under training.
final class AdamState: @unchecked Sendable {  // Each range is advanced by one ticket.
    let weights: FloatBuffer
    let first: FloatBuffer
    let second: FloatBuffer

    init(_ values: [Float]) {
        weights = FloatBuffer(values)
        first = FloatBuffer(count: values.count)
        second = FloatBuffer(count: values.count)
    }

    var vectors: AdamVectors {
        AdamVectors(weights: weights.values, first: first.values, second: second.values)
    }

    func update(from vectors: AdamVectors) {
        weights.update(from: vectors.weights)
        first.update(from: vectors.first)
        second.update(from: vectors.second)
    }

    func forgetMoments() {
        first.zero()
        second.zero()
    }

    /// - Parameter gradient: of the weights in `range`, from its first.
    func advance(_ rate: AdamRate, _ gradient: UnsafePointer<Float>, _ range: Range<Int>) {
        pf_adam(
            range.count, weights.pointer + range.lowerBound, gradient, first.pointer + range.lowerBound,
            second.pointer + range.lowerBound, rate.learningRate, rate.beta1, rate.beta2, rate.epsilon,
            rate.correction1, rate.correction2)
    }
}
