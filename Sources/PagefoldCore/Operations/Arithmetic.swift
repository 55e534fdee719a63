// Operations of two operands, number by number. A side of 1 is repeated along the other operand's (broadcasting).

extension OperationSpec {
    static let add = arithmetic("add") { $0 + $1 }
    static let multiply = arithmetic("multiply") { $0 * $1 }
    static let subtract = arithmetic("subtract") { $0 - $1 }
    static let divide = arithmetic("divide") { $0 / $1 }
    /// What is no number stays none, on either side; the same of the minimum.
    static let maximum = arithmetic("maximum") { $0 >= $1 || $0.isNaN ? $0 : $1 }
    static let minimum = arithmetic("minimum") { $0 <= $1 || $0.isNaN ? $0 : $1 }
    static let power = arithmetic("power") { raised($0, to: $1) }
    /// 1 where the first operand is smaller, else 0. Its derivative is zero.
    static let less = arithmetic("less") { $0 < $1 ? 1 : 0 }
    /// 1 where both are the same number, else 0. Its derivative is zero.
    static let equal = arithmetic("equal") { $0 == $1 ? 1 : 0 }

    /// The first operand where the second is not 0, else 0, whatever the first is there. The second has no gradient.
    static let mask = arithmetic("mask") { $1 != 0 ? $0 : 0 }

    private static func arithmetic(
        _ name: String, _ function: @escaping @Sendable (Float, Float) -> Float
    ) -> OperationSpec {
        OperationSpec(
            name, operands: 2...2,
            rule: { (shapes) throws(StepProblem) in
                guard let second = shapes.second, let shape = Shape(broadcasting: shapes.x, second) else {
                    throw StepProblem(
                        "its operands are \(shapes.x) and \(shapes.second ?? shapes.x), whose sides differ")
                }
                return shape
            },
            run: { run in
                let (x, second, y) = (run.xShape, run.secondShape, run.yShape)
                if x == y && second == y {
                    for i in 0..<y.count { run.y[i] = function(run.x[i], run.second[i]) }
                    return
                }
                let (left, right) = (x.broadcastSteps, second.broadcastSteps)
                var place = 0
                for c in 0..<y.channels {
                    for row in 0..<y.height {
                        let a = c * left.channel + row * left.row
                        let b = c * right.channel + row * right.row
                        for column in 0..<y.width {
                            run.y[place] = function(
                                run.x[a + column * left.column], run.second[b + column * right.column])
                            place += 1
                        }
                    }
                }
            })
    }
}

extension Shape {
    /// The shape of both together; nil where a side of one is neither 1 nor the other's.
    package init?(broadcasting x: Shape, _ second: Shape) {
        func side(_ a: Int, _ b: Int) -> Int? { a == b || b == 1 ? a : a == 1 ? b : nil }
        guard let channels = side(x.channels, second.channels), let height = side(x.height, second.height),
            let width = side(x.width, second.width)
        else { return nil }
        self.init(channels: channels, height: height, width: width)
    }

    /// How far apart neighbours lie in memory along each axis; 0 where the axis has one place that is repeated.
    package var broadcastSteps: (channel: Int, row: Int, column: Int) {
        (channels == 1 ? 0 : spatial, height == 1 ? 0 : width, width == 1 ? 0 : 1)
    }
}
