// What is known of the numbers of a value: quantised files are clipped to the ranges of their tensors, and a clip that
// changes nothing is left out.

/// Bounds that all numbers of a value keep; infinite where nothing is known.
struct TFLiteRange: Hashable, Sendable {
    var low = -Double.infinity
    var high = Double.infinity

    static let all = TFLiteRange()
    /// Of probabilities.
    static let unit = TFLiteRange(low: 0, high: 1)

    /// What a clip to these bounds leaves of it.
    func clamped(to bounds: TFLiteRange) -> TFLiteRange { mapped { min(max($0, bounds.low), bounds.high) } }

    func union(_ other: TFLiteRange) -> TFLiteRange {
        TFLiteRange(low: min(low, other.low), high: max(high, other.high))
    }

    func contains(_ other: TFLiteRange) -> Bool { low <= other.low && other.high <= high }

    /// What a function that does not decrease makes of it.
    func mapped(_ function: (Double) -> Double) -> TFLiteRange {
        TFLiteRange(low: function(low), high: function(high))
    }

    static func + (a: TFLiteRange, b: TFLiteRange) -> TFLiteRange {
        TFLiteRange(low: a.low + b.low, high: a.high + b.high)
    }

    static prefix func - (a: TFLiteRange) -> TFLiteRange { TFLiteRange(low: -a.high, high: -a.low) }

    static func * (a: TFLiteRange, b: TFLiteRange) -> TFLiteRange {
        let ends = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high]
        // 0 · ∞ says nothing.
        guard let low = ends.min(), let high = ends.max(), !ends.contains(where: \.isNaN) else { return all }
        return TFLiteRange(low: low, high: high)
    }

    /// Of known numbers.
    init(_ values: [Double]) {
        guard let least = values.min(), let most = values.max(), least <= most else { return }
        (low, high) = (least, most)
    }

    init(low: Double = -.infinity, high: Double = .infinity) {
        self.low = low
        self.high = high
    }
}

extension TFLiteFused {
    /// What its results can be.
    var range: TFLiteRange {
        switch self {
        case .none: .all
        case .relu: TFLiteRange(low: 0)
        case .reluN1To1, .tanh: TFLiteRange(low: -1, high: 1)
        case .relu6: TFLiteRange(low: 0, high: 6)
        }
    }
}
