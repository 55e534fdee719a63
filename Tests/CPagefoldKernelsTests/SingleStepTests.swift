// Kernels of one sample besides convolutions and dense layers: pools, bias, batch normalisation against plain sums in
// double precision, all memory at a guard.

import CPagefoldKernels
import PagefoldTestCases
import Testing

struct PoolCase: CustomTestStringConvertible, Sendable {
    let height: Int
    let width: Int
    let kernel: (Int, Int)
    let stride: (Int, Int)
    let pad: (Int, Int)
    var testDescription: String { "\(height)×\(width), \(kernel), stride \(stride), padding \(pad)" }

    static let all = [
        PoolCase(height: 1, width: 1, kernel: (1, 1), stride: (1, 1), pad: (0, 0)),
        PoolCase(height: 7, width: 9, kernel: (2, 2), stride: (2, 2), pad: (0, 0)),
        PoolCase(height: 5, width: 70, kernel: (3, 3), stride: (1, 1), pad: (1, 1)),
        PoolCase(height: 6, width: 67, kernel: (3, 3), stride: (2, 2), pad: (1, 1)),
        PoolCase(height: 9, width: 66, kernel: (2, 5), stride: (1, 2), pad: (0, 4)),
        PoolCase(height: 4, width: 50, kernel: (4, 3), stride: (3, 3), pad: (2, 0)),
        PoolCase(height: 3, width: 4, kernel: (7, 9), stride: (1, 1), pad: (3, 4)),
    ]

    var window: pf_window {
        func out(_ size: Int, _ kernel: Int, _ stride: Int, _ pad: Int) -> Int32 {
            Int32((size + 2 * pad - kernel) / stride + 1)
        }
        return pf_window(
            channels: 3, height_in: Int32(height), width_in: Int32(width),
            height_out: out(height, kernel.0, stride.0, pad.0),
            width_out: out(width, kernel.1, stride.1, pad.1),
            kernel_h: Int32(kernel.0), kernel_w: Int32(kernel.1), stride_h: Int32(stride.0),
            stride_w: Int32(stride.1), pad_top: Int32(pad.0), pad_left: Int32(pad.1))
    }

    /// The numbers of each window that lie inside the image.
    func windows(_ x: [Float]) -> [[Double]] {
        let w = window
        var result = [[Double]]()
        for c in 0..<3 {
            for row in 0..<Int(w.height_out) {
                for column in 0..<Int(w.width_out) {
                    var inside = [Double]()
                    for iy in row * stride.0 - pad.0..<row * stride.0 - pad.0 + kernel.0
                    where (0..<height).contains(iy) {
                        for ix in column * stride.1 - pad.1..<column * stride.1 - pad.1 + kernel.1
                        where (0..<width).contains(ix) {
                            inside.append(Double(x[(c * height + iy) * width + ix]))
                        }
                    }
                    result.append(inside)
                }
            }
        }
        return result
    }
}

@Suite struct SingleStepTests {
    @Test(arguments: instructionSets, PoolCase.all)
    func poolsOfOneSample(instructionSet: String, pool: PoolCase) {
        // All below zero: padding is no number.
        let numbers = randomNumbers(3 * pool.height * pool.width, seed: 1).map { $0 - 2 }
        let x = GuardedMemory(numbers + [Float](repeating: .nan, count: Int(PF_SINGLE_SLACK)))
        let windows = pool.windows(numbers)
        let y = GuardedMemory(count: 4 * windows.count)
        var window = pool.window
        with(instructionSet) {
            pf_single_max_pool(&window, x.floats.baseAddress, y.floats.baseAddress)
            #expect(Array(y.floats).map(Double.init) == windows.map { $0.max()! })
            y.floats.update(repeating: .nan)
            pf_single_average_pool(&window, x.floats.baseAddress, y.floats.baseAddress)
            let means = windows.map { $0.reduce(0, +) / Double($0.count) }
            #expect(relativeDifference(Array(y.floats), means) < 1e-6)
        }
    }

    @Test(arguments: instructionSets, [1, 3, 15, 16, 17, 70])
    func channelsOfOneSample(instructionSet: String, spatial: Int) {
        for channels in [1, 5, 16, 19] {
            let x = GuardedMemory(randomNumbers(channels * spatial, seed: 2))
            let flat = randomNumbers(4 * channels, seed: 3).map { $0 + 1.5 }
            let y = GuardedMemory(count: 4 * channels * spatial)
            let means = GuardedMemory(count: 4 * channels)
            with(instructionSet) {
                pf_single_global_average_pool(
                    Int32(channels), Int32(spatial), x.floats.baseAddress, means.floats.baseAddress)
                let expected = (0..<channels).map { c in
                    x.floats[c * spatial..<(c + 1) * spatial].reduce(0) { $0 + Double($1) } / Double(spatial)
                }
                #expect(relativeDifference(Array(means.floats), expected) < 1e-6)
                for cut in Cut.all {
                    let weights = GuardedWeights(
                        flat, paged: 3 * channels, pageSize: cut.pageSize, isReversed: cut.isReversed,
                        blockSize: cut.blockSize)
                    weights.lend {
                        pf_single_bias(
                            Int32(channels), Int32(spatial), $0, Int64(3 * channels), x.floats.baseAddress,
                            y.floats.baseAddress)
                    }
                    let sums = x.floats.indices.map {
                        Double(x.floats[$0]) + Double(flat[3 * channels + $0 / spatial])
                    }
                    #expect(relativeDifference(Array(y.floats), sums) < 1e-6)
                    weights.lend {
                        pf_single_batch_norm(
                            Int32(channels), Int32(spatial), 1e-3, $0, 0, x.floats.baseAddress,
                            y.floats.baseAddress)
                    }
                    let normal = x.floats.indices.map { i in
                        let v = (0..<4).map { Double(flat[$0 * channels + i / spatial]) }
                        return (Double(x.floats[i]) - v[2]) / (v[3] + 1e-3).squareRoot() * v[0] + v[1]
                    }
                    #expect(relativeDifference(Array(y.floats), normal) < 1e-5)
                }
            }
        }
    }
}
