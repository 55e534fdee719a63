// Objectives by themselves: gradients against differences, curvature against what it should sum to, measures against
// values worked out by hand.

import PagefoldCore
import PagefoldGraph
import PagefoldTestCases
import Testing

@testable import PagefoldEngine

/// One block of scores with everything that a loss may look at.
private final class SampleBlock {
    static let stride = 4
    let counts: [Int]
    let scores: [FloatBuffer]
    let gradients: [FloatBuffer]
    let teachers: [FloatBuffer]
    let input: FloatBuffer
    let numbers: FloatBuffer
    let loss = FloatBuffer(count: stride)
    let labels = UnsafeMutablePointer<Int32>.allocate(capacity: stride)

    init(_ counts: [Int], labels given: [Int32]) {
        self.counts = counts
        func numbers(_ count: Int, _ seed: UInt64) -> FloatBuffer {
            FloatBuffer(randomNumbers(count * Self.stride, seed: seed))
        }
        scores = counts.indices.map { numbers(counts[$0], 1 + UInt64($0)) }
        gradients = counts.indices.map { numbers(counts[$0], 11 + UInt64($0)) }
        teachers = counts.indices.map { numbers(counts[$0], 21 + UInt64($0)) }
        input = numbers(counts[0], 31)
        self.numbers = numbers(counts[0], 41)
        for lane in 0..<Self.stride { labels[lane] = lane < given.count ? given[lane] : -1 }
    }

    deinit { labels.deallocate() }

    func block(lanes: Int = 3, isTaught: Bool = true, scale: Float = 1) -> LossBlock {
        LossBlock(
            lanes: lanes, stride: Self.stride,
            outputs: counts.indices.map {
                ScoreBlock(
                    count: counts[$0], scores: scores[$0].pointer, gradient: gradients[$0].pointer,
                    teacher: isTaught ? UnsafePointer(teachers[$0].pointer) : nil)
            },
            input: input.pointer, labels: labels, numbers: numbers.pointer,
            labelWeight: 0.3, temperature: 2, scale: scale, loss: loss.pointer)
    }
}

@Suite struct ObjectiveTests {
    static let squared: [any Objective] = [
        Regression().scaled(by: [0.7]), Reconstruction().scaled(by: [1.4]),
        RawOutput().scaled(by: [0.5, 2, 1]),
    ]

    @Test(arguments: squared.indices, [true, false])
    func gradientsAreThoseOfTheLoss(index: Int, isTaught: Bool) {
        let objective = Self.squared[index]
        let data = SampleBlock(objective is RawOutput ? [5, 2, 1] : [5], labels: [0, 1, -1])
        let block = data.block(isTaught: isTaught, scale: 0.25)
        objective.loss(block)
        let gradients = data.gradients.map(\.values)
        for output in data.counts.indices {
            for place in 0..<data.counts[output] * SampleBlock.stride {
                let lane = place % SampleBlock.stride
                guard lane < block.lanes else {
                    #expect(gradients[output][place] == 0)
                    continue
                }
                let value = data.scores[output].pointer[place]
                let losses = [Float(0.01), -0.01].map { shift in
                    data.scores[output].pointer[place] = value + shift
                    objective.loss(block)
                    return Double(data.loss.pointer[lane])
                }
                data.scores[output].pointer[place] = value
                let slope = 0.25 * (losses[0] - losses[1]) / 0.02
                #expect(abs(slope - Double(gradients[output][place])) < 2e-2 + 2e-3 * abs(slope))
            }
        }
        #expect(gradients.joined().contains { $0 != 0 } || (objective is RawOutput && !isTaught))
    }

    /// Whether numbers are few, one pass each, or many, with random signs: each number's squares sum to 1 / deviation².
    @Test(arguments: [1, 3, 16, 17, 200])
    func curvatureIsThatOfNormalDistributions(count: Int) {
        for objective in Self.squared {
            let counts = objective is RawOutput ? [count, 2] : [count]
            let data = SampleBlock(counts, labels: [])
            var squares = counts.map { [Double](repeating: 0, count: $0 * SampleBlock.stride) }
            objective.curvature(of: data.block(), kind: .expected, number: 3) {
                for output in counts.indices {
                    for (place, value) in data.gradients[output].values.enumerated()
                    where place < squares[output].count {
                        squares[output][place] += Double(value) * Double(value)
                    }
                }
            }
            let spreads: [Double] =
                objective is RawOutput ? [0.5, 2] : objective is Regression ? [0.7] : [1.4]
            for output in counts.indices {
                let deviation = 0.1 * spreads[output]
                let due = 1 / (deviation * deviation * Double(counts[output] * counts.count))
                for (place, sum) in squares[output].enumerated() {
                    #expect(abs(sum - (place % SampleBlock.stride < 3 ? due : 0)) < 1e-4 * due)
                }
            }
        }
    }

