// Convolution against the scalar oracle: one table of shapes, every instruction set, forward and backward.
import CPagefoldKernels
import Testing

let convolutionCases: [ConvolutionCase] = [
    .init("1x1", 3, 2, 5, to: 2, kernel: (1, 1)),
    .init("1x1, 17 channels", 17, 5, 9, to: 5, kernel: (1, 1), pool: true, activation: PF_RELU),
    .init("3x3 pooled, odd output", 2, 9, 11, to: 5, kernel: (3, 3), pool: true, activation: PF_LEAKY_RELU),
    .init("3x3 pooled, 16 channels", 3, 8, 16, to: 16, kernel: (3, 3), pool: true, activation: PF_LEAKY_RELU),
    .init("3x3 pooled to 1x1", 6, 5, 5, to: 9, kernel: (3, 3), pool: true, activation: PF_RELU),
    .init("3x3 pooled to 2 columns", 4, 6, 7, to: 7, kernel: (3, 3), pool: true, activation: PF_SIGMOID),
    .init("3x3 plain, 13 columns", 2, 4, 15, to: 6, kernel: (3, 3), activation: PF_TANH),
    .init("3x3 same", 5, 6, 7, to: 4, kernel: (3, 3), padding: (1, 1, 1, 1), activation: PF_RELU6),
    .init("3x3 same, pooled", 2, 7, 7, to: 4, kernel: (3, 3), padding: (1, 1, 1, 1), pool: true),
    .init("uneven padding", 2, 5, 6, to: 3, kernel: (4, 4), padding: (1, 2, 2, 1)),
    .init("12x24, one channel", 1, 13, 28, to: 3, kernel: (12, 24), pool: true, activation: PF_LEAKY_RELU),
    .init("12x6", 2, 14, 9, to: 3, kernel: (12, 6), pool: true, activation: PF_RELU),
    .init("6x3", 3, 9, 6, to: 5, kernel: (6, 3), pool: true, activation: PF_LEAKY_RELU),
    .init("2x3", 4, 3, 9, to: 6, kernel: (2, 3), pool: true),
    .init("5x7", 2, 6, 13, to: 3, kernel: (5, 7)),
    .init("1x13", 1, 2, 20, to: 2, kernel: (1, 13)),
    .init("stride 2", 3, 9, 10, to: 4, kernel: (3, 3), stride: (2, 2), padding: (1, 1, 1, 1)),
    .init("stride 2, pooled", 2, 11, 12, to: 3, kernel: (3, 2), stride: (2, 2), pool: true),
    .init("stride 2 down only", 2, 9, 8, to: 4, kernel: (3, 3), stride: (2, 1)),
    .init("dilated", 2, 9, 10, to: 3, kernel: (3, 3), dilation: (2, 3)),
    .init("dilated down only", 2, 9, 7, to: 3, kernel: (3, 3), dilation: (2, 1)),
    .init("groups", 6, 6, 6, to: 9, kernel: (3, 3), groups: 3, pool: true, activation: PF_RELU),
    .init("depthwise", 5, 6, 7, to: 5, kernel: (3, 3), padding: (1, 1, 1, 1), groups: 5),
    .init("depthwise, stride 2", 3, 7, 8, to: 6, kernel: (3, 3), stride: (2, 2), groups: 3),
    .init("several pieces", 1, 70, 42, to: 3, kernel: (3, 3), pool: true, activation: PF_LEAKY_RELU),
    .init("pool larger than the output", 1, 3, 6, to: 2, kernel: (3, 3), pool: true),
]

/// One convolution with random operands.
struct ConvolutionRun {
    let shape: ConvolutionCase
    let x: Floats
    let w: Floats
    let bias: Floats
    let dy: Floats
    let y: Floats
    let argmax: Aligned<UInt8>

    init(_ shape: ConvolutionCase, seed: UInt64 = 1) {
        self.shape = shape
        x = Floats(random: shape.inputs, seed: seed)
        w = Floats(random: shape.weights, seed: seed + 1, scale: 0.5)
        bias = Floats(random: shape.channelsOut, seed: seed + 2)
        dy = Floats(random: shape.outputs, seed: seed + 3)
        y = Floats(shape.outputs)
        argmax = Aligned(shape.outputs, of: 255)
    }

    func forward() {
        withUnsafePointer(to: shape.c) { c in
            withScratch(pf_convolution_scratch(c)) { space in
                pf_convolution_forward(
                    c, x.pointer, w.pointer, bias.pointer, y.pointer,
                    c.pointee.pool == 2 ? argmax.pointer : nil,
                    space)
            }
        }
    }

    func backward(dy: Floats, dx: Floats?, dw: Floats, db: Floats?, squared: Bool) {
        withUnsafePointer(to: shape.c) { c in
            withScratch(pf_convolution_scratch(c)) { space in
                pf_convolution_backward(
                    c, x.pointer, w.pointer, y.pointer, argmax.pointer, dy.pointer, dx?.pointer, dw.pointer,
                    db?.pointer, squared ? 1 : 0, space)
            }
        }
    }

