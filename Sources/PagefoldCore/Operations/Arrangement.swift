// Operations that move numbers and change none.

extension OperationSpec {
    /// Along an axis: the first operand, then the second.
    static let concatenate = OperationSpec(
        "concatenate", operands: 2...64, fields: [.axis],
        rule: { (shapes) throws(StepProblem) in
            let x = try AxisWalk(shapes.x, axis: shapes.step.axis)
            guard let second = shapes.second,
                second.replacing(axis: shapes.step.axis, by: 1)
                    == shapes.x.replacing(axis: shapes.step.axis, by: 1)
            else {
                throw StepProblem(
                    "joins \(shapes.x) and \(shapes.second ?? shapes.x), which differ in more than one axis")
            }
            let other = try AxisWalk(second, axis: shapes.step.axis)
            return shapes.x.replacing(axis: shapes.step.axis, by: x.length + other.length)
        },
        run: { run in
            guard let x = try? AxisWalk(run.xShape, axis: run.step.axis),
                let second = try? AxisWalk(run.secondShape, axis: run.step.axis)
            else { return }
            let (first, rest) = (x.length * x.pace, second.length * second.pace)
            for line in 0..<x.outer {
                let y = run.y + line * (first + rest)
                y.update(from: run.x + line * first, count: first)
                (y + first).update(from: run.second + line * rest, count: rest)
            }
        })

    /// The same numbers in CHW order, another shape.
    static let reshape = OperationSpec(
        "reshape",
        rule: { (shapes) throws(StepProblem) in
            guard shapes.y.fits, shapes.y.count == shapes.x.count else {
                throw StepProblem("turns \(shapes.x) into \(shapes.y)")
            }
            return shapes.y
        }, run: { $0.copy() })

    /// The axes in another order; mode is the order.
    static let transpose = OperationSpec(
        "transpose", fields: [.mode],
        rule: { (shapes) throws(StepProblem) in
            guard let order = AxisPermutation(rawValue: shapes.step.mode) else {
                throw StepProblem("there is no order \(shapes.step.mode) of axes")
            }
            return order.applied(to: shapes.x)
        },
        run: { run in
            guard let order = AxisPermutation(rawValue: run.step.mode) else { return }
            let (x, y) = (run.xShape, run.yShape)
            let steps = order.axes.map { [x.spatial, x.width, 1][$0] }
            var place = 0
            for c in 0..<y.channels {
                for row in 0..<y.height {
                    let start = c * steps[0] + row * steps[1]
                    for column in 0..<y.width {
                        run.y[place] = run.x[start + column * steps[2]]
                        place += 1
                    }
                }
            }
        })

    /// Places of an axis, from `start` on, `pace` apart; what lies outside is padding as the mode says.
    static let slice = OperationSpec(
        "slice", fields: [.mode, .axis, .start, .pace], number: "number outside",
        rule: { (shapes) throws(StepProblem) in
            let axis = shapes.step.axis
            let x = try AxisWalk(shapes.x, axis: axis)
            guard shapes.y.fits,
                shapes.y.replacing(axis: axis, by: 1) == shapes.x.replacing(axis: axis, by: 1)
            else { throw StepProblem("takes \(shapes.y) of \(shapes.x), which differ in more than one axis") }
            guard let border = SliceBorder(rawValue: shapes.step.mode) else {
                throw StepProblem("there is no border \(shapes.step.mode)")
            }
            let count = try AxisWalk(shapes.y, axis: axis).length
            let last = Int64(shapes.step.start) + Int64(count - 1) * Int64(shapes.step.pace)
            let ends = (Swift.min(Int64(shapes.step.start), last), Swift.max(Int64(shapes.step.start), last))
            guard ends.0 > -Int64(Int32.max), ends.1 < Int64(Int32.max) else {
                throw StepProblem("reaches place \(last)")
            }
            guard border != .reflect || (ends.0 > -x.length && ends.1 < 2 * x.length - 1) else {
                throw StepProblem("reflects more than the axis has")
            }
            guard border == .constant || shapes.step.alpha == 0 else {
                throw StepProblem("has a number that its border does not use")
            }
            return shapes.y
        },
        run: { run in
            guard let x = try? AxisWalk(run.xShape, axis: run.step.axis),
                let y = try? AxisWalk(run.yShape, axis: run.step.axis),
                let border = SliceBorder(rawValue: run.step.mode)
            else { return }
            for line in 0..<x.outer {
                for i in 0..<y.length {
                    let target = run.y + (line * y.length + i) * y.pace
                    let place = Int(run.step.start) + i * Int(run.step.pace)
                    if let inside = border.place(place, of: x.length) {
                        target.update(from: run.x + (line * x.length + inside) * x.pace, count: x.pace)
                    } else {
                        for j in 0..<x.pace { target[j] = run.step.alpha }
                    }
                }
            }
        })
}

/// An order of the three axes. Raw values are part of the fold file's format.
public enum AxisPermutation: UInt8, Sendable, CaseIterable {
    /// Named by the axes of the operand in the order of the result: channels, height, width.
    case cwh = 0
    case hcw = 1
    case hwc = 2
    case wch = 3
    case whc = 4

    /// Axis i of the result is axis `axes[i]` of the operand.
    package var axes: [Int] {
        switch self {
        case .cwh: [0, 2, 1]
        case .hcw: [1, 0, 2]
        case .hwc: [1, 2, 0]
        case .wch: [2, 0, 1]
        case .whc: [2, 1, 0]
        }
    }

    package func applied(to shape: Shape) -> Shape {
        let sizes = [shape.channels, shape.height, shape.width]
        return Shape(channels: sizes[axes[0]], height: sizes[axes[1]], width: sizes[axes[2]])
    }
}

/// What stands outside the places of an axis. Raw values are part of the fold file's format.
public enum SliceBorder: UInt8, Sendable, CaseIterable {
    /// A number.
    case constant = 0
    /// The places inside, mirrored without the outermost one.
    case reflect = 1
    /// The outermost place.
    case edge = 2
    /// The places from the other end.
    case wrap = 3

    /// The place inside that stands for a place; nil for the number.
    package func place(_ i: Int, of length: Int) -> Int? {
        if i >= 0 && i < length { return i }
        switch self {
        case .constant: return nil
        case .reflect:
            // Mirrored at most once; the rule has seen to that. The bounds keep it inside all the same.
            let mirrored = i < 0 ? -i : 2 * (length - 1) - i
            return min(max(mirrored, 0), length - 1)
        case .edge: return i < 0 ? 0 : length - 1
        case .wrap: return (i % length + length) % length
        }
    }
}
