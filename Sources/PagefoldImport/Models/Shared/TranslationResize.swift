// Resizing of one axis in all forms that files use: what a step can say becomes a step, the rest a product with a matrix.

import Foundation
import PagefoldCore
import PagefoldData
import PagefoldGraph

extension Translation {
    mutating func resize(
        _ x: TranslatedValue, axis: Int, _ form: ResizeForm
    ) throws(TranslationProblem) -> TranslatedValue {
        let axis = try checked(axis, x)
        let size = x.sizes[axis]
        guard size > 0, 1...1 << 16 ~= form.size else {
            throw TranslationProblem("makes \(form.size) of \(size) places")
        }
        let isSame = form.size == size && (form.scale ?? 1) == 1 && form.isPlain
        if isSame { return x }
        guard case .computed(let value) = x else {
            return try evaluated([x]) { (translation, values) throws(TranslationProblem) in
                try translation.resize(values[0], axis: axis, form)
            }
        }
        if let step = form.step(from: size) {
            let view = try view(value, axis: axis)
            let node = try append(
                .resize(
                    axis: view.side, size: form.size, step.interpolation, factor: step.factor,
                    first: step.first),
                [view.node])
            return .computed(self.value(node, view, axis: axis, size: form.size, value.elementType))
        }
        // The matrix of weights, [out][in], times the axis as the last one.
        let matrix = form.weights(from: size)
        try take(matrix.count)
        guard matrix.count <= 1 << 20 else {
            throw TranslationProblem("resizes \(size) places to \(form.size)")
        }
        var axes = Array(x.sizes.indices)
        axes.remove(at: axis)
        axes.append(axis)
        var back = Array(0..<axes.count - 1)
        back.insert(axes.count - 1, at: axis)
        let turned = try transpose(x, axes: axes)
        let weights = TranslatedValue.constant(
            ConstantTensor(elementType: .f32, shape: [form.size, size], values: matrix))
        let rows = turned.sizes.dropLast().reduce(1, *)
        let flat = try grouped(try computed(try reshape(turned, to: [rows, size])), [[], [0], [1]]).node
        let second = try grouped(try computed(weights), [[], [0], [1]]).node
        let node = try append(.matrixProduct(isSecondTransposed: true), [flat, second])
        let product = TranslatedValue.computed(
            ComputedValue(node: node, layout: AxisLayout([rows, form.size])))
        let result = try transpose(
            try reshape(product, to: Array(turned.sizes.dropLast()) + [form.size]), axes: back)
        // Rows without weights are outside.
        let terms = form.outsideTerms(from: size)
        guard terms.contains(where: { $0 != 0 }) else { return result }
        var line = [Int](repeating: 1, count: x.sizes.count)
        line[axis] = form.size
        return try binary(
            .add, result, .constant(ConstantTensor(elementType: .f32, shape: line, values: terms)))
    }
}

extension ResizeForm {
    /// Whether the same number of places are the same places.
    fileprivate var isPlain: Bool {
        switch coordinates {
        case .pytorchHalfPixel: false
        case .cropped(let from, let to): from == 0 && to == 1
        default: true
        }
    }

    /// What is added to each place of the result: the number outside, where it lies there.
    fileprivate func outsideTerms(from old: Int) -> [Double] {
        (0..<size).map { isOutside($0, from: old) ? outside : 0 }
    }

    private func isOutside(_ i: Int, from old: Int) -> Bool {
        guard case .cropped = coordinates else { return false }
        return !(0...Double(old - 1)).contains(place(i, from: old))
    }

    /// Places of the operand in one of the result.
    private func factor(from old: Int) -> Double {
        if case .cropped(let from, let to) = coordinates {
            return size == 1 ? 0 : (to - from) * Double(old - 1) / Double(size - 1)
        }
        if coordinates == .alignCorners {
            // ONNX takes the size before it is rounded, where a scale is given.
            let places = scale.map { $0 * Double(old) } ?? Double(size)
            return size == 1 || places <= 1 ? 0 : Double(old - 1) / (places - 1)
        }
        return scale.map { 1 / $0 } ?? Double(old) / Double(size)
    }

