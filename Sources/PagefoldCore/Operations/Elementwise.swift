// Operations that take numbers one by one, and softmax.

extension OperationSpec {
    /// The function itself is applied to every step that has one, after the step.
    static let activation = OperationSpec(
        "activation", fields: [.activation], number: "slope of leaky ReLU", rule: { $0.x }, run: { $0.copy() }
    )

    static let softmax = OperationSpec(
        "softmax", isDifferentiable: false,
        rule: { (shapes) throws(StepProblem) in
            guard shapes.x.spatial == 1 else {
                throw StepProblem("softmax of \(shapes.x), which is no vector")
            }
            return shapes.x
        },
        run: { run in
            let (x, y, count) = (run.x, run.y, run.yShape.count)
            var largest = x[0]
            for i in 0..<count { largest = max(largest, x[i]) }
            var sum: Float = 0
            for i in 0..<count {
                y[i] = exponential(x[i] - largest)
                sum += y[i]
            }
            for i in 0..<count { y[i] /= sum }
        })

    static let add = OperationSpec(
        "add", operands: 2...2, rule: { (shapes) throws(StepProblem) in try equalShape(shapes) },
        run: { run in for i in 0..<run.yShape.count { run.y[i] = run.x[i] + run.second[i] } })

    static let multiply = OperationSpec(
        "multiply", operands: 2...2, rule: { (shapes) throws(StepProblem) in try equalShape(shapes) },
        run: { run in for i in 0..<run.yShape.count { run.y[i] = run.x[i] * run.second[i] } })

    /// Copies, but in training.
    static let dropout = OperationSpec(
        "dropout", number: "rate",
        rule: { (shapes) throws(StepProblem) in
            guard (0..<1).contains(shapes.step.alpha) else {
                throw StepProblem("rate \(shapes.step.alpha), 0 ..< 1 is possible")
            }
            return shapes.x
        }, run: { $0.copy() })

    /// Two operands of one shape.
    private static func equalShape(_ shapes: StepShapes) throws(StepProblem) -> Shape {
        guard let second = shapes.second, second == shapes.x else {
            throw StepProblem(
                "its operands are \(shapes.x) and \(shapes.second ?? shapes.x), not of one shape")
        }
        return second
    }
}
