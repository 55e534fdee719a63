// Cases of operations that move numbers along axes, reduce them, or multiply values as matrices. Not a test itself.

import PagefoldCore
import PagefoldGraph

extension OperationCase {
    /// An operation on an image, each of whose numbers has weights of its own, so that the gradient of each is seen.
    fileprivate init(
        moving name: String, _ shape: Shape, seed: UInt64 = 1, _ operation: PagefoldGraph.Operation
    ) {
        self.init(name, Shape(channels: 3), seed: seed) {
            $0.add(.dense(outputs: shape.count))
            $0.add(.reshape(shape))
            $0.add(operation)
        }
    }

    static let movements: [OperationCase] = transposes + slices + reductions + resizes + products

    private static let transposes: [OperationCase] = AxisPermutation.allCases.flatMap { order in
        [Shape(channels: 2, height: 3, width: 5), Shape(channels: 4, height: 1, width: 3)].map {
            OperationCase(moving: "transpose \(order) of \($0)", $0, .transpose(order))
        }
    }

    private static let slices: [OperationCase] = {
        let shape = Shape(channels: 5, height: 4, width: 3)
        func slice(
            _ name: String, axis: UInt8, start: Int, count: Int, pace: Int = 1,
            _ border: SliceBorder = .constant,
            number: Float = 0
        ) -> OperationCase {
            OperationCase(
                moving: "slice \(name)", shape,
                .slice(axis: axis, start: start, count: count, pace: pace, border: border, number: number))
        }
        return [
            slice("of channels", axis: 0, start: 1, count: 3),
            slice("of one row", axis: 1, start: 3, count: 1),
            slice("of every second column", axis: 2, start: 0, count: 2, pace: 2),
            slice("reversed channels", axis: 0, start: 4, count: 5, pace: -1),
            slice("backwards over the ends", axis: 1, start: 5, count: 4, pace: -2, number: 0.5),
            slice("padded columns", axis: 2, start: -2, count: 8, number: -1.5),
            slice("all outside", axis: 0, start: 7, count: 2, number: 2),
            slice("one channel repeated", axis: 0, start: 2, count: 6, pace: 0),
            slice("reflected rows", axis: 1, start: -3, count: 10, .reflect),
            slice("edges of columns", axis: 2, start: -4, count: 11, .edge),
            slice("channels in circles", axis: 0, start: -7, count: 19, .wrap),
            slice("columns in circles, backwards", axis: 2, start: 1, count: 9, pace: -1, .wrap),
        ]
    }()

    private static let reductions: [OperationCase] =
        [
            (Reduction.sum, UInt8(0)), (.mean, 1), (.maximum, 2), (.minimum, 0), (.product, 1), (.product, 2),
            (.sum, 2), (.mean, 0), (.maximum, 1), (.argMax, 0), (.argMin, 1), (.argMax, 2),
        ].map { kind, axis in
            OperationCase(
                moving: "\(kind) over axis \(axis)", Shape(channels: 3, height: 5, width: 6),
                .reduce(kind, axis: axis))
        } + [
            OperationCase(
                moving: "mean over an axis of 1", Shape(channels: 4), .reduce(.mean, axis: 2)),
            OperationCase("product with a zero", Shape(channels: 2)) {
                // The number outside is a factor of 0.
                $0.add(.dense(outputs: 6))
                $0.add(.slice(axis: 0, start: 0, count: 7))
                $0.add(.reduce(.product, axis: 0))
            },
            OperationCase("the first of equal maxima", Shape(channels: 4)) {
                let one = $0.add(.dense(outputs: 3))
                let other = $0.add(.dense(outputs: 3), from: [0])
                $0.add(.concatenate, from: [one, one])
                let highest = $0.add(.reduce(.maximum, axis: 0))
                $0.add(.concatenate, from: [other, highest])
                $0.add(.reduce(.minimum, axis: 0))
            },
        ]

    private static let resizes: [OperationCase] = Interpolation.allCases.flatMap { interpolation in
        [
            (UInt8(0), 7, Float(0.5), Float(0)), (1, 9, 0.5, -0.25), (2, 2, 2.5, 0.75), (1, 5, -1, 4),
            (2, 4, 0, 1.5),
        ].map { axis, size, factor, first in
            OperationCase(
                moving: "resize \(interpolation) axis \(axis) to \(size)",
                Shape(channels: 4, height: 5, width: 6),
                .resize(axis: axis, size: size, interpolation, factor: factor, first: first))
        }
    }

    private static let products: [OperationCase] =
        [
            (Shape(channels: 3, height: 5, width: 4), Shape(channels: 3, height: 4, width: 6), false),
            (Shape(channels: 2, height: 3, width: 17), Shape(channels: 2, height: 5, width: 17), true),
            (Shape(channels: 3, height: 2, width: 5), Shape(channels: 1, height: 5, width: 9), false),
            (Shape(channels: 3, height: 3, width: 4), Shape(channels: 1, height: 2, width: 4), true),
            (Shape(channels: 1, height: 1, width: 1), Shape(channels: 1, height: 1, width: 1), false),
            (Shape(channels: 1, height: 6, width: 1), Shape(channels: 1, height: 1, width: 1), true),
            (Shape(channels: 2, height: 9, width: 3), Shape(channels: 2, height: 3, width: 35), false),
        ].map { first, second, isTransposed in
            let kind = isTransposed ? "transposed " : ""
            return OperationCase("matrix product of \(first) and \(kind)\(second)", Shape(channels: 3)) {
                let left = $0.add(.dense(outputs: first.count))
                let a = $0.add(.reshape(first), from: [left])
                let right = $0.add(.dense(outputs: second.count), from: [0])
                let b = $0.add(.reshape(second), from: [right])
                $0.add(.matrixProduct(isSecondTransposed: isTransposed), from: [a, b])
            }
        } + [
            OperationCase("a value times its transpose", Shape(channels: 4)) {
                $0.add(.dense(outputs: 15))
                let value = $0.add(.reshape(Shape(channels: 1, height: 3, width: 5)))
                $0.add(.matrixProduct(isSecondTransposed: true), from: [value, value])
            }
        ]
}
