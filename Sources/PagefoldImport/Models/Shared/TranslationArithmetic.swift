// Operations of foreign graphs that take numbers one by one, or two by two with smaller arrays repeated.

import PagefoldCore
import PagefoldData
import PagefoldGraph

extension Translation {
    mutating func unary(_ function: UnaryFunction, _ x: TranslatedValue) throws(TranslationProblem)
        -> TranslatedValue
    {
        switch x {
        case .constant(let tensor):
            try take(tensor.values.count)
            var result = tensor.mapped { function($0) }
            if function == .not { result.elementType = .bool }
            return .constant(result)
        case .computed(var value):
            if case .leakyRelu(let slope) = function, slope < 0 {
                let below = try unary(.clip(low: -.infinity, high: 0), x)
                return try binary(
                    .add, try unary(.relu, x), try unary(.affine(factor: slope, term: 0), below))
            }
            for operation in function.operations { value.node = try append(operation, [value.node]) }
            if function == .not { value.elementType = .bool }
            return .computed(value)
        }
    }

    mutating func binary(
        _ function: BinaryFunction, _ a: TranslatedValue, _ b: TranslatedValue
    ) throws(TranslationProblem) -> TranslatedValue {
        let isWhole = a.elementType.isInteger && b.elementType.isInteger
        let type = function.isLogical ? ElementType.bool : a.elementType
        if let left = a.constant, let right = b.constant {
            try take(Self.count(Self.broadcastSizes(left.shape, right.shape) ?? []) ?? 0)
            guard var result = left.broadcast(with: right, { function($0, $1, isWhole: isWhole) }) else {
                throw TranslationProblem(
                    "its operands are \(left.shape) and \(right.shape), whose sides differ")
            }
            result.elementType = type
            return .constant(result)
        }
        var result = try computedBinary(function, a, b)
        if function == .divide && isWhole { result = try cutOff(result) }
        if case .computed(var value) = result {
            value.elementType = type
            result = .computed(value)
        }
        return result
    }

    /// Where the condition is not 0 the first, else the second.
    mutating func select(
        _ condition: TranslatedValue, _ a: TranslatedValue, _ b: TranslatedValue
    ) throws(TranslationProblem) -> TranslatedValue {
        if let mask = condition.constant {
            if mask.values.allSatisfy({ $0 != 0 }) { return try broadcast(a, like: [condition, b]) }
            if mask.values.allSatisfy({ $0 == 0 }) { return try broadcast(b, like: [condition, a]) }
            if let left = a.constant, let right = b.constant,
                let sizes = Self.broadcastSizes(mask.shape, left.shape).flatMap({
                    Self.broadcastSizes($0, right.shape)
                }),
                case .constant(let m) = try broadcast(condition, to: sizes),
                case .constant(var l) = try broadcast(a, to: sizes),
                case .constant(let r) = try broadcast(b, to: sizes)
            {
                for i in l.values.indices where m.values[i] == 0 { l.values[i] = r.values[i] }
                return .constant(l)
            }
        }
        // What is not taken may be anything: a logarithm of a negative number, say.
        let taken = try binary(.mask, bounded(a), condition)
        let left = try binary(.mask, bounded(b), try unary(.not, condition))
        return try binary(.add, taken, left)
    }

    /// Infinite constants stand for very large numbers.
    private func bounded(_ x: TranslatedValue) -> TranslatedValue {
        x.constant.map { .constant($0.mapped { Double(Self.finite($0)) }) } ?? x
    }

    private mutating func broadcast(
        _ x: TranslatedValue, like others: [TranslatedValue]
    ) throws(TranslationProblem) -> TranslatedValue {
        var sizes = x.sizes
        for other in others {
            guard let both = Self.broadcastSizes(sizes, other.sizes) else {
                throw TranslationProblem("its operands are \(x.sizes) and \(other.sizes), whose sides differ")
            }
            sizes = both
        }
        return try broadcast(x, to: sizes)
    }

    /// Numbers of another type: fractions are cut off where that has none.
    mutating func cast(_ x: TranslatedValue, to type: ElementType) throws(TranslationProblem)
        -> TranslatedValue
    {
        switch x {
        case .constant(let tensor): return .constant(tensor.converted(to: type))
        case .computed(let value):
            var result = x
            if type == .bool, value.elementType != .bool {
                result = try binary(
                    .notEqual, x, .constant(ConstantTensor(elementType: .f32, shape: [], values: [0])))
            } else if type.isInteger, !value.elementType.isInteger, value.elementType != .bool {
                result = try cutOff(x)
            }
            if case .computed(var cast) = result {
                cast.elementType = type
                result = .computed(cast)
            }
            return result
        }
    }

    /// Whole numbers towards zero.
    private mutating func cutOff(_ x: TranslatedValue) throws(TranslationProblem) -> TranslatedValue {
        try binary(.multiply, try unary(.sign, x), try unary(.floor, try unary(.absolute, x)))
    }

