// The order of states in selection, and what networks are compared with.

import PagefoldEngine
import Testing

@testable import PagefoldPacking

@Suite struct StandingTests {
    private static func score(_ accuracy: Double?, agreement: Double = 1, count: Int = 10_000) -> Measure {
        Measure(accuracy: accuracy, agreement: agreement, count: count)
    }

    private static func standing(_ accuracies: [Double], count: Int = 10_000) -> Standing {
        Standing(
            accuracies.map { score($0, count: count) },
            accuracies.map { _ in score(0.9).baseline(unseenAccuracy: nil) })
    }

    @Test func oneLargeLossWeighsMoreThanManySmallOnes() {
        #expect(Self.standing([0.8, 0.9]) < Self.standing([0.85, 0.85]))
        #expect(Self.standing([0.9, 0.9]) < Self.standing([0.91, 0.9]))
        #expect(Self.standing([0.95, 0.89]) < Self.standing([0.9, 0.9]))
    }

    /// The standard error of 0.9 of n samples is 0.3 / √n, that of the mean of two networks 1 / √2 of it.
    @Test(arguments: [
        (100, 0.88, true), (10_000, 0.88, false), (10_000, 0.899, true), (10_000, 0.897, false),
    ])
    func whatChanceExplainsIsAsGood(count: Int, accuracy: Double, isAsGood: Bool) {
        let best = Self.standing([0.9, 0.9], count: count)
        #expect(abs(best.error - 0.3 / (2 * Double(count)).squareRoot()) < 1e-12)
        let later = Self.standing([accuracy, accuracy], count: count)
        #expect(later < best)
        #expect(later.isAsGood(as: best) == isAsGood)
        #expect(best.isAsGood(as: best))
    }

    /// Where nobody loses the mean decides.
    @Test func aGainIsNotGivenAway() {
        let best = Self.standing([0.98, 0.98])
        #expect(best.loss == 0)
        #expect(Self.standing([0.979, 0.98]).isAsGood(as: best))
        #expect(!Self.standing([0.95, 0.95]).isAsGood(as: best))
    }

    @Test func withoutLabelsAThirdOfTheChangedAnswersIsLost() {
        let baseline = Self.score(nil).baseline(unseenAccuracy: 0.5)
        #expect(abs(Self.score(nil, agreement: 0.7).gain(over: baseline) + 0.1) < 1e-12)
    }

    /// 79 % right of these samples, which it has seen, 71 % of others: the measure is 75 %.
    @Test(
        arguments: [(0.79, 0.71, 0.75), (0.79, 0.85, 0.79), (0.79, nil, 0.79)] as [(Double, Double?, Double)])
    func halfOfWhatIsRememberedCounts(seen: Double, unseen: Double?, measure: Double) {
        let baseline = Self.score(seen).baseline(unseenAccuracy: unseen)
        #expect(abs(Self.score(0.73, agreement: 0.5).gain(over: baseline) - (0.73 - measure)) < 1e-12)
    }
}
