// The gradient table: for each kernel, how the gradient of its result becomes gradients of its operands and
// weights. Forward is the mirror file.

internal import CPagefoldKernels
import PagefoldCore

extension NetworkPlan {
    /// Takes the gradient of the logits, which the loss has written, back through the block.
    /// - Parameters:
    ///   - gradient: [weightCount], added to. With `squared`, the sum over samples of squared gradients is added
    ///     instead: the diagonal Fisher. In training mode the places of a batch normalisation's mean and variance
    ///     receive the block's statistics instead of a gradient.
    func backward(
        weights: UnsafePointer<Float>, arena: UnsafeMutablePointer<Float>,
        gradient: UnsafeMutablePointer<Float>,
        mode: BlockMode, squared: Bool = false
    ) {
        for kernel in kernels.prefix(trainedKernels).reversed() where kernel.matters {
            let x = kernel.x
            // A reader that is not the first adds to what is there, by way of a temporary.
            let dx = x.hasGradient ? arena + (kernel.addsToGradient ? temporary : x.gradient) : nil
            backward(kernel, weights, arena, dx, gradient, mode, squared)
            if kernel.addsToGradient {
                pf_add_into(x.count * blockSize, arena + x.gradient, arena + temporary)
            }
        }
    }

    private func backward(
        _ kernel: Kernel, _ weights: UnsafePointer<Float>, _ arena: UnsafeMutablePointer<Float>,
        _ dx: UnsafeMutablePointer<Float>?, _ gradient: UnsafeMutablePointer<Float>, _ mode: BlockMode,
        _ squared: Bool
    ) {
        let x = UnsafePointer(arena + kernel.x.value)
        let y = UnsafePointer(arena + kernel.y.value)
        let dy = UnsafePointer(arena + kernel.y.gradient)
        let w = weights + max(kernel.weights, 0)
        let dw = gradient + max(kernel.weights, 0)
        let db = kernel.bias < 0 ? nil : gradient + kernel.bias
        let square: Int32 = squared ? 1 : 0
        switch kernel.operation {
        case .convolution(let shape, let argmax):
            withUnsafePointer(to: shape) {
                pf_convolution_backward(
                    $0, x, w, y, bytes(arena, argmax), dy, dx, dw, db, square, arena + scratch)
            }
        case .dense(let shape):
            withUnsafePointer(to: shape) {
                pf_dense_backward($0, x, w, y, dy, dx, dw, db, square, arena + scratch)
            }
        case .bias(let channels, let spatial):
            pf_bias_backward(channels, spatial, dy, db, square)
            dx?.update(from: dy, count: kernel.x.count * blockSize)
        case .maxPool(let window, let argmax):
            if let dx {
                withUnsafePointer(to: window) { pf_max_pool_backward($0, words(arena, argmax), dy, dx) }
            }
        case .averagePool(let window):
            if let dx { withUnsafePointer(to: window) { pf_average_pool_backward($0, dy, dx) } }
        case .globalAveragePool(let channels, let spatial):
            if let dx { pf_global_average_pool_backward(channels, spatial, dy, dx) }
        case .batchNormalisation(let channels, let spatial, let epsilon, let statistics):
            let count = Int(channels)
            if mode.training {
                let mean = arena + statistics
                pf_batch_norm_backward_training(
                    channels, spatial, Int32(mode.lanes), epsilon, x, w, mean, mean + count, dy,
                    dx ?? arena + temporary, dw, dw + count)
                pf_add_into(2 * count, dw + 2 * count, mean)
            } else {
                pf_batch_norm_inference_backward(
                    channels, spatial, epsilon, x, w, w + 2 * count, w + 3 * count, dy, dx, dw, dw + count,
                    square)
            }
        case .activation(let activation, let alpha):
            if let dx { pf_activation_backward(activation, alpha, kernel.y.count, y, dy, dx) }
        case .softmax:
            // Only the closing softmax is lowered to a step after the logits; it is never trained through.
            break
        case .add:
            dx?.update(from: dy, count: kernel.x.count * blockSize)
            pass(dy, to: kernel.second, adding: kernel.addsToSecondGradient, arena)
        case .concatenate:
            dx?.update(from: dy, count: kernel.x.count * blockSize)
            pass(
                dy + kernel.x.count * blockSize, to: kernel.second, adding: kernel.addsToSecondGradient, arena
            )
        case .reshape:
            dx?.update(from: dy, count: kernel.x.count * blockSize)
        case .dropout(let rate, let stream):
            if let dx {
                if mode.training {
                    pf_dropout_backward(kernel.y.count, rate, mode.seed &+ stream, mode.counter, dy, dx)
                } else {
                    dx.update(from: dy, count: kernel.x.count * blockSize)
                }
            }
        }
    }

    private func pass(
        _ dy: UnsafePointer<Float>, to operand: Slot?, adding: Bool, _ arena: UnsafeMutablePointer<Float>
    ) {
        guard let operand, operand.hasGradient else { return }
        if adding {
            pf_add_into(operand.count * blockSize, arena + operand.gradient, dy)
        } else {
            (arena + operand.gradient).update(from: dy, count: operand.count * blockSize)
        }
    }
}
