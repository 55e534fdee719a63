// Operations that move numbers and change none.

extension OperationSpec {
    /// Along the channels: the first operand, then the second.
    static let concatenate = OperationSpec(
        "concatenate", operands: 2...64,
        rule: { (shapes) throws(StepProblem) in
            let x = shapes.x
            guard let second = shapes.second, second.height == x.height, second.width == x.width else {
                throw StepProblem("joins \(x) and \(shapes.second ?? x), which differ in more than channels")
            }
            return Shape(channels: x.channels + second.channels, height: x.height, width: x.width)
        },
        run: { run in
            run.copy()
            (run.y + run.xShape.count).update(from: run.second, count: run.secondShape.count)
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
}
