// How good a state of joint training is, by its scores on validation samples: what selection and balance go by.

import PagefoldEngine

extension Score {
    /// What the scores of a packed network are compared with, of its original's. Where the original has seen the samples in
    /// its own training, its accuracy is half-way between what it has on them and what it reaches on others: a packed network
    /// remembers some of them, nobody knows how many.
    /// - Parameter unseenAccuracy: of the original on samples it has not seen, where it has seen these.
    func baseline(unseenAccuracy: Double?) -> Score {
        var result = self
        if let accuracy, let unseenAccuracy {
            result.accuracy = (accuracy + min(accuracy, unseenAccuracy)) / 2
        }
        return result
    }

    /// The standard error of a gain, as if samples were independent.
    fileprivate var error: Double {
        let weight = accuracy == nil ? Self.disagreementWeight : 1
        return weight * (measure * (1 - measure) / Double(max(count, 1))).squareRoot()
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

    init(_ scores: [Score], _ baselines: [Score]) {
        let gains = zip(scores, baselines).map { $0.gain(over: $1) }
        let count = Double(max(gains.count, 1))
        loss = (gains.reduce(0) { $0 + min($1, 0) * min($1, 0) } / count).squareRoot()
        mean = gains.reduce(0, +) / count
        error = scores.reduce(0) { $0 + $1.error * $1.error }.squareRoot() / count
    }

    /// Whether it falls short of the best by no more than chance does. Of such states the last has been trained longest,
    /// at the lowest learning rate; to take the best of many looks is to take the luckiest.
    func isAsGood(as best: Standing) -> Bool {
        loss <= best.loss + best.error && (loss < best.loss || mean >= best.mean - best.error)
    }

    static func < (a: Standing, b: Standing) -> Bool { (-a.loss, a.mean) < (-b.loss, b.mean) }
    static func == (a: Standing, b: Standing) -> Bool { (a.loss, a.mean) == (b.loss, b.mean) }
}
