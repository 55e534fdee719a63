// How values are distributed: counts between edges. Drawing is DistributionPlot's.

import Foundation

extension PackRecord {
    /// Counts of values between neighbouring edges; the last edge belongs to the last bin.
    public struct Histogram: Hashable, Sendable, Codable {
        /// Rising; one more than `counts`. Above 0 where `logarithmic`.
        public var edges: [Double]
        public var counts: [Int]
        /// The edges are evenly spaced by their logarithm.
        public var logarithmic: Bool

        enum CodingKeys: String, CodingKey {
            case edges = "edges", counts = "counts", logarithmic = "logarithmic"
        }

        public init(edges: [Double], counts: [Int], logarithmic: Bool) {
            self.edges = edges
            self.counts = counts
            self.logarithmic = logarithmic
        }

        /// Counts values between their smallest and their largest.
        /// - Parameters:
        ///   - values: what is not finite is left out; what is not above 0 too where `logarithmic`.
        ///   - range: edges from here to there instead, so that two histograms can be compared; what lies outside
        ///     is left out.
        /// - Returns: nil when nothing is left.
        public init?(
            of values: some Sequence<Float>, bins: Int = 48, logarithmic: Bool = false,
            range: ClosedRange<Double>? = nil
        ) {
            precondition(bins > 0, "a histogram has bins")
            precondition(!logarithmic || (range?.lowerBound ?? 1) > 0, "a logarithm wants values above 0")
            func place(_ value: Double) -> Double { logarithmic ? log10(value) : value }
            let kept = values.lazy.map(Double.init).filter { value in
                value.isFinite && (!logarithmic || value > 0) && (range?.contains(value) ?? true)
            }.map(place)
            guard var low = kept.min(), var high = kept.max() else { return nil }
            if let range { (low, high) = (place(range.lowerBound), place(range.upperBound)) }
            if high - low < 1e-12 * max(abs(low), 1) {
                // All values are one: a bin's width around it.
                (low, high) = (low - 0.5, high + 0.5)
            }
            let width = (high - low) / Double(bins)
            edges = (0...bins).map { index in
                let edge = low + width * Double(index)
                return logarithmic ? pow(10, edge) : edge
            }
            counts = Array(repeating: 0, count: bins)
            self.logarithmic = logarithmic
            for value in kept {
                counts[min(max(Int((value - low) / width), 0), bins - 1)] += 1
            }
        }
    }
}