    /// The gradient before pool and activation, by the kernel's own arg-max.
    var dz: [Double] {
        var dz = [Double](repeating: 0, count: shape.sums)
        for i in 0..<shape.outputs {
            let from = shape.candidates(of: i / lanes)
            let winner = shape.c.pool == 2 ? Int(argmax[i]) : 0
            dz[from[winner] + i % lanes] +=
                Double(dy[i]) * derivative(shape.activation, shape.c.alpha, Double(y[i]))
        }
        return dz
    }
}

@Suite struct ConvolutionTests {
    @Test(arguments: convolutionCases, instructionSets)
    func forwardEqualsTheReference(shape: ConvolutionCase, set: String) {
        with(set) {
            let run = ConvolutionRun(shape)
            run.forward()
            let z = shape.reference(x: run.x, w: run.w, bias: run.bias)
            var expected = [Double](repeating: 0, count: shape.outputs)
            var loses = 0
            for i in 0..<shape.outputs {
                let values = shape.candidates(of: i / lanes).map { z[$0 + i % lanes] }
                let best = values.max() ?? 0
                expected[i] = activate(shape.activation, shape.c.alpha, best)
                if shape.c.pool == 2, best - values[Int(run.argmax[i])] > 1e-4 { loses += 1 }
            }
            #expect(error(run.y, expected) < 1e-5)
            #expect(loses == 0, "arg-max names another value than the largest")
        }
    }

    @Test(arguments: convolutionCases, instructionSets)
    func backwardEqualsTheReference(shape: ConvolutionCase, set: String) {
        with(set) {
            let run = ConvolutionRun(shape, seed: 11)
            run.forward()
            let expected = shape.referenceBackward(x: run.x, w: run.w, dz: run.dz)
            for squared in [false, true] {
                let dx = Floats(shape.inputs, of: 7)
                let dw = Floats(random: shape.weights, seed: 21)
                let db = Floats(random: shape.channelsOut, seed: 22)
                let expectedWeights = addLanes(expected.dw, squared: squared, to: dw)
                let expectedBias = addLanes(expected.db, squared: squared, to: db)
                run.backward(dy: run.dy, dx: dx, dw: dw, db: db, squared: squared)
                #expect(error(dx, expected.dx) < 1e-5)
                #expect(error(dw, expectedWeights) < 1e-5)
                #expect(error(db, expectedBias) < 1e-5)
                // Without dx the pieces are cut differently.
                let alone = Floats(random: shape.weights, seed: 21)
                run.backward(dy: run.dy, dx: nil, dw: alone, db: nil, squared: squared)
                #expect(error(alone, expectedWeights) < 1e-5)
            }
        }
    }

    @Test(arguments: instructionSets)
    func squaredIsTheSumOverSamplesOfSquares(set: String) {
        let shape = ConvolutionCase("", 2, 8, 9, to: 4, kernel: (3, 3), pool: true, activation: PF_LEAKY_RELU)
        with(set) {
            let run = ConvolutionRun(shape, seed: 31)
            run.forward()
            var expected = [Double](repeating: 0, count: shape.weights)
            for lane in 0..<lanes {
                let single = Floats(shape.outputs)
                for i in stride(from: lane, to: shape.outputs, by: lanes) { single[i] = run.dy[i] }
                let dw = Floats(shape.weights)
                run.backward(dy: single, dx: nil, dw: dw, db: nil, squared: false)
                for i in 0..<shape.weights { expected[i] += Double(dw[i]) * Double(dw[i]) }
            }
            let dw = Floats(shape.weights)
            run.backward(dy: run.dy, dx: nil, dw: dw, db: nil, squared: true)
            #expect(error(dw, expected) < 1e-5)
        }
    }

    @Test(arguments: instructionSets)
    func theFirstOfEqualMaximaWins(set: String) {
        let shape = ConvolutionCase("", 1, 6, 9, to: 3, kernel: (1, 1), pool: true)
        with(set) {
            let run = ConvolutionRun(shape)
            for i in 0..<shape.inputs { run.x[i] = 1 }
            run.forward()
            #expect(run.argmax.array.allSatisfy { $0 == 0 })
        }
    }

    @Test(arguments: instructionSets)
    func theSameInputGivesTheSameBytes(set: String) {
        let shape = convolutionCases[2]
        with(set) {
            let results = (0..<2).map { _ in
                let run = ConvolutionRun(shape, seed: 41)
                run.forward()
                let dx = Floats(shape.inputs)
                let dw = Floats(shape.weights)
                run.backward(dy: run.dy, dx: dx, dw: dw, db: nil, squared: false)
                return run.y.array + dx.array + dw.array + run.argmax.array.map(Float.init)
            }
            #expect(results[0] == results[1])
        }
    }
}
