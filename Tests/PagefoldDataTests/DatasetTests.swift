// Data sets, their transforms on access, their checks and their parsing from descriptions.
import Foundation
import PagefoldCore
import PagefoldTestCases
import Testing

@testable import PagefoldData

@Suite struct DatasetTests {
    static let ramp = (0..<24).map { UInt8($0) }

    @Test(arguments: [
        (
            [4, 6], Dataset.Layout.channelsLast, Shape(channels: 6, height: 1, width: 1),
            [6, 7, 8, 9, 10, 11] as [Float]
        ),
        ([4, 2, 3], .channelsLast, Shape(channels: 1, height: 2, width: 3), [6, 7, 8, 9, 10, 11]),
        ([4, 1, 2, 3], .channelsLast, Shape(channels: 3, height: 1, width: 2), [6, 9, 7, 10, 8, 11]),
        ([4, 1, 2, 3], .channelsFirst, Shape(channels: 1, height: 2, width: 3), [6, 7, 8, 9, 10, 11]),
    ])
    func layouts(sizes: [Int], layout: Dataset.Layout, shape: Shape, sample: [Float]) throws {
        for payload in [.u8(Self.ramp), .f32(Self.ramp.map { Float($0) })] as [NumericArray.Payload] {
            let dataset = try Dataset(NumericArray(shape: sizes, payload: payload), layout: layout, file: "x")
            #expect(dataset.count == 4)
            #expect(dataset.shape == shape)
            #expect(dataset.sample(1) == sample)
            #expect(dataset.selecting([3, 1]).sample(1) == sample)
        }
    }

