// Folders of pictures as samples: classes, order, sizes, what is left out, what is refused.
import Foundation
import PagefoldCore
import PagefoldTestCases
import Testing

@testable import PagefoldData

@Suite(.enabled(if: PictureGoldens.canDecode, PictureGoldens.missing)) struct PictureFolderTests {
    private let large: [UInt8]
    private let grey: [UInt8]

    init() throws {
        large = try PictureGoldens.file("jpeg-420")
        grey = try PictureGoldens.file("png-0-8")
    }

    private func load(
        _ path: String, _ transforms: [TransformDescription] = [], classes: [String] = [],
        labels: [String] = []
    ) throws -> Dataset {
        var description = DatasetDescription(samples: [path], labels: labels, transforms: transforms)
        description.classNames = classes
        return try Dataset.load(description, purpose: .training, jobFile: "job.yaml")
    }

    private static let resize = TransformDescription("resize", ["height": .number(8), "width": .number(6)])

    @Test func classesAreFoldersInTheirOrder() throws {
        let folder = try SampleFolder([
            "dog/b.jpg": large, "dog/deep/a.JPG": large, "cat/x.png": grey, "cat/._x.png": [1, 2],
            "Zebra/1.jpeg": large, "__MACOSX/cat/x.png": [0], "cat/.DS_Store": [0], "cat/Thumbs.db": [0],
            "cat/notes.txt": [65], ".hidden/a.png": grey,
        ])
        let set = try load(folder.path, [Self.resize])
        #expect(set.classNames == ["Zebra", "cat", "dog"])
        #expect(set.labels == [0, 1, 2, 2])
        // A grey picture among others becomes a coloured one.
        #expect(set.shape == Shape(channels: 3, height: 8, width: 6))
        #expect(
            set.remarks.count == 1 && set.remarks[0].contains("1 files")
                && set.remarks[0].contains("notes.txt"))
        #expect(
            try load(folder.path, [Self.resize], classes: ["dog", "bird", "cat", "Zebra"]).labels == [
                3, 2, 0, 0,
            ])
        let error = #expect(throws: InputError.self) {
            try load(folder.path, [Self.resize], classes: ["dog", "cat"])
        }
        #expect(error?.problem.contains("Zebra") == true)
        // What a training set tells its test set.
        let description = DatasetDescription(samples: [folder.path])
        #expect(try description.discoveredClassNames(jobFile: "j") == ["Zebra", "cat", "dog"])
    }

    @Test func numbersAreInTheirOrder() throws {
        let folder = try SampleFolder(["10/a.png": grey, "9/a.png": grey, "2/a.png": grey])
        let set = try load(folder.path)
        #expect(set.classNames == ["2", "9", "10"] && set.labels == [0, 1, 2])
        #expect(set.shape.channels == 1)
        // Numbers beside names are numbers of classes.
        let names = (0...10).map { "class \($0)" }
        #expect(try load(folder.path, classes: names).labels == [2, 9, 10])
        #expect(throws: InputError.self) { try load(folder.path, classes: ["a", "b", "c"]) }
    }

    @Test func aFolderWithoutFoldersHasNoLabels() throws {
        let folder = try SampleFolder(["b.png": grey, "a.png": grey])
        let set = try load(folder.path)
        #expect(set.labels == nil && set.count == 2 && set.classNames.isEmpty)
        try folder.write(IDX.write([1, 0], shape: [2]), "y.idx")
        #expect(try load(folder.path, labels: [folder.path + "/y.idx"]).labels == [1, 0])
        // A single picture is a sample too.
        #expect(try load(folder.path + "/a.png").count == 1)
    }

    @Test func valuesAreThoseOfTheFile() throws {
        let folder = try SampleFolder(["a.jpg": large])
        let set = try load(folder.path, [TransformDescription("bgr")])
        let due = try PictureFile(large, file: "a")
        let sample = set.sample(0)
        for pixel in 0..<29 * 37 {
            for channel in 0..<3 {
                #expect(sample[channel * 29 * 37 + pixel] == Float(due.values[pixel * 3 + 2 - channel]))
            }
        }
        let grey = try load(folder.path, [TransformDescription("grey")]).sample(0)
        #expect(grey == (try PictureFile(large, as: .grey, file: "a").values).map { Float($0) })
    }

    /// Bytes are rounded once, behind all transforms that act while reading.
    @Test func resizedPicturesAreBytes() throws {
        let folder = try SampleFolder(["a.jpg": large])
        let set = try load(folder.path, [Self.resize, TransformDescription("scale")])
        let whole = try load(folder.path).adding(.image(.resize(height: 8, width: 6)))
        #expect(set.sample(0) == whole.sample(0).map { min(max($0.rounded(), 0), 255) / 255 })
        guard case .u8 = set.samples else {
            Issue.record("samples are no bytes")
            return
        }
    }

    static let mistakes: [(files: [String: [UInt8]], field: String, word: String)] = [
        (["a.jpg": [0xff, 0xd8, 0xff, 0xe0, 0]], "JPEG segment", "bytes"),
        (["a/b.jpg": []], "picture", "no PNG or JPEG"),
        (["a/b.webp": [1], "a/c.png": [1]], "samples", "b.webp"),
        (["a/notes.txt": [1]], "samples", "no PNG, JPEG or WAV"),
        ([:], "samples", "no PNG, JPEG or WAV"),
        (["a/b.png": [1], "c.png": [1]], "samples", "c.png"),
        (["a/b.png": [1], "a/c.wav": [1]], "samples", "1 pictures and 1 recordings"),
    ]

    @Test(arguments: mistakes.indices) func mistakesAreTold(index: Int) throws {
        let mistake = Self.mistakes[index]
        let folder = try SampleFolder(mistake.files)
        let error = try #require(throws: InputError.self) { try load(folder.path) }
        #expect(error.field == mistake.field && error.problem.contains(mistake.word), "\(error)")
    }

    @Test func sizesMustAgree() throws {
        let folder = try SampleFolder(["a.jpg": large, "b.png": grey])
        let error = try #require(throws: InputError.self) { try load(folder.path) }
        #expect(
            error.file == folder.path + "/b.png" && error.field == "size" && error.remedy.contains("resize"))
        let crop = TransformDescription("crop", ["height": .number(6), "width": .number(6)])
        let small = try #require(throws: InputError.self) { try load(folder.path, [crop]) }
        #expect(small.problem.contains("too small for crop"))
        let fit = TransformDescription(
            "crop", ["height": .number(6), "width": .number(6), "fit": .number(1)])
        #expect(try load(folder.path, [fit]).shape == Shape(channels: 3, height: 6, width: 6))
    }
}
