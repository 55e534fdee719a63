// The forward table: what each kernel does with one block. Backward is the mirror file.

internal import CPagefoldKernels
import PagefoldCore

/// How a block is run.
struct BlockMode: Sendable {
    /// Batch statistics and dropout instead of stored statistics and identity.
    var training: Bool
    /// Samples in the block, 1 … 16.
    var lanes: Int
    /// Names the dropout masks of this block.
    var seed: UInt64
    var counter: UInt64

    init(training: Bool = false, lanes: Int = blockSize, seed: UInt64 = 0, counter: UInt64 = 0) {
        self.training = training
        self.lanes = lanes
        self.seed = seed
        self.counter = counter
    }
}

extension NetworkPlan {
    /// Computes all values of a block whose input has been filled in.
    /// - Parameters:
    ///   - weights: the network's flat weight vector, [weightCount].
    ///   - arena: `arenaBytes` bytes, 64-byte aligned.
    ///   - toScores: stop there, without the closing softmax.
    func forward(
        weights: UnsafePointer<Float>, arena: UnsafeMutablePointer<Float>, mode: BlockMode,
        toScores: Bool = false
    ) {
        for kernel in kernels.prefix(toScores ? trainedKernels : kernels.count) {
            kernel.forward(
                weights: weights + max(kernel.weights, 0),
                bias: kernel.bias < 0 ? nil : weights + kernel.bias,
                arena: arena, scratch: arena + scratch, mode: mode)
        }
    }
}

extension Kernel {
    /// Computes the kernel's value of a block.
    /// - Parameters:
    ///   - w: the kernel's first weight; no matter where it has none.
    ///   - scratch: as much as the C kernel asks for, 64-byte aligned.
    func forward(
        weights w: UnsafePointer<Float>, bias: UnsafePointer<Float>?, arena: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutablePointer<Float>, mode: BlockMode
    ) {
        let x = UnsafePointer(arena + self.x.value)
        let y = arena + self.y.value
        let floats = self.y.count * blockSize
        switch operation {
        case .convolution(let shape, let argmax):
            withUnsafePointer(to: shape) {
                pf_convolution_forward($0, x, w, bias, y, bytes(arena, argmax), scratch)
            }
        case .dense(let shape):
            withUnsafePointer(to: shape) { pf_dense_forward($0, x, w, bias, y, scratch) }
        case .bias(let channels, let spatial):
            pf_bias_forward(channels, spatial, x, bias, y)
        case .maxPool(let window, let argmax):
            withUnsafePointer(to: window) { pf_max_pool_forward($0, x, y, words(arena, argmax)) }
        case .averagePool(let window):
            withUnsafePointer(to: window) { pf_average_pool_forward($0, x, y) }
        case .globalAveragePool(let channels, let spatial):
            pf_global_average_pool_forward(channels, spatial, x, y)
        case .batchNormalisation(let channels, let spatial, let epsilon, let statistics):
            let count = Int(channels)
            if mode.training {
                pf_batch_norm_forward_training(
                    channels, spatial, Int32(mode.lanes), epsilon, x, w, w + count, y, arena + statistics,
                    arena + statistics + count)
            } else {
                pf_batch_norm_inference(
                    channels, spatial, epsilon, x, w, w + count, w + 2 * count, w + 3 * count, y)
            }
        case .activation(let activation, let alpha):
            pf_activation_forward(activation, alpha, self.y.count, x, y)
        case .softmax(let classes):
            pf_softmax_forward(classes, x, y)
        case .add:
            pf_add(floats, x, arena + second!.value, y)
        case .concatenate:
            y.update(from: x, count: self.x.count * blockSize)
            (y + self.x.count * blockSize).update(
                from: arena + second!.value, count: second!.count * blockSize)
        case .reshape:
            y.update(from: x, count: floats)
        case .dropout(let rate, let stream):
            if mode.training {
                pf_dropout_forward(self.y.count, rate, mode.seed &+ stream, mode.counter, x, y)
            } else {
                y.update(from: x, count: floats)
            }
        }
    }
}

/// Indexes of maxima at a byte offset in an arena; nil for a negative one.
func bytes(_ arena: UnsafeMutablePointer<Float>, _ offset: Int) -> UnsafeMutablePointer<UInt8>? {
    guard offset >= 0 else { return nil }
    return (UnsafeMutableRawPointer(arena) + offset).assumingMemoryBound(to: UInt8.self)
}

/// The same, for windows of more than 256 places.
func words(_ arena: UnsafeMutablePointer<Float>, _ offset: Int) -> UnsafeMutablePointer<UInt16>? {
    guard offset >= 0 else { return nil }
    return (UnsafeMutableRawPointer(arena) + offset).assumingMemoryBound(to: UInt16.self)
}
