// Transforms that change an image's size or channels, applied each time a sample is copied out, so that a set
// stays as small in memory as its file. Those that keep the shape are AccessTransform's.
import PagefoldCore

/// A change of an image's size or of the number of its channels.
public enum ImageTransform: Sendable, Equatable {
    /// To `height` × `width` pixels, each channel by itself, rows and columns one after the other.
    ///
    /// Output pixel i of n over m input pixels has its centre at c = (i + ½) · m/n; input pixel j counts with
    /// the weight max(0, 1 − |j + ½ − c| / s), s = max(1, m/n), divided by the sum of the weights. That is
    /// bilinear interpolation where n ≥ m, and a mean weighted by a triangle (against aliasing) where n < m.
    case resize(height: Int, width: Int)
    /// Three channels to one: 0.299 R + 0.587 G + 0.114 B (luma of ITU-R BT.601). One channel stays as it is, so
    /// that a network for grey images takes both kinds.
    case grey
    /// One channel to three equal ones. Three channels stay as they are.
    case rgb
    /// Red, green and blue to blue, green and red. One channel to three equal ones.
    case bgr
    /// `height` × `width` pixels from the middle; where a number of pixels is left over, one more is cut at the end.
    /// `fits`: the image is first resized, as by `resize`, keeping its proportions, so that it just covers that size.
    case crop(height: Int, width: Int, fits: Bool)

    /// The shape that samples of `shape` get, or nil where the transform does not fit them.
    func shape(from shape: Shape) -> Shape? {
        switch self {
        case .resize(let height, let width):
            Shape(channels: shape.channels, height: height, width: width)
        case .crop(let height, let width, let fits):
            fits || (shape.height >= height && shape.width >= width)
                ? Shape(channels: shape.channels, height: height, width: width) : nil
        case .grey, .rgb, .bgr:
            shape.channels == 1 || shape.channels == 3
                ? Shape(channels: self == .grey ? 1 : 3, height: shape.height, width: shape.width) : nil
        }
    }

    /// Writes the changed sample (CHW). Preconditions: the transform fits `shape`; `target` holds as many
    /// values as the shape it gives.
    func apply(
        _ source: UnsafeBufferPointer<Float>, shape: Shape, to target: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(source.count == shape.count && target.count == self.shape(from: shape)?.count)
        let pixels = shape.height * shape.width
        switch self {
        case .resize(let height, let width):
            ImageTransform.resize(
                source, shape, to: target,
                rows: ImageTransform.taps(from: shape.height, to: height, 0..<height),
                columns: ImageTransform.taps(from: shape.width, to: width, 0..<width))
        case .crop(let height, let width, let fits):
            let (tall, wide) =
                fits
                ? ImageTransform.covering(height: height, width: width, of: shape)
                : (shape.height, shape.width)
            let (top, left) = ((tall - height) / 2, (wide - width) / 2)
            ImageTransform.resize(
                source, shape, to: target,
                rows: ImageTransform.taps(from: shape.height, to: tall, top..<top + height),
                columns: ImageTransform.taps(from: shape.width, to: wide, left..<left + width))
        case .grey where shape.channels == 3:
            for index in 0..<pixels {
                target[index] =
                    0.299 * source[index] + 0.587 * source[pixels + index] + 0.114
                    * source[2 * pixels + index]
            }
        case .rgb where shape.channels == 1, .bgr where shape.channels == 1:
            for channel in 0..<3 {
                for index in 0..<pixels { target[channel * pixels + index] = source[index] }
            }
        case .bgr:
            for channel in 0..<3 {
                for index in 0..<pixels {
                    target[channel * pixels + index] = source[(2 - channel) * pixels + index]
                }
            }
        case .grey, .rgb: _ = target.update(fromContentsOf: source)
        }
    }

    /// The smallest size of the image's proportions that covers height × width.
    static func covering(height: Int, width: Int, of shape: Shape) -> (height: Int, width: Int) {
        let scale = max(Double(height) / Double(shape.height), Double(width) / Double(shape.width))
        // The image's sizes and the target's are bounded, so that the products fit.
        return (
            max(height, Int((Double(shape.height) * scale).rounded())),
            max(width, Int((Double(shape.width) * scale).rounded()))
        )
    }

    private typealias Tap = (first: Int, weights: [Float])

    private static func resize(
        _ source: UnsafeBufferPointer<Float>, _ shape: Shape,
        to target: UnsafeMutableBufferPointer<Float>, rows: [Tap], columns: [Tap]
    ) {
        let (height, width) = (rows.count, columns.count)
        // Columns first: lines of the source's height, the target's width.
        withUnsafeTemporaryAllocation(of: Float.self, capacity: shape.height * width) { narrow in
            for channel in 0..<shape.channels {
                for line in 0..<shape.height {
                    let start = (channel * shape.height + line) * shape.width
                    for (column, tap) in columns.enumerated() {
                        var sum: Float = 0
                        for (place, weight) in tap.weights.enumerated() {
                            sum += weight * source[start + tap.first + place]
                        }
                        narrow[line * width + column] = sum
                    }
                }
                for (row, tap) in rows.enumerated() {
                    let start = (channel * height + row) * width
                    for column in 0..<width { target[start + column] = 0 }
                    for (place, weight) in tap.weights.enumerated() {
                        let line = (tap.first + place) * width
                        for column in 0..<width { target[start + column] += weight * narrow[line + column] }
                    }
                }
            }
        }
    }

    /// For each output pixel of a range the first input pixel that counts, and the weights from there on.
    private static func taps(from inputs: Int, to outputs: Int, _ range: Range<Int>) -> [Tap] {
        let ratio = Double(inputs) / Double(outputs)
        let reach = max(1, ratio)
        return range.map { output in
            let centre = (Double(output) + 0.5) * ratio
            let first = max(0, Int(centre - reach))
            let last = min(inputs - 1, Int(centre + reach))
            let weights = (first...last).map { max(0, 1 - abs(Double($0) + 0.5 - centre) / reach) }
            let sum = weights.reduce(0, +)
            return (first, weights.map { Float($0 / sum) })
        }
    }
}
