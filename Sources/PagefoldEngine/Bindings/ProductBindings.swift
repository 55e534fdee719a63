// Kernels of products of two values as matrices.

internal import CPagefoldKernels
internal import PagefoldCore

/// A matrix in memory: how far apart neighbouring rows and columns lie, in places.
private struct MatrixSteps {
    let row: Int
    let column: Int

    var transposed: MatrixSteps { MatrixSteps(row: column, column: row) }
}

extension pf_matrices {
    /// `count` products of [rows][inner] and [inner][columns].
    fileprivate init(
        count: Int, rows: Int, inner: Int, columns: Int, _ x: MatrixSteps, next xNext: Int,
        _ second: MatrixSteps, next secondNext: Int
    ) {
        self.init(
            count: Int64(count), rows: Int64(rows), inner: Int64(inner), columns: Int64(columns),
            x_row: Int64(x.row), x_inner: Int64(x.column), x_next: Int64(xNext),
            second_inner: Int64(second.row), second_column: Int64(second.column),
            second_next: Int64(secondNext))
    }
}

extension StepBinding {
    /// What goes back are products too: dx = dy · secondᵀ, and dsecond = xᵀ · dy.
    static func matrixProduct(_ shapes: StepShapes) -> StepBinding {
        guard let second = shapes.second else { return .impossible }
        // A second operand of one channel serves all rows of all channels, as if they were one matrix.
        let isShared = second.channels == 1
        let count = isShared ? 1 : shapes.x.channels
        let rows = isShared ? shapes.x.channels * shapes.x.height : shapes.x.height
        let (inner, columns) = (shapes.x.width, shapes.y.width)
        let isTransposed = shapes.step.mode == 1
        let xSteps = MatrixSteps(row: inner, column: 1)
        let ySteps = MatrixSteps(row: columns, column: 1)
        let stored = MatrixSteps(row: second.width, column: 1)
        let secondSteps = isTransposed ? stored.transposed : stored
        let (xNext, yNext, secondNext) = (rows * inner, rows * columns, second.spatial)
        let product = pf_matrices(
            count: count, rows: rows, inner: inner, columns: columns, xSteps, next: xNext, secondSteps,
            next: secondNext)
        let toFirst = pf_matrices(
            count: count, rows: rows, inner: columns, columns: inner, ySteps, next: yNext,
            secondSteps.transposed, next: secondNext)
        let toSecond =
            isTransposed
            ? pf_matrices(
                count: count, rows: columns, inner: rows, columns: inner, ySteps.transposed, next: yNext,
                xSteps, next: xNext)
            : pf_matrices(
                count: count, rows: inner, inner: rows, columns: columns, xSteps.transposed, next: xNext,
                ySteps, next: yNext)
        return StepBinding(
            forward: { call in
                withUnsafePointer(to: product) { pf_multiply_matrices($0, call.x, call.second, call.y) }
            },
            backward: { call in
                guard let dx = call.dx else { return }
                withUnsafePointer(to: toFirst) {
                    pf_multiply_matrices($0, call.dy, call.block.second, dx)
                }
            },
            backwardSecond: { call in
                guard let dx = call.dx else { return }
                withUnsafePointer(to: toSecond) {
                    isTransposed
                        ? pf_multiply_matrices($0, call.dy, call.block.x, dx)
                        : pf_multiply_matrices($0, call.block.x, call.dy, dx)
                }
            },
            sample: { call in
                withUnsafePointer(to: product) {
                    pf_single_multiply_matrices($0, call.x, call.second, call.y)
                }
            })
    }
}
