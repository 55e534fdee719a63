// What a network's outputs are for: the loss that trains them, the curvature that Fisher is made of, and the measure of
// how good they are. One file for each objective; blocks of samples are Engine's.

public import PagefoldCore

/// What an objective keeps of a network's answer to one sample, to compare it with labels and with the original's.
public enum Answer: Hashable, Sendable {
    /// The class with the highest score.
    case label(Int32)
    case numbers([Float])
}

/// The scores of one output of a network for a few samples, with the place of their gradient.
public struct ScoreBlock {
    public let count: Int
    /// [count][stride]
    public let scores: UnsafePointer<Float>
    public let gradient: UnsafeMutablePointer<Float>
    /// The original's scores, [count][stride]; nil where it is not asked.
    public let teacher: UnsafePointer<Float>?
}

/// A few samples on their way through a network: what a loss sees and what it writes. Number n of sample l lies at
/// `n * stride + l`.
public struct LossBlock {
    /// Samples. Lanes from here to `stride` hold no sample: their gradient is 0.
    public let lanes: Int
    public let stride: Int
    public let outputs: [ScoreBlock]
    /// The first input of the samples, [count][stride].
    public let input: UnsafePointer<Float>
    /// The class of each lane, -1 for none: [stride].
    public let labels: UnsafeMutablePointer<Int32>
    /// The numbers that the first output should be, [count][stride], where the samples have some.
    public let numbers: UnsafePointer<Float>?
    /// Share of the loss that is against labels or numbers; the rest is distillation from the original.
    public let labelWeight: Float
    /// Softens distributions in distillation (Hinton et al. 2015).
    public let temperature: Float
    /// Factor of the gradients, not of the losses.
    public let scale: Float
    /// The loss of each lane, [stride].
    public let loss: UnsafeMutablePointer<Float>
}

/// What a network's outputs are for.
public protocol Objective: Sendable {
    /// Names the objective with its numbers, for the identity of a job.
    var identity: String { get }

    /// - Returns: what does not fit, if these samples cannot be used with this program for this objective.
    func problem(with samples: any SampleSource, of program: Program) -> String?

    /// Whether errors count as shares of the spread of the original's outputs (`scaled`).
    var usesSpreads: Bool { get }

    /// The same objective with the spread of the original's outputs: their root mean square distance from their means,
    /// one number for each output.
    func scaled(by spreads: [Float]) -> Self

    /// Whether `loss` wants the original's scores for samples with these labels.
    func needsTeacher(labels: UnsafeBufferPointer<Int32>, labelWeight: Float) -> Bool

    /// Writes the gradient of each output and the loss of each lane.
    func loss(_ block: LossBlock)

    /// Writes gradients whose squares, taken back through the network and summed, are the diagonal Fisher information of
    /// the block; `backward` takes each back.
    /// - Parameter number: of the block among all, for those who draw at random.
    func curvature(of block: LossBlock, kind: FisherKind, number: Int, backward: () -> Void)

    /// What is kept of one sample's scores.
    /// - Parameters:
    ///   - outputs: the scores of each output.
    ///   - input: the sample, or its first input.
    func answer(_ outputs: [UnsafeBufferPointer<Float>], to input: UnsafeBufferPointer<Float>) -> Answer

    /// How good answers are.
    /// - Parameters:
    ///   - answers: one for each of `indices`.
    ///   - original: the original's answers to the same samples.
    func measure(
        _ answers: [Answer], original: [Answer], samples: any SampleSource, indices: [Int]
    ) -> Measure
}

extension Objective {
    public var usesSpreads: Bool { true }
}

/// Which Fisher is taken.
public enum FisherKind: String, Sendable, Codable, CaseIterable {
    /// The true Fisher: the expectation over what the network itself holds for possible.
    case expected = "expected"
    /// As published (WV section 4, WS section IV): of the predicted class alone, times its probability. Where outputs are
    /// not classes it is the same as `expected`.
    case predicted = "predicted"
}
