// Operators of single numbers: activations and elementary functions. Relu and Clip are not computed where they stand but
// where they are read, so that a clip to a quantised range becomes one with them.

import Foundation
import PagefoldData

enum ONNXActivations {
    private static let share = ONNXBounds(low: 0, high: 1)

    static let operators: [String: ONNXOperator] = [
        "Abs": .unary(.absolute), "Neg": .unary(.negate), "Exp": .unary(.exp), "Log": .unary(.log),
        "Sqrt": .unary(.sqrt), "Reciprocal": .unary(.reciprocal), "Floor": .unary(.floor),
        "Ceil": .unary(.ceiling), "Round": .unary(.round), "Sign": .unary(.sign), "Erf": .unary(.erf),
        "Not": .unary(.not), "Softplus": .unary(.softplus), "Softsign": .unary(.softsign),
        "Mish": .unary(.mish), "HardSwish": .unary(.hardSwish),
        "Sigmoid": .unary(.sigmoid, share), "Tanh": .unary(.tanh, ONNXBounds(low: -1, high: 1)),
        "Relu": .raw(relu), "Clip": .raw(clip), "Relu6": .raw(relu6),
        "LeakyRelu": parametric { (call) throws(TranslationProblem) in
            .leakyRelu(try call.number("alpha", 0.01))
        },
        "Elu": parametric { (call) throws(TranslationProblem) in .elu(try call.number("alpha", 1)) },
        "Celu": parametric { (call) throws(TranslationProblem) in .celu(try call.number("alpha", 1)) },
        "Selu": parametric { (call) throws(TranslationProblem) in
            .selu(
                alpha: try call.number("alpha", 1.67326319217681884765625),
                gamma: try call.number("gamma", 1.05070102214813232421875))
        },
        "HardSigmoid": parametric(share) { (call) throws(TranslationProblem) in
            .hardSigmoid(alpha: try call.number("alpha", 0.2), beta: try call.number("beta", 0.5))
        },
        "Gelu": parametric { (call) throws(TranslationProblem) in
            try call.text("approximate", "none") == "tanh" ? .geluTanh : .gelu
        },
        "com.microsoft.Gelu": .unary(.gelu),
        "com.microsoft.FastGelu": biased(.geluTanh), "com.microsoft.BiasGelu": biased(.gelu),
        "com.microsoft.QuickGelu": .one { (onnx, call) throws(TranslationProblem) in
            try swish(&onnx, try call.x(), try call.number("alpha", 1.702))
        },
        "Swish": .one { (onnx, call) throws(TranslationProblem) in
            try swish(&onnx, try call.x(), try call.number("alpha", 1))
        },
        "ThresholdedRelu": .one(rule: thresholdedRelu), "Shrink": .one(rule: shrink),
        "PRelu": .one(rule: prelu),
        "ScaledTanh": .one(rule: scaledTanh), "ParametricSoftplus": .one(rule: parametricSoftplus),
        "Sin": known("sine", sin), "Cos": known("cosine", cos), "Tan": known("tangent", tan),
        "Asin": known("arcsine", asin), "Acos": known("arccosine", acos), "Atan": known("arctangent", atan),
        "Sinh": known("hyperbolic sine", sinh), "Cosh": known("hyperbolic cosine", cosh),
        "Asinh": known("inverse hyperbolic sine", asinh), "Acosh": known("inverse hyperbolic cosine", acosh),
        "Atanh": known("inverse hyperbolic tangent", atanh),
        "IsNaN": known("test for NaN", isLogical: true) { $0.isNaN ? 1 : 0 },
        "IsInf": known("test for infinity", isLogical: true) { $0.isInfinite ? 1 : 0 },
    ]

    private static func parametric(
        _ range: ONNXBounds = ONNXBounds(),
        _ function: @escaping @Sendable (ONNXCall) throws(TranslationProblem) -> UnaryFunction
    ) -> ONNXOperator {
        .one(range) { (onnx, call) throws(TranslationProblem) in
            try onnx.translation.unary(try function(call), try call.x())
        }
    }

    /// A function of the operand and a bias that may lack.
    private static func biased(_ function: UnaryFunction) -> ONNXOperator {
        .one { (onnx, call) throws(TranslationProblem) in
            var x = try call.x()
            if let bias = call.optional(1) { x = try onnx.translation.binary(.add, x, bias) }
            return try onnx.translation.unary(function, x)
        }
    }

    /// Functions that only constants need.
    private static func known(
        _ name: String, isLogical: Bool = false, _ function: @escaping @Sendable (Double) -> Double
    ) -> ONNXOperator {
        .one { (onnx, call) throws(TranslationProblem) in
            guard var tensor = try call.x().constant else {
                throw TranslationProblem(
                    "the \(name) of what the network computes is not supported",
                    "leave it to the application: name a value before it with output:")
            }
            try onnx.translation.take(tensor.values.count)
            tensor = tensor.mapped(function)
            if isLogical { tensor.elementType = .bool }
            return .constant(tensor)
        }
    }

