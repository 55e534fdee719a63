// One network's flat weight vector and its Fisher values, cut into pages of equal size.
// Not an assignment: nothing here knows about frames.

public import PagefoldCore

/// A network's weights and their Fisher information as pages, row-major `[pageCount][pageSize]`.
///
/// The last page is padded with weight 0 and Fisher 0, so padding costs nothing on any frame.
public struct PagedWeights: Sendable {
    /// Name of the network, used in errors.
    public let name: String
    /// Weights in each page.
    public let pageSize: Int
    /// Pages, padding included in the last one.
    public let pageCount: Int
    /// Real weights, without padding.
    public let weightCount: Int
    /// Weights, `[pageCount][pageSize]`.
    public let weights: [Float]
    /// Fisher information of each weight (>= 0, any unit), `[pageCount][pageSize]`; 0 in the padding.
    public let fisher: [Float]

    /// Largest page that is accepted; with `largestFisher` and `largestWeight` it keeps every cost finite in Float.
    public static let largestPageSize = 65_536
    /// Largest Fisher value that is accepted.
    public static let largestFisher: Float = 1e20
    /// Largest magnitude of a weight that is accepted.
    public static let largestWeight: Float = 1e6

    /// Cuts a flat weight vector into pages.
    ///
    /// - Parameters:
    ///   - name: the network's name, for errors.
    ///   - weights: flat weight vector of the network.
    ///   - fisher: Fisher information of each weight, as many as weights.
    ///   - pageSize: weights in a page.
    /// - Throws: `InputError` where the sizes disagree, or a value is NaN, infinite, negative (Fisher) or too large.
    public init(name: String, weights: [Float], fisher: [Float], pageSize: Int) throws(InputError) {
        guard pageSize > 0, pageSize <= Self.largestPageSize else {
            throw InputError(
                .network(name), field: "page size",
                problem: "\(pageSize) is outside 1...\(Self.largestPageSize)",
                remedy: "choose a page size in that range")
        }
        guard !weights.isEmpty else {
            throw InputError(
                .network(name), field: "weights", problem: "there are none",
                remedy: "give at least one weight")
        }
        guard weights.count == fisher.count else {
            throw InputError(
                .network(name), field: "Fisher",
                problem: "\(fisher.count) values for \(weights.count) weights",
                remedy: "give one Fisher value for each weight")
        }
        // Written so that NaN fails the comparison.
        for (index, value) in weights.enumerated() where !(abs(value) <= Self.largestWeight) {
            throw InputError(
                .network(name), field: "weights[\(index)]",
                problem: "\(value) is not a number within ±\(Self.largestWeight)",
                remedy: "train or export the network again without diverged weights")
        }
        for (index, value) in fisher.enumerated() where !(value >= 0 && value <= Self.largestFisher) {
            throw InputError(
                .network(name), field: "Fisher[\(index)]",
                problem: "\(value) is not a number in 0...\(Self.largestFisher)",
                remedy: "compute the Fisher information again from finite gradients")
        }
        let pages = (weights.count - 1) / pageSize + 1
        let padding = [Float](repeating: 0, count: pages * pageSize - weights.count)
        self.init(
            name: name, pageSize: pageSize, pageCount: pages, weightCount: weights.count,
            weights: weights + padding, fisher: fisher + padding)
    }

    private init(
        name: String, pageSize: Int, pageCount: Int, weightCount: Int, weights: [Float], fisher: [Float]
    ) {
        self.name = name
        self.pageSize = pageSize
        self.pageCount = pageCount
        self.weightCount = weightCount
        self.weights = weights
        self.fisher = fisher
    }

    /// The same network with its Fisher values scaled so that their mean over the real weights is `importance`.
    ///
    /// For Fisher values in no common unit, as published: their sums differ by 35 times between networks. The packer
    /// keeps true Fisher values as they are.
    ///
    /// - Parameters:
    ///   - importance: weight of this network in the loss that the matching minimises.
    ///   - floor: added to each real weight before scaling, as a fraction of the mean Fisher value; it keeps
    ///     weights that the Fisher samples never touched from being free.
    /// - Returns: the network unchanged where its Fisher values are all 0.
    /// - Throws: `InputError` where a factor is negative or not finite, or the scaled values are too large.
    public func normalisingFisher(importance: Double = 1, floor: Double = 0) throws(InputError)
        -> PagedWeights
    {
        guard importance >= 0, importance.isFinite, floor >= 0, floor.isFinite else {
            throw InputError(
                .network(name), field: "importance", problem: "importance \(importance), floor \(floor)",
                remedy: "give finite factors of 0 or more")
        }
        let mean = fisher.reduce(0) { $0 + Double($1) } / Double(weightCount)
        guard mean > 0 else { return self }
        let scale = importance / (mean * (1 + floor))
        let scaled = fisher[..<weightCount].map { Float((Double($0) + floor * mean) * scale) }
        return try PagedWeights(
            name: name, weights: Array(weights[..<weightCount]), fisher: scaled, pageSize: pageSize)
    }

    /// The network reduced to some of its pages, for instance those that separation leaves in the pool.
    ///
    /// - Parameter pages: page numbers, strictly rising.
    /// - Throws: `InputError` where the list is empty, not rising or out of range.
    public func keeping(pages: [Int]) throws(InputError) -> PagedWeights {
        var previous = -1
        for page in pages {
            guard page > previous, page < pageCount else {
                throw InputError(
                    .network(name), field: "pages",
                    problem: "page \(page) is out of order or beyond \(pageCount) pages",
                    remedy: "list existing pages in rising order")
            }
            previous = page
        }
        guard !pages.isEmpty else {
            throw InputError(
                .network(name), field: "pages", problem: "none kept", remedy: "leave the network out")
        }
        let padding = previous == pageCount - 1 ? pageCount * pageSize - weightCount : 0
        return PagedWeights(
            name: name, pageSize: pageSize, pageCount: pages.count,
            weightCount: pages.count * pageSize - padding,
            weights: pages.flatMap { weights[($0 * pageSize)..<(($0 + 1) * pageSize)] },
            fisher: pages.flatMap { fisher[($0 * pageSize)..<(($0 + 1) * pageSize)] })
    }
}
