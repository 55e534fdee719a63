// Kernels of operations that read weights.

internal import CPagefoldKernels
internal import PagefoldCore

extension pf_convolution {
    /// - Parameter isPooled: a 2×2 max-pool is computed together with it.
    init(_ shapes: StepShapes, isPooled: Bool) {
        let (step, x, y) = (shapes.step, shapes.x, shapes.y)
        self.init(
            channels_in: Int32(x.channels), height_in: Int32(x.height), width_in: Int32(x.width),
            channels_out: Int32(y.channels), height_out: Int32(y.height), width_out: Int32(y.width),
            kernel_h: Int32(step.kernelHeight), kernel_w: Int32(step.kernelWidth),
            stride_h: Int32(step.strideHeight), stride_w: Int32(step.strideWidth),
            pad_top: Int32(step.padTop), pad_left: Int32(step.padLeft), groups: Int32(step.groups),
            dilation_h: Int32(step.dilationHeight), dilation_w: Int32(step.dilationWidth),
            activation: Int32(step.activation.rawValue), alpha: step.alpha, pool: isPooled ? 2 : 0,
            beta: step.beta)
    }
}

extension pf_dense {
    init(_ shapes: StepShapes) {
        self.init(
            features_in: Int32(shapes.x.count), features_out: Int32(shapes.y.count),
            activation: Int32(shapes.step.activation.rawValue), alpha: shapes.step.alpha,
            beta: shapes.step.beta)
    }
}

/// An offset as kernels for one sample take it: -1 for none.
func place(_ offset: UInt32) -> Int64 { offset == Step.none32 ? -1 : Int64(offset) }

extension StepBinding {
    /// - Parameter pooled: the shape of the result of a max-pool that is computed together with it.
    static func convolution(_ shapes: StepShapes, pooled: Shape?) -> StepBinding {
        let step = shapes.step
        let shape = pf_convolution(shapes, isPooled: pooled != nil)
        let (weights, scale, bias) = (place(step.weights), place(step.scale), place(step.bias))
        return StepBinding(
            forward: { call in
                withUnsafePointer(to: shape) {
                    pf_convolution_forward(
                        $0, call.x, call.weights, call.bias, call.y,
                        call.kept?.assumingMemoryBound(to: UInt8.self), call.scratch)
                }
            },
            backward: { call in
                let block = call.block
                withUnsafePointer(to: shape) {
                    pf_convolution_backward(
                        $0, block.x, block.weights, block.y,
                        block.kept?.assumingMemoryBound(to: UInt8.self), call.dy, call.dx, call.dw, call.db,
                        call.squared, block.scratch)
                }
            },
            sample: { call in
                withUnsafePointer(to: shape) {
                    pf_single_convolution(
                        $0, call.weights, weights, scale, bias, call.x, call.y, call.scratch)
                }
            },
            keptBytes: (pooled?.count ?? 0) * blockSize,
            scratch: { use in
                withUnsafePointer(to: shape) {
                    switch use {
                    case .training: pf_convolution_scratch($0)
                    case .batch: pf_convolution_forward_scratch($0)
                    case .sample: pf_single_convolution_scratch($0)
                    }
                }
            },
            limit: { use in
                switch use {
                case .training where paddedBytes(shape) >= Double(InferencePlan.mostBytes),
                    .batch where paddedBytes(shape) >= Double(InferencePlan.mostBytes):
                    "16 samples at a time need more than \(InferencePlan.mostBytes) bytes"
                case .sample where sampleScratch(shape) > Double(1 << 26):
                    "its windows and strides are too large for its image"
                default: nil
                }
            })
    }

    /// Bytes of a block's input with its padding. Sizes of a forged program may overflow integers.
    private static func paddedBytes(_ c: pf_convolution) -> Double {
        func padded(
            _ size: Int32, _ out: Int32, _ kernel: Int32, _ stride: Int32, _ dilation: Int32, _ pad: Int32
        ) -> Double {
            let reach = (Double(out) - 1) * Double(stride) + (Double(kernel) - 1) * Double(dilation) + 1
            return max(reach, Double(size) + Double(pad))
        }
        let height = padded(c.height_in, c.height_out, c.kernel_h, c.stride_h, c.dilation_h, c.pad_top)
        let width = padded(c.width_in, c.width_out, c.kernel_w, c.stride_w, c.dilation_w, c.pad_left)
        return Double(4 * blockSize) * Double(c.channels_in) * height * width
    }

