// A copy of the input: mean square error; where labels say what is normal, how well the error tells it from the rest.

public import PagefoldCore

/// The first output should be the input. Labels, where there are any: 0 is normal, 1 is not.
public struct Reconstruction: Objective {
    private var error = SquaredError()

    public init() {}

    public var identity: String { "reconstruction \(error.spreads)" }

    public func scaled(by spreads: [Float]) -> Reconstruction {
        var result = self
        result.error.spreads = spreads
        return result
    }

    public func problem(with samples: any SampleSource, of program: Program) -> String? {
        let (input, output) = (program.values[0].count, program.values[program.outputs[0].scores].count)
        guard input == output else { return "it answers \(output) numbers to \(input)" }
        for index in 0..<samples.count where !(-1...1).contains(samples.label(index)) {
            return "label \(samples.label(index)) of sample \(index) is neither 0 (normal) nor 1"
        }
        return nil
    }

    public func needsTeacher(labels: UnsafeBufferPointer<Int32>, labelWeight: Float) -> Bool {
        labelWeight < 1 || labels.contains(1)
    }

    /// What is not normal is not to be learnt: there the original's answer is the target.
    public func loss(_ block: LossBlock) {
        error.clear(block)
        guard let teacher = block.outputs[0].teacher else {
            return error.add(block, output: 0, target: block.input, weight: 1)
        }
        let count = block.outputs[0].count * block.stride
        withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { target in
            for place in 0..<count {
                let isNormal = block.labels[place % block.stride] != 1
                let share = isNormal ? block.labelWeight : 0
                target[place] = share * block.input[place] + (1 - share) * teacher[place]
            }
            // The mean of the two squares has the gradient of the square to their mean.
            error.add(block, output: 0, target: target.baseAddress!, weight: 1)
        }
    }

    public func curvature(of block: LossBlock, kind: FisherKind, number: Int, backward: () -> Void) {
        error.curvature(block, outputs: 0..<1, number: number, backward: backward)
    }

    /// The mean square error of one reconstruction.
    public func answer(
        _ outputs: [UnsafeBufferPointer<Float>], to input: UnsafeBufferPointer<Float>
    ) -> Answer { .numbers([Float(error.square(outputs[0], input, output: 0))]) }

    public func measure(
        _ answers: [Answer], original: [Answer], samples: any SampleSource, indices: [Int]
    ) -> Measure {
        let squares = answers.map { answer -> Double in
            guard case .numbers(let numbers) = answer, let square = numbers.first else { return .infinity }
            return Double(square)
        }
        let labels = indices.map(samples.label)
        let normal = zip(squares, labels).filter { $0.1 == 0 }.map(\.0)
        let other = zip(squares, labels).filter { $0.1 == 1 }.map(\.0)
        guard !normal.isEmpty, !other.isEmpty else { return Measure(squares: squares) }
        return Measure(normal: normal, other: other)
    }
}

extension Measure {
    /// The area under the curve: the share of pairs in which what is not normal has the larger error, ties by halves. Its
    /// standard error is that of Hanley and McNeil (1982, equation 1).
    init(normal: [Double], other: [Double]) {
        let sorted = normal.sorted()
        /// How many of `sorted` are below a value, or not above it.
        func rank(_ value: Double, withEquals: Bool) -> Int {
            var (low, high) = (0, sorted.count)
            while low < high {
                let middle = (low + high) / 2
                let isBefore = withEquals ? sorted[middle] <= value : sorted[middle] < value
                if isBefore { low = middle + 1 } else { high = middle }
            }
            return low
        }
        let (n, m) = (Double(normal.count), Double(other.count))
        let pairs = other.reduce(0.0) {
            $0 + Double(rank($1, withEquals: false) + rank($1, withEquals: true)) / 2
        }
        let area = pairs / (n * m)
        let (q1, q2) = (area / (2 - area), 2 * area * area / (1 + area))
        let variance =
            (area * (1 - area) + (m - 1) * (q1 - area * area) + (n - 1) * (q2 - area * area)) / (n * m)
        self.init(
            unit: .areaUnderCurve, value: area, count: normal.count + other.count,
            standardError: max(variance, 0).squareRoot())
    }
}
