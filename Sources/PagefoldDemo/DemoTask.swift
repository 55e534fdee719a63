// A generated classification task: what it is called, what it draws, which network learns it. Nothing is
// trained here, and nothing is read from disk.

public import PagefoldCore

/// One of the demo's tasks. Samples follow from the seed alone: the generators use only exactly rounded
/// arithmetic (no libm), so the same seed gives the same bits on every platform.
public struct DemoTask: Sendable {
    /// Short name, fit for a file name: lower case, no spaces.
    public let name: String
    /// Shape of one sample.
    public let shape: Shape
    /// Names of the classes; a label is an index into them.
    public let classes: [String]
    /// The layers of a network that learns the task, first to last, one layer a string:
    /// `convolution 16 3x3 stride 1x1 padding 0 groups 1`, `dense 64`, `max_pool 2x2`, `relu` …
    /// Sizes are height x width; pools step by their own size; `residual_end` adds what `residual_begin` saw.
    public let network: [String]

    /// Keeps the random streams of the tasks apart.
    let stream: UInt64
    let draw: @Sendable (_ label: Int, _ random: inout RandomSource) -> [Float]

    /// Labelled samples, as many of each class as the count allows, in random order.
    ///
    /// - Parameters:
    ///   - count: Number of samples, not negative.
    ///   - seed: Names the set. Take another seed for each of training, validation and test.
    /// - Returns: Samples as `[count][channels][height][width]`, and one label a sample.
    public func generate(count: Int, seed: UInt64) -> (samples: [Float], labels: [Int32]) {
        var order = RandomSource(seed: seed, stream, UInt64.max)
        let labels = order.permutation(count).map { Int32($0 % classes.count) }
        var samples: [Float] = []
        samples.reserveCapacity(count * shape.count)
        for (index, label) in labels.enumerated() {
            var random = RandomSource(seed: seed, stream, UInt64(index))
            samples += draw(Int(label), &random)
        }
        return (samples, labels)
    }

    /// The five tasks, each of another kind and shape.
    public static let all: [DemoTask] = [digits, shapes, signs, tones, motion]
}
