// Mixing of training samples is for samples without labels; loading a job's samples says so.
import Foundation
import PagefoldCore
import PagefoldImport
import Testing

@Suite struct JobMixingTests {
    @Test func mixingIsNotForSamplesWithLabels() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/pagefold-mix-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // IDX: 20 samples of 2 × 2 bytes, and 20 labels.
        let samples = [0, 0, 8, 3, 0, 0, 0, 20, 0, 0, 0, 2, 0, 0, 0, 2] + [UInt8](repeating: 7, count: 80)
        try Data(samples).write(to: URL(fileURLWithPath: folder + "/x.idx"))
        try Data([0, 0, 8, 1, 0, 0, 0, 20] + [UInt8](repeating: 1, count: 20))
            .write(to: URL(fileURLWithPath: folder + "/y.idx"))
        func load(_ labels: String) throws {
            let job = try Job(
                yaml: """
                    networks:
                      - name: a
                        weights: a.fold
                        data: {augmentations: [mix: 0.5], train: {samples: x.idx\(labels)}}
                    """, path: folder + "/job.yaml")
            _ = try job.networks[0].loadTraining(jobFile: job.path, seed: 1)
        }
        try load("")
        let error = try #require(throws: InputError.self) { try load(", labels: y.idx") }
        #expect(error.problem == "a mixed sample has no class" && error.field.hasSuffix("mix"))
    }
}
