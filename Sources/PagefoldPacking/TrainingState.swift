// Everything that a training run needs to go on from where it was: for rollback in memory, for checkpoints on disk.

import Foundation
import PagefoldCore
import PagefoldEngine

/// The numbers of a joint training run between two steps.
struct TrainingState: Sendable {
    var step = 0
    var importance: [Float] = []
    /// Weights, first and second moments of the frames, then of each network's tail.
    var vectors: [[Float]] = []

    var isFinite: Bool { vectors.allSatisfy { $0.allSatisfy(\.isFinite) } }
}

extension JointTraining {
    private var states: [AdamState] { [pool] + tails }

    func capture() -> TrainingState {
        TrainingState(
            step: step, importance: networks.map(\.importance),
            vectors: states.flatMap { [$0.weights.values, $0.first.values, $0.second.values] })
    }

    func restore(_ state: TrainingState) {
        for (index, target) in states.enumerated() {
            target.weights.update(from: state.vectors[3 * index])
            target.first.update(from: state.vectors[3 * index + 1])
            target.second.update(from: state.vectors[3 * index + 2])
        }
        setImportance(state.importance)
        rewind(to: state.step)
    }

    /// The weights alone: the pool, then each tail.
    var weights: [[Float]] { states.map(\.weights.values) }
}
