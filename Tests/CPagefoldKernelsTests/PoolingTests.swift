// Windows of every kind against nested loops: odd sizes, padding, overlap, a window wholly in the padding.
import CPagefoldKernels
import Testing

@Suite struct PoolingTests {
    struct Shape: CustomTestStringConvertible {
        let testDescription: String
        let window: pf_window

        init(_ name: String, _ w: pf_window) { (testDescription, window) = (name, w) }

        /// For each output the inputs of its window: (tap, offset at lane 0), padding left out.
        func inputs(of output: Int) -> [(tap: Int, offset: Int)] {
            let w = window
            let (rows, columns) = (Int(w.height_out), Int(w.width_out))
            let (channel, row, column) = (output / columns / rows, output / columns % rows, output % columns)
            return (0..<Int(w.kernel_h * w.kernel_w)).compactMap { tap in
                let y = row * Int(w.stride_h) - Int(w.pad_top) + tap / Int(w.kernel_w)
                let x = column * Int(w.stride_w) - Int(w.pad_left) + tap % Int(w.kernel_w)
                guard y >= 0, y < w.height_in, x >= 0, x < w.width_in else { return nil }
                return (tap, ((channel * Int(w.height_in) + y) * Int(w.width_in) + x) * lanes)
            }
        }

        var inputCount: Int { Int(window.channels * window.height_in * window.width_in) * lanes }
        var outputCount: Int { Int(window.channels * window.height_out * window.width_out) * lanes }
    }

    static func window(
        _ channels: Int32, _ input: (Int32, Int32), _ output: (Int32, Int32), kernel: (Int32, Int32),
        stride: (Int32, Int32), pad: (Int32, Int32) = (0, 0)
    ) -> pf_window {
        pf_window(
            channels: channels, height_in: input.0, width_in: input.1, height_out: output.0,
            width_out: output.1,
            kernel_h: kernel.0, kernel_w: kernel.1, stride_h: stride.0, stride_w: stride.1, pad_top: pad.0,
            pad_left: pad.1)
    }

    static let shapes = [
        Shape("2x2", window(3, (6, 8), (3, 4), kernel: (2, 2), stride: (2, 2))),
        Shape("2x2, odd", window(2, (5, 7), (2, 3), kernel: (2, 2), stride: (2, 2))),
        Shape(
            "3x3 overlapping, padded", window(2, (5, 6), (5, 6), kernel: (3, 3), stride: (1, 1), pad: (1, 1))),
        Shape("3x2 stride 2x1", window(1, (7, 4), (3, 3), kernel: (3, 2), stride: (2, 1))),
    ]

    @Test(arguments: shapes, instructionSets)
    func maxPool(shape: Shape, set: String) {
        var window = shape.window
        let x = Floats(random: shape.inputCount, seed: 1)
        let dy = Floats(random: shape.outputCount, seed: 2)
        // All below zero, so that padding taken for 0 would win; one value appears twice, and the first must win.
        for i in 0..<shape.inputCount { x[i] = (x[i] * 4).rounded() - 5 }
        let y = Floats(shape.outputCount)
        let dx = Floats(shape.inputCount, of: 7)
        let argmax = Aligned<UInt16>(shape.outputCount, of: 999)
        with(set) {
            pf_max_pool_forward(&window, x.pointer, y.pointer, argmax.pointer)
            pf_max_pool_backward(&window, argmax.pointer, dy.pointer, dx.pointer)
        }
        var expected = [Double](repeating: 0, count: shape.outputCount)
        var gradient = [Double](repeating: 0, count: shape.inputCount)
        var winners = [UInt16](repeating: 0, count: shape.outputCount)
        for i in 0..<shape.outputCount {
            var best: (tap: Int, offset: Int)?
            for input in shape.inputs(of: i / lanes) {
                let offset = input.offset + i % lanes
                if let b = best, x[offset] <= x[b.offset] { continue }
                best = (input.tap, offset)
            }
            guard let best else { continue }
            expected[i] = Double(x[best.offset])
            winners[i] = UInt16(best.tap)
            gradient[best.offset] += Double(dy[i])
        }
        #expect(error(y, expected) == 0)
        #expect(argmax.array == winners)
        #expect(error(dx, gradient) < 1e-6)
    }

    @Test(arguments: shapes, instructionSets)
    func averagePool(shape: Shape, set: String) {
        var window = shape.window
        let x = Floats(random: shape.inputCount, seed: 3)
        let dy = Floats(random: shape.outputCount, seed: 4)
        let y = Floats(shape.outputCount)
        let dx = Floats(shape.inputCount, of: 7)
        with(set) {
            pf_average_pool_forward(&window, x.pointer, y.pointer)
            pf_average_pool_backward(&window, dy.pointer, dx.pointer)
        }
        var expected = [Double](repeating: 0, count: shape.outputCount)
        var gradient = [Double](repeating: 0, count: shape.inputCount)
        for i in 0..<shape.outputCount {
            let inputs = shape.inputs(of: i / lanes)
            for input in inputs {
                expected[i] += Double(x[input.offset + i % lanes]) / Double(inputs.count)
                gradient[input.offset + i % lanes] += Double(dy[i]) / Double(inputs.count)
            }
        }
        #expect(error(y, expected) < 1e-6)
        #expect(error(dx, gradient) < 1e-6)
    }

    @Test(arguments: instructionSets)
    func globalAveragePool(set: String) {
        let (channels, spatial) = (3, 7)
        let x = Floats(random: channels * spatial * lanes, seed: 5)
        let y = Floats(channels * lanes)
        let dx = Floats(channels * spatial * lanes)
        with(set) {
            pf_global_average_pool_forward(Int32(channels), Int32(spatial), x.pointer, y.pointer)
            pf_global_average_pool_backward(Int32(channels), Int32(spatial), y.pointer, dx.pointer)
        }
        var expected = [Double](repeating: 0, count: channels * lanes)
        for i in 0..<x.count {
            expected[i / lanes / spatial * lanes + i % lanes] += Double(x[i]) / Double(spatial)
        }
        let gradient = (0..<dx.count).map {
            expected[$0 / lanes / spatial * lanes + $0 % lanes] / Double(spatial)
        }
        #expect(error(y, expected) < 1e-6)
        #expect(error(dx, gradient) < 1e-6)
    }
}
