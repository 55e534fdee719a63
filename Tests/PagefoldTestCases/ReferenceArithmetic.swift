// Definitions in double precision of operations that take numbers one by one or two by two, or go along an axis. Not a test
// itself.

import Foundation
public import PagefoldCore
import PagefoldGraph

extension ReferenceNetwork {
    /// The result of an arithmetic operation; nil for others.
    static func combined(
        _ operation: PagefoldGraph.Operation, _ x: [[Double]], _ shapes: [Shape], _ out: Shape
    ) -> [Double]? {
        let function: (Double, Double) -> Double
        switch operation {
        case .add: function = (+)
        case .multiply: function = (*)
        case .subtract: function = (-)
        case .divide: function = (/)
        case .maximum: function = { max($0, $1) }
        case .minimum: function = { min($0, $1) }
        case .power: function = { pow($0, $1) }
        case .less: function = { $0 < $1 ? 1 : 0 }
        case .equal: function = { $0 == $1 ? 1 : 0 }
        case .mask: function = { $1 != 0 ? $0 : 0 }
        default: return nil
        }
        var (left, shape) = (x[0], shapes[0])
        for (right, other) in zip(x, shapes).dropFirst() {
            let whole = other == shapes[1] && x.count == 2 ? out : shape
            func number(_ numbers: [Double], _ shape: Shape, _ c: Int, _ h: Int, _ w: Int) -> Double {
                let (c, h, w) = (
                    shape.channels == 1 ? 0 : c, shape.height == 1 ? 0 : h, shape.width == 1 ? 0 : w
                )
                return numbers[(c * shape.height + h) * shape.width + w]
            }
            var result: [Double] = []
            for c in 0..<whole.channels {
                for h in 0..<whole.height {
                    for w in 0..<whole.width {
                        result.append(function(number(left, shape, c, h, w), number(right, other, c, h, w)))
                    }
                }
            }
            (left, shape) = (result, whole)
        }
        return left
    }

    /// A function of a single number; `alpha` and `beta` are a step's.
    public static func applied(_ function: Function, _ x: Double, _ alpha: Double, _ beta: Double) -> Double {
        switch function {
        case .exponential: exp(x)
        case .logarithm: log(x)
        case .squareRoot: sqrt(x)
        case .reciprocal: 1 / x
        case .absolute: abs(x)
        case .square: x * x
        case .floor: Foundation.floor(x)
        case .ceiling: ceil(x)
        case .round: x.rounded(.toNearestOrEven)
        case .sign: x > 0 ? 1 : x < 0 ? -1 : 0
        case .errorFunction: erf(x)
        case .gelu: 0.5 * x * (1 + erf(x / sqrt(2)))
        case .geluTanh: 0.5 * x * (1 + tanh(sqrt(2 / Double.pi) * (x + 0.044715 * x * x * x)))
        case .silu: x / (1 + exp(-x))
        case .hardSwish: x * min(max(x / 6 + 0.5, 0), 1)
        case .hardSigmoid: min(max(alpha * x + beta, 0), 1)
        case .elu: beta * (x > 0 ? x : alpha * expm1(x))
        case .softplus: log1p(exp(x))
        case .softsign: x / (1 + abs(x))
        case .mish: x * tanh(log1p(exp(x)))
        case .power: pow(x, alpha)
        case .affine: alpha * x + beta
        }
    }

    static func softmax(_ x: [Double], _ shape: Shape, axis: UInt8, isLogarithm: Bool) -> [Double] {
        var y = x
        let sizes = [shape.channels, shape.height, shape.width]
        let pace = sizes[(Int(axis) + 1)...].reduce(1, *)
        for start in x.indices where start / pace % sizes[Int(axis)] == 0 {
            let line = (0..<sizes[Int(axis)]).map { start + $0 * pace }
            let largest = line.reduce(-.infinity) { max($0, x[$1]) }
            let sum = line.reduce(0) { $0 + exp(x[$1] - largest) }
            for i in line {
                y[i] = isLogarithm ? x[i] - largest - log(sum) : exp(x[i] - largest) / sum
            }
        }
        return y
    }

    static func joined(_ x: [[Double]], _ shapes: [Shape], axis: UInt8) -> [Double] {
        let outer = [1, shapes[0].channels, shapes[0].channels * shapes[0].height][Int(axis)]
        return (0..<outer).flatMap { line in
            x.flatMap { part in part[(line * part.count / outer)..<((line + 1) * part.count / outer)] }
        }
    }
}
