// Everything that a training run needs to go on from where it was: for rollback in memory, for checkpoints on disk.

import Foundation
import PagefoldCore
import PagefoldEngine

/// The numbers of a joint training run between two steps.
struct TrainingState: Sendable {
    var step = 0
    var importance: [Float] = []
    /// Weights, first and second moments of the frames, of each network's tail and of its patches; then what
    /// the matching loss draws each network to, if there is one.
    var vectors: [[Float]] = []

    var isFinite: Bool { vectors.allSatisfy { $0.allSatisfy(\.isFinite) } }
}

extension JointTraining {
    private var states: [AdamState] { [pool] + tails + exclusive }
    private var anchors: [FloatBuffer] { matchingLoss?.anchors ?? [] }

    func capture() -> TrainingState {
        TrainingState(
            step: step, importance: networks.map(\.importance),
            vectors: states.flatMap { [$0.weights.values, $0.first.values, $0.second.values] }
                + anchors.map(\.values))
    }

    func restore(_ state: TrainingState) {
        for (index, target) in states.enumerated() {
            target.weights.update(from: state.vectors[3 * index])
            target.first.update(from: state.vectors[3 * index + 1])
            target.second.update(from: state.vectors[3 * index + 2])
        }
        for (target, values) in zip(anchors, state.vectors[(3 * states.count)...]) {
            target.update(from: values)
        }
        setImportance(state.importance)
        rewind(to: state.step)
    }
}
