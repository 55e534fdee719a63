// Cheap transforms of one sample, applied each time it is copied out. Features are FeatureTransform's.
import PagefoldCore

/// A change of a sample's values; `image` alone changes its shape as well.
public enum AccessTransform: Sendable, Equatable {
    /// v / divisor.
    case scale(divisor: Float)
    /// (v − mean_c) / deviation_c for channel c; a single mean or deviation serves all channels.
    case standardise(mean: [Float], deviation: [Float])
    /// v / ‖sample‖₂ over the whole sample; a sample of zeros stays as it is.
    case l2norm
    case image(ImageTransform)

    /// Whether it may change the shape.
    var isImage: Bool { if case .image = self { true } else { false } }

    /// The shape that samples of `shape` get, or nil where the transform does not fit them.
    func shape(from shape: Shape) -> Shape? {
        if case .image(let image) = self { image.shape(from: shape) } else { shape }
    }

    /// Applies the formula in place to a sample in CHW order. Precondition: it is not `image`.
    func apply(to sample: UnsafeMutableBufferPointer<Float>, shape: Shape) {
        switch self {
        case .scale(let divisor):
            // A division, not a product with the inverse: v / 255 is then the same as everywhere else.
            for index in sample.indices { sample[index] /= divisor }
        case .standardise(let mean, let deviation):
            let pixels = shape.height * shape.width
            for channel in 0..<shape.channels {
                let mean = mean[mean.count == 1 ? 0 : channel]
                let deviation = deviation[deviation.count == 1 ? 0 : channel]
                for index in (channel * pixels)..<((channel + 1) * pixels) {
                    sample[index] = (sample[index] - mean) / deviation
                }
            }
        case .l2norm:
            // Four sums, so that the additions do not wait for each other; in Double against overflow.
            var sums: SIMD4<Double> = .zero
            let whole = sample.count - sample.count % 4
            for index in stride(from: 0, to: whole, by: 4) {
                let values = SIMD4<Double>(
                    Double(sample[index]), Double(sample[index + 1]), Double(sample[index + 2]),
                    Double(sample[index + 3]))
                sums += values * values
            }
            for index in whole..<sample.count { sums[0] += Double(sample[index]) * Double(sample[index]) }
            let norm = Float(sums.sum().squareRoot())
            guard norm > 0 else { return }
            for index in sample.indices { sample[index] /= norm }
        case .image: preconditionFailure("changes the shape: ImageTransform.apply")
        }
    }
}
