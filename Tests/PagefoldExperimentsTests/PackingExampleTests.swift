// The program of docs/swift.md: what stands there is what is compiled here, and it packs a job.

import Foundation
import PagefoldCore
import PagefoldEngine
import PagefoldExperiments
import PagefoldImport
import PagefoldPacking
import PagefoldReport
import PagefoldTestCases
import Testing

@Suite struct PackingExampleTests {
    @Test func theDocumentHasTheProgramThatIsCompiled() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let document = try String(
            contentsOf: folder.appendingPathComponent("../../docs/swift.md"), encoding: .utf8)
        let program = try String(
            contentsOf: folder.appendingPathComponent("PackingExample.swift"), encoding: .utf8)
        let blocks = document.components(separatedBy: "```swift\n").dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
        #expect(blocks.first == program)
    }

    @Test func theProgramPacksAJob() throws {
        let tiny = try TinyJob()
        let (job, settings) = try Job.load(tiny.job)
        for network in try job.trainable() {
            let trained = try job.train(
                network, seed: settings.training.seed, engine: Engine(threads: 1))
            #expect(trained.accuracy > 0.9)
        }
        try pack(tiny.job)
        #expect(try tiny.bytes(tiny.fold).count <= 2_736)
        #expect(!FileManager.default.fileExists(atPath: tiny.checkpoint))
        let evaluated = try job.evaluate(fold: tiny.fold, engine: Engine(threads: 1))
        #expect(evaluated.networks.map(\.name) == ["a", "b"])
        #expect(evaluated.networks.allSatisfy { ($0.packed?.agreement ?? 0) > 0.9 })
    }
}
