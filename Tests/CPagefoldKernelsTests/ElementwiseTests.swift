// Activation, bias, addition, dropout, Adam, reduction and block transposition against plain loops.
import CPagefoldKernels
import Testing

@Suite struct ElementwiseTests {
    /// Every magnitude from 2^-30 to 2^6, both signs, and zero: 16 numbers a power.
    static let range: [Float] =
        [0]
        + (0..<37 * 16).flatMap { i in
            let value = Float(sign: .plus, exponent: i / 16 - 30, significand: 1 + Float(i % 16) / 16)
            return [value, -value]
        }

    @Test(arguments: activations, instructionSets)
    func activationIsExactToAFewUlp(activation: pf_activation, set: String) {
        let count = (Self.range.count + lanes - 1) / lanes
        let x = Floats(count * lanes)
        for (i, value) in Self.range.enumerated() { x[i] = value }
        let y = Floats(x.count)
        let dx = Floats(x.count)
        with(set) {
            pf_activation_forward(Int32(activation.rawValue), 0.2, upperBound, count, x.pointer, y.pointer)
            pf_activation_backward(
                Int32(activation.rawValue), 0.2, upperBound, count, y.pointer, x.pointer, dx.pointer)
        }
        var worst = 0.0
        var worstDerivative = 0.0
        for i in 0..<x.count {
            let exact =
                activation == PF_TANH ? hyperbolic(Double(x[i])) : activate(activation, 0.2, Double(x[i]))
            // Below 1e-30 the exponential is allowed to saturate.
            worst = max(worst, abs(Double(y[i]) - exact) / max(abs(exact), 1e-30))
            let slope = Double(x[i]) * derivative(activation, 0.2, Double(y[i]))
            worstDerivative = max(worstDerivative, abs(Double(dx[i]) - slope) / max(abs(Double(x[i])), 1e-30))
        }
        #expect(worst < 4e-7)
        #expect(worstDerivative < 4e-7)
    }

    @Test(arguments: instructionSets)
    func notANumberStaysNotANumber(set: String) {
        let x = Floats(lanes, of: .nan)
        let y = Floats(lanes)
        with(set) {
            for activation in [PF_NONE, PF_SIGMOID, PF_TANH, PF_LEAKY_RELU] {
                pf_activation_forward(Int32(activation.rawValue), 0.2, upperBound, 1, x.pointer, y.pointer)
                #expect(y.array.allSatisfy { $0.isNaN })
            }
        }
    }

    @Test(arguments: instructionSets)
    func bias(set: String) {
        let (channels, spatial) = (3, 5)
        let x = Floats(random: channels * spatial * lanes, seed: 1)
        let bias = Floats(random: channels, seed: 2)
        let y = Floats(x.count)
        with(set) { pf_bias_forward(Int32(channels), Int32(spatial), x.pointer, bias.pointer, y.pointer) }
        #expect(error(y, (0..<x.count).map { Double(x[$0]) + Double(bias[$0 / spatial / lanes]) }) < 1e-6)
        var sums = [Double](repeating: 0, count: channels * lanes)
        for i in 0..<x.count { sums[i / spatial / lanes * lanes + i % lanes] += Double(x[i]) }
        for squared in [false, true] {
            let db = Floats(random: channels, seed: 3)
            let expected = addLanes(sums, squared: squared, to: db)
            with(set) {
                pf_bias_backward(Int32(channels), Int32(spatial), x.pointer, db.pointer, squared ? 1 : 0)
            }
            #expect(error(db, expected) < 1e-6)
        }
    }

    @Test(arguments: [0, 1, 15, 16, 67, 200], instructionSets)
    func additionAndReduction(count: Int, set: String) {
        let parts = (0..<5).map { Floats(random: count, seed: UInt64($0)) }
        let sum = Floats(count)
        let total = Floats(count)
        with(set) {
            pf_add(count, parts[0].pointer, parts[1].pointer, sum.pointer)
            for part in parts[2...] { pf_add_into(count, sum.pointer, part.pointer) }
            let pointers = parts.map { Optional(UnsafePointer($0.pointer)) }
            pf_reduce(count, pointers, Int32(parts.count), total.pointer)
        }
        // The same order of additions, so the same bits.
        #expect(sum.array == total.array)
        #expect(error(sum, (0..<count).map { i in parts.reduce(0) { $0 + Double($1[i]) } }) < 1e-6)
    }

    @Test(arguments: instructionSets)
    func dropoutKeepsTheMeanAndRepeatsItsMask(set: String) {
        let vectors = 4000
        let x = Floats(vectors * lanes, of: 1)
        let (y, again, other) = (Floats(x.count), Floats(x.count), Floats(x.count))
        with(set) {
            pf_dropout_forward(vectors, 0.25, 7, 3, x.pointer, y.pointer)
            pf_dropout_backward(vectors, 0.25, 7, 3, x.pointer, again.pointer)
            pf_dropout_forward(vectors, 0.25, 7, 4, x.pointer, other.pointer)
        }
        #expect(y.array == again.array)
        #expect(y.array != other.array)
        #expect(y.array.allSatisfy { $0 == 0 || abs($0 - 4 / 3) < 1e-6 })
        let mean = y.array.reduce(0) { $0 + Double($1) } / Double(x.count)
        #expect(abs(mean - 1) < 0.02)
    }

    @Test(arguments: [1, 16, 37], instructionSets)
    func adam(count: Int, set: String) {
        let w = Floats(random: count, seed: 1)
        let m = Floats(count)
        let v = Floats(count)
        var (rw, rm, rv) = (w.array.map(Double.init), m.array.map(Double.init), v.array.map(Double.init))
        for step in 1...3 {
            let g = Floats(random: count, seed: UInt64(10 + step))
            let (c1, c2) = (1 - power(0.9, step), 1 - power(0.999, step))
            with(set) {
                pf_adam(
                    count, w.pointer, g.pointer, m.pointer, v.pointer, 0.01, 0.9, 0.999, 1e-8, Float(c1),
                    Float(c2))
            }
            for i in 0..<count {
                rm[i] = 0.9 * rm[i] + 0.1 * Double(g[i])
                rv[i] = 0.999 * rv[i] + 0.001 * Double(g[i]) * Double(g[i])
                rw[i] -= 0.01 * rm[i] / c1 / ((rv[i] / c2).squareRoot() + 1e-8)
            }
        }
        #expect(error(w, rw) < 1e-5)
        #expect(error(m, rm) < 1e-5)
        #expect(error(v, rv) < 1e-4)
    }

    @Test(arguments: [1, 7, 16], [1, 16, 45])
    func transpositionThereAndBack(samples: Int, features: Int) {
        for set in instructionSets {
            let rows = (0..<samples).map { Floats(random: features, seed: UInt64($0)) }
            let back = (0..<samples).map { _ in Floats(features) }
            let block = Floats(features * lanes, of: 7)
            with(set) {
                pf_transpose_block(
                    Int32(samples), features, rows.map { Optional(UnsafePointer($0.pointer)) }, block.pointer)
                pf_untranspose_block(
                    Int32(samples), features, block.pointer, back.map { Optional($0.pointer) })
            }
            for i in 0..<block.count {
                #expect(block[i] == (i % lanes < samples ? rows[i % lanes][i / lanes] : 0))
            }
            for i in 0..<samples { #expect(back[i].array == rows[i].array) }
        }
    }
}
