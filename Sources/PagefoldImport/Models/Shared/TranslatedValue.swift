// What a foreign graph computes with, as a translation holds it: constants, and results of nodes under a layout.

import PagefoldCore
import PagefoldData

/// A value of a foreign graph: an array of any rank, the batch axis among its axes.
enum TranslatedValue {
    /// Known while the file is read.
    case constant(ConstantTensor)
    /// Computed by the network.
    case computed(ComputedValue)

    /// The size of each axis as the foreign file sees it.
    var sizes: [Int] {
        switch self {
        case .constant(let tensor): tensor.shape
        case .computed(let value): value.sizes
        }
    }

    var constant: ConstantTensor? {
        if case .constant(let tensor) = self { tensor } else { nil }
    }

    var elementType: ElementType {
        switch self {
        case .constant(let tensor): tensor.elementType
        case .computed(let value): value.elementType
        }
    }
}

/// A node's result as an array of the foreign graph.
struct ComputedValue {
    /// Of the translation's nodes.
    var node: Int
    var layout: AxisLayout
    /// What the foreign graph takes its numbers for; here they are floats.
    var elementType = ElementType.f32

    var sizes: [Int] { layout.sizes }
    var count: Int { layout.factors.reduce(1, *) }
}

/// Why a node of a foreign graph cannot be translated. The reader adds file, node and operation.
struct TranslationProblem: Error {
    var text: String
    var remedy: String

    init(
        _ text: String,
        _ remedy: String = "leave this part of the graph outside, or export it in another form"
    ) {
        self.text = text
        self.remedy = remedy
    }
}

/// A function of single numbers.
enum UnaryFunction: Hashable {
    case exp, log, sqrt, reciprocal, rsqrt, absolute, negate, square, floor, ceiling, round, sign, erf
    case gelu, geluTanh, silu, hardSwish, softplus, softsign, mish, not
    case relu, relu6, sigmoid, tanh
    case leakyRelu(Double)
    case elu(Double)
    case celu(Double)
    case selu(alpha: Double, gamma: Double)
    case hardSigmoid(alpha: Double, beta: Double)
    /// Either bound may be infinite.
    case clip(low: Double, high: Double)
    case power(Double)
    /// factor · x + term
    case affine(factor: Double, term: Double)
}

/// A function of two numbers; smaller arrays are repeated as NumPy does.
enum BinaryFunction: Hashable {
    /// `divide` cuts fractions off where both are whole numbers.
    case add, subtract, multiply, divide, maximum, minimum, power, squaredDifference
    /// The first where the second is not 0, else 0.
    case mask
    case less, greater, lessOrEqual, greaterOrEqual, equal, notEqual, and, or, xor
    /// With the sign of the second, and with the sign of the first (C's fmod).
    case modulo, remainder

    /// Whether the result is true or false.
    var isLogical: Bool {
        switch self {
        case .less, .greater, .lessOrEqual, .greaterOrEqual, .equal, .notEqual, .and, .or, .xor: true
        default: false
        }
    }
}

/// What a reduction makes of several numbers.
enum ReductionKind: Hashable {
    case sum, mean, maximum, minimum, product, argMax, argMin, l1, l2, sumSquare, logSum, logSumExp
}

/// What stands outside an array.
enum PaddingMode: Hashable {
    case constant(Double)
    case reflect, edge, wrap
}

/// A window that slides over one or two axes.
struct WindowAttributes {
    enum Padding: Hashable {
        /// Places before and after each axis; below zero they are cut off.
        case explicit(before: [Int], after: [Int])
        /// As many as give one result for each stride; the odd one stands after, or before.
        case sameUpper, sameLower
    }
    /// Places of the window on each axis; a convolution takes those of its weight.
    var sizes: [Int] = []
    var strides: [Int]
    var dilations: [Int]
    var padding: Padding
    /// Whether a window that is not full at the end counts.
    var roundsUp = false

    init(
        sizes: [Int] = [], strides: [Int], dilations: [Int]? = nil, padding: Padding, roundsUp: Bool = false
    ) {
        self.sizes = sizes
        self.strides = strides
        self.dilations = dilations ?? strides.map { _ in 1 }
        self.padding = padding
        self.roundsUp = roundsUp
    }
}

/// How an axis is resized.
struct ResizeForm {
    enum Method: Hashable {
        case linear
        case nearest(Rounding)
        /// Cubic convolution with this coefficient (−0.75 and −0.5 are usual).
        case cubic(Double)
    }
    enum Rounding: Hashable { case floor, ceiling, roundPreferFloor, roundPreferCeiling }
    enum Coordinates: Hashable {
        case asymmetric, halfPixel, pytorchHalfPixel, alignCorners, halfPixelSymmetric
        /// Of a part of the axis between two shares of its length, which may reach outside.
        case cropped(from: Double, to: Double)
    }
    /// Places of the result.
    var size: Int
    var method: Method
    var coordinates: Coordinates
    /// Places of the result for one of the operand; nil: the quotient of the sizes.
    var scale: Double?
    /// Cubic only: places outside have no weight, instead of repeating the outermost.
    var excludesOutside = false
    /// Cropped only: what stands outside.
    var outside = 0.0
    /// Whether a window grows where the result is smaller (linear and cubic).
    var isAntialiased = false
}