    /// The largest part of the scratch for one sample, about, in floats: a forged program may ask for windows far larger
    /// than its image.
    private static func sampleScratch(_ c: pf_convolution) -> Double {
        let height = Double(c.height_out) + Double((c.kernel_h - 1) * c.dilation_h / c.stride_h)
        let width = Double(c.width_out) + Double((c.kernel_w - 1) * c.dilation_w / c.stride_w)
        let planes = Double(c.channels_in) * Double(c.stride_h * c.stride_w) * height * width
        let sums = 8 * Double(c.height_out) * max(Double(c.width_in), width, Double(c.width_out) + 16)
        let taps = 8 * Double(c.channels_in) * Double(c.kernel_h * c.kernel_w)
        return max(planes, sums, taps)
    }

    static func dense(_ shapes: StepShapes) -> StepBinding {
        let step = shapes.step
        let shape = pf_dense(shapes)
        let (weights, scale, bias) = (place(step.weights), place(step.scale), place(step.bias))
        return StepBinding(
            forward: { call in
                withUnsafePointer(to: shape) {
                    pf_dense_forward($0, call.x, call.weights, call.bias, call.y, call.scratch)
                }
            },
            backward: { call in
                let block = call.block
                withUnsafePointer(to: shape) {
                    pf_dense_backward(
                        $0, block.x, block.weights, block.y, call.dy, call.dx, call.dw, call.db, call.squared,
                        block.scratch)
                }
            },
            sample: { call in
                withUnsafePointer(to: shape) {
                    pf_single_dense($0, call.weights, weights, scale, bias, call.x, call.y)
                }
            },
            scratch: { use in
                use == .training ? withUnsafePointer(to: shape) { pf_dense_scratch($0) } : 0
            })
    }

    static func bias(_ shapes: StepShapes) -> StepBinding {
        let (channels, spatial) = (Int32(shapes.x.channels), Int32(shapes.x.spatial))
        let (floats, bias) = (shapes.x.count * blockSize, place(shapes.step.bias))
        return StepBinding(
            forward: { pf_bias_forward(channels, spatial, $0.x, $0.bias, $0.y) },
            backward: {
                pf_bias_backward(channels, spatial, $0.dy, $0.db, $0.squared)
                $0.dx?.update(from: $0.dy, count: floats)
            },
            sample: { pf_single_bias(channels, spatial, $0.weights, bias, $0.x, $0.y) })
    }

    static func batchNormalisation(_ shapes: StepShapes) -> StepBinding {
        let (channels, spatial) = (Int32(shapes.x.channels), Int32(shapes.x.spatial))
        let (count, epsilon) = (shapes.x.channels, shapes.step.alpha)
        let weights = place(shapes.step.weights)
        return StepBinding(
            forward: { call in
                let w = call.weights
                guard call.mode.training, let kept = call.kept else {
                    return pf_batch_norm_inference(
                        channels, spatial, epsilon, call.x, w, w + count, w + 2 * count, w + 3 * count, call.y
                    )
                }
                let mean = kept.assumingMemoryBound(to: Float.self)
                pf_batch_norm_forward_training(
                    channels, spatial, Int32(call.mode.lanes), epsilon, call.x, w, w + count, call.y, mean,
                    mean + count)
            },
            backward: { call in
                let (w, x) = (call.block.weights, call.block.x)
                guard call.block.mode.training, let kept = call.block.kept else {
                    return pf_batch_norm_inference_backward(
                        channels, spatial, epsilon, x, w, w + 2 * count, w + 3 * count, call.dy, call.dx,
                        call.dw, call.dw + count, call.squared)
                }
                let mean = kept.assumingMemoryBound(to: Float.self)
                pf_batch_norm_backward_training(
                    channels, spatial, Int32(call.block.mode.lanes), epsilon, x, w, mean, mean + count,
                    call.dy,
                    call.dx ?? call.spare, call.dw, call.dw + count)
                // The places of mean and variance receive the block's statistics.
                pf_add_into(2 * count, call.dw + 2 * count, mean)
            },
            sample: {
                pf_single_batch_norm(channels, spatial, epsilon, $0.weights, weights, $0.x, $0.y)
            },
            keptBytes: 2 * count * MemoryLayout<Float>.size)
    }
}
