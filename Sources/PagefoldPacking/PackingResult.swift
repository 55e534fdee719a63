// What a packing run tells while it works and what it gives at the end.

import PagefoldCore
public import PagefoldEngine
public import PagefoldFold

/// One look at the validation samples.
public struct Evaluated: Hashable, Sendable, Codable {
    public var step: Int
    /// One for each network.
    public var measures: [Measure]
    /// Mean training loss of each network since the last look.
    public var losses: [Float]
}

/// What a run tells while it works.
public enum PackingEvent: Sendable {
    /// Something that looks wrong, in a sentence; the work goes on.
    case warned(String)
    case stage(PackingStage)
    /// A choice of the budget search, before and after it was tried.
    case trying(SearchPoint)
    case tried(SearchPoint)
    case matched(frames: Int, loss: Double)
    case resumed(step: Int)
    case stepped(step: Int, of: Int, losses: [Float])
    case evaluated(Evaluated, isBest: Bool)
    case rolledBack(to: Int, learningRateScale: Float)
}

/// What packing gives.
public struct PackingResult: Sendable {
    public var fold: Fold
    /// Of the originals on the validation samples, one for each network.
    public var originals: [Measure]
    /// The state that was kept.
    public var best: Evaluated
    public var history: [Evaluated]
    /// Second-order loss ΣF(w − w*)² of the matching, before training.
    public var matchingLoss: Double
    /// Weights (before training) and Fisher of each network.
    public var pages: [PagedWeights]
    /// What the measures are compared with: `originals`, or less where an original has seen validation samples.
    public var baselines: [Measure]
    /// What a network has that knows nothing, one for each network (`Measure.chance`).
    public var chances: [Double?]

    /// Why each network is ruined; nil where it is whole.
    public var ruins: [Ruin?] {
        best.measures.indices.map { best.measures[$0].ruin(from: baselines[$0], chance: chances[$0]) }
    }

    /// What each network gains over its baseline; 0.01 is one point of accuracy.
    public var gains: [Double] { zip(best.measures, baselines).map { $0.gain(over: $1) } }
}
