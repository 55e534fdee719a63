// Operators that take numbers one by one, or two by two.

import PagefoldCore
import PagefoldData
import PagefoldGraph

extension TFLiteTranslation {
    mutating func arithmetic(
        _ op: TFLiteOperator, _ code: TFLiteCode
    ) throws(TranslationProblem) -> TFLiteValue {
        let first = try operand(op, 0)
        let function: BinaryFunction =
            switch code {
            case .sub: .subtract
            case .mul: .multiply
            case .div, .floorDiv: .divide
            case .maximum: .maximum
            case .minimum: .minimum
            case .pow: .power
            case .squaredDifference: .squaredDifference
            case .floorMod: .modulo
            case .less: .less
            case .lessEqual: .lessOrEqual
            case .greater: .greater
            case .greaterEqual: .greaterOrEqual
            case .equal: .equal
            case .notEqual: .notEqual
            case .logicalAnd: .and
            case .logicalOr: .or
            default: .add
            }
        var result = first
        for place in 1..<max(2, code == .addN ? op.inputs.count : 2) {
            let second = try operand(op, place)
            if code == .floorDiv { return try floorDivision(first, second) }
            result = TFLiteValue(
                try translation.binary(function, result.value, second.value),
                range: Self.range(function, result.range, second.range))
        }
        let isFused = [TFLiteCode.add, .sub, .mul, .div].contains(code)
        result.fused = isFused ? try op.options.fused(0) : .none
        return result
    }

    /// What a function makes of known bounds.
    private static func range(_ function: BinaryFunction, _ a: TFLiteRange, _ b: TFLiteRange) -> TFLiteRange {
        switch function {
        case .add: a + b
        case .subtract: a + -b
        case .multiply: a * b
        case .maximum: TFLiteRange(low: max(a.low, b.low), high: max(a.high, b.high))
        case .minimum: TFLiteRange(low: min(a.low, b.low), high: min(a.high, b.high))
        case .squaredDifference: TFLiteRange(low: 0)
        default: function.isLogical ? .unit : .all
        }
    }

    private mutating func floorDivision(
        _ a: TFLiteValue, _ b: TFLiteValue
    ) throws(TranslationProblem) -> TFLiteValue {
        // As fractions, so that the quotient is not cut off towards zero.
        let (left, right) = (try translation.cast(a.value, to: .f64), try translation.cast(b.value, to: .f64))
        let quotient = try translation.unary(.floor, try translation.binary(.divide, left, right))
        return TFLiteValue(try translation.cast(quotient, to: a.value.elementType))
    }

    // MARK: One by one

    mutating func function(
        _ op: TFLiteOperator, _ code: TFLiteCode
    ) throws(TranslationProblem) -> TFLiteValue {
        var x = try operand(op, 0)
        // Those that a layer may have within it, and are joined with the range of the result.
        switch code {
        case .relu: x.fused = .relu
        case .relu6: x.fused = .relu6
        case .reluN1To1: x.fused = .reluN1To1
        case .tanh: x.fused = .tanh
        case .fakeQuant: return try fakeQuantised(op, x)
        default:
            let (function, range) = try elementary(op, code, x.range)
            x = TFLiteValue(try translation.unary(function, x.value), range: range)
        }
        return x
    }

    /// The function of an operator, and what it makes of known bounds.
    private func elementary(
        _ op: TFLiteOperator, _ code: TFLiteCode, _ range: TFLiteRange
    ) throws(TranslationProblem) -> (UnaryFunction, TFLiteRange) {
        let positive = TFLiteRange(low: 0)
        switch code {
        case .relu0To1: return (.clip(low: 0, high: 1), .unit)
        case .logistic: return (.sigmoid, .unit)
        case .floor: return (.floor, range.mapped { $0.rounded(.down) })
        case .ceil: return (.ceiling, range.mapped { $0.rounded(.up) })
        case .round: return (.round, range.mapped { $0.rounded(.toNearestOrEven) })
        case .exp: return (.exp, positive)
        case .neg: return (.negate, -range)
        case .log: return (.log, .all)
        case .sqrt: return (.sqrt, positive)
        case .rsqrt: return (.rsqrt, positive)
        case .square: return (.square, positive)
        case .abs: return (.absolute, positive)
        case .leakyRelu:
            let slope = try op.options.float(0)
            return (.leakyRelu(slope), slope >= 0 ? range.mapped { $0 < 0 ? slope * $0 : $0 } : .all)
        case .elu: return (.elu(1), TFLiteRange(low: max(-1, range.low), high: max(range.high, 0)))
        case .hardSwish: return (.hardSwish, TFLiteRange(low: -0.375, high: max(range.high, 0)))
        case .gelu:
            return (
                try op.options.flag(0) ? .geluTanh : .gelu, TFLiteRange(low: -0.2, high: max(range.high, 0))
            )
        case .sign: return (.sign, TFLiteRange(low: -1, high: 1))
        default: return (.not, .unit)
        }
    }

