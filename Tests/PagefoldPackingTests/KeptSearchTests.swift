// Runs in narrow formats that are cut off and go on: with the quanta that they had, and without making trials again.

import Foundation
import PagefoldCore
import PagefoldEngine
import PagefoldFold
import Testing

@testable import PagefoldPacking

@Suite struct KeptSearchTests {
    private static func settings(_ format: NumberFormat?) -> PackingSettings {
        var settings = NarrowPackingTests.settings(format, budget: 2_000)
        settings.training.steps = 60
        settings.evaluateEvery = 20
        return settings
    }

    /// Packs; at a step of the whole run the checkpoint is copied, if a place for it is given.
    private static func pack(
        _ settings: PackingSettings, checkpoint path: String, copy: (step: Int, path: String)? = nil,
        threads: Int = 2
    ) throws -> (result: SearchResult, trials: Int, resumed: Int?) {
        var trials = 0
        var resumed: Int?
        let search = try BudgetSearch(settings: settings, engine: Engine(threads: threads)) { event in
            switch event {
            case .trying: trials += 1
            case .resumed(let step): resumed = step
            case .stepped(copy?.step, settings.training.steps, _):
                if let copy { try? FileManager.default.copyItem(atPath: path, toPath: copy.path) }
            default: break
            }
        }
        let result = try search.pack(try SmallProblem.tasks(), checkpoint: path, fingerprint: "job")
        return (result, trials, resumed)
    }

    @Test(arguments: [NumberFormat.int8, .int4, .int2], [10, 45])
    func narrowRunsEndWithTheSameBytes(format: NumberFormat, step: Int) throws {
        let folder = try TemporaryFolder()
        let copy = (step: step, path: folder("copy"))
        let whole = try Self.pack(Self.settings(format), checkpoint: folder("run"), copy: copy)
        let rest = try Self.pack(Self.settings(format), checkpoint: copy.path, threads: 1)
        #expect(rest.resumed == step / 20 * 20)
        #expect(rest.result.packing.fold.encoded() == whole.result.packing.fold.encoded())
        #expect(rest.result.packing.history == whole.result.packing.history)
    }

    @Test func aSearchIsNotMadeTwice() throws {
        let folder = try TemporaryFolder()
        let copy = (step: 45, path: folder("copy"))
        let whole = try Self.pack(Self.settings(nil), checkpoint: folder("run"), copy: copy)
        let rest = try Self.pack(Self.settings(nil), checkpoint: copy.path)
        #expect(whole.trials > 1 && rest.trials == 0)
        #expect(rest.resumed == 40)
        #expect(rest.result.points == whole.result.points)
        #expect(rest.result.settings == whole.result.settings)
        #expect(rest.result.packing.fold.encoded() == whole.result.packing.fold.encoded())
    }

    /// Before any trial, and without a step.
    @Test func aCheckpointOfAnotherJobIsFoundAtOnce() throws {
        let folder = try TemporaryFolder()
        let path = folder("run")
        _ = try Self.pack(Self.settings(nil), checkpoint: path)
        let kept = try Data(contentsOf: URL(fileURLWithPath: path))
        var other = Self.settings(nil)
        other.training.seed = 7
        var events = 0
        let search = try BudgetSearch(settings: other, engine: Engine(threads: 2)) { _ in events += 1 }
        let error = #expect(throws: InputError.self) {
            try search.pack(try SmallProblem.tasks(), checkpoint: path, fingerprint: "job")
        }
        #expect(error?.field == "checkpoint" && error?.problem == "it belongs to another job")
        #expect(events == 0)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == kept)
    }
}
