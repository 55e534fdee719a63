// How much some networks of a training run may lose at most, and how the joint loss heeds that. Which state is the
// best among those within the bounds is TrainingRun's business.

import Foundation
import PagefoldEngine

/// Bounds on what networks lose on their validation samples.
struct LossBounds {
    /// For each network the share of its samples that its measure may fall by; nil: any.
    let most: [Double?]

    /// Networks without a bound: how good they are decides between states.
    var free: [Int] { most.indices.filter { most[$0] == nil } }

    func allow(_ scores: [Score], _ originals: [Score]) -> Bool {
        most.indices.allSatisfy { index in
            guard let most = most[index] else { return true }
            return originals[index].measure - scores[index].measure <= most + 1e-12
        }
    }

    /// Networks near or beyond their bound gain weight in the joint loss, those far from it leave theirs to others.
    /// - Parameter given: the importance that each network began with.
    func balanced(
        _ importance: [Float], given: [Float], _ scores: [Score], _ originals: [Score]
    ) -> [Float] {
        importance.indices.map { index in
            guard let most = most[index] else { return importance[index] }
            let used = (originals[index].measure - scores[index].measure) / max(most, 1e-6)
            let factor = exp(Float(0.5 * min(max(used - 0.5, -1), 1)))
            return min(max(importance[index] * factor, given[index] / 8), given[index] * 64)
        }
    }
}
