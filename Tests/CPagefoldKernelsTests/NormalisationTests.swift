// Batch normalisation: values in double precision; gradients against finite differences of sum(dy * y).
import CPagefoldKernels
import Testing

@Suite struct NormalisationTests {
    static let channels = 3
    static let spatial = 4
    static let epsilon: Float = 1e-3
    static let count = channels * spatial * lanes

    let x = Floats(random: count, seed: 1, scale: 2)
    let dy = Floats(random: count, seed: 2)
    let gamma = Floats(random: channels, seed: 3)
    let beta = Floats(random: channels, seed: 4)

    /// y in double precision, with the block's own statistics over `valid` lanes.
    static func normalise(_ x: [Double], gamma: [Double], beta: [Double], valid: Int) -> [Double] {
        var y = x
        for channel in 0..<channels {
            let all = (channel * spatial * lanes)..<((channel + 1) * spatial * lanes)
            let used = all.filter { $0 % lanes < valid }
            let mean = used.reduce(0) { $0 + x[$1] } / Double(used.count)
            let variance = used.reduce(0) { $0 + (x[$1] - mean) * (x[$1] - mean) } / Double(used.count)
            let inverse = 1 / (variance + Double(epsilon)).squareRoot()
            for i in all { y[i] = (x[i] - mean) * inverse * gamma[channel] + beta[channel] }
        }
        return y
    }

    @Test(arguments: [1, 5, 16], instructionSets)
    func training(valid: Int, set: String) {
        let (y, dx) = (Floats(Self.count), Floats(Self.count, of: 7))
        let (mean, variance) = (Floats(Self.channels), Floats(Self.channels))
        let (dgamma, dbeta) = (Floats(Self.channels, of: 1), Floats(Self.channels, of: 1))
        // A lane beyond the valid ones has no gradient.
        for i in 0..<Self.count where i % lanes >= valid { dy[i] = 0 }
        with(set) {
            pf_batch_norm_forward_training(
                Int32(Self.channels), Int32(Self.spatial), Int32(valid), Self.epsilon, x.pointer,
                gamma.pointer,
                beta.pointer, y.pointer, mean.pointer, variance.pointer)
            pf_batch_norm_backward_training(
                Int32(Self.channels), Int32(Self.spatial), Int32(valid), Self.epsilon, x.pointer,
                gamma.pointer,
                mean.pointer, variance.pointer, dy.pointer, dx.pointer, dgamma.pointer, dbeta.pointer)
        }
        var (xs, gs, bs) = (
            x.array.map(Double.init), gamma.array.map(Double.init), beta.array.map(Double.init)
        )
        #expect(error(y, Self.normalise(xs, gamma: gs, beta: bs, valid: valid)) < 1e-5)
        func objective() -> Double {
            let y = Self.normalise(xs, gamma: gs, beta: bs, valid: valid)
            return (0..<Self.count).reduce(0) { $0 + y[$1] * Double(dy[$1]) }
        }
        func slope(_ change: (Double) -> Void) -> Double {
            change(1e-5)
            let above = objective()
            change(-2e-5)
            let below = objective()
            change(1e-5)
            return (above - below) / 2e-5
        }
        let expected = (0..<Self.count).map { i in i % lanes < valid ? slope { xs[i] += $0 } : 0 }
        #expect(error(dx, expected) < 1e-4)
        #expect(error(dgamma, (0..<Self.channels).map { i in 1 + slope { gs[i] += $0 } }) < 1e-4)
        #expect(error(dbeta, (0..<Self.channels).map { i in 1 + slope { bs[i] += $0 } }) < 1e-4)
    }

    @Test(arguments: [false, true], instructionSets)
    func inference(squared: Bool, set: String) {
        let mean = Floats(random: Self.channels, seed: 5)
        let variance = Floats(random: Self.channels, seed: 6)
        for i in 0..<Self.channels { variance[i] += 1.5 }
        let (y, dx) = (Floats(Self.count), Floats(Self.count))
        let (dgamma, dbeta) = (Floats(Self.channels, of: 1), Floats(Self.channels, of: 1))
        with(set) {
            pf_batch_norm_inference(
                Int32(Self.channels), Int32(Self.spatial), Self.epsilon, x.pointer, gamma.pointer,
                beta.pointer,
                mean.pointer, variance.pointer, y.pointer)
            pf_batch_norm_inference_backward(
                Int32(Self.channels), Int32(Self.spatial), Self.epsilon, x.pointer, gamma.pointer,
                mean.pointer,
                variance.pointer, dy.pointer, dx.pointer, dgamma.pointer, dbeta.pointer, squared ? 1 : 0)
        }
        var (ys, dxs) = ([Double](), [Double]())
        var (gammas, betas) = (
            [Double](repeating: 0, count: Self.channels * lanes),
            [Double](repeating: 0, count: Self.channels * lanes)
        )
        for i in 0..<Self.count {
            let channel = i / lanes / Self.spatial
            let inverse = 1 / (Double(variance[channel]) + Double(Self.epsilon)).squareRoot()
            let normal = (Double(x[i]) - Double(mean[channel])) * inverse
            ys.append(normal * Double(gamma[channel]) + Double(beta[channel]))
            dxs.append(Double(dy[i]) * inverse * Double(gamma[channel]))
            gammas[channel * lanes + i % lanes] += Double(dy[i]) * normal
            betas[channel * lanes + i % lanes] += Double(dy[i])
        }
        let ones = Floats(Self.channels, of: 1)
        #expect(error(y, ys) < 1e-5)
        #expect(error(dx, dxs) < 1e-5)
        #expect(error(dgamma, addLanes(gammas, squared: squared, to: ones)) < 1e-5)
        #expect(error(dbeta, addLanes(betas, squared: squared, to: ones)) < 1e-5)
    }
}
