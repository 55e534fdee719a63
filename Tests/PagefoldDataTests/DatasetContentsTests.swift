// What is told of a path without decoding it.
import Foundation
import PagefoldCore
import PagefoldTestCases
import Testing

@testable import PagefoldData

@Suite struct DatasetContentsTests {
    @Test func pictures() throws {
        let folder = try SampleFolder([
            "b/1.png": try PictureGoldens.file("png-3-4"), "a/1.jpg": try PictureGoldens.file("jpeg-420"),
            "a/2.jpg": [1], "a/list.txt": [65],
        ])
        let contents = try DatasetContents(of: folder.path)
        #expect(contents.kind == .pictures && contents.count == 3 && contents.classes == ["a", "b"])
        #expect(contents.classCounts == [2, 1] && contents.firstShape == [29, 37, 3])
        #expect(contents.skipped == ["a/list.txt"])
        #expect(try DatasetContents(of: folder.path + "/b/1.png").firstShape == [5, 7, 3])
    }

    @Test func recordings() throws {
        let sound = WAVFile.writeMono16([0.5, 0.25], sampleRate: 22_050)
        let folder = try SampleFolder(["7_a_0.wav": sound, "12_b_0.wav": sound, "7_b_1.wav": sound])
        let contents = try DatasetContents(of: folder.path)
        #expect(contents.kind == .recordings && contents.isNamed && contents.sampleRate == 22_050)
        #expect(
            contents.classes == ["7", "12"] && contents.classCounts == [2, 1]
                && contents.firstShape == [2, 1])
    }

    @Test func tables() throws {
        let folder = try SampleFolder()
        let contents = try DatasetContents(of: try folder.write("kind,v\na,1\nb,2\na,3\n", "t.csv"))
        #expect(
            contents.kind == .table && contents.count == 3 && contents.hasHeader && contents.firstShape == [2]
        )
        #expect(
            contents.columns == [
                .init(name: "kind", isNumeric: false, distinct: 2),
                .init(name: "v", isNumeric: true, distinct: 3),
            ])
    }

    @Test(arguments: ["stored.npz", "deflated.npz", "two.npz", "zip64.npz", "ramp-le-f4.npy"])
    func arrays(name: String) throws {
        let contents = try DatasetContents(of: Goldens.path(name))
        #expect(contents.kind == .arrays && contents.count == 2 && contents.arrays[0].shape == [2, 3])
        #expect(
            contents.arrays.map(\.name)
                == (name == "two.npz" ? ["x", "y"] : name.hasSuffix("npz") ? ["x"] : [""]))
        #expect(DatasetDescription.arrayName(among: ["x", "y"], labels: true, part: .test) == "y")
    }

    @Test func whatIsNotThereIsTold() {
        #expect(throws: InputError.self) { try DatasetContents(of: "/nowhere/at/all") }
        #expect(throws: InputError.self) { try DatasetContents(of: "/dev/null") }
    }

    @Test(.enabled(if: SharedData.folder != nil, "no shared data sets here"))
    func sharedData() throws {
        let face = try DatasetContents(of: SharedData.path("real/face/train"))
        #expect(face.kind == .pictures && face.count == 48 && face.classes.isEmpty)
        let hand = try DatasetContents(of: SharedData.path("real/hand-sign-train.csv.gz"))
        #expect(hand.firstShape == [43] && !hand.hasHeader && hand.columns[0].distinct == 3)
        let sounds = try DatasetContents(of: SharedData.path("real/sounds.npz"))
        #expect(sounds.arrays.contains { $0.name == "train_x" && $0.shape == [1_669, 64, 50] })
    }
}
