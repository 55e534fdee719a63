// Dense layer against nested loops in double precision: sizes around every tile's edge.
import CPagefoldKernels
import Testing

@Suite struct DenseTests {
    struct Shape: CustomTestStringConvertible {
        let features: Int
        let outputs: Int
        let activation: pf_activation

        var testDescription: String { "\(features) to \(outputs)" }
    }

    static let shapes = [
        Shape(features: 1, outputs: 1, activation: PF_NONE),
        Shape(features: 5, outputs: 3, activation: PF_RELU),
        Shape(features: 16, outputs: 16, activation: PF_SIGMOID),
        Shape(features: 17, outputs: 31, activation: PF_TANH),
        Shape(features: 48, outputs: 10, activation: PF_LEAKY_RELU),
        Shape(features: 130, outputs: 43, activation: PF_LEAKY_RELU),
    ]

    @Test(arguments: shapes, instructionSets)
    func equalsTheReference(shape: Shape, set: String) {
        let (n, m) = (shape.features, shape.outputs)
        let x = Floats(random: n * lanes, seed: 1)
        let w = Floats(random: n * m, seed: 2, scale: 0.4)
        let bias = Floats(random: m, seed: 3)
        let dy = Floats(random: m * lanes, seed: 4)
        let y = Floats(m * lanes)
        var dense = pf_dense(
            features_in: Int32(n), features_out: Int32(m), activation: Int32(shape.activation.rawValue),
            alpha: 0.2, beta: upperBound)
        let scratch = pf_dense_scratch(&dense)
        with(set) {
            withScratch(scratch) {
                pf_dense_forward(&dense, x.pointer, w.pointer, bias.pointer, y.pointer, $0)
            }
        }

        var expected = [Double](repeating: 0, count: m * lanes)
        for i in 0..<m * lanes {
            var sum = Double(bias[i / lanes])
            for k in 0..<n { sum += Double(w[i / lanes * n + k]) * Double(x[k * lanes + i % lanes]) }
            expected[i] = activate(shape.activation, 0.2, sum)
        }
        #expect(error(y, expected) < 1e-5)

        let dz = (0..<m * lanes).map { Double(dy[$0]) * derivative(shape.activation, 0.2, Double(y[$0])) }
        var expectedInput = [Double](repeating: 0, count: n * lanes)
        var expectedWeights = [Double](repeating: 0, count: n * m * lanes)
        for o in 0..<m {
            for i in 0..<n {
                for lane in 0..<lanes {
                    expectedInput[i * lanes + lane] += Double(w[o * n + i]) * dz[o * lanes + lane]
                    expectedWeights[(o * n + i) * lanes + lane] =
                        Double(x[i * lanes + lane]) * dz[o * lanes + lane]
                }
            }
        }
        for squared in [false, true] {
            let dx = Floats(n * lanes, of: 7)
            let dw = Floats(random: n * m, seed: 5)
            let db = Floats(random: m, seed: 6)
            let sums = addLanes(expectedWeights, squared: squared, to: dw)
            let biasSums = addLanes(dz, squared: squared, to: db)
            with(set) {
                withScratch(scratch) {
                    pf_dense_backward(
                        &dense, x.pointer, w.pointer, y.pointer, dy.pointer, dx.pointer, dw.pointer,
                        db.pointer,
                        squared ? 1 : 0, $0)
                }
            }
            #expect(error(dx, expectedInput) < 1e-5)
            #expect(error(dw, sums) < 1e-5)
            #expect(error(db, biasSums) < 1e-5)
        }
    }
}
