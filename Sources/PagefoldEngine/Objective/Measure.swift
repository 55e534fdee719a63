// How good a network is on some samples, in the unit of what it is for, and how far that is from how good it was.

/// One number for how good a network is, with what it counts in.
public struct Measure: Hashable, Sendable, Codable {
    /// What a measure counts in. Raw values stand in records.
    public enum Unit: String, Sendable, Codable, CaseIterable {
        /// Share of the labelled samples that get their label, 0 … 1.
        case accuracy = "accuracy"
        /// Share of the samples that get the original's class, 0 … 1.
        case agreement = "agreement"
        /// Area under the curve of true against false alarms, 0 … 1; 0.5 is chance.
        case areaUnderCurve = "area_under_curve"
        /// Root mean square error as a share of the output's spread; 0 is best.
        case relativeError = "relative_error"

        /// Whether larger values are better.
        public var isBetterHigher: Bool { self != .relativeError }

        /// What one unit of a loss counts against a share of right answers: 2 % of the spread are one point of accuracy.
        var loss: Double { self == .relativeError ? 0.5 : 1 }

        /// How much a loss weighs in balance and selection. Three changed answers of a network without labels weigh like one
        /// right answer lost: with labels, most changed answers were wrong before or are right after.
        var weight: Double { self == .agreement ? 1.0 / 3 : 1 }
    }

    public var unit: Unit
    public var value: Double
    /// Share of the samples that got the same class as from the original network; nil where outputs are not classes.
    public var agreement: Double?
    /// Samples looked at.
    public var count: Int
    /// Standard error of `value`, as if samples were independent.
    public var standardError: Double

    public init(unit: Unit, value: Double, agreement: Double? = nil, count: Int, standardError: Double) {
        self.unit = unit
        self.value = value
        self.agreement = agreement
        self.count = count
        self.standardError = standardError
    }

    /// Of outputs that are classes.
    /// - Parameter accuracy: nil where no sample has a label.
    public init(accuracy: Double?, agreement: Double, count: Int) {
        let share = accuracy ?? agreement
        self.init(
            unit: accuracy == nil ? .agreement : .accuracy, value: share, agreement: agreement, count: count,
            standardError: (share * (1 - share) / Double(max(count, 1))).squareRoot())
    }

    /// Share of right answers; nil where the measure is another.
    public var accuracy: Double? { unit == .accuracy ? value : nil }

    /// How much worse than `original`, where 0.01 is one point of accuracy; negative where it is better.
    public func loss(from original: Measure) -> Double {
        (unit.isBetterHigher ? original.value - value : value - original.value) * unit.loss
    }

    /// How much better than `original`, as balance and selection count.
    public func gain(over original: Measure) -> Double {
        (unit.isBetterHigher ? value - original.value : original.value - value) * unit.loss * unit.weight
    }

    /// The standard error of a gain.
    public var gainError: Double { unit.loss * unit.weight * standardError }

    /// What the measures of a packed network are compared with, of its original's. Where the original has seen the samples
    /// in its own training, its accuracy is half-way between what it has on them and what it reaches on others: a packed
    /// network remembers some of them, nobody knows how many.
    /// - Parameter unseenAccuracy: of the original on samples it has not seen, where it has seen these.
    public func baseline(unseenAccuracy: Double?) -> Measure {
        var result = self
        if unit == .accuracy, let unseenAccuracy { result.value = (value + min(value, unseenAccuracy)) / 2 }
        return result
    }
}

extension Measure {
    /// Root mean square error as a share of the spread.
    /// - Parameter squares: for each sample its mean square error over the output, in units of the squared spread.
    init(squares: [Double]) {
        let count = Double(max(squares.count, 1))
        let mean = squares.reduce(0, +) / count
        let variance = squares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        let root = mean.squareRoot()
        // Of a root: half the relative error of what is under it.
        self.init(
            unit: .relativeError, value: root, count: squares.count,
            standardError: root > 0 ? (variance / count).squareRoot() / (2 * root) : 0)
    }
}
