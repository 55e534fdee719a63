// A value of an ONNX graph while it is translated: beside the numbers, what is known of them. Quantised files say much by
// the ranges of their activations.

/// Bounds of numbers; either may be infinite.
struct ONNXBounds: Equatable {
    var low = -Double.infinity
    var high = Double.infinity

    /// What a clip to these bounds makes of a number.
    func clipped(_ x: Double) -> Double { min(max(x, low), high) }

    /// What a clip to these bounds makes of numbers within others: bounds again, and the clip that both are together.
    func clipped(_ other: ONNXBounds) -> ONNXBounds {
        ONNXBounds(low: clipped(other.low), high: clipped(other.high))
    }

    /// Whether a clip to these bounds leaves numbers within others as they are.
    func holds(_ other: ONNXBounds) -> Bool { low <= other.low && other.high <= high }

    func joined(_ other: ONNXBounds) -> ONNXBounds {
        ONNXBounds(low: min(low, other.low), high: max(high, other.high))
    }
}

/// How whole numbers of a file stand for others: n is (n − zeroPoint) · scale.
struct ONNXQuantisation: Equatable {
    /// One for all, or one for each place of an axis.
    var scales: [Double]
    /// As many.
    var zeroPoints: [Double]
    var axis: Int?
    var type: ONNXNumberType
    /// Scale and zero point follow from the numbers themselves; here they are 1 and 0.
    var isDynamic = false

    var isUniform: Bool { axis == nil }
}

/// A value of the graph.
struct ONNXValue {
    /// A clip to be computed before anything else reads the value.
    struct Clip {
        var bounds: ONNXBounds
        /// The node that it comes from.
        var node: String
    }

    var value: TranslatedValue
    /// What the numbers lie in, before the clip.
    var range = ONNXBounds()
    var clip: Clip?
    /// Not nil: the file has whole numbers here, and `value` what they stand for.
    var quantisation: ONNXQuantisation?
    /// The type of a constant whose numbers take less than a byte in the file.
    var narrowType: ONNXNumberType?

    init(_ value: TranslatedValue, range: ONNXBounds = ONNXBounds(), quantisation: ONNXQuantisation? = nil) {
        self.value = value
        self.range = range
        self.quantisation = quantisation
    }

    var sizes: [Int] { value.sizes }
    var constant: ConstantTensor? { value.constant }

    /// What the numbers lie in once the clip is computed.
    var bounds: ONNXBounds { clip.map { $0.bounds.clipped(range) } ?? range }

    /// The same behind one more clip.
    func clipped(to bounds: ONNXBounds, by node: String) -> ONNXValue {
        var result = self
        result.clip = Clip(bounds: clip.map { bounds.clipped($0.bounds) } ?? bounds, node: node)
        return result
    }
}