    /// Quantisation that was only thought of: numbers are clipped to the range that has codes.
    private mutating func fakeQuantised(
        _ op: TFLiteOperator, _ x: TFLiteValue
    ) throws(TranslationProblem) -> TFLiteValue {
        let (low, high) = (try op.options.float(0), try op.options.float(1))
        let bits = try op.options.int(2)
        guard low <= high, low.isFinite, high.isFinite, (2...16).contains(bits) else {
            throw TranslationProblem("quantises \(low) to \(high) with \(bits) bits")
        }
        // Zero has a code, so the range moves by a fraction of a step.
        let first = try op.options.flag(3) ? 1.0 : 0.0
        let last = Double(1 << bits - 1)
        let scale = (high - low) / (last - first)
        guard scale > 0 else { return TFLiteValue(try translation.unary(.clip(low: 0, high: 0), x.value)) }
        let zero = min(max((first - low / scale).rounded(), first), last)
        let range = TFLiteRange(low: (first - zero) * scale, high: (last - zero) * scale)
        var value = try translation.unary(.clip(low: range.low, high: range.high), x.value)
        if roundsActivations { value = try translation.rounded(value, to: scale) }
        return TFLiteValue(value, range: range)
    }

    mutating func parametricRelu(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        let x = try operand(op, 0)
        return TFLiteValue(try translation.prelu(x.value, slope: try operand(op, 1).value))
    }

    // MARK: Choices and types

    mutating func select(_ op: TFLiteOperator, _ code: TFLiteCode) throws(TranslationProblem) -> TFLiteValue {
        var condition = try operand(op, 0).value
        let (a, b) = (try operand(op, 1), try operand(op, 2))
        // The older operator lets one condition a row choose between whole rows.
        if code == .select, condition.sizes.count == 1, a.sizes.count > 1, condition.sizes[0] == a.sizes[0] {
            condition = try translation.reshape(
                condition, to: [a.sizes[0]] + [Int](repeating: 1, count: a.sizes.count - 1))
        }
        return TFLiteValue(
            try translation.select(condition, a.value, b.value), range: a.range.union(b.range))
    }

    mutating func cast(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        var x = try operand(op, 0)
        guard let output = op.outputs.first, output >= 0, let type = frame.graph.tensors[output].type.element
        else { throw TranslationProblem("makes numbers of a type that is not read here") }
        // The numbers of a quantised tensor are its codes.
        if let tensor = tensor(op, 0), let scale = tensor.scale, tensor.type != .int32 {
            let zeroPoint = Double(tensor.zeroPoint)
            x.value = try translation.unary(.affine(factor: 1 / scale, term: zeroPoint), x.value)
            x.range = x.range.mapped { $0 / scale + zeroPoint }
        }
        return TFLiteValue(try translation.cast(x.value, to: type), range: x.range)
    }

    /// Between types of numbers that mean the same; what is lost is the range, which the result's tensor tells.
    mutating func requantised(
        _ op: TFLiteOperator, _ code: TFLiteCode
    ) throws(TranslationProblem) -> TFLiteValue {
        var x = try operand(op, 0)
        guard code == .dequantize, let tensor = tensor(op, 0) else { return x }
        switch x.value {
        case .constant(let stored):
            var numbers = stored
            if stored.elementType.isInteger, tensor.isQuantised {
                numbers = try TFLiteConstants.dequantised(stored, tensor)
                x.range = TFLiteRange(numbers.values)
            }
            numbers.elementType = .f32
            x.value = .constant(numbers)
        case .computed(var value):
            value.elementType = .f32
            x.value = .computed(value)
        }
        return x
    }
}
