// Cases of operations that take numbers one by one or two by two, of constants, and of softmax and concatenation along any
// axis. Not a test itself.

import PagefoldCore
import PagefoldGraph

extension OperationCase {
    static let arithmetics: [OperationCase] = broadcasts + functions + others

    /// Two images of numbers that all have weights of their own, joined by an operation. The second one's numbers are above
    /// zero where the operation needs that.
    private static func joined(
        _ name: String, _ x: Shape, _ second: Shape, isPositive: Bool = false,
        _ operation: PagefoldGraph.Operation
    ) -> OperationCase {
        OperationCase(name, Shape(channels: 3), seed: 5) {
            let input = $0.last
            $0.add(.dense(outputs: second.count))
            if isPositive {
                $0.add(.activation(.sigmoid))
                $0.add(.function(.affine, alpha: 1, beta: 0.5))
            }
            let right = $0.add(.reshape(second))
            $0.add(.dense(outputs: x.count), from: [input])
            if isPositive {
                $0.add(.activation(.sigmoid))
                $0.add(.function(.affine, alpha: 1, beta: 0.5))
            }
            let left = $0.add(.reshape(x))
            $0.add(operation, from: [left, right])
        }
    }

    private static let broadcasts: [OperationCase] = {
        let map = Shape(channels: 3, height: 4, width: 5)
        let pairs: [(Shape, Shape)] = [
            (map, map), (map, Shape(channels: 3)), (Shape(channels: 1, height: 4, width: 5), map),
            (map, Shape(channels: 1, height: 1, width: 5)),
            (Shape(channels: 3, height: 1, width: 5), Shape(channels: 1, height: 4, width: 1)),
        ]
        let operations: [(String, Bool, PagefoldGraph.Operation)] = [
            ("add", false, .add), ("multiply", false, .multiply), ("subtract", false, .subtract),
            ("divide", true, .divide), ("maximum", false, .maximum), ("minimum", false, .minimum),
            ("power", true, .power), ("less", false, .less), ("equal", false, .equal), ("mask", false, .mask),
        ]
        return operations.flatMap { name, isPositive, operation in
            pairs.map { joined("\(name) of \($0) and \($1)", $0, $1, isPositive: isPositive, operation) }
        }
    }()

    private static let functions: [OperationCase] = Function.allCases.map { function in
        OperationCase("function \(function)", Shape(channels: 3), seed: 8) {
            $0.add(.dense(outputs: 37))
            switch function {
            case .logarithm, .squareRoot, .reciprocal, .power:
                $0.add(.activation(.sigmoid))
                $0.add(.function(.affine, alpha: 3, beta: 0.25))
            default: break
            }
            $0.add(
                .function(
                    function, alpha: function.usesAlpha ? 0.7 : 0, beta: function.usesBeta ? 0.4 : 0))
        }
    }

    private static let others: [OperationCase] =
        [
            OperationCase("clipped convolution", Shape(channels: 2, height: 6, width: 6)) {
                $0.add(.convolution(outputs: 5, window: Window(height: 3, width: 3)))
                $0.add(.activation(.clip, alpha: -0.2, beta: 0.6))
                $0.add(.maxPool(Window(height: 2, width: 2, strideHeight: 2, strideWidth: 2)))
                $0.add(.reshape(Shape(channels: 20)))
                $0.add(.dense(outputs: 7))
                $0.add(.activation(.clip, alpha: 0, beta: 0.5))
            },
            OperationCase("clip of its own", Shape(channels: 33)) {
                $0.add(.dense(outputs: 17))
                $0.add(.function(.affine, alpha: 1, beta: 0.1))
                $0.add(.activation(.clip, alpha: -0.3, beta: 0.3))
            },
            OperationCase("parametric relu", Shape(channels: 3, height: 4, width: 5)) {
                $0.add(.convolution(outputs: 18, window: Window(height: 1, width: 2)))
                $0.add(.parametricRelu)
                $0.add(.globalAveragePool)
                $0.add(.parametricRelu)
            },
            OperationCase("constant", Shape(channels: 4)) {
                let input = $0.last
                $0.add(.dense(outputs: 4), from: [input])
                let map = $0.add(.reshape(Shape(channels: 1, height: 4)))
                let numbers = $0.add(.constant(Shape(channels: 3, height: 4, width: 2)), from: [])
                $0.add(.multiply, from: [map, numbers])
            },
        ]
        + [(UInt8(0), false), (1, false), (2, true), (0, true), (1, true)].map { axis, isLogarithm in
            OperationCase("softmax along \(axis), logarithm \(isLogarithm)", Shape(channels: 3)) {
                $0.add(.dense(outputs: 60))
                $0.add(.reshape(Shape(channels: 3, height: 4, width: 5)))
                $0.add(.softmaxAlong(axis: axis, isLogarithm: isLogarithm))
            }
        }
        + [UInt8(0), 1, 2].map { axis in
            OperationCase("concatenate along \(axis)", Shape(channels: 3)) {
                let input = $0.last
                $0.add(.dense(outputs: 24))
                let left = $0.add(.reshape(Shape(channels: 2, height: 3, width: 4)))
                $0.add(.dense(outputs: 24), from: [input])
                let right = $0.add(.reshape(Shape(channels: 2, height: 3, width: 4)))
                $0.add(.concatenateAlong(axis: axis), from: [left, right, left])
            }
        }
        + [
            OperationCase("softmax amid", Shape(channels: 5)) {
                $0.add(.dense(outputs: 6))
                $0.add(.softmax)
                $0.add(.dense(outputs: 4))
            }
        ]
}
