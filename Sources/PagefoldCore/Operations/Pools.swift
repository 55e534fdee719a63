// Operations that make one number of several positions of a channel.

extension OperationSpec {
    /// Bits 4 to 9 of a step: what slides over an image.
    private static let slides: StepFieldSet = [.window, .stride, .padding]

    static let maxPool = OperationSpec(
        "max-pool", fields: slides, rule: { (shapes) throws(StepProblem) in try poolShape(shapes) },
        run: { run in
            pool(run) { rows, columns, x, width in
                var best = -Float.infinity
                for row in rows { for column in columns { best = max(best, x[row * width + column]) } }
                return best
            }
        })

    static let averagePool = OperationSpec(
        "average-pool", fields: slides, rule: { (shapes) throws(StepProblem) in try poolShape(shapes) },
        run: { run in
            pool(run) { rows, columns, x, width in
                var sum: Float = 0
                for row in rows { for column in columns { sum += x[row * width + column] } }
                return sum / Float(max(rows.count * columns.count, 1))
            }
        })

    static let globalAveragePool = OperationSpec(
        "global average pool", rule: { Shape(channels: $0.x.channels) },
        run: { run in
            for c in 0..<run.xShape.channels {
                var sum: Float = 0
                for i in 0..<run.xShape.spatial { sum += run.x[c * run.xShape.spatial + i] }
                run.y[c] = sum / Float(run.xShape.spatial)
            }
        })

    /// Every window holds at least one pixel.
    private static func poolShape(_ shapes: StepShapes) throws(StepProblem) -> Shape {
        let (step, x, y) = (shapes.step, shapes.x, shapes.y)
        func reaches(_ input: Int, _ output: Int, _ stride: UInt8, _ pad: UInt8) -> Bool {
            let (last, isTooLarge) = (output - 1).multipliedReportingOverflow(by: Int(stride))
            return !isTooLarge && last - Int(pad) < input
        }
        guard step.padTop < step.kernelHeight, step.padLeft < step.kernelWidth else {
            throw StepProblem("its padding is as large as its window: one lies outside the image")
        }
        guard reaches(x.height, y.height, step.strideHeight, step.padTop),
            reaches(x.width, y.width, step.strideWidth, step.padLeft)
        else { throw StepProblem("a window lies outside the image") }
        return Shape(channels: x.channels, height: y.height, width: y.width)
    }

    /// - Parameter reduce: is given the rows and columns of a window that lie inside the image.
    private static func pool(
        _ run: StepRun,
        _ reduce: (_ rows: Range<Int>, _ columns: Range<Int>, UnsafePointer<Float>, _ width: Int) -> Float
    ) {
        let (step, x, y) = (run.step, run.xShape, run.yShape)
        func inside(_ output: Int, _ stride: UInt8, _ pad: UInt8, _ kernel: UInt8, _ size: Int) -> Range<Int>
        {
            let start = output * Int(stride) - Int(pad)
            return max(start, 0)..<max(min(start + Int(kernel), size), max(start, 0))
        }
        for c in 0..<y.channels {
            for row in 0..<y.height {
                let rows = inside(row, step.strideHeight, step.padTop, step.kernelHeight, x.height)
                for column in 0..<y.width {
                    run.y[(c * y.height + row) * y.width + column] = reduce(
                        rows, inside(column, step.strideWidth, step.padLeft, step.kernelWidth, x.width),
                        run.x + c * x.spatial, x.width)
                }
            }
        }
    }
}
