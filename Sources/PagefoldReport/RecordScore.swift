// How good a network was on some samples, as a record says it: its measure with the unit.

extension PackRecord {
    /// How good a network is on a set of samples.
    public struct Score: Hashable, Sendable, Codable {
        /// What a measure counts in.
        public enum Unit: String, Sendable, Codable {
            case accuracy = "accuracy"
            case agreement = "agreement"
            case areaUnderCurve = "area_under_curve"
            case relativeError = "relative_error"
        }

        /// Share of the labelled samples that got their label, 0 … 1; nil where that is not the measure.
        public var accuracy: Double?
        /// Share of the samples that got the same class as from the original network, 0 … 1; nil where outputs are no
        /// classes.
        public var agreement: Double?
        /// Samples looked at.
        public var count: Int
        /// The measure and its unit, where it is neither accuracy nor agreement.
        public var value: Double?
        private var unitWithValue: Unit?

        private enum CodingKeys: String, CodingKey {
            case accuracy = "accuracy"
            case agreement = "agreement"
            case count = "count"
            case value = "value"
            case unitWithValue = "unit"
        }

        /// Of outputs that are classes.
        public init(accuracy: Double?, agreement: Double, count: Int) {
            self.accuracy = accuracy
            self.agreement = agreement
            self.count = count
        }

        /// Of other outputs.
        public init(unit: Unit, value: Double, count: Int) {
            self.count = count
            self.value = value
            unitWithValue = unit
        }

        public var unit: Unit { unitWithValue ?? (accuracy == nil ? .agreement : .accuracy) }

        /// What is compared before and after.
        public var measure: Double { value ?? accuracy ?? agreement ?? 0 }

        /// How much better than before, in points: of accuracy, of the area under the curve, halves of a per cent of the
        /// spread.
        public func points(over before: Score) -> Double {
            unit == .relativeError ? 50 * (before.measure - measure) : 100 * (measure - before.measure)
        }

        var isLabelled: Bool { unit != .agreement }

        /// The measure, where it is another than agreement.
        var share: Double? { isLabelled ? measure : nil }

        /// Bounds of an axis of measures in per cent.
        var bounds: ClosedRange<Double>? { unit == .relativeError ? nil : 0...100 }

        /// What an axis of measures says.
        var axisTitle: String {
            switch unit {
            case .accuracy: "accuracy, %"
            case .agreement: "agreement, %"
            case .areaUnderCurve: "area under the curve, %"
            case .relativeError: "error, % of the spread"
            }
        }
    }
}

extension PackRecord.Score {
    func check(_ field: String) throws(RecordProblem) {
        for (key, share) in [("accuracy", accuracy ?? 0), ("agreement", agreement ?? 0)] {
            try RecordProblem.require(
                (0...1).contains(share), "\(field).\(key)", "\(share) is no share between 0 and 1")
        }
        try RecordProblem.require(
            accuracy != nil || agreement != nil || value != nil, field, "has no measure")
        try RecordProblem.require(
            (value == nil) == (unitWithValue == nil), "\(field).unit", "goes with value")
        try RecordProblem.require((value ?? 0) >= 0, "\(field).value", "\(value ?? 0) is below 0")
        try RecordProblem.requireSize(value ?? 0, "\(field).value")
        try RecordProblem.require((0...PackRecord.largest).contains(count), "\(field).count", "\(count)")
    }
}
