// Stages as records and progress have them, and errors with the names of the user's files.

import PagefoldCore
import PagefoldReport
import Testing

@testable import PagefoldExperiments
@testable import PagefoldPacking

@Suite struct StageTests {
    @Test(arguments: [
        (PackingStage.loading, "loading", "loading"), (.search, "search", "search"),
        (.fisher(network: "a"), "Fisher", "Fisher of a"), (.training, "training", "training"),
        (.separatingByDensity, "separating", "separating by contribution density"),
        (.separating(pages: 3), "separating", "separating 3 pages by the loss they avoid"),
        (.matching(frames: 7), "matching", "matching pages to 7 frames"),
        (.matchingToFold, "matching", "matching pages to the frames that are there"),
        (
            .trainingAll(mostLoss: 0.05), "training",
            "training all networks, each of the others losing at most 5.0 points"
        ),
        (.trainingFromScratch(network: "a", samples: 96), "training", "training a on 96 samples"),
        (.writing, "writing", "writing"),
    ])
    func aStageHasOneNameInRecords(stage: PackingStage, name: String, text: String) {
        #expect(stage.name == name)
        #expect(stage.text == text)
    }

    private static func point(_ verdict: Verdict) -> SearchPoint {
        SearchPoint(format: .int8, page: 16, frames: 3, sharing: 1.5, bytes: 100, verdict: verdict)
    }

    @Test func aTrialIsOneStageAndSoIsTheFisherOfAllNetworks() {
        let clock = StageClock(.loading)
        let events: [PackingEvent] = [
            .stage(.fisher(network: "a")), .stage(.fisher(network: "b")), .trying(Self.point(.open)),
            .stage(.matching(frames: 3)), .stepped(step: 1, of: 2, losses: []), .tried(Self.point(.open)),
            .tried(Self.point(.chosen)), .stage(.matching(frames: 3)), .resumed(step: 5),
            .stepped(step: 6, of: 9, losses: []),
        ]
        for event in events { clock.note(event) }
        clock.begin(.writing)
        let names = ["loading", "Fisher", "search", "matching", "training", "writing"]
        #expect(clock.seconds.map(\.name) == names)
        #expect(clock.seconds.allSatisfy { $0.seconds >= 0 })
        #expect(clock.resumedStep == 5)
    }

    @Test(arguments: [
        (Verdict.open, ""), (.chosen, "chosen"), (.second, "second"), (.cannotWin, "cannot win"),
        (.fitsWithoutSharing(.float16), "float16 fits without sharing"),
        (.tooManyPages, "too many pages on a frame"),
    ])
    func verdictsAreTextsInRecords(verdict: Verdict, text: String) {
        #expect(verdict.text == text)
    }

    @Test(arguments: [
        (InputError.Source.file("a.fold"), "a.fold"), (.commandLine, "command line"),
        (.option("--vary"), "--vary"), (.settings, "b.yaml"), (.preset("ws"), "preset ws"),
        (.job, "job"), (.fold, "fold"), (.network("c"), "c"), (.part("matching"), "matching"),
    ])
    func anErrorGetsThePathOfItsSource(source: InputError.Source, file: String) {
        let error = InputError(source, field: "page", problem: "4", remedy: "choose 8")
        let named = error.naming([.settings: "b.yaml"], place: "train.")
        #expect(named.file == file)
        #expect(named.field == (source == .settings ? "train.page" : "page"))
        #expect(named.description == "\(file): \(named.field): 4; choose 8")
    }
}
