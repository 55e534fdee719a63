// Trains all networks on one pool: whose turn it is, which samples each step sees, how fast. Every step adds the gradients
// of all active networks on their frames; the arithmetic is Engine's. A network alone on its own frames is plain training.

import Foundation
import PagefoldCore
public import PagefoldEngine

/// The weights of all networks while they are trained, and the steps that change them.
public final class JointTraining {
    let settings: TrainingSettings
    private(set) var networks: [TrainedNetwork]
    let weights: WeightsInTraining
    let turns: Turns
    let matchingLoss: MatchingLoss?
    private var samplers: [BatchSampler]
    /// Samples of each network in a step.
    private let batches: [Int]
    private(set) var step = 0

    /// Networks without patches, on frames of float32.
    /// - Parameters:
    ///   - initial: weights of all frames, [frames][pageSize].
    ///   - tails: for each network, weights [pagedCount, weightCount) of its flat vector.
    public convenience init(
        networks: [TrainedNetwork], frames: FrameTable, pool initial: [Float], tails: [[Float]],
        settings: TrainingSettings, engine: Engine
    ) {
        self.init(
            networks: networks,
            placement: Placement(frames: frames, pool: initial, tails: tails), settings: settings,
            engine: engine)
    }

    /// - Parameters:
    ///   - frozen: what is not trained.
    ///   - formats: what the weights will be stored as, which training sees.
    init(
        networks: [TrainedNetwork], placement: Placement, matchingLoss: MatchingLoss? = nil,
        frozen: FrozenParts = FrozenParts(), formats: WeightFormats = WeightFormats(),
        settings: TrainingSettings, engine: Engine
    ) {
        self.networks = networks
        self.settings = settings
        self.matchingLoss = matchingLoss
        turns = Turns(settings, networks: networks.count)
        let batches = networks.map { $0.batch ?? settings.batch }
        self.batches = batches
        weights = WeightsInTraining(
            networks: networks, frames: placement.frames, patches: placement.patches,
            start: placement.weights, formats: formats, frozen: frozen, batch: settings.batch, engine: engine)
        samplers = networks.enumerated().map {
            BatchSampler(
                count: $1.samples.count, batch: batches[$0], seed: settings.seed, stream: UInt64($0))
        }
    }

    /// Takes one step of the networks whose turn it is.
    /// - Returns: their mean losses over the batch, before the step; 0 for the others.
    public func advance(learningRateScale: Float = 1) -> [Float] {
        let turn = turns[step]
        // A turn begins with a new optimiser, as published: the others have moved the frames meanwhile.
        if turn.own == turn.turnStart && step > 0 { weights.forgetMoments(of: turn.active) }
        let steps = turn.active.map { network in
            TrainingBatch(
                network: network, indices: samplers[network].indices(step: turn.own),
                variants: (0..<batches[network]).map {
                    samplers[network].variant(step: turn.own, position: $0)
                },
                seed: settings.seed &+ UInt64(network), counter: turn.own * batches[network])
        }
        let rate = AdamRate(
            learningRate: settings.learningRate(at: turn.own) * learningRateScale, beta1: settings.beta1,
            beta2: settings.beta2, epsilon: settings.epsilon, time: Float(turn.own - turn.turnStart + 1))
        let losses = weights.step(
            turn.active, networks, steps,
            distillation: Distillation(
                labelWeight: settings.labelWeight, temperature: settings.temperature),
            rate: rate, added: matchingGradient(of: turn.active))
        if turn.endsTurn { setAnchors(of: turn.active) }
        step += 1
        return losses
    }

    private func matchingGradient(of active: Range<Int>) -> WeightsInTraining.FrameGradient? {
        guard let matchingLoss else { return nil }
        let frames = weights.frames
        return { frame, weights, gradient in
            matchingLoss.addGradient(
                users: frames.users[frame], active: active, weights: weights, to: gradient,
                pageSize: frames.pageSize)
        }
    }

    /// What a network has at the end of its turn is what it wants of its frames.
    private func setAnchors(of active: Range<Int>) {
        guard let matchingLoss else { return }
        let frames = weights.frames
        for network in active {
            let anchors = matchingLoss.anchors[network].pointer
            for (page, frame) in frames.frameOf[network].enumerated() {
                (anchors + page * frames.pageSize).update(
                    from: weights.frame(frame), count: frames.pageSize)
            }
        }
    }

    /// Quanta that suit the frames as they are now. To be asked for where a run could be resumed, after its looks.
    func renewQuanta() { weights.renewQuanta() }

    func setImportance(_ importance: [Float]) {
        for index in networks.indices { networks[index].importance = importance[index] }
    }

    // MARK: Going back

    func capture() -> TrainingState {
        TrainingState(
            step: step, importance: networks.map(\.importance), weights: weights.unrounded,
            anchors: matchingLoss?.anchors.map(\.values) ?? [])
    }

    func restore(_ state: TrainingState) {
        for (anchor, values) in zip(matchingLoss?.anchors ?? [], state.anchors) {
            anchor.update(from: values)
        }
        setImportance(state.importance)
        step = state.step
        weights.unrounded = state.weights
    }
}

/// Everything that a training run needs to go on from where it was: for rollback in memory, for checkpoints on disk.
struct TrainingState: Sendable {
    var step: Int
    var importance: [Float]
    var weights: UnroundedWeights
    /// What the matching loss draws each network to, where there is one.
    var anchors: [[Float]]

    var isFinite: Bool { weights.isFinite && anchors.allSatisfy { $0.allSatisfy(\.isFinite) } }
}