    /// The place of the operand at place 0 of the result; others follow by `factor`.
    private func first(from old: Int) -> Double {
        let factor = factor(from: old)
        switch coordinates {
        case .asymmetric, .alignCorners: return 0
        case .cropped(let from, let to): return (size == 1 ? (from + to) / 2 : from) * Double(old - 1)
        case .halfPixel: return 0.5 * factor - 0.5
        case .pytorchHalfPixel: return size > 1 ? 0.5 * factor - 0.5 : 0
        case .halfPixelSymmetric:
            // The part that a rounded size cuts off stands half on each side.
            let exact = Double(old) / factor
            let adjustment = Double(size) / exact
            let centre = Double(old) / 2
            return centre * (1 - adjustment) + 0.5 * factor - 0.5
        }
    }

    private func place(_ i: Int, from old: Int) -> Double {
        if coordinates == .pytorchHalfPixel && size == 1 { return 0 }
        return Double(i) * factor(from: old) + first(from: old)
    }

    /// The place that the nearest method takes.
    private func nearest(_ i: Int, from old: Int, _ rounding: Rounding) -> Int {
        let place = place(i, from: old)
        // Division may leave a hair beside a half or a whole number.
        let hair = 1e-9
        let whole: Double =
            switch rounding {
            case .floor: (place + hair).rounded(.down)
            case .ceiling: (place - hair).rounded(.up)
            case .roundPreferFloor: (place - 0.5 - hair).rounded(.up)
            case .roundPreferCeiling: (place + 0.5 + hair).rounded(.down)
            }
        return Int(min(max(whole, 0), Double(old - 1)))
    }

    /// The step that does exactly this; nil where none does.
    fileprivate func step(from old: Int) -> (interpolation: Interpolation, factor: Float, first: Float)? {
        let (factor, first) = (factor(from: old), first(from: old))
        if case .cropped = coordinates { return nil }
        guard factor.magnitude < 0x1p16, first.magnitude < 0x1p16 else { return nil }
        switch method {
        case .linear: return isAntialiased && factor > 1 ? nil : (.linear, Float(factor), Float(first))
        case .nearest(let rounding):
            // Single precision may fall on the other side of a whole number: a hair more or less mends it.
            let due = (0..<size).map { nearest($0, from: old, rounding) }
            let offset: Double =
                switch rounding {
                case .floor, .ceiling: 0
                case .roundPreferFloor: -0.5
                case .roundPreferCeiling: 0.5
                }
            let isDown = rounding == .floor || rounding == .roundPreferCeiling
            for hair in [0, 1e-4, -1e-4, 1e-3, -1e-3] {
                var step = Step(opcode: .resize, input: 0, output: 0)
                step.mode = (isDown ? Interpolation.floor : .ceiling).rawValue
                step.alpha = Float(factor)
                step.beta = Float(first + offset + hair)
                if (0..<size).allSatisfy({ ResizedPlace(step, $0, length: old).low == due[$0] }) {
                    return (isDown ? .floor : .ceiling, step.alpha, step.beta)
                }
            }
            return nil
        case .cubic: return nil
        }
    }

    /// The weight of each place of the operand in each of the result, [out][in].
    fileprivate func weights(from old: Int) -> [Double] {
        var matrix = [Double](repeating: 0, count: size * old)
        let stretch = isAntialiased ? max(factor(from: old), 1) : 1
        for i in 0..<size where !isOutside(i, from: old) {
            if case .nearest(let rounding) = method {
                matrix[i * old + nearest(i, from: old, rounding)] = 1
                continue
            }
            let place = place(i, from: old)
            let reach = (isCubic ? 2 : 1) * stretch
            let low = Int((place - reach).rounded(.down)) - 1
            let high = Int((place + reach).rounded(.up)) + 1
            var sum = 0.0
            for j in low...high {
                let weight = kernel((Double(j) - place) / stretch)
                if weight == 0 || excludesOutside && !(0..<old).contains(j) { continue }
                matrix[i * old + min(max(j, 0), old - 1)] += weight
                sum += weight
            }
            if sum != 0 { for j in 0..<old { matrix[i * old + j] /= sum } }
        }
        return matrix
    }

    private var isCubic: Bool { if case .cubic = method { true } else { false } }

    /// The weight of a place so far away (Keys 1981 for cubic convolution).
    private func kernel(_ distance: Double) -> Double {
        let t = distance.magnitude
        guard case .cubic(let a) = method else { return max(1 - t, 0) }
        if t <= 1 { return ((a + 2) * t - (a + 3)) * t * t + 1 }
        return t < 2 ? a * (((t - 5) * t + 8) * t - 4) : 0
    }
}
