// Tensors that do not depend on the input, of any rank: weights, constants, shapes. What computes them is
// ConstantEvaluator's.

import PagefoldData

/// A constant of a foreign graph, row-major.
struct ConstantTensor: Sendable, Equatable {
    /// The type that the file gives it; `values` hold every type exactly, but for integers beyond 2⁵³.
    var elementType: ElementType
    /// The size of each axis, in the foreign order; empty for a single number.
    var shape: [Int]
    /// The product of `shape` many numbers.
    var values: [Double]

    /// The value as integers; `Int.min` stands for what is none.
    var integers: [Int] { values.map { Int(exactly: $0) ?? Int.min } }

    /// The same shape with a function applied to every number.
    func mapped(_ function: (Double) -> Double) -> ConstantTensor {
        ConstantTensor(elementType: elementType, shape: shape, values: values.map(function))
    }

    /// The tensor as another type: fractions are cut off where that has none.
    func converted(to type: ElementType) -> ConstantTensor {
        var result = type.isInteger ? mapped { $0.rounded(.towardZero) } : self
        result.elementType = type
        return result
    }

    /// A function of two tensors of equal shapes, or of a tensor and a single number; nil for other shapes.
    func combined(
        with other: ConstantTensor, _ function: (Double, Double) -> Double
    ) -> ConstantTensor? {
        guard shape == other.shape || values.count == 1 || other.values.count == 1 else { return nil }
        let wide = values.count >= other.values.count ? self : other
        var result = wide
        for i in wide.values.indices {
            result.values[i] = function(
                values[values.count == 1 ? 0 : i], other.values[other.values.count == 1 ? 0 : i])
        }
        return result
    }

    /// The tensor with its axes in another order: axis `i` of the result is axis `axes[i]` of this one.
    /// Precondition: `axes` is a permutation of `0 ..< shape.count`.
    func transposed(_ axes: [Int]) -> ConstantTensor {
        var result = self
        result.shape = axes.map { shape[$0] }
        // Without values, sizes may be anything, and their products overflow.
        guard !values.isEmpty else { return result }
        var strides = [Int](repeating: 1, count: shape.count)
        for axis in shape.indices.dropLast().reversed() {
            strides[axis] = strides[axis + 1] * shape[axis + 1]
        }
        let steps = axes.map { strides[$0] }
        var index = [Int](repeating: 0, count: axes.count)
        var place = 0
        for i in values.indices {
            result.values[i] = values[place]
            for axis in axes.indices.reversed() {
                index[axis] += 1
                place += steps[axis]
                if index[axis] < result.shape[axis] { break }
                place -= steps[axis] * index[axis]
                index[axis] = 0
            }
        }
        return result
    }
}
