// What a quantised file scores in its own arithmetic: real files beside the scores of their own runtime.

import Foundation
import PagefoldEngine
import PagefoldExperiments
import PagefoldImport
import PagefoldReport
import Testing

@Suite(.enabled(if: FileManager.default.fileExists(atPath: "../shared/models/real"), "no shared models here"))
struct QuantisedScoreTests {
    private func record(_ network: String, _ transforms: String) throws -> EvalRecord.Network {
        let data = "../shared/datasets/real/\(network).npz"
        let job = try Job(
            yaml: """
                networks:
                - name: \(network)
                  weights: ../shared/models/real/\(network).tflite
                  data:
                    transforms: [\(transforms)]
                    test: {samples: "\(data)#test_x", labels: "\(data)#test_y"}
                """, path: "job.yaml")
        return try #require(try job.evaluate(fold: nil, engine: Engine(threads: 2)).networks.first)
    }

    /// LiteRT: 142 of 168 and 392 of 434 (84.5 % and 90.3 % in the files' notes).
    @Test(arguments: [
        ("yes-no", "", 142, 168), ("sounds", "standardise: {mean: 255, deviation: 3.1875}", 392, 434),
    ])
    func realFilesScoreAsInTheirOwnRuntime(
        _ network: String, _ transforms: String, _ right: Int, _ count: Int
    ) throws {
        let network = try record(network, transforms)
        let score = try #require(network.quantised)
        #expect(score.count == count && network.original.count == count)
        #expect(abs(score.measure * Double(count) - Double(right)) <= 1)
    }

    @Test func aFileOfFloatsHasNoArithmeticOfItsOwn() throws {
        #expect(try record("ecg", "").quantised == nil)
    }
}
