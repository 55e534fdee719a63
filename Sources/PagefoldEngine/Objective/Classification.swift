// One of several classes: cross-entropy, distillation, accuracy. The kernel of the loss is pf_cross_entropy.

internal import CPagefoldKernels
public import PagefoldCore

/// The first output holds the scores of classes before softmax; other outputs are not looked at.
public struct Classification: Objective {
    /// Classes less probable than this in all samples of a block are left out of Fisher; what they would add is below it.
    static let leastProbability: Float = 1e-5

    public init() {}

    public var identity: String { "classification" }
    public var usesSpreads: Bool { false }
    public func scaled(by spreads: [Float]) -> Classification { self }

    public func problem(with samples: any SampleSource, of program: Program) -> String? {
        let classes = program.values[program.outputs[0].scores].count
        for index in 0..<samples.count {
            let label = samples.label(index)
            if label >= Int32(classes) || label < -1 {
                return "label \(label) of sample \(index) is outside 0…\(classes - 1)"
            }
        }
        return nil
    }

    /// Where labels say it all the original need not be asked.
    public func needsTeacher(labels: UnsafeBufferPointer<Int32>, labelWeight: Float) -> Bool {
        labelWeight < 1 || labels.contains(-1)
    }

    public func loss(_ block: LossBlock) {
        let output = block.outputs[0]
        if let teacher = output.teacher {
            // A sample without a label has the original's answer to it, changed as it is.
            for lane in 0..<block.lanes where block.labels[lane] < 0 {
                block.labels[lane] = largest(teacher + lane, output.count, block.stride)
            }
        }
        clearOthers(block)
        let share: Float = output.teacher == nil ? 1 : block.labelWeight
        pf_cross_entropy(
            Int32(output.count), Int32(block.lanes), output.scores, block.labels, output.teacher,
            block.temperature, share, 1 - share, block.scale, output.gradient, block.loss)
    }

    public func answer(
        _ outputs: [UnsafeBufferPointer<Float>], to input: UnsafeBufferPointer<Float>
    ) -> Answer {
        .label(largest(outputs[0].baseAddress!, outputs[0].count, 1))
    }

    public func measure(
        _ answers: [Answer], original: [Answer], samples: any SampleSource, indices: [Int]
    ) -> Measure {
        var labelled = 0
        var right = 0
        var same = 0
        for (position, index) in indices.enumerated() {
            let label = samples.label(index)
            if label >= 0 {
                labelled += 1
                if answers[position] == .label(label) { right += 1 }
            }
            if answers[position] == original[position] { same += 1 }
        }
        return Measure(
            accuracy: labelled > 0 ? Double(right) / Double(labelled) : nil,
            agreement: Double(same) / Double(max(indices.count, 1)), count: indices.count)
    }

    /// Nothing is asked of other outputs.
    private func clearOthers(_ block: LossBlock) {
        for other in block.outputs.dropFirst() {
            other.gradient.update(repeating: 0, count: other.count * block.stride)
        }
    }

    /// The first of the largest scores.
    private func largest(_ scores: UnsafePointer<Float>, _ count: Int, _ stride: Int) -> Int32 {
        var best = 0
        for c in 1..<max(count, 1) where scores[c * stride] > scores[best * stride] { best = c }
        return Int32(best)
    }

    // MARK: Fisher

    /// Σ over classes c of p(c) (∂ log p(c) / ∂w)², one backward pass for each class.
    public func curvature(of block: LossBlock, kind: FisherKind, number: Int, backward: () -> Void) {
        let output = block.outputs[0]
        let (classes, stride) = (output.count, block.stride)
        let p = probabilities(output.scores, classes, block)
        for c in 0..<classes {
            var used: Float = 0
            for lane in 0..<block.lanes { used = max(used, share(of: c, lane, kind, p, classes, stride)) }
            guard used >= Self.leastProbability else { continue }
            // Each pass back adds to the gradients of outputs on its way.
            clearOthers(block)
            // The square root goes into the gradient, so that its square carries the probability.
            for k in 0..<classes {
                for lane in 0..<stride {
                    let root =
                        lane < block.lanes
                        ? share(of: c, lane, kind, p, classes, stride).squareRoot() : 0
                    output.gradient[k * stride + lane] = root * ((k == c ? 1 : 0) - p[k * stride + lane])
                }
            }
            backward()
        }
    }

    private func probabilities(_ scores: UnsafePointer<Float>, _ classes: Int, _ block: LossBlock) -> [Float]
    {
        let stride = block.stride
        var result = [Float](repeating: 0, count: classes * stride)
        var powers = [Float](repeating: 0, count: classes)
        for lane in 0..<block.lanes {
            var largest = -Float.infinity
            for c in 0..<classes { largest = max(largest, scores[c * stride + lane]) }
            var sum: Float = 0
            for c in 0..<classes {
                powers[c] = exponential(scores[c * stride + lane] - largest)
                sum += powers[c]
            }
            for c in 0..<classes { result[c * stride + lane] = powers[c] / sum }
        }
        return result
    }

    /// How much a class counts in the Fisher of a sample.
    private func share(
        of c: Int, _ lane: Int, _ kind: FisherKind, _ p: [Float], _ classes: Int, _ stride: Int
    ) -> Float {
        if kind == .expected { return p[c * stride + lane] }
        for k in 0..<classes {
            let larger = p[k * stride + lane] > p[c * stride + lane]
            if larger || (k < c && p[k * stride + lane] == p[c * stride + lane]) { return 0 }
        }
        return p[c * stride + lane]
    }
}
