// The oracle for the convolution: nested loops over one sample at a time in double precision. Slow by design.
import CPagefoldKernels
import Testing

/// One convolution of the table: sizes first, then what is out of the ordinary.
struct ConvolutionCase: CustomTestStringConvertible {
    var name: String
    var c: pf_convolution

    var testDescription: String { name }

    init(
        _ name: String, _ channelsIn: Int32, _ height: Int32, _ width: Int32, to channelsOut: Int32,
        kernel: (Int32, Int32), stride: (Int32, Int32) = (1, 1), dilation: (Int32, Int32) = (1, 1),
        padding: (top: Int32, left: Int32, bottom: Int32, right: Int32) = (0, 0, 0, 0), groups: Int32 = 1,
        pool: Bool = false, activation: pf_activation = PF_NONE
    ) {
        self.name = name
        let reachH = (kernel.0 - 1) * dilation.0 + 1
        let reachW = (kernel.1 - 1) * dilation.1 + 1
        c = pf_convolution()
        (c.channels_in, c.height_in, c.width_in, c.channels_out) = (channelsIn, height, width, channelsOut)
        c.height_out = (height + padding.top + padding.bottom - reachH) / stride.0 + 1
        c.width_out = (width + padding.left + padding.right - reachW) / stride.1 + 1
        (c.kernel_h, c.kernel_w, c.stride_h, c.stride_w) = (kernel.0, kernel.1, stride.0, stride.1)
        (c.dilation_h, c.dilation_w, c.pad_top, c.pad_left) = (
            dilation.0, dilation.1, padding.top, padding.left
        )
        (c.groups, c.pool, c.alpha, c.beta) = (groups, pool ? 2 : 0, 0.2, upperBound)
        c.activation = Int32(activation.rawValue)
    }

    var inputs: Int { Int(c.channels_in * c.height_in * c.width_in) * lanes }
    var weights: Int { Int(c.channels_out * (c.channels_in / c.groups) * c.kernel_h * c.kernel_w) }
    var outputs: Int {
        let size = c.pool == 2 ? 2 : 1 as Int32
        return Int(c.channels_out * (c.height_out / size) * (c.width_out / size)) * lanes
    }
    /// Outputs before the pool.
    var sums: Int { Int(c.channels_out * c.height_out * c.width_out) * lanes }
    var channelsOut: Int { Int(c.channels_out) }
    var activation: pf_activation { pf_activation(UInt32(c.activation)) }

    /// Calls `body` with the offsets (sum, x, weight) of every multiply-add, at lane 0.
    func forEachProduct(_ body: (_ sum: Int, _ x: Int, _ weight: Int) -> Void) {
        let (height, width) = (Int(c.height_in), Int(c.width_in))
        let (rows, columns) = (Int(c.height_out), Int(c.width_out))
        let (kernelH, kernelW) = (Int(c.kernel_h), Int(c.kernel_w))
        let inGroup = Int(c.channels_in / c.groups)
        let outGroup = Int(c.channels_out / c.groups)
        for out in 0..<channelsOut {
            for i in 0..<inGroup * kernelH * kernelW {
                let (channel, ky, kx) = (i / kernelW / kernelH, i / kernelW % kernelH, i % kernelW)
                for row in 0..<rows {
                    let y = row * Int(c.stride_h) - Int(c.pad_top) + ky * Int(c.dilation_h)
                    if y < 0 || y >= height { continue }
                    for column in 0..<columns {
                        let x = column * Int(c.stride_w) - Int(c.pad_left) + kx * Int(c.dilation_w)
                        if x < 0 || x >= width { continue }
                        let source = out / outGroup * inGroup + channel
                        body(
                            ((out * rows + row) * columns + column) * lanes,
                            ((source * height + y) * width + x) * lanes,
                            out * inGroup * kernelH * kernelW + i)
                    }
                }
            }
        }
    }

    /// The sum (before the pool) from which each output may come: offsets at lane 0, row-major in the 2x2 window.
    func candidates(of output: Int) -> [Int] {
        guard c.pool == 2 else { return [output * lanes] }
        let columns = Int(c.width_out)
        let (pooledRows, pooledColumns) = (Int(c.height_out) / 2, columns / 2)
        let column = output % pooledColumns
        let row = output / pooledColumns % pooledRows
        let channel = output / pooledColumns / pooledRows
        return (0..<4).map { i in
            ((channel * Int(c.height_out) + 2 * row + i / 2) * columns + 2 * column + i % 2) * lanes
        }
    }

    /// The sums before activation and pool.
    func reference(x: Floats, w: Floats, bias: Floats?) -> [Double] {
        var z = [Double](repeating: 0, count: sums)
        if let bias {
            for i in 0..<sums { z[i] = Double(bias[i / (sums / channelsOut)]) }
        }
        z.withUnsafeMutableBufferPointer { z in
            forEachProduct { sum, input, weight in
                let factor = Double(w.pointer[weight])
                for lane in 0..<lanes { z[sum + lane] += Double(x.pointer[input + lane]) * factor }
            }
        }
        return z
    }

    /// Per-lane gradients: dx, dw as [weight][16] and db as [channel][16], from dz (before pool and activation).
    func referenceBackward(
        x: Floats, w: Floats, dz: [Double]
    ) -> (dx: [Double], dw: [Double], db: [Double]) {
        var dx = [Double](repeating: 0, count: inputs)
        var dw = [Double](repeating: 0, count: weights * lanes)
        var db = [Double](repeating: 0, count: channelsOut * lanes)
        dx.withUnsafeMutableBufferPointer { dx in
            dw.withUnsafeMutableBufferPointer { dw in
                forEachProduct { sum, input, weight in
                    let factor = Double(w.pointer[weight])
                    for lane in 0..<lanes {
                        dw[weight * lanes + lane] += dz[sum + lane] * Double(x.pointer[input + lane])
                        dx[input + lane] += dz[sum + lane] * factor
                    }
                }
            }
        }
        for i in 0..<sums { db[i / (sums / channelsOut) * lanes + i % lanes] += dz[i] }
        return (dx, dw, db)
    }
}

/// The sum over the lanes of each 16, squared first if asked, added to what was there.
func addLanes(_ values: [Double], squared: Bool, to start: Floats) -> [Double] {
    (0..<values.count / lanes).map { i in
        var sum = Double(start[i])
        for lane in 0..<lanes {
            let value = values[i * lanes + lane]
            sum += squared ? value * value : value
        }
        return sum
    }
}
