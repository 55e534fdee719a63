// Scores of their own: whatever a network answers, the packed one should answer the same. Needs no labels.

public import PagefoldCore

/// All outputs should be the original's: distillation on raw outputs, each scaled by its spread.
public struct RawOutput: Objective {
    private var error = SquaredError()

    public init() {}

    public var identity: String { "raw output \(error.spreads)" }

    public func scaled(by spreads: [Float]) -> RawOutput {
        var result = self
        result.error.spreads = spreads
        return result
    }

    public func problem(with samples: any SampleSource, of program: Program) -> String? { nil }

    public func needsTeacher(labels: UnsafeBufferPointer<Int32>, labelWeight: Float) -> Bool { true }

    public func loss(_ block: LossBlock) {
        error.clear(block)
        for (index, output) in block.outputs.enumerated() {
            guard let teacher = output.teacher else { continue }
            error.add(block, output: index, target: teacher, weight: 1 / Float(block.outputs.count))
        }
    }

    public func curvature(of block: LossBlock, kind: FisherKind, number: Int, backward: () -> Void) {
        error.curvature(block, outputs: block.outputs.indices, number: number, backward: backward)
    }

    /// All outputs, each divided by its spread.
    public func answer(
        _ outputs: [UnsafeBufferPointer<Float>], to input: UnsafeBufferPointer<Float>
    ) -> Answer {
        .numbers(outputs.enumerated().flatMap { index, output in output.map { $0 / error.spread(index) } })
    }

    /// Root mean square distance from the original's answers, over all numbers of all outputs.
    public func measure(
        _ answers: [Answer], original: [Answer], samples: any SampleSource, indices: [Int]
    ) -> Measure {
        Measure(
            squares: zip(answers, original).map { pair in
                guard case (.numbers(let own), .numbers(let due)) = pair else { return .infinity }
                return SquaredError().square(own, due, output: 0)
            })
    }
}