    // MARK: Clips

    private static func relu(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        [try clipped(&onnx, try call.value(0), ONNXBounds(low: 0))]
    }

    private static func relu6(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        [try clipped(&onnx, try call.value(0), ONNXBounds(low: 0, high: 6))]
    }

    private static func clip(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        let x = try call.value(0)
        var bounds = ONNXBounds()
        if call.version < 11 {
            bounds.low = try call.number("min", -.infinity)
            bounds.high = try call.number("max", .infinity)
        } else {
            let (low, high) = (call.optional(1), call.optional(2))
            if low.map({ $0.constant == nil }) ?? false || high.map({ $0.constant == nil }) ?? false {
                var result = try onnx.wholeNumbers(try onnx.settled(x)).value
                if let low { result = try onnx.translation.binary(.maximum, result, low) }
                if let high { result = try onnx.translation.binary(.minimum, result, high) }
                return [ONNXValue(result)]
            }
            if let low = low?.constant { bounds.low = try single(low) }
            if let high = high?.constant { bounds.high = try single(high) }
        }
        guard !bounds.low.isNaN, !bounds.high.isNaN else {
            throw TranslationProblem("its bounds are no numbers", "the file is damaged; copy it again")
        }
        return [try clipped(&onnx, x, bounds)]
    }

    private static func single(_ tensor: ConstantTensor) throws(TranslationProblem) -> Double {
        guard let number = tensor.single else {
            throw TranslationProblem("a bound of shape \(tensor.shape)", "the file is damaged; copy it again")
        }
        return number
    }

    /// The value behind a clip, which is computed later.
    static func clipped(
        _ onnx: inout ONNXTranslation, _ x: ONNXValue, _ bounds: ONNXBounds
    ) throws(TranslationProblem) -> ONNXValue {
        guard x.constant == nil, bounds.low <= bounds.high else {
            let value = try onnx.wholeNumbers(try onnx.settled(x)).value
            return ONNXValue(
                try onnx.translation.unary(.clip(low: bounds.low, high: bounds.high), value))
        }
        let numbers = x.quantisation == nil ? x : try onnx.wholeNumbers(try onnx.settled(x))
        return numbers.clipped(to: bounds, by: onnx.translation.node)
    }

    // MARK: Others

    private static func swish(
        _ onnx: inout ONNXTranslation, _ x: TranslatedValue, _ alpha: Double
    ) throws(TranslationProblem) -> TranslatedValue {
        if alpha == 1 { return try onnx.translation.unary(.silu, x) }
        let scaled = try onnx.translation.unary(.affine(factor: alpha, term: 0), x)
        return try onnx.translation.binary(
            .multiply, x, try onnx.translation.unary(.sigmoid, scaled))
    }

    private static func number(_ value: Double) -> TranslatedValue {
        .constant(ConstantTensor(elementType: .f32, shape: [], values: [value]))
    }

    private static func thresholdedRelu(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.x()
        let isAbove = try onnx.translation.binary(.greater, x, number(try call.number("alpha", 1)))
        return try onnx.translation.binary(.multiply, x, isAbove)
    }

    /// x + bias below −lambda, x − bias above it, 0 between.
    private static func shrink(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let (x, bias, bound) = (try call.x(), try call.number("bias", 0), try call.number("lambd", 0.5))
        let isBelow = try onnx.translation.binary(.less, x, number(-bound))
        let isAbove = try onnx.translation.binary(.greater, x, number(bound))
        let below = try onnx.translation.unary(.affine(factor: 1, term: bias), x)
        let above = try onnx.translation.unary(.affine(factor: 1, term: -bias), x)
        return try onnx.translation.binary(
            .add, try onnx.translation.binary(.multiply, below, isBelow),
            try onnx.translation.binary(.multiply, above, isAbove))
    }

    /// Before opset 7 a slope for each channel has one axis.
    private static func prelu(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.x()
        var slope = try call.x(1)
        if call.version < 7, slope.sizes.count == 1, x.sizes.count > 2, slope.sizes[0] == x.sizes[1] {
            let behind = [Int](repeating: 1, count: x.sizes.count - 2)
            slope = try onnx.translation.reshape(slope, to: slope.sizes + behind)
        }
        return try onnx.translation.prelu(x, slope: slope)
    }

    private static func scaledTanh(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let inner = try onnx.translation.unary(
            .affine(factor: try call.number("beta", 1), term: 0), try call.x())
        return try onnx.translation.unary(
            .affine(factor: try call.number("alpha", 1), term: 0),
            try onnx.translation.unary(.tanh, inner))
    }

    private static func parametricSoftplus(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let inner = try onnx.translation.unary(
            .affine(factor: try call.number("beta", 1), term: 0), try call.x())
        return try onnx.translation.unary(
            .affine(factor: try call.number("alpha", 1), term: 0),
            try onnx.translation.unary(.softplus, inner))
    }
}
