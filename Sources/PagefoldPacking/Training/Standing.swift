// How good a state of joint training is, by its measures on validation samples: what selection goes by.

import PagefoldEngine

/// The order of states: no network may pay for another. The root mean square of the losses against the originals
/// decides, in which one large loss weighs more than many small ones; where nobody loses, and between equals, the mean
/// does. (The worst loss alone would leave the choice to the noise of one network's few validation samples.)
struct Standing: Comparable {
    let loss: Double
    let mean: Double
    /// Standard error of the mean: how far chance moves a standing.
    let error: Double

    init(_ measures: [Measure], _ baselines: [Measure]) {
        let gains = zip(measures, baselines).map { $0.gain(over: $1) }
        let count = Double(max(gains.count, 1))
        loss = (gains.reduce(0) { $0 + min($1, 0) * min($1, 0) } / count).squareRoot()
        mean = gains.reduce(0, +) / count
        error = measures.reduce(0) { $0 + $1.gainError * $1.gainError }.squareRoot() / count
    }

    /// Whether it falls short of the best by no more than chance does. Of such states the last has been trained longest,
    /// at the lowest learning rate; to take the best of many looks is to take the luckiest.
    func isAsGood(as best: Standing) -> Bool {
        loss <= best.loss + best.error && (loss < best.loss || mean >= best.mean - best.error)
    }

    static func < (a: Standing, b: Standing) -> Bool { (-a.loss, a.mean) < (-b.loss, b.mean) }
    static func == (a: Standing, b: Standing) -> Bool { (a.loss, a.mean) == (b.loss, b.mean) }
}
