// Runs a plan over one block: forward, and backward with gradients that several readers share.

internal import CPagefoldKernels
import PagefoldCore

extension Kernel {
    /// - Parameters:
    ///   - weights: the network's flat vector.
    ///   - scratch: in floats.
    fileprivate func call(
        _ weights: UnsafePointer<Float>, _ arena: UnsafeMutablePointer<Float>, scratch: Int, _ mode: BlockMode
    ) -> BlockCall {
        BlockCall(
            x: arena + x.value, second: arena + (second ?? x).value, y: arena + y.value,
            weights: weights + max(self.weights, 0), bias: bias < 0 ? nil : weights + bias,
            kept: kept < 0 ? nil : UnsafeMutableRawPointer(arena) + kept, scratch: arena + scratch, mode: mode
        )
    }
}

extension NetworkPlan {
    /// Computes all values of a block whose inputs have been filled in. States are zeros, as before the first run.
    /// - Parameters:
    ///   - weights: the network's flat weight vector, [weightCount].
    ///   - arena: `arenaBytes` bytes, 64-byte aligned.
    ///   - toScores: stop there, without the closing softmax.
    func forward(
        weights: UnsafePointer<Float>, arena: UnsafeMutablePointer<Float>, mode: BlockMode,
        toScores: Bool = false
    ) {
        for state in program.inputs..<program.givenCount {
            (arena + slots[state].value).update(repeating: 0, count: slots[state].count * blockSize)
        }
        for kernel in kernels.prefix(toScores ? trainedKernels : kernels.count) {
            kernel.binding.forward(kernel.call(weights, arena, scratch: scratch, mode))
        }
    }

    /// Takes the gradients of the scores of all outputs, which the loss has written, back through the block.
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
            let block = kernel.call(weights, arena, scratch: scratch, mode)
            /// A reader that is not the first adds to what is there, by way of a temporary.
            func pass(to operand: Slot, adding: Bool, _ backward: (GradientCall) -> Void) {
                let dx = operand.hasGradient ? arena + (adding ? temporary : operand.gradient) : nil
                backward(
                    GradientCall(
                        block: block, dy: arena + kernel.y.gradient, dx: dx,
                        dw: gradient + max(kernel.weights, 0),
                        db: kernel.bias < 0 ? nil : gradient + kernel.bias, squared: squared ? 1 : 0,
                        spare: arena + temporary))
                if adding {
                    pf_add_into(operand.count * blockSize, arena + operand.gradient, arena + temporary)
                }
            }
            pass(to: kernel.x, adding: kernel.addsToGradient, kernel.binding.backward)
            if let second = kernel.second {
                pass(to: second, adding: kernel.addsToSecondGradient, kernel.binding.backwardSecond)
            }
        }
    }
}