    /// `x` above zero, slope · x below. A slope for each channel of a feature map is one step.
    mutating func prelu(_ x: TranslatedValue, slope: TranslatedValue) throws(TranslationProblem)
        -> TranslatedValue
    {
        if case .computed(var value) = x, let tensor = slope.constant {
            if tensor.values.count == 1, tensor.values[0] >= 0 {
                return try unary(.leakyRelu(tensor.values[0]), x)
            }
            if let slopes = perChannel(tensor, of: value) {
                value.node = try append(
                    .parametricRelu, [value.node], [try parameter(.slope, [slopes.count], slopes)])
                return .computed(value)
            }
        }
        let below = try unary(.clip(low: -.infinity, high: 0), x)
        return try binary(.add, try unary(.relu, x), try binary(.multiply, below, slope))
    }

    /// What the network computes, as whole multiples of a step: what a quantised runtime has there. Constants are such
    /// multiples already.
    mutating func rounded(
        _ x: TranslatedValue, to step: Double
    ) throws(TranslationProblem) -> TranslatedValue {
        guard x.constant == nil else { return x }
        let codes = try unary(.round, try unary(.affine(factor: 1 / step, term: 0), x))
        return try unary(.affine(factor: step, term: 0), codes)
    }

    /// The sizes of both together; nil where they do not fit.
    static func broadcastSizes(_ a: [Int], _ b: [Int]) -> [Int]? {
        let rank = max(a.count, b.count)
        var sizes: [Int] = []
        for axis in 0..<rank {
            let x = axis < rank - a.count ? 1 : a[axis - rank + a.count]
            let y = axis < rank - b.count ? 1 : b[axis - rank + b.count]
            guard x == y || x == 1 || y == 1 else { return nil }
            sizes.append(x == 1 ? y : x)
        }
        return sizes
    }

    /// A constant that has one number for each channel of the value's node, and none along other axes; nil for others.
    func perChannel(_ tensor: ConstantTensor, of value: ComputedValue) -> [Double]? {
        let sizes = value.sizes
        guard let sides = Self.broadcastSizes(tensor.shape, sizes), sides == sizes,
            let first = value.layout.memoryAxes?.first, tensor.values.count == sizes[first],
            shapes[value.node].channels == sizes[first]
        else { return nil }
        let axis = first - (sizes.count - tensor.shape.count)
        guard axis >= 0, tensor.shape[axis] == tensor.values.count else { return nil }
        return tensor.values
    }
}

extension UnaryFunction {
    /// What it becomes, one after the other.
    var operations: [Operation] {
        switch self {
        case .exp: [.function(.exponential)]
        case .log: [.function(.logarithm)]
        case .sqrt: [.function(.squareRoot)]
        case .reciprocal: [.function(.reciprocal)]
        case .rsqrt: [.function(.power, alpha: -0.5)]
        case .absolute: [.function(.absolute)]
        case .negate: [.function(.affine, alpha: -1)]
        case .square: [.function(.square)]
        case .floor: [.function(.floor)]
        case .ceiling: [.function(.ceiling)]
        case .round: [.function(.round)]
        case .sign: [.function(.sign)]
        case .erf: [.function(.errorFunction)]
        case .gelu: [.function(.gelu)]
        case .geluTanh: [.function(.geluTanh)]
        case .silu: [.function(.silu)]
        case .hardSwish: [.function(.hardSwish)]
        case .softplus: [.function(.softplus)]
        case .softsign: [.function(.softsign)]
        case .mish: [.function(.mish)]
        case .not: [.function(.affine, alpha: -1, beta: 1)]
        case .relu: [.activation(.relu)]
        case .relu6: [.activation(.relu6)]
        case .sigmoid: [.activation(.sigmoid)]
        case .tanh: [.activation(.tanh)]
        case .leakyRelu(let slope):
            // A slope below zero is no activation: `unary` has taken it apart.
            [.activation(.leakyRelu, alpha: max(Translation.finite(slope), 0))]
        case .elu(let alpha): [.function(.elu, alpha: Translation.finite(alpha), beta: 1)]
        case .celu(let alpha):
            [
                .function(.affine, alpha: Translation.finite(1 / alpha)),
                .function(.elu, alpha: 1, beta: Translation.finite(alpha)),
            ]
        case .selu(let alpha, let gamma):
            [.function(.elu, alpha: Translation.finite(alpha), beta: Translation.finite(gamma))]
        case .hardSigmoid(let alpha, let beta):
            [.function(.hardSigmoid, alpha: Translation.finite(alpha), beta: Translation.finite(beta))]
        case .clip(let low, let high):
            if low == 0, high == 6 {
                [.activation(.relu6)]
            } else if low == 0, high >= Double(Float.greatestFiniteMagnitude) {
                [.activation(.relu)]
            } else if low > high {
                // As NumPy: the upper bound wins.
                [.function(.affine, beta: Translation.finite(high))]
            } else {
                [.activation(.clip, alpha: Translation.finite(low), beta: Translation.finite(high))]
            }
        case .power(let exponent):
            switch exponent {
            case 1: []
            case 2: [.function(.square)]
            case 0.5: [.function(.squareRoot)]
            case -1: [.function(.reciprocal)]
            default: [.function(.power, alpha: Translation.finite(exponent))]
            }
        case .affine(let factor, let term):
            if factor == 1 && term == 0 {
                []
            } else {
                [.function(.affine, alpha: Translation.finite(factor), beta: Translation.finite(term))]
            }
        }
    }
}
