// How much some networks of a training run may lose at most, and how the joint loss heeds that. Which state is the
// best among those within the bounds is TrainingRun's business.

import Foundation
import PagefoldEngine

/// Bounds on what networks lose on their validation samples.
struct LossBounds {
    /// For each network what it may lose (`Measure.loss`); nil: anything.
    let most: [Double?]

    /// Networks without a bound: how good they are decides between states.
    var free: [Int] { most.indices.filter { most[$0] == nil } }

    func allow(_ measures: [Measure], _ originals: [Measure]) -> Bool {
        most.indices.allSatisfy { index in
            guard let most = most[index] else { return true }
            return measures[index].loss(from: originals[index]) <= most + 1e-12
        }
    }

    /// Raises the loss weight of a network near its bound or beyond, and lowers that of one far from it.
    /// - Parameter given: the importance that each network began with.
    func balanced(
        _ importance: [Float], given: [Float], _ measures: [Measure], _ originals: [Measure]
    ) -> [Float] {
        importance.indices.map { index in
            guard let most = most[index] else { return importance[index] }
            let used = measures[index].loss(from: originals[index]) / max(most, 1e-6)
            let factor = exp(Float(0.5 * min(max(used - 0.5, -1), 1)))
            return min(max(importance[index] * factor, given[index] / 8), given[index] * 64)
        }
    }
}
