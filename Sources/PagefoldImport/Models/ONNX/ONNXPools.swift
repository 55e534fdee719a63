// Pools with windows.

import Foundation

enum ONNXPools {
    static let operators: [String: ONNXOperator] = [
        "MaxPool": .moving(maxPool), "AveragePool": .one(rule: averagePool), "LpPool": .one(rule: lpPool),
    ]

    /// The result lies within what is pooled, so that a quantised map stays as it is.
    private static func maxPool(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> [ONNXValue] {
        if call.isWanted.count > 1, call.isWanted[1] {
            throw TranslationProblem(
                "the places of the largest are not supported", "export the model without them")
        }
        let x = try call.x()
        let axes = try ONNXConvolutions.spatialAxes(x)
        let window = try ONNXConvolutions.window(call, rank: axes.count, kernel: nil)
        return [ONNXValue(try onnx.translation.maxPool(x, window, channelAxis: 1, spatialAxes: axes))]
    }

    private static func averagePool(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        try averagePool(&onnx, call, try call.x(), countsPadding: try call.flag("count_include_pad"))
    }

    static func averagePool(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall, _ x: TranslatedValue, countsPadding: Bool
    ) throws(TranslationProblem) -> TranslatedValue {
        let axes = try ONNXConvolutions.spatialAxes(x)
        let window = try ONNXConvolutions.window(call, rank: axes.count, kernel: nil)
        return try onnx.translation.averagePool(
            x, window, countsPadding: countsPadding, channelAxis: 1, spatialAxes: axes)
    }

    /// The p-th root of the sum of p-th powers: of the mean, times how many there are.
    private static func lpPool(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let exponent = try call.number("p", 2)
        guard exponent > 0, exponent.isFinite else { throw call.refuse("p", "\(exponent)") }
        let count = (try call.integers("kernel_shape") ?? []).reduce(1.0) { $0 * Double($1) }
        let powers = try onnx.translation.unary(
            .power(exponent), try onnx.translation.unary(.absolute, try call.x()))
        let means = try averagePool(&onnx, call, powers, countsPadding: true)
        return try onnx.translation.unary(
            .affine(factor: pow(count, 1 / exponent), term: 0),
            try onnx.translation.unary(.power(1 / exponent), means))
    }
}
