// Kernels of operations that take numbers one by one, of softmax, and of those that move numbers.

internal import CPagefoldKernels
internal import PagefoldCore

extension StepBinding {
    static func activation(_ shapes: StepShapes) -> StepBinding {
        let (kind, alpha, beta) = (
            Int32(shapes.step.activation.rawValue), shapes.step.alpha, shapes.step.beta
        )
        let count = shapes.y.count
        return StepBinding(
            forward: { pf_activation_forward(kind, alpha, beta, count, $0.x, $0.y) },
            backward: { call in
                guard let dx = call.dx else { return }
                pf_activation_backward(kind, alpha, beta, count, call.block.y, call.dy, dx)
            },
            sample: { pf_single_activation(kind, alpha, beta, count, $0.x, $0.y) })
    }

    static func function(_ shapes: StepShapes) -> StepBinding {
        let (kind, alpha, beta) = (Int32(shapes.step.mode), shapes.step.alpha, shapes.step.beta)
        let count = shapes.y.count
        let floats = count * blockSize
        return StepBinding(
            forward: { pf_function_forward(kind, alpha, beta, floats, $0.x, $0.y) },
            backward: { call in
                guard let dx = call.dx else { return }
                pf_function_backward(kind, alpha, beta, floats, call.block.x, call.dy, dx)
            },
            sample: { pf_function_forward(kind, alpha, beta, count, $0.x, $0.y) })
    }

    static func parametricRelu(_ shapes: StepShapes) -> StepBinding {
        let (channels, spatial) = (Int32(shapes.x.channels), Int32(shapes.x.spatial))
        let slope = place(shapes.step.weights)
        return StepBinding(
            forward: { pf_parametric_relu_forward(channels, spatial, $0.x, $0.weights, $0.y) },
            backward: { call in
                pf_parametric_relu_backward(
                    channels, spatial, call.block.x, call.block.weights, call.dy, call.dx, call.dw,
                    call.squared)
            },
            sample: { pf_single_parametric_relu(channels, spatial, $0.weights, slope, $0.x, $0.y) })
    }

    static func constant(_ shapes: StepShapes) -> StepBinding {
        let count = shapes.y.count
        let numbers = place(shapes.step.weights)
        return StepBinding(
            forward: { pf_constant_block(count, $0.weights, $0.y) },
            sample: { pf_gather_weights($0.weights, numbers, Int64(count), $0.y) })
    }

    /// Over a vector by kernels of their own, which closing layers have always had; else along an axis.
    static func softmax(_ shapes: StepShapes) -> StepBinding {
        guard let block = pf_softmax_axis(shapes, floats: blockSize),
            let single = pf_softmax_axis(shapes, floats: 1)
        else { return .impossible }
        let isVector = shapes.x.spatial == 1 && shapes.step.axis == 0 && shapes.step.mode == 0
        let classes = Int32(shapes.x.count)
        let backward: (GradientCall) -> Void = { call in
            guard let dx = call.dx else { return }
            withUnsafePointer(to: block) { pf_softmax_axis_backward($0, call.block.y, call.dy, dx) }
        }
        guard !isVector else {
            return StepBinding(
                forward: { pf_softmax_forward(classes, $0.x, $0.y) }, backward: backward,
                sample: { pf_single_softmax(classes, $0.x, $0.y) })
        }
        return StepBinding(
            forward: { call in withUnsafePointer(to: block) { pf_softmax_axis_forward($0, call.x, call.y) } },
            backward: backward,
            sample: { call in withUnsafePointer(to: single) { pf_softmax_axis_forward($0, call.x, call.y) } })
    }

    /// The same numbers; nothing to be done where they have one place (`ArenaPlan`).
    static func copy(_ shapes: StepShapes) -> StepBinding {
        let count = shapes.y.count
        return StepBinding(
            forward: { call in
                if UnsafePointer(call.y) != call.x { call.y.update(from: call.x, count: count * blockSize) }
            },
            backward: { $0.dx?.update(from: $0.dy, count: count * blockSize) },
            sample: { call in
                if UnsafePointer(call.y) != call.x { call.y.update(from: call.x, count: count) }
            })
    }

    /// - Parameter stream: names the step's masks.
    static func dropout(_ shapes: StepShapes, stream: UInt64) -> StepBinding {
        let (rate, count) = (shapes.step.alpha, shapes.y.count)
        var binding = copy(shapes)
        let (forward, backward) = (binding.forward, binding.backward)
        binding.forward = { call in
            guard call.mode.training else { return forward(call) }
            pf_dropout_forward(count, rate, call.mode.seed &+ stream, call.mode.counter, call.x, call.y)
        }
        binding.backward = { call in
            guard call.block.mode.training else { return backward(call) }
            guard let dx = call.dx else { return }
            let mode = call.block.mode
            pf_dropout_backward(count, rate, mode.seed &+ stream, mode.counter, call.dy, dx)
        }
        return binding
    }
}

extension pf_softmax_axis {
    /// - Parameter floats: of a place.
    fileprivate init?(_ shapes: StepShapes, floats: Int) {
        guard let walk = try? AxisWalk(shapes.x, axis: shapes.step.axis) else { return nil }
        self.init(
            outer: Int64(walk.outer), length: Int64(walk.length), pace: Int64(walk.pace * floats),
            is_logarithm: Int32(shapes.step.mode))
    }
}
