// The order of states in selection, and what networks are compared with.

import PagefoldEngine
import Testing

@testable import PagefoldPacking

@Suite struct StandingTests {
    private static func score(_ accuracy: Double?, agreement: Double = 1, count: Int = 10_000) -> Score {
        Score(accuracy: accuracy, agreement: agreement, count: count)
    }

    private static func standing(_ accuracies: [Double], count: Int = 10_000) -> Standing {
        Standing(
            accuracies.map { score($0, count: count) },
            accuracies.map { _ in Baseline(score(0.9), unseenAccuracy: nil) })
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
        let baseline = Baseline(Self.score(nil), unseenAccuracy: 0.5)
        #expect(!baseline.isMemorised)
        #expect(abs(baseline.gain(of: Self.score(nil, agreement: 0.7)) + 0.1) < 1e-12)
    }

    @Test(arguments: [
        // accuracy, agreement, gain over 0.71 of unseen samples, with 0.79 of these
        (0.73, 1.0, 0.0), (0.73, 0.97, -0.01), (0.70, 0.97, -0.01), (0.60, 0.97, -0.11),
    ])
    func memoryIsNotMeasured(accuracy: Double, agreement: Double, gain: Double) {
        let baseline = Baseline(Self.score(0.79), unseenAccuracy: 0.71)
        #expect(baseline.isMemorised)
        #expect(abs(baseline.gain(of: Self.score(accuracy, agreement: agreement)) - gain) < 1e-12)
    }

    @Test func aNetworkThatHasNotSeenThemIsMeasuredByItsAnswers() {
        let baseline = Baseline(Self.score(0.79), unseenAccuracy: nil)
        #expect(abs(baseline.gain(of: Self.score(0.81, agreement: 0.5)) - 0.02) < 1e-12)
    }
}
