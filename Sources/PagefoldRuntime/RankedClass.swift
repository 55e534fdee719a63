// The classes of an answer, best first, with the names that the fold file has for them.

public import PagefoldCore

/// One class of an answer.
public struct RankedClass: Hashable, Sendable {
    /// Place in the output.
    public let index: Int
    /// As the fold file calls it; nil where it has no names.
    public let name: String?
    /// Probability, or score where the network has no closing softmax.
    public let score: Float

    /// The best classes of some scores; of equal scores the first comes first.
    /// - Parameters:
    ///   - scores: one a class, in the order of the output.
    ///   - port: the output that they are of.
    ///   - most: so many at most; nil: all.
    public static func best(of scores: [Float], _ port: NetworkPort, most: Int? = nil) -> [RankedClass] {
        let order = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
        return order.prefix(max(most ?? scores.count, 0)).map {
            RankedClass(
                index: $0, name: $0 < port.labels.count ? port.labels[$0] : nil, score: scores[$0])
        }
    }
}

extension Session {
    /// The best classes of the answer that the last run left in an output.
    /// - Parameters:
    ///   - most: so many at most.
    ///   - index: of the output; precondition: below their number.
    public func topClasses(_ most: Int = 5, output index: Int = 0) -> [RankedClass] {
        RankedClass.best(of: Array(output(at: index)), text.outputs[index], most: most)
    }
}
