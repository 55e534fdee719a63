// What is shown of a run: time left from the run's own steps, turns, trials; never a word about what is not known yet.

import PagefoldCore
import PagefoldEngine
import PagefoldExperiments
import Testing

@testable import PagefoldPacking

@Suite struct RemainingTimeTests {
    @Test func nothingIsToldBeforeThereIsARate() {
        var time = RemainingTime()
        #expect(time.seconds(at: 5) == nil)
        time.note(step: 1, of: 100, at: 5)
        #expect(time.seconds(at: 9) == nil)
        // Too short to be a rate.
        time.note(step: 2, of: 100, at: 5.01)
        #expect(time.seconds(at: 5.01) == nil)
    }

    /// A run that begins after an hour of search: nothing of that hour counts.
    @Test func theRateIsThatOfTheRunsOwnSteps() {
        var time = RemainingTime()
        time.note(step: 1, of: 50, at: 10)
        time.note(step: 50, of: 50, at: 3_600)
        time.note(step: 501, of: 1_001, at: 3_700)
        #expect(time.seconds(at: 3_700) == nil)
        time.note(step: 601, of: 1_001, at: 3_710)
        #expect(time.seconds(at: 3_710) == 40)
        // Between two steps it goes on falling, never below nothing.
        #expect(time.seconds(at: 3_720) == 30)
        #expect(time.seconds(at: 9_000) == 0)
        // Back to an earlier step: another run.
        time.note(step: 501, of: 1_001, at: 3_800)
        #expect(time.seconds(at: 3_800) == nil)
    }

    @Test(arguments: [
        (0.4, "0 s"), (59.6, "60 s"), (119, "119 s"), (125, "2 min"), (3_599, "60 min"),
        (12_139, "3 h 22 min"),
        (Double.infinity, "277777 h 46 min"),
    ])
    func timesAreWords(seconds: Double, text: String) { #expect(RemainingTime.text(seconds) == text) }
}

@Suite struct RunProgressTests {
    private func look(_ step: Int, _ values: [Double]) -> PackingEvent {
        .evaluated(
            Evaluated(
                step: step, measures: values.map { Measure(accuracy: $0, agreement: 1, count: 100) },
                losses: values.map { _ in 0 }), isBest: true)
    }

    private func point(_ verdict: Verdict) -> SearchPoint {
        SearchPoint(format: .int8, page: 16, frames: 3, sharing: 1.5, bytes: 100, verdict: verdict)
    }

    @Test func aLookIsALineAndSaysWhatIsKept() {
        var progress = RunProgress(names: ["a", "b"])
        #expect(progress.status(at: 0) == nil && progress.keptStep == nil)
        #expect(
            progress.note(look(20, [0.5, 1]), at: 1) == ["step 20: a 50.00 %, b 100.00 %  (kept so far)"])
        #expect(progress.keptStep == 20)
    }

    /// `--steps 20` of three networks in turn are 60 steps.
    @Test func stepsOfTurnsAreExplained() {
        var settings = TrainingSettings()
        settings.steps = 20
        settings.optimisation = .roundRobin
        var progress = RunProgress(names: ["a", "b", "c"], settings: settings)
        #expect(
            progress.note(look(60, [1, 1, 1]), at: 1)[0].hasPrefix(
                "step 60 of 60, 20 of each network: a 100.00 %"))
    }

    @Test func timeLeftStandsBehindTheBarOnceItIsKnown() {
        var progress = RunProgress(names: ["a"])
        #expect(progress.note(.stepped(step: 1, of: 11, losses: [1]), at: 100).isEmpty)
        #expect(progress.status(at: 100)?.contains("left") == false)
        _ = progress.note(.stepped(step: 6, of: 11, losses: [1]), at: 110)
        #expect(progress.status(at: 110)?.hasSuffix("6/11  loss 1.000  10 s left") == true)
    }

    @Test func stagesTellHowLongTheyLast() {
        var progress = RunProgress(names: ["a"])
        #expect(progress.note(.stage(.fisher(network: "a")), at: 3) == ["Fisher of a"])
        #expect(progress.status(at: 8) == "Fisher of a … 5 s")
        #expect(progress.note(.stage(.matching(frames: 7)), at: 9) == ["matching pages to 7 frames"])
        #expect(progress.status(at: 10) == "matching pages to 7 frames … 1 s")
    }

    @Test func aTrialIsNamedAndItsTimeIsItsOwn() {
        var progress = RunProgress(names: ["a"])
        #expect(progress.note(.trying(point(.open)), at: 0)[0].hasPrefix("trying int8: 3 frames"))
        // What a trial does is no line, and is shown while it lasts.
        #expect(progress.note(.stage(.matching(frames: 3)), at: 1).isEmpty)
        #expect(progress.status(at: 3) == "int8: matching pages to 3 frames … 2 s")
        _ = progress.note(.stepped(step: 1, of: 51, losses: [1]), at: 4)
        #expect(progress.status(at: 4) == "trial of int8: step 1 of 51")
        _ = progress.note(.stepped(step: 26, of: 51, losses: [1]), at: 9)
        #expect(progress.status(at: 9) == "trial of int8: step 26 of 51  5 s left of the trial")
        #expect(progress.note(look(51, [1]), at: 10).isEmpty && progress.keptStep == nil)
        _ = progress.note(.tried(point(.open)), at: 10)
        #expect(progress.note(.tried(point(.chosen)), at: 10) == ["int8 is the only choice"])
        _ = progress.note(.stepped(step: 1, of: 1_000, losses: [1]), at: 60)
        #expect(progress.status(at: 61)?.contains("left") == false)
    }
}
