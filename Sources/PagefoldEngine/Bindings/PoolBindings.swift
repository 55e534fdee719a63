// Kernels of operations that make one number of several positions of a channel.

internal import CPagefoldKernels
internal import PagefoldCore

extension pf_window {
    fileprivate init(_ shapes: StepShapes) {
        let (step, x, y) = (shapes.step, shapes.x, shapes.y)
        self.init(
            channels: Int32(x.channels), height_in: Int32(x.height), width_in: Int32(x.width),
            height_out: Int32(y.height), width_out: Int32(y.width), kernel_h: Int32(step.kernelHeight),
            kernel_w: Int32(step.kernelWidth), stride_h: Int32(step.strideHeight),
            stride_w: Int32(step.strideWidth), pad_top: Int32(step.padTop), pad_left: Int32(step.padLeft))
    }
}

extension StepBinding {
    static func maxPool(_ shapes: StepShapes) -> StepBinding {
        let window = pf_window(shapes)
        func argmax(_ kept: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<UInt16>? {
            kept?.assumingMemoryBound(to: UInt16.self)
        }
        return StepBinding(
            forward: { call in
                withUnsafePointer(to: window) { pf_max_pool_forward($0, call.x, call.y, argmax(call.kept)) }
            },
            backward: { call in
                guard let dx = call.dx else { return }
                withUnsafePointer(to: window) {
                    pf_max_pool_backward($0, argmax(call.block.kept), call.dy, dx)
                }
            },
            sample: { call in withUnsafePointer(to: window) { pf_single_max_pool($0, call.x, call.y) } },
            keptBytes: shapes.y.count * blockSize * MemoryLayout<UInt16>.size)
    }

    static func averagePool(_ shapes: StepShapes) -> StepBinding {
        let window = pf_window(shapes)
        return StepBinding(
            forward: { call in withUnsafePointer(to: window) { pf_average_pool_forward($0, call.x, call.y) }
            },
            backward: { call in
                guard let dx = call.dx else { return }
                withUnsafePointer(to: window) { pf_average_pool_backward($0, call.dy, dx) }
            },
            sample: { call in withUnsafePointer(to: window) { pf_single_average_pool($0, call.x, call.y) } })
    }

    static func globalAveragePool(_ shapes: StepShapes) -> StepBinding {
        let (channels, spatial) = (Int32(shapes.x.channels), Int32(shapes.x.spatial))
        return StepBinding(
            forward: { pf_global_average_pool_forward(channels, spatial, $0.x, $0.y) },
            backward: { call in
                guard let dx = call.dx else { return }
                pf_global_average_pool_backward(channels, spatial, call.dy, dx)
            },
            sample: { pf_single_global_average_pool(channels, spatial, $0.x, $0.y) })
    }
}