    @Test(arguments: [[24], [0, 4], [1, 2, 2, 2, 3], []])
    func shapesThatAreNoSamples(sizes: [Int]) {
        let values = [UInt8](repeating: 0, count: sizes.reduce(1, *))
        #expect(throws: InputError.self) {
            try Dataset(NumericArray(shape: sizes, payload: .u8(values)), file: "x")
        }
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity]) func notFiniteIsNamed(value: Float) {
        let array = NumericArray(shape: [2, 3], payload: .f32([0, 1, 2, 3, value, 5]))
        let error = #expect(throws: InputError.self) { try Dataset(array, file: "x") }
        #expect(error?.field == "sample 1")
        #expect(error?.problem.hasPrefix("value 1") == true)
    }

    @Test func labelsAreChecked() throws {
        let array = NumericArray(shape: [4, 6], payload: .u8(Self.ramp))
        #expect(throws: InputError.self) { try Dataset(array, labels: [0, 1, 2], file: "x") }
        let dataset = try Dataset(array, labels: [0, 1, 2, -1], file: "x")
        #expect(throws: InputError.self) { try dataset.validated(classes: 3, file: "labels") }
        let error = #expect(throws: InputError.self) {
            try dataset.selecting([0, 2, 1]).validated(classes: 2, file: "labels")
        }
        #expect(error?.file == "labels" && error?.field == "label 1")
        #expect(try dataset.selecting([0, 1]).validated(classes: 2, file: "labels").labels == [0, 1])
    }

    @Test(arguments: [Float.nan, 0.5, 1e10]) func labelsAreWholeNumbers(value: Float) {
        let array = NumericArray(shape: [2], payload: .f32([3, value]))
        let error = #expect(throws: InputError.self) { try array.wholeNumbers("label", file: "x") }
        #expect(error?.field == "label 1")
    }

    @Test func accessTransforms() throws {
        let array = NumericArray(shape: [2, 1, 2, 2], payload: .f32([3, 10, 4, 20, 0, 0, 0, 0]))
        let dataset = try Dataset(array, file: "x")
        func sample(_ index: Int, _ transform: TransformDescription) throws -> [Float] {
            try dataset.applying(try Transform(transform, file: "job"), purpose: .training, file: "job")
                .sample(index)
        }
        #expect(try sample(0, TransformDescription("scale", ["divisor": .number(2)])) == [1.5, 2, 5, 10])
        let standard: [String: ParameterValue] = ["mean": .numbers([3, 10]), "deviation": .number(0.5)]
        #expect(try sample(0, TransformDescription("standardise", standard)) == [0, 2, 0, 20])
        let norm = Float(525).squareRoot()
        let unit = [3 / norm, 4 / norm, 10 / norm, 20 / norm]
        #expect(largestDifference(try sample(0, TransformDescription("l2norm")), unit) < 1e-6)
        #expect(try sample(1, TransformDescription("l2norm")) == [0, 0, 0, 0])
    }

    @Test(arguments: [
        TransformDescription("blur"),
        TransformDescription("scale", ["divisor": .number(0)]),
        TransformDescription("scale", ["divisor": .number(.nan)]),
        TransformDescription("scale", ["factor": .number(2)]),
        TransformDescription("standardise", ["mean": .number(1)]),
        TransformDescription("standardise", ["mean": .number(1), "deviation": .number(0)]),
        TransformDescription("standardise", ["mean": .numbers([1, 2, 3]), "deviation": .number(1)]),
        TransformDescription("mfcc", ["fft_size": .number(300)]),
        TransformDescription("mfcc", ["frames": .number(1.5)]),
        TransformDescription("mfcc", ["mel_bands": .number(13)]),
        TransformDescription("mfcc"),
        TransformDescription("logmel_segments_delta", ["delta_width": .number(8)]),
        TransformDescription("logmel_segments_delta"),
        TransformDescription("fft_windows", ["points": .number(1e30)]),
    ])
    func mistakesInTransforms(description: TransformDescription) throws {
        let dataset = try Dataset(
            NumericArray(shape: [2, 3, 4], payload: .u8(Self.ramp)), file: "x")
        let error = #expect(throws: InputError.self) {
            try dataset.applying(
                try Transform(description, file: "job.yaml"), purpose: .training, file: "job.yaml")
        }
        #expect(error?.file == "job.yaml")
    }

    @Test(arguments: [
        DatasetDescription(samples: []),
        DatasetDescription(samples: ["ramp-u1.npy"], labels: ["a", "b"]),
        DatasetDescription(samples: ["ramp-u1.npy"], groups: .files([])),
        DatasetDescription(samples: ["ramp-u1.npy"], labels: ["ramp-u1.npy"]),
        DatasetDescription(samples: ["ramp-u1.npy"], labels: ["signal-long.npy"]),
        DatasetDescription(samples: ["ramp-u1.npy", "clip.npy"]),
        DatasetDescription(samples: ["ramp-u1.npy", "ramp-i1.npy"]),
        DatasetDescription(samples: ["ramp-u1.npy#x"]),
        DatasetDescription(samples: ["pcm8.wav"]),
        DatasetDescription(samples: ["gnu.tar"]),
        DatasetDescription(samples: ["gnu.tar"], transforms: [TransformDescription("mfcc")]),
        DatasetDescription(samples: ["ramp-u1.npy"], augmentations: [TransformDescription("spin")]),
    ])
    func mistakesInDescriptions(description: DatasetDescription) {
        var description = description
        description.samples = description.samples.map(Goldens.path)
        description.labels = description.labels.map(Goldens.path)
        #expect(throws: InputError.self) {
            try Dataset.load(description, purpose: .training, jobFile: "job.yaml")
        }
    }

    @Test func onlyRecordingsHaveSpeakers() {
        var description = DatasetDescription(samples: [Goldens.path("ramp-u1.npy")])
        description.labelsAreSpeakers = true
        let error = #expect(throws: InputError.self) {
            try Dataset.load(description, purpose: .training, jobFile: "job.yaml")
        }
        #expect(error?.file == "job.yaml" && error?.field == "labels: by_speaker")
    }

    @Test func severalFilesAndTheirFolds() throws {
        let files = ["ramp-u1.npy", "two.npz#y"].map(Goldens.path)
        let dataset = try Dataset.load(
            DatasetDescription(
                samples: files, groups: .byFile,
                transforms: [TransformDescription("scale", ["divisor": .number(2)])]),
            purpose: .training, jobFile: "job.yaml")
        #expect(dataset.count == 4)
        #expect(dataset.groups == [0, 0, 1, 1])
        #expect(dataset.sample(3) == [1.5, 2, 2.5])
    }

    @Test func badLabelsNameTheirFile() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("pagefold-labels-\(ProcessInfo.processInfo.processIdentifier)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let good = folder.appendingPathComponent("good").path
        let bad = folder.appendingPathComponent("bad").path
        try Data(IDX.write([0, 1], shape: [2])).write(to: URL(fileURLWithPath: good))
        try Data(IDX.write([1, 9], shape: [2])).write(to: URL(fileURLWithPath: bad))
        let samples = [Goldens.path("ramp-u1.npy"), Goldens.path("ramp-b1.npy")]
        var description = DatasetDescription(samples: samples, labels: [good, good], classes: 2)
        let dataset = try Dataset.load(description, purpose: .training, jobFile: "job.yaml")
        #expect(dataset.labels == [0, 1, 0, 1])
        description.labels = [good, bad]
        let error = #expect(throws: InputError.self) {
            try Dataset.load(description, purpose: .training, jobFile: "job.yaml")
        }
        #expect(error?.file == bad && error?.field == "label 1")
    }
}
