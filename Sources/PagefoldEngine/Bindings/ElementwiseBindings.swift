// Kernels of operations that take numbers one by one, of softmax, and of those that move numbers.

internal import CPagefoldKernels
internal import PagefoldCore

extension StepBinding {
    static func activation(_ shapes: StepShapes) -> StepBinding {
        let (kind, alpha) = (Int32(shapes.step.activation.rawValue), shapes.step.alpha)
        let count = shapes.y.count
        return StepBinding(
            forward: { pf_activation_forward(kind, alpha, count, $0.x, $0.y) },
            backward: { call in
                guard let dx = call.dx else { return }
                pf_activation_backward(kind, alpha, count, call.block.y, call.dy, dx)
            },
            sample: { pf_single_activation(kind, alpha, count, $0.x, $0.y) })
    }

    static func softmax(_ shapes: StepShapes) -> StepBinding {
        let classes = Int32(shapes.x.count)
        return StepBinding(
            forward: { pf_softmax_forward(classes, $0.x, $0.y) },
            sample: { pf_single_softmax(classes, $0.x, $0.y) })
    }

    static func add(_ shapes: StepShapes) -> StepBinding {
        let count = shapes.y.count
        let floats = count * blockSize
        return StepBinding(
            forward: { pf_add(floats, $0.x, $0.second, $0.y) },
            backward: { $0.dx?.update(from: $0.dy, count: floats) },
            backwardSecond: { $0.dx?.update(from: $0.dy, count: floats) },
            sample: { pf_add(count, $0.x, $0.second, $0.y) })
    }

    /// The gradient of each operand is that of the product times the other operand.
    static func multiply(_ shapes: StepShapes) -> StepBinding {
        let count = shapes.y.count
        let floats = count * blockSize
        return StepBinding(
            forward: { pf_multiply(floats, $0.x, $0.second, $0.y) },
            backward: { call in
                if let dx = call.dx { pf_multiply(floats, call.dy, call.block.second, dx) }
            },
            backwardSecond: { call in
                if let dx = call.dx { pf_multiply(floats, call.dy, call.block.x, dx) }
            },
            sample: { pf_multiply(count, $0.x, $0.second, $0.y) })
    }

    static func concatenate(_ shapes: StepShapes) -> StepBinding {
        let (first, second) = (shapes.x.count, shapes.y.count - shapes.x.count)
        return StepBinding(
            forward: {
                $0.y.update(from: $0.x, count: first * blockSize)
                ($0.y + first * blockSize).update(from: $0.second, count: second * blockSize)
            },
            backward: { $0.dx?.update(from: $0.dy, count: first * blockSize) },
            backwardSecond: { $0.dx?.update(from: $0.dy + first * blockSize, count: second * blockSize) },
            sample: {
                $0.y.update(from: $0.x, count: first)
                ($0.y + first).update(from: $0.second, count: second)
            })
    }

    /// The same numbers.
    static func copy(_ shapes: StepShapes) -> StepBinding {
        let count = shapes.y.count
        return StepBinding(
            forward: { $0.y.update(from: $0.x, count: count * blockSize) },
            backward: { $0.dx?.update(from: $0.dy, count: count * blockSize) },
            sample: { $0.y.update(from: $0.x, count: count) })
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
