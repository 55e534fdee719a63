// Kernels of operations of two operands, and of concatenation.

internal import CPagefoldKernels
internal import PagefoldCore

extension StepBinding {
    static func add(_ shapes: StepShapes) -> StepBinding {
        guard shapes.x == shapes.second else { return arithmetic(shapes, PF_ADD) }
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
        guard shapes.x == shapes.second else { return arithmetic(shapes, PF_MULTIPLY) }
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

    /// Any of them, sides of 1 repeated.
    static func arithmetic(_ shapes: StepShapes, _ kind: pf_arithmetic_kind) -> StepBinding {
        let form = pf_arithmetic(shapes, kind)
        return StepBinding(
            forward: { call in
                withUnsafePointer(to: form) {
                    pf_arithmetic_forward($0, Int64(blockSize), call.x, call.second, call.y)
                }
            },
            backward: { call in
                guard let dx = call.dx else { return }
                withUnsafePointer(to: form) {
                    pf_arithmetic_backward($0, 0, call.block.x, call.block.second, call.dy, dx)
                }
            },
            backwardSecond: { call in
                guard let dx = call.dx else { return }
                withUnsafePointer(to: form) {
                    pf_arithmetic_backward($0, 1, call.block.x, call.block.second, call.dy, dx)
                }
            },
            sample: { call in
                withUnsafePointer(to: form) { pf_arithmetic_forward($0, 1, call.x, call.second, call.y) }
            })
    }

    /// Lines of both operands take turns.
    static func concatenate(_ shapes: StepShapes) -> StepBinding {
        guard let second = shapes.second, let x = try? AxisWalk(shapes.x, axis: shapes.step.axis),
            let other = try? AxisWalk(second, axis: shapes.step.axis)
        else { return .impossible }
        let (first, rest, lines) = (x.length * x.pace, other.length * other.pace, x.outer)
        func join(
            _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>,
            _ unit: Int
        ) {
            for line in 0..<lines {
                let target = y + line * (first + rest) * unit
                target.update(from: a + line * first * unit, count: first * unit)
                (target + first * unit).update(from: b + line * rest * unit, count: rest * unit)
            }
        }
        func part(_ call: GradientCall, from start: Int, _ length: Int) {
            guard let dx = call.dx else { return }
            for line in 0..<lines {
                (dx + line * length * blockSize).update(
                    from: call.dy + (line * (first + rest) + start) * blockSize, count: length * blockSize)
            }
        }
        return StepBinding(
            forward: { join($0.x, $0.second, $0.y, blockSize) },
            backward: { part($0, from: 0, first) }, backwardSecond: { part($0, from: first, rest) },
            sample: { join($0.x, $0.second, $0.y, 1) })
    }
}

extension pf_arithmetic {
    fileprivate init(_ shapes: StepShapes, _ kind: pf_arithmetic_kind) {
        let (y, second) = (shapes.y, shapes.second ?? shapes.x)
        let (left, right) = (shapes.x.broadcastSteps, second.broadcastSteps)
        self.init(
            size: (Int64(y.channels), Int64(y.height), Int64(y.width)),
            x_step: (Int64(left.channel), Int64(left.row), Int64(left.column)),
            second_step: (Int64(right.channel), Int64(right.row), Int64(right.column)),
            kind: Int32(kind.rawValue))
    }
}
