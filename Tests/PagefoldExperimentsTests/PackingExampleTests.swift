// The program of docs/swift.md: what stands there is what is compiled here, and it packs a job.

import Foundation
import PagefoldCore
import PagefoldEngine
import PagefoldExperiments
import PagefoldImport
import PagefoldPacking
import PagefoldPreprocessing
import PagefoldReport
import PagefoldRuntime
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
        try expectTrainingSamples(job, tiny)
        let evaluated = try job.evaluate(fold: tiny.fold, engine: Engine(threads: 1))
        #expect(evaluated.networks.map(\.name) == ["a", "b"])
        #expect(evaluated.networks.allSatisfy { ($0.packed?.agreement ?? 0) > 0.9 })
    }

    /// What the packed file says of preprocessing makes the samples that training saw.
    private func expectTrainingSamples(_ job: Job, _ tiny: TinyJob) throws {
        let file = try FoldFile(path: tiny.fold)
        for network in job.networks {
            let images = try file.preprocessing(of: network.name).samples(
                in: "\(tiny.folder)/\(network.name)-images.idx")
            let (training, validation) = try network.loadTraining(jobFile: tiny.job, seed: 1)
            let original = try network.loadNetwork(jobFile: tiny.job)
            for part in [training, validation] {
                let source = try network.samples(part, for: original, jobFile: tiny.job)
                #expect(source.count > 20)
                for (place, index) in part.indices.enumerated() {
                    var sample = [Float](repeating: -1, count: source.shape.count)
                    sample.withUnsafeMutableBufferPointer {
                        source.copySample(place, variant: nil, into: $0)
                    }
                    #expect(images[index] == sample)
                }
            }
        }
    }
}