    /// Labels and teachers of a classifier, where the label is missing.
    @Test func aSampleWithoutALabelHasTheOriginalsAnswer() {
        let data = SampleBlock([4], labels: [2, -1, 0])
        let teacher = (0..<4).max {
            data.teachers[0].values[$0 * 4 + 1] < data.teachers[0].values[$1 * 4 + 1]
        }
        // The kernel of the loss takes blocks of 16 lanes.
        let objective = Classification()
        #expect(
            objective.needsTeacher(labels: UnsafeBufferPointer(start: data.labels, count: 3), labelWeight: 1))
        data.labels[1] = Int32(teacher!)
        #expect(
            !objective.needsTeacher(labels: UnsafeBufferPointer(start: data.labels, count: 3), labelWeight: 1)
        )
        #expect(
            objective.needsTeacher(
                labels: UnsafeBufferPointer(start: data.labels, count: 3), labelWeight: 0.9))
    }

    /// An output on the way to the scores of classes does not change their Fisher.
    @Test func otherOutputsAddNothingToTheFisherOfClasses() throws {
        var builder = NetworkBuilder("n", input: Shape(channels: 5), seed: 1)
        let embedding = builder.add(.dense(outputs: 4))
        let logits = builder.add(.dense(outputs: 3))
        var network = builder.network
        func fisher() throws -> [Float] {
            let lowered = try network.lowered(for: .inference)
            return Engine(threads: 1).fisher(
                of: NetworkPlan(program: lowered.program), weights: lowered.weights,
                samples: SampleArray(
                    shape: Shape(channels: 5), samples: randomNumbers(20 * 5, seed: 2),
                    labels: [Int32](repeating: -1, count: 20)), indices: Array(0..<20))
        }
        let alone = try fisher()
        network.outputs = [(logits, "classes"), (embedding, "embedding")].map {
            NetworkOutput(node: $0.0, port: NetworkPort(name: $0.1))
        }
        #expect(try fisher() == alone)
        #expect(alone.contains { $0 > 0 })
    }

    // MARK: Measures

    private func samples(_ labels: [Int32], numbers: [Float] = []) -> SampleArray {
        SampleArray(
            shape: Shape(channels: 1), samples: labels.map { Float($0) }, labels: labels, numbers: numbers)
    }

    private func answers(_ numbers: [[Float]]) -> [Answer] { numbers.map { .numbers($0) } }

    @Test func areaUnderTheCurve() {
        // Errors 1, 2, 3 of what is normal; 2 and 4 of what is not: of six pairs four and a half are in order.
        let labels: [Int32] = [0, 0, 0, 1, 1]
        let measure = Reconstruction().measure(
            answers([[1], [3], [2], [4], [2]]), original: [], samples: samples(labels),
            indices: Array(0..<5))
        #expect(measure.unit == .areaUnderCurve && measure.count == 5)
        #expect(abs(measure.value - 4.5 / 6) < 1e-12)
        #expect(measure.standardError > 0.1 && measure.standardError < 0.4)
        // Labels of one kind say nothing.
        let plain = Reconstruction().measure(
            answers([[1], [9]]), original: [], samples: samples([0, 0]), indices: [0, 1])
        #expect(plain.unit == .relativeError && abs(plain.value - 5.0.squareRoot()) < 1e-6)
    }

    @Test func errorsAreSharesOfTheSpread() {
        let source = samples([-1, -1], numbers: [1, 2, 3, 4])
        let measure = Regression().scaled(by: [2]).measure(
            answers([[1, 4], [3, 4]]), original: [], samples: source, indices: [0, 1])
        // Squares (0 + 4) / 2 and 0, in units of 4: their mean is a quarter.
        #expect(measure.unit == .relativeError && abs(measure.value - 0.5) < 1e-7)
        // Deviation of ½ and 0 is ¼; of the mean of two ¼ / √2; of its root divided by 2 · ½.
        #expect(abs(measure.standardError - 0.25 / 2.0.squareRoot()) < 1e-7)
        let raw = RawOutput().measure(
            answers([[1, 4]]), original: answers([[1, 2]]), samples: source, indices: [0])
        #expect(abs(raw.value - 2.0.squareRoot()) < 1e-7)
    }

    @Test func lossesOfAllUnitsArePointsOfAccuracy() {
        func measure(_ unit: Measure.Unit, _ value: Double) -> Measure {
            Measure(unit: unit, value: value, count: 9, standardError: 0.01)
        }
        #expect(abs(measure(.accuracy, 0.8).loss(from: measure(.accuracy, 0.9)) - 0.1) < 1e-12)
        #expect(abs(measure(.areaUnderCurve, 0.8).loss(from: measure(.areaUnderCurve, 0.9)) - 0.1) < 1e-12)
        // Two per cent of the spread are one point.
        #expect(abs(measure(.relativeError, 0.07).loss(from: measure(.relativeError, 0.05)) - 0.01) < 1e-12)
        #expect(abs(measure(.relativeError, 0.07).gain(over: measure(.relativeError, 0.05)) + 0.01) < 1e-12)
        #expect(abs(measure(.agreement, 0.7).loss(from: measure(.agreement, 1)) - 0.3) < 1e-12)
        #expect(abs(measure(.agreement, 0.7).gain(over: measure(.agreement, 1)) + 0.1) < 1e-12)
        #expect(abs(measure(.relativeError, 1).gainError - 0.005) < 1e-12)
    }
}
