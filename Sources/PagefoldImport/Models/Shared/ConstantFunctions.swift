// What operations of foreign graphs make of constants: functions of numbers in double precision.

import Foundation

extension UnaryFunction {
    func callAsFunction(_ x: Double) -> Double {
        switch self {
        case .exp: Foundation.exp(x)
        case .log: Foundation.log(x)
        case .sqrt: x.squareRoot()
        case .reciprocal: 1 / x
        case .rsqrt: 1 / x.squareRoot()
        case .absolute: x.magnitude
        case .negate: -x
        case .square: x * x
        case .floor: x.rounded(.down)
        case .ceiling: x.rounded(.up)
        case .round: x.rounded(.toNearestOrEven)
        case .sign: x > 0 ? 1 : x < 0 ? -1 : x
        case .erf: Foundation.erf(x)
        case .gelu: 0.5 * x * (1 + Foundation.erf(x / 2.0.squareRoot()))
        case .geluTanh:
            0.5 * x * (1 + Foundation.tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
        case .silu: x / (1 + Foundation.exp(-x))
        case .hardSwish: x * min(max(x / 6 + 0.5, 0), 1)
        case .softplus: max(x, 0) + log1p(Foundation.exp(-x.magnitude))
        case .softsign: x / (1 + x.magnitude)
        case .mish: x * Foundation.tanh(max(x, 0) + log1p(Foundation.exp(-x.magnitude)))
        case .not: x == 0 ? 1 : 0
        case .relu: max(x, 0)
        case .relu6: min(max(x, 0), 6)
        case .sigmoid: 1 / (1 + Foundation.exp(-x))
        case .tanh: Foundation.tanh(x)
        case .leakyRelu(let slope): x > 0 ? x : slope * x
        case .elu(let alpha): x > 0 ? x : alpha * expm1(x)
        case .celu(let alpha): max(x, 0) + min(0, alpha * expm1(x / alpha))
        case .selu(let alpha, let gamma): gamma * (x > 0 ? x : alpha * expm1(x))
        case .hardSigmoid(let alpha, let beta): min(max(alpha * x + beta, 0), 1)
        case .clip(let low, let high): min(max(x, low), high)
        case .power(let exponent): Foundation.pow(x, exponent)
        case .affine(let factor, let term): factor * x + term
        }
    }
}

extension BinaryFunction {
    /// - Parameter isWhole: both numbers are of types without fractions.
    func callAsFunction(_ a: Double, _ b: Double, isWhole: Bool) -> Double {
        switch self {
        case .add: a + b
        case .subtract: a - b
        case .multiply: a * b
        case .divide: isWhole ? (b == 0 ? 0 : (a / b).rounded(.towardZero)) : a / b
        case .maximum: max(a, b)
        case .minimum: min(a, b)
        case .power: Foundation.pow(a, b)
        case .squaredDifference: (a - b) * (a - b)
        case .mask: b != 0 ? a : 0
        case .less: a < b ? 1 : 0
        case .greater: a > b ? 1 : 0
        case .lessOrEqual: a <= b ? 1 : 0
        case .greaterOrEqual: a >= b ? 1 : 0
        case .equal: a == b ? 1 : 0
        case .notEqual: a != b ? 1 : 0
        case .and: a != 0 && b != 0 ? 1 : 0
        case .or: a != 0 || b != 0 ? 1 : 0
        case .xor: (a != 0) != (b != 0) ? 1 : 0
        case .modulo: b == 0 ? 0 : a - b * (a / b).rounded(.down)
        case .remainder: b == 0 ? 0 : fmod(a, b)
        }
    }
}
