// Mean, least and most of a figure over runs that differ by their seed alone.

/// What several seeds gave.
struct Spread: Hashable, Sendable {
    let mean: Double
    let least: Double
    let most: Double
    let count: Int

    /// - Returns: nil when there is no value.
    init?(_ values: [Double]) {
        guard let least = values.min(), let most = values.max() else { return nil }
        self.least = least
        self.most = most
        count = values.count
        // Rounding must not carry the mean out of the range.
        mean = min(max(values.reduce(0, +) / Double(values.count), least), most)
    }

    /// `98.76 (98.67…98.84)`, or the mean alone where there is one run.
    func text(_ format: (Double) -> String) -> String {
        count == 1 ? format(mean) : "\(format(mean)) (\(format(least))…\(format(most)))"
    }
}
