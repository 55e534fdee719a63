// What training and evaluation read samples from. Where they come from (files, generators) is not known here.

public import PagefoldCore

/// Samples of one shape by index, with labels where there are any.
public protocol SampleSource: Sendable {
    var count: Int { get }
    /// Shape of one sample, as the network takes it.
    var shape: Shape { get }
    /// Writes sample `index` in CHW order; for a network of several inputs one behind the other.
    /// - Parameter variant: nil for the sample as it is; otherwise names one augmented version of it, always the same.
    func copySample(_ index: Int, variant: UInt64?, into target: UnsafeMutableBufferPointer<Float>)
    /// The class of a sample, or -1 when it has none.
    func label(_ index: Int) -> Int32
    /// Numbers that a network should answer to one sample; 0 where there are none.
    var numberCount: Int { get }
    /// Writes the numbers of sample `index`, [numberCount].
    func copyNumbers(_ index: Int, into target: UnsafeMutableBufferPointer<Float>)
}

extension SampleSource {
    public var numberCount: Int { 0 }
    public func copyNumbers(_ index: Int, into target: UnsafeMutableBufferPointer<Float>) {}
}

/// Samples in memory, for generated tasks and tests.
public struct SampleArray: SampleSource {
    public let shape: Shape
    /// [count][channels][height][width]
    public let samples: [Float]
    public let labels: [Int32]
    /// [count][numberCount]
    public let numbers: [Float]

    public init(shape: Shape, samples: [Float], labels: [Int32], numbers: [Float] = []) {
        precondition(samples.count == labels.count * shape.count)
        precondition(labels.isEmpty ? numbers.isEmpty : numbers.count % labels.count == 0)
        self.shape = shape
        self.samples = samples
        self.labels = labels
        self.numbers = numbers
    }

    public var count: Int { labels.count }

    public func copySample(_ index: Int, variant: UInt64?, into target: UnsafeMutableBufferPointer<Float>) {
        samples.withUnsafeBufferPointer { source in
            let sample = source[index * shape.count..<(index + 1) * shape.count]
            _ = target.update(fromContentsOf: sample)
        }
    }

    public func label(_ index: Int) -> Int32 { labels[index] }

    public var numberCount: Int { count == 0 ? 0 : numbers.count / count }

    public func copyNumbers(_ index: Int, into target: UnsafeMutableBufferPointer<Float>) {
        _ = target.update(fromContentsOf: numbers[index * numberCount..<(index + 1) * numberCount])
    }
}
