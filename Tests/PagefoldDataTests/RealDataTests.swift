// The real data sets load with the counts and shapes that their README gives. Skipped where they are missing.
import Foundation
import PagefoldCore
import PagefoldTestCases
import Testing

@testable import PagefoldData

@Suite(.enabled(if: SharedData.folder != nil, "no shared data sets here"))
struct RealDataTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let samples: String
        let labels: String
        var groups: String?
        let count: Int
        let shape: Shape
        let classes: Int
        var groupCount: Int?
        var testDescription: String { samples }
    }

    static func images(
        _ name: String, _ counts: [Int], _ shape: Shape, classes: Int, tracks: Int? = nil
    ) -> [Case] {
        zip(["train", "t10k"], counts).filter { $0.1 > 0 }.map { part, count in
            let isTrain = part == "train"
            return Case(
                samples: "\(name)/\(part)-images-idx\(shape.channels == 1 ? 3 : 4)-ubyte.gz",
                labels: "\(name)/\(part)-labels-idx1-ubyte.gz",
                groups: isTrain && tracks != nil ? "\(name)/train-tracks.npy.gz" : nil, count: count,
                shape: shape, classes: classes, groupCount: isTrain ? tracks : nil)
        }
    }

    static let cases: [Case] = {
        let square = Shape(channels: 1, height: 28, width: 28)
        let readings = Shape(channels: 1, height: 250, width: 6)
        var cases = images("mnist", [60_000, 10_000], square, classes: 10)
        cases += images("fmnist", [60_000, 10_000], square, classes: 10)
        cases += images(
            "cifar10", [20_000, 10_000], Shape(channels: 3, height: 32, width: 32), classes: 10)
        cases += images(
            "gtsrb", [19_605, 12_630], Shape(channels: 1, height: 32, width: 32), classes: 43,
            tracks: 1_307)
        cases += images("obs", [0, 45], Shape(channels: 1, height: 45, width: 80), classes: 4)
        for (part, count, people) in [("train", 8_038, 18), ("t10k", 2_727, 6)] {
            cases.append(
                Case(
                    samples: "har/\(part)-x-f32.npy.gz", labels: "har/\(part)-labels-idx1-ubyte.gz",
                    groups: "har/\(part)-subject-idx1-ubyte.gz", count: count, shape: readings, classes: 6,
                    groupCount: people))
        }
        return cases
    }()

    @Test(arguments: cases) func loads(set: Case) throws {
        let dataset = try Dataset.load(
            DatasetDescription(
                samples: [SharedData.path(set.samples)], labels: [SharedData.path(set.labels)],
                groups: set.groups.map { .files([SharedData.path($0)]) } ?? .none, classes: set.classes),
            purpose: .training, jobFile: "job.yaml")
        #expect(dataset.count == set.count)
        #expect(dataset.shape == set.shape)
        #expect(Set(dataset.labels ?? []).count == set.classes)
        #expect(dataset.groups.map { Set($0).count } == set.groupCount)
    }

    @Test func esc10() throws {
        let folds = (1...4).map { "esc10/fold\($0)" }
        let dataset = try Dataset.load(
            DatasetDescription(
                samples: folds.map { SharedData.path("\($0)-logmel-idx3-ubyte.gz") },
                labels: folds.map { SharedData.path("\($0)-labels-idx1-ubyte.gz") }, groups: .byFile,
                classes: 10),
            purpose: .training, jobFile: "job.yaml")
        #expect(dataset.count == 320)
        #expect(dataset.shape == Shape(channels: 1, height: 60, width: 216))
        #expect(dataset.groups?.filter { $0 == 3 }.count == 80)
        let transform = try Transform(TransformDescription("logmel_segments_delta"), file: "job.yaml")
        let few = try dataset.selecting([0, 319]).applying(transform, purpose: .evaluation, file: "job.yaml")
        #expect(few.shape == Shape(channels: 2, height: 60, width: 41))
        #expect(few.count == 18)
        #expect(few.groups?.last == 3)
    }

    @Test func spokenDigits() throws {
        let path = SharedData.path("fsdd/fsdd-wav8k.tar.gz")
        let bytes = try FileBytes.read(path)
        let names = try TarArchive(bytes, file: path).entries.map(\.name)
        #expect(names.filter { $0.hasPrefix("fsdd/train/") }.count == 2_700)
        let test = try Recordings(tar: bytes, prefix: "fsdd/test/", file: path)
        #expect(test.signals.count == 300)
        #expect(test.sampleRate == 8_000)
        let named = try #require(test.named)
        #expect(named.indices.allSatisfy { (0...4).contains($0) })
        #expect(Set(named.labels) == Set(0...9))
        #expect(Set(named.speakers) == Set(0...5))
        let features = MFCC().features(of: test.signals.prefix(2))
        #expect(features.count == 2 * 61 * 13 && features.allSatisfy(\.isFinite))
    }

    @Test func speakersAsLabels() throws {
        var description = DatasetDescription(
            samples: [SharedData.path("fsdd/fsdd-wav8k.tar.gz") + "#fsdd/test/"], classes: 6,
            transforms: [TransformDescription("mfcc")])
        // Digits 6 … 9 are no classes of six; speakers are.
        #expect(throws: InputError.self) {
            try Dataset.load(description, purpose: .evaluation, jobFile: "job.yaml")
        }
        description.labelsAreSpeakers = true
        let speakers = try Dataset.load(description, purpose: .evaluation, jobFile: "job.yaml")
        for speaker in Int32(0)...5 {
            #expect(speakers.labels?.filter { $0 == speaker }.count == 50)
        }
        #expect(speakers.groups == nil)
    }
}
