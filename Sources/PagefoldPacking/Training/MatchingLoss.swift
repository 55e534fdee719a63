// The matching loss of the published systems: what draws a network's pages towards those of the others on the same
// frames. Pagefold's own training has none, as a frame is one set of numbers there.

import PagefoldEngine

/// Which mean over the other networks is taken at each position.
public enum MatchingLossKind: String, Sendable, Codable, CaseIterable {
    case none = "none", arithmetic = "arithmetic", quadratic = "quadratic", harmonic = "harmonic"
}

/// What the other networks want of every page: their Fisher, and their weights after their last turn.
///
/// At a position, another network with Fisher F and weight a costs c = F (w − a)². Over the n costs that are not 0, the
/// loss is λ times their arithmetic mean Σc / n, quadratic mean √(Σc² / n) or harmonic mean n / Σ(1/c), summed over all
/// positions (WV section 5.2, WS section IV; the formulas are those of the published code).
final class MatchingLoss {
    let kind: MatchingLossKind
    let lambda: Double
    /// [network][pages · pageSize]
    let fisher: [FloatBuffer]
    let anchors: [FloatBuffer]
    /// [network][pages · pageSize]: where the network has a weight on its frame, and not a patch or the
    /// filling of the last page.
    private let isShared: [[Bool]]

    /// - Parameters:
    ///   - pages: of each network as their frames see them: weights before the first turn, and a Fisher of 0 in
    ///     patches.
    init(kind: MatchingLossKind, lambda: Float, pages: [PagedWeights], patches: PatchTable) {
        self.kind = kind
        self.lambda = Double(lambda)
        fisher = pages.map { FloatBuffer($0.fisher) }
        anchors = pages.map { FloatBuffer($0.weights) }
        isShared = zip(pages, patches.indices).map { network, list in
            var result = network.weights.indices.map { $0 < network.weightCount }
            for patch in list {
                for i in patch * patches.size..<(patch + 1) * patches.size { result[i] = false }
            }
            return result
        }
    }

    /// Adds the gradient of the matching loss of the active networks to that of one frame.
    /// - Parameters:
    ///   - users: who is on the frame.
    ///   - weights: of the frame, [pageSize].
    ///   - gradient: of the frame, [pageSize].
    func addGradient(
        users: [PageReference], active: Range<Int>, weights: UnsafePointer<Float>,
        to gradient: UnsafeMutablePointer<Float>, pageSize: Int
    ) {
        for user in users where active.contains(user.network) {
            let others = users.filter { $0.network != user.network }
            guard !others.isEmpty else { continue }
            let isShared = isShared[user.network]
            for i in 0..<pageSize where isShared[user.page * pageSize + i] {
                let slope = Self.loss(
                    kind, of: Double(weights[i]),
                    others: others.lazy.map { other in
                        let place = other.page * pageSize + i
                        return (
                            Double(self.fisher[other.network].pointer[place]),
                            Double(self.anchors[other.network].pointer[place])
                        )
                    }
                ).slope
                gradient[i] += Float(lambda * slope)
            }
        }
    }

    /// The loss at one position, without λ, and its derivative by the weight.
    static func loss(
        _ kind: MatchingLossKind, of weight: Double, others: some Sequence<(fisher: Double, weight: Double)>
    ) -> (value: Double, slope: Double) {
        var count = 0.0
        var sum = 0.0
        var slope = 0.0
        for (fisher, anchor) in others {
            let distance = weight - anchor
            let cost = fisher * distance * distance
            guard cost != 0 else { continue }
            let costSlope = 2 * fisher * distance
            count += 1
            switch kind {
            case .none: break
            case .arithmetic:
                sum += cost
                slope += costSlope
            case .quadratic:
                sum += cost * cost
                slope += cost * costSlope
            case .harmonic:
                sum += 1 / cost
                slope += costSlope / cost / cost
            }
        }
        guard count > 0, sum > 0 else { return (0, 0) }
        switch kind {
        case .none: return (0, 0)
        case .arithmetic: return (sum / count, slope / count)
        case .quadratic:
            let mean = (sum / count).squareRoot()
            return (mean, mean > 0 ? slope / (count * mean) : 0)
        case .harmonic:
            guard sum.isFinite, slope.isFinite else { return (0, 0) }
            return (count / sum, count * (slope / sum / sum))
        }
    }
}
