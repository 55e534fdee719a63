// Numbers that should be those of the samples: mean square error, relative error.

public import PagefoldCore

/// The first output should be the numbers that a sample has (`SampleSource.copyNumbers`); other outputs are not looked at.
public struct Regression: Objective {
    private var error = SquaredError()

    public init() {}

    public var identity: String { "regression \(error.spreads)" }

    public func scaled(by spreads: [Float]) -> Regression {
        var result = self
        result.error.spreads = spreads
        return result
    }

    public func problem(with samples: any SampleSource, of program: Program) -> String? {
        let count = program.values[program.outputs[0].scores].count
        return samples.numberCount == count
            ? nil : "a sample has \(samples.numberCount) numbers to be answered, the network answers \(count)"
    }

    public func needsTeacher(labels: UnsafeBufferPointer<Int32>, labelWeight: Float) -> Bool {
        labelWeight < 1
    }

    public func loss(_ block: LossBlock) {
        error.clear(block)
        let teacher = block.outputs[0].teacher
        let share = teacher == nil ? 1 : block.labelWeight
        if let numbers = block.numbers { error.add(block, output: 0, target: numbers, weight: share) }
        if let teacher { error.add(block, output: 0, target: teacher, weight: 1 - share) }
    }

    public func curvature(of block: LossBlock, kind: FisherKind, number: Int, backward: () -> Void) {
        error.curvature(block, outputs: 0..<1, number: number, backward: backward)
    }

    public func answer(
        _ outputs: [UnsafeBufferPointer<Float>], to input: UnsafeBufferPointer<Float>
    ) -> Answer { .numbers(Array(outputs[0])) }

    public func measure(
        _ answers: [Answer], original: [Answer], samples: any SampleSource, indices: [Int]
    ) -> Measure {
        var due = [Float](repeating: 0, count: samples.numberCount)
        return Measure(
            squares: zip(answers, indices).map { answer, index in
                guard case .numbers(let numbers) = answer else { return .infinity }
                due.withUnsafeMutableBufferPointer { samples.copyNumbers(index, into: $0) }
                return error.square(numbers, due, output: 0)
            })
    }
}
