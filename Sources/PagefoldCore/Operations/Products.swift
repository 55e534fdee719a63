// Products of two operands, tables, and layers that go through time.

extension OperationSpec {
    /// Channel by channel, the matrix of the first operand's rows times that of the second's. With mode 1 the second is
    /// transposed: its rows are the columns of the result. A second operand of one channel serves all.
    static let matrixProduct = OperationSpec(
        "matrix product", operands: 2...2, fields: [.mode],
        rule: { (shapes) throws(StepProblem) in
            guard shapes.step.mode <= 1, let second = shapes.second else {
                throw StepProblem("there is no product \(shapes.step.mode)")
            }
            let isTransposed = shapes.step.mode == 1
            guard second.channels == shapes.x.channels || second.channels == 1,
                (isTransposed ? second.width : second.height) == shapes.x.width
            else { throw StepProblem("multiplies \(shapes.x) and \(second), whose inner sizes differ") }
            return Shape(
                channels: shapes.x.channels, height: shapes.x.height,
                width: isTransposed ? second.height : second.width)
        },
        multiplyAdds: { $0.y.count * $0.x.width },
        run: { run in
            let (x, second, y) = (run.xShape, run.secondShape, run.yShape)
            // From one inner place to the next, and from one column of the result to the next.
            let (inner, column) = run.step.mode == 1 ? (1, second.width) : (second.width, 1)
            for c in 0..<y.channels {
                let matrix = run.second + (second.channels == 1 ? 0 : c * second.spatial)
                for row in 0..<y.height {
                    let left = run.x + c * x.spatial + row * x.width
                    for n in 0..<y.width {
                        var sum: Float = 0
                        for k in 0..<x.width { sum += left[k] * matrix[k * inner + n * column] }
                        run.y[c * y.spatial + row * y.width + n] = sum
                    }
                }
            }
        })

    /// For each number of the operand, which is the number of a row, that row of the table. What is no row of it is the
    /// nearest one.
    static let embedding = OperationSpec(
        "embedding", fields: [.weights, .scale, .rows],
        rule: { (shapes) throws(StepProblem) in
            guard shapes.step.rows > 0, shapes.step.rows < 1 << 24 else {
                throw StepProblem("a table of \(shapes.step.rows) rows")
            }
            guard shapes.y.fits else { throw StepProblem("its result \(shapes.y) is empty or too large") }
            return Shape(channels: shapes.x.count, height: shapes.y.height)
        },
        reads: { [ParameterSpec(.weight, [Int(clamping: $0.step.rows), $0.y.height])] },
        multiplyAdds: { _ in 0 },
        run: { run in
            let length = run.yShape.height
            for i in 0..<run.xShape.count {
                let row = embeddedRow(run.x[i], rows: run.step.rows)
                var weight = run.weights.cursor(at: Int(run.step.weights) + row * length)
                var scale: Float = 1
                if run.step.scale != Step.none32 {
                    var cursor = run.weights.cursor(at: Int(run.step.scale) + row)
                    scale = cursor.next()
                }
                for j in 0..<length { run.y[i * length + j] = weight.next() * scale }
            }
        })

    /// The row of a table that a number names.
    package static func embeddedRow(_ number: Float, rows: UInt32) -> Int {
        guard number > 0 else { return 0 }
        return Int(min(number, Float(rows - 1)))
    }
}
