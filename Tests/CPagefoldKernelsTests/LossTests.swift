// Softmax and cross-entropy: values against double precision, gradients against finite differences.
import CPagefoldKernels
import Testing

@Suite struct LossTests {
    /// The loss of one lane in double precision.
    static func loss(
        _ logits: [Double], label: Int, teacher: [Double]?, temperature: Double, labelWeight: Double,
        teacherWeight: Double
    ) -> Double {
        func logSoftmax(_ x: [Double], _ temperature: Double) -> [Double] {
            let largest = x.max() ?? 0
            let total = logarithm(x.reduce(0) { $0 + exponential(($1 - largest) / temperature) })
            return x.map { ($0 - largest) / temperature - total }
        }
        var sum = label >= 0 ? -labelWeight * logSoftmax(logits, 1)[label] : 0
        if let teacher {
            let (p, q) = (logSoftmax(logits, temperature), logSoftmax(teacher, temperature))
            for i in 0..<p.count {
                sum += teacherWeight * temperature * temperature * exponential(q[i]) * (q[i] - p[i])
            }
        }
        return sum
    }

    @Test(arguments: [1, 2, 10, 43], instructionSets)
    func softmax(classes: Int, set: String) {
        // Far from zero, so that it overflows unless the largest is taken off.
        let x = Floats(random: classes * lanes, seed: 1, scale: 10)
        for i in 0..<x.count { x[i] += 500 }
        let y = Floats(x.count)
        with(set) { pf_softmax_forward(Int32(classes), x.pointer, y.pointer) }
        var expected = [Double](repeating: 0, count: x.count)
        for lane in 0..<lanes {
            let e = (0..<classes).map { exponential(Double(x[$0 * lanes + lane]) - 500) }
            for i in 0..<classes { expected[i * lanes + lane] = e[i] / e.reduce(0, +) }
        }
        #expect(error(y, expected) < 1e-6)
    }

    @Test(arguments: [false, true], instructionSets)
    func crossEntropy(withTeacher: Bool, set: String) {
        let classes = 7
        let valid = 13
        let x = Floats(random: classes * lanes, seed: 2, scale: 4)
        let t = Floats(random: classes * lanes, seed: 3, scale: 4)
        let labels = Aligned<Int32>((0..<lanes).map { Int32($0 % (classes + 1)) - 1 }, 0)
        let d = Floats(x.count, of: 9)
        let loss = Floats(lanes, of: 9)
        with(set) {
            pf_cross_entropy(
                Int32(classes), Int32(valid), x.pointer, labels.pointer, withTeacher ? t.pointer : nil, 3,
                0.3, 0.7,
                0.5, d.pointer, loss.pointer)
        }
        var losses = [Double](repeating: 0, count: lanes)
        var gradient = [Double](repeating: 0, count: x.count)
        for lane in 0..<valid {
            let teacher = withTeacher ? (0..<classes).map { Double(t[$0 * lanes + lane]) } : nil
            var logits = (0..<classes).map { Double(x[$0 * lanes + lane]) }
            func value() -> Double {
                Self.loss(
                    logits, label: Int(labels[lane]), teacher: teacher, temperature: 3, labelWeight: 0.3,
                    teacherWeight: labels[lane] < 0 ? 1 : 0.7)  // Without a label the teacher gets all.
            }
            losses[lane] = value()
            for i in 0..<classes {
                let start = logits[i]
                logits[i] = start + 1e-5
                let above = value()
                logits[i] = start - 1e-5
                gradient[i * lanes + lane] = (above - value()) / 2e-5 * 0.5
                logits[i] = start
            }
        }
        #expect(error(loss, losses) < 2e-6)
        #expect(error(d, gradient) < 2e-6)
    }
}
