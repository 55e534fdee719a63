// Products of foreign graphs: dense layers over the last axis, and NumPy's matrix product.

import PagefoldCore
import PagefoldData
import PagefoldGraph

extension Translation {
    /// Over the last axis.
    /// - Parameter weight: [out][in].
    mutating func dense(
        _ x: TranslatedValue, weight: ConstantTensor, bias: ConstantTensor?
    ) throws(TranslationProblem) -> TranslatedValue {
        guard case .computed(let value) = x else {
            return try evaluated([x]) { (translation, values) throws(TranslationProblem) in
                try translation.dense(values[0], weight: weight, bias: bias)
            }
        }
        let sizes = x.sizes
        guard weight.shape.count == 2, let features = sizes.last, features == weight.shape[1],
            weight.shape[0] > 0
        else { throw TranslationProblem("its weight is \(weight.shape), its operand \(sizes)") }
        let (outputs, last) = (weight.shape[0], sizes.count - 1)
        let positions = sizes.dropLast().reduce(1, *)
        var result = sizes
        result[last] = outputs
        if positions == 1 {
            var weights = weight.values
            if !value.layout.isRowMajor {
                // Its columns follow the order of memory.
                let places = value.layout.places
                for row in stride(from: 0, to: weights.count, by: features) {
                    for (from, to) in places.enumerated() { weights[row + to] = weight.values[row + from] }
                }
            }
            var parameters = [try parameter(.weight, [outputs, features], weights)]
            if let bias { parameters.append(try biasParameter(bias, outputs)) }
            let node = try append(.dense(outputs: outputs), [value.node], parameters)
            return .computed(ComputedValue(node: node, layout: AxisLayout(result)))
        }
        // A convolution with a window of 1 over the positions.
        let others = (value.layout.memoryAxes ?? Array(sizes.indices)).filter { $0 != last }
        let named = others + sizes.indices.filter { $0 != last && !others.contains($0) }
        let node = try grouped(value, [[last], [], named]).node
        var parameters = [try parameter(.weight, [outputs, features, 1, 1], weight.values)]
        if let bias { parameters.append(try biasParameter(bias, outputs)) }
        let layer = try append(
            .convolution(outputs: outputs, window: Window(height: 1, width: 1)), [node], parameters)
        return .computed(ComputedValue(node: layer, layout: AxisLayout(result, memory: [last] + named)))
    }

    /// NumPy's matmul.
    mutating func matrixProduct(
        _ a: TranslatedValue, _ b: TranslatedValue
    ) throws(TranslationProblem) -> TranslatedValue {
        guard !a.sizes.isEmpty, !b.sizes.isEmpty else {
            throw TranslationProblem("multiplies a single number")
        }
        if a.sizes.count == 1 {
            let result = try matrixProduct(try reshape(a, to: [1] + a.sizes), b)
            var sizes = result.sizes
            // Of two vectors nothing is left but the number.
            sizes.remove(at: b.sizes.count == 1 ? 0 : sizes.count - 2)
            return try reshape(result, to: sizes)
        }
        if b.sizes.count == 1 {
            let result = try matrixProduct(a, try reshape(b, to: b.sizes + [1]))
            return try reshape(result, to: Array(result.sizes.dropLast()))
        }
        let (rows, inner) = (a.sizes[a.sizes.count - 2], a.sizes[a.sizes.count - 1])
        guard inner == b.sizes[b.sizes.count - 2],
            let batch = Self.broadcastSizes(Array(a.sizes.dropLast(2)), Array(b.sizes.dropLast(2)))
        else { throw TranslationProblem("multiplies \(a.sizes) and \(b.sizes)") }
        let columns = b.sizes[b.sizes.count - 1]
        if a.constant != nil, b.constant != nil {
            return try evaluated([a, b]) { (translation, values) throws(TranslationProblem) in
                try translation.matrixProduct(values[0], values[1])
            }
        }
        if let weight = b.constant, b.sizes.dropLast(2).allSatisfy({ $0 == 1 }) {
            let matrix = ConstantTensor(
                elementType: .f32, shape: [columns, inner],
                values: ConstantTensor(
                    elementType: .f32, shape: [inner, columns], values: weight.values
                ).transposed([1, 0]).values)
            let result = try dense(a, weight: matrix, bias: nil)
            return try reshape(result, to: batch + [rows, columns])
        }
        if let weight = a.constant, a.sizes.dropLast(2).allSatisfy({ $0 == 1 }) {
            // (A B)ᵀ = Bᵀ Aᵀ
            var axes = Array(b.sizes.indices)
            axes.swapAt(axes.count - 1, axes.count - 2)
            let matrix = ConstantTensor(elementType: .f32, shape: [rows, inner], values: weight.values)
            let turned = try dense(try transpose(b, axes: axes), weight: matrix, bias: nil)
            return try reshape(try transpose(turned, axes: axes), to: batch + [rows, columns])
        }
        return try computedProduct(a, b, batch, rows, inner, columns)
    }

    private mutating func computedProduct(
        _ a: TranslatedValue, _ b: TranslatedValue, _ batch: [Int], _ rows: Int, _ inner: Int, _ columns: Int
    ) throws(TranslationProblem) -> TranslatedValue {
        let count = batch.reduce(1, *)
        let isShared = b.sizes.dropLast(2).allSatisfy { $0 == 1 }
        let left = try reshape(try broadcast(a, to: batch + [rows, inner]), to: [count, rows, inner])
        let right =
            isShared
            ? try reshape(b, to: [1, inner, columns])
            : try reshape(try broadcast(b, to: batch + [inner, columns]), to: [count, inner, columns])
        let x = try grouped(try computed(left), [[0], [1], [2]]).node
        var second = try computed(right)
        // The second operand may lie either way.
        let memory = second.layout.memoryAxes ?? [0, 1, 2]
        let isTransposed = memory.filter { $0 != 0 } == [2, 1] && inner > 1 && columns > 1
        second = try grouped(second, isTransposed ? [[0], [2], [1]] : [[0], [1], [2]])
        let node = try append(.matrixProduct(isSecondTransposed: isTransposed), [x, second.node])
        let value = ComputedValue(node: node, layout: AxisLayout([count, rows, columns]))
        return try reshape(.computed(value), to: batch + [rows, columns])
    }
}
