// Operations that take numbers one by one or along one axis: activation, softmax, dropout, and constants.

extension OperationSpec {
    /// The function itself is applied to every step that has one, after the step.
    static let activation = OperationSpec(
        "activation", fields: [.activation], number: "slope of leaky ReLU, or lower bound",
        secondNumber: "upper bound", rule: { $0.x }, run: { $0.copy() })

    /// Along an axis. With mode 1 the logarithm of it.
    static let softmax = OperationSpec(
        "softmax", fields: [.mode, .axis],
        rule: { (shapes) throws(StepProblem) in
            guard shapes.step.mode <= 1 else { throw StepProblem("there is no softmax \(shapes.step.mode)") }
            _ = try AxisWalk(shapes.x, axis: shapes.step.axis)
            return shapes.x
        },
        run: { run in
            guard let walk = try? AxisWalk(run.xShape, axis: run.step.axis) else { return }
            walk.forEachLine { start in
                let (x, y) = (run.x + start, run.y + start)
                var largest = x[0]
                for i in 0..<walk.length { largest = max(largest, x[i * walk.pace]) }
                var sum: Float = 0
                for i in 0..<walk.length {
                    let e = exponential(x[i * walk.pace] - largest)
                    y[i * walk.pace] = e
                    sum += e
                }
                if run.step.mode == 1 {
                    let logarithm = naturalLogarithm(sum)
                    // In this order large numbers lose no digits.
                    for i in 0..<walk.length { y[i * walk.pace] = x[i * walk.pace] - largest - logarithm }
                } else {
                    for i in 0..<walk.length { y[i * walk.pace] /= sum }
                }
            }
        })

    /// Copies, but in training.
    static let dropout = OperationSpec(
        "dropout", number: "rate",
        rule: { (shapes) throws(StepProblem) in
            guard (0..<1).contains(shapes.step.alpha) else {
                throw StepProblem("rate \(shapes.step.alpha), 0 ..< 1 is possible")
            }
            return shapes.x
        }, run: { $0.copy() })

    /// Numbers of the graph. Its first operand, value 0, is not looked at.
    static let constant = OperationSpec(
        "constant", operands: 0...0, fields: [.weights],
        rule: { (shapes) throws(StepProblem) in
            guard shapes.y.fits else { throw StepProblem("its result \(shapes.y) is empty or too large") }
            return shapes.y
        },
        reads: { [ParameterSpec(.constant, [$0.y.channels, $0.y.height, $0.y.width])] },
        run: { run in
            var number = run.weights.cursor(at: Int(run.step.weights))
            for i in 0..<run.yShape.count { run.y[i] = number.next() }
        })
}

/// The lines of a value along one axis.
package struct AxisWalk {
    /// Places of a line.
    package let length: Int
    /// From one place of a line to the next, in numbers.
    package let pace: Int
    /// Lines before the axis, and behind it.
    package let outer: Int

    /// - Throws: where there is no such axis.
    package init(_ shape: Shape, axis: UInt8) throws(StepProblem) {
        switch axis {
        case 0: (outer, length, pace) = (1, shape.channels, shape.spatial)
        case 1: (outer, length, pace) = (shape.channels, shape.height, shape.width)
        case 2: (outer, length, pace) = (shape.channels * shape.height, shape.width, 1)
        default: throw StepProblem("there is no axis \(axis)")
        }
    }

    /// Calls `body` with the place of the first number of each line.
    package func forEachLine(_ body: (Int) -> Void) {
        for line in 0..<outer { for inner in 0..<pace { body(line * length * pace + inner) } }
    }
}

extension Shape {
    /// The shape with another size along an axis (0 channels, 1 height, 2 width).
    package func replacing(axis: UInt8, by size: Int) -> Shape {
        switch axis {
        case 0: Shape(channels: size, height: height, width: width)
        case 1: Shape(channels: channels, height: size, width: width)
        default: Shape(channels: channels, height: height, width: size)
        }
    }
}
