// How good a state of joint training is, by its scores on validation samples: what selection and balance go by.

import PagefoldEngine

/// What the scores of one network are compared with.
public struct Baseline: Hashable, Sendable {
    /// Of the original on the same samples. Where it has seen them in its own training, its accuracy is half-way between
    /// what it has on them and what it reaches on others: a packed network remembers some of them, nobody knows how many.
    public var score: Score

    /// - Parameter unseenAccuracy: of the original on samples it has not seen, where it has seen these.
    init(_ original: Score, unseenAccuracy: Double?) {
        score = original
        if let accuracy = original.accuracy, let unseenAccuracy {
            score.accuracy = (accuracy + min(accuracy, unseenAccuracy)) / 2
        }
    }

    /// What a network gains over its baseline, as a share of the samples.
    func gain(of packed: Score) -> Double { packed.gain(over: score) }

    /// The standard error of a gain, as if samples were independent.
    fileprivate func error(of packed: Score) -> Double {
        let share = packed.measure
        let weight = packed.accuracy == nil ? Score.disagreementWeight : 1
        return weight * (share * (1 - share) / Double(max(packed.count, 1))).squareRoot()
    }
}

/// The order of states: no network may pay for another. The root mean square of the losses against the originals
/// decides, in which one large loss weighs more than many small ones; where nobody loses, and between equals, the mean
/// does. (The worst loss alone would leave the choice to the noise of one network's few validation samples.)
struct Standing: Comparable {
    let loss: Double
    let mean: Double
    /// Standard error of the mean: how far chance moves a standing.
    let error: Double

    init(_ scores: [Score], _ baselines: [Baseline]) {
        let gains = zip(scores, baselines).map { $1.gain(of: $0) }
        let count = Double(max(gains.count, 1))
        loss = (gains.reduce(0) { $0 + min($1, 0) * min($1, 0) } / count).squareRoot()
        mean = gains.reduce(0, +) / count
        error =
            zip(scores, baselines).reduce(0) { $0 + $1.1.error(of: $1.0) * $1.1.error(of: $1.0) }
            .squareRoot() / count
    }

    /// Whether it falls short of the best by no more than chance does. Of such states the last has been trained longest,
    /// at the lowest learning rate; to take the best of many looks is to take the luckiest.
    func isAsGood(as best: Standing) -> Bool {
        loss <= best.loss + best.error && (loss < best.loss || mean >= best.mean - best.error)
    }

    static func < (a: Standing, b: Standing) -> Bool { (-a.loss, a.mean) < (-b.loss, b.mean) }
    static func == (a: Standing, b: Standing) -> Bool { (a.loss, a.mean) == (b.loss, b.mean) }
}
