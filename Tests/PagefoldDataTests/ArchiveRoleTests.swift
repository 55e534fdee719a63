// Arrays of archives that are meant without being named, and the dialects of .npy and .npz.
import Foundation
import PagefoldCore
import PagefoldTestCases
import Testing

@testable import PagefoldData

@Suite struct ArchiveRoleTests {
    @Test(
        arguments: [
            (["train_x", "train_y", "test_x", "test_y"], "train_x", "train_y", "test_x"),
            (["x_train", "y_train", "x_test", "y_test"], "x_train", "y_train", "x_test"),
            (["X", "y"], "X", "y", "X"),
            (["train_images", "train_labels", "val_images"], "train_images", "train_labels", nil),
            (["a", "b"], nil, nil, nil), (["x", "data"], nil, nil, nil),
            (["train_x", "train_clip"], "train_x", nil, nil),
        ] as [([String], String?, String?, String?)])
    func namesThatSayWhatTheyAre(names: [String], samples: String?, labels: String?, test: String?) {
        #expect(names.name(of: ArrayRole(.training, .samples)) == samples)
        #expect(names.name(of: ArrayRole(.training, .labels)) == labels)
        #expect(names.name(of: ArrayRole(.test, .samples)) == test)
    }

    @Test func halfPrecisionIsRead() throws {
        #expect(try Goldens.array("half.npy").floats == [-3, -2, -1, 0, 1, 2])
    }

    @Test func twoArraysInOneFileAreTold() throws {
        let bytes = NumPyFile.write([1, 2], shape: [2])
        let error = try #require(throws: InputError.self) { try NumPyFile.read(bytes + bytes, file: "a.npy") }
        #expect(error.problem == "another array follows the first")
    }

    /// Real data: the archives of shared/datasets/real, without a name.
    @Test(
        .enabled(if: SharedData.folder != nil, "no shared data sets here"),
        arguments: ["ecg", "person", "signs", "sounds", "text-direction", "wand", "yes-no", "speech-stream"])
    func sharedArchives(name: String) throws {
        for part in [DatasetDescription.Part.training, .test] {
            var description = DatasetDescription(samples: [SharedData.path("real/\(name).npz")])
            description.part = part
            let set = try Dataset.load(description, purpose: .training, jobFile: "j")
            #expect((set.labels == nil) == ["wand", "speech-stream"].contains(name))
            description.takesLabels = false
            #expect(try Dataset.load(description, purpose: .training, jobFile: "j").labels == nil)
        }
    }

    @Test(
        .enabled(if: SharedData.folder != nil, "no shared data sets here"),
        arguments: ["base.npy", "f16.npy", "nosuffix.npz#x"])
    func sharedCases(name: String) throws {
        func floats(_ name: String) throws -> [Float] {
            try ArrayFile.read(SharedData.path("../cases/npy/\(name)")).floats
        }
        let difference = largestDifference(try floats(name), try floats("base.npy"))
        #expect(difference < 0.01)
    }

    /// NumPy's dictionary of members keeps the last of a name.
    @Test(.enabled(if: SharedData.folder != nil, "no shared data sets here"))
    func theLastOfOneNameCounts() throws {
        let array = try ArrayFile.read(SharedData.path("../cases/npy/two_dup.npz"))
        #expect(Array(array.floats.prefix(4)) == [170, 250, 115, 213])
    }
}
