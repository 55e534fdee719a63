// What `pagefold init` finds in folders: parts of one set, sets of one name in two places, models.

import Foundation
import PagefoldCore
import PagefoldData
import Testing

@testable import PagefoldExperiments

@Suite final class FolderSurveyTests {
    private let root = NSTemporaryDirectory() + "pagefold-survey-\(UUID().uuidString)"

    deinit { try? FileManager.default.removeItem(atPath: root) }

    private func write(_ bytes: [UInt8], _ path: String) throws {
        let place = URL(fileURLWithPath: root + "/" + path)
        try FileManager.default.createDirectory(
            at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: place)
    }

    /// The head of a PNG of 4 × 2 grey pixels: all that a survey reads.
    private static let picture: [UInt8] =
        [137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13] + Array("IHDR".utf8)
        + [0, 0, 0, 4, 0, 0, 0, 2, 8, 0, 0, 0, 0, 0, 0, 0, 0]

    /// Rows × 2 bytes, as IDX.
    private static func array(_ rows: Int) -> [UInt8] {
        [0, 0, 8, 2, 0, 0, 0, UInt8(rows), 0, 0, 0, 2] + [UInt8](repeating: 7, count: rows * 2)
    }

    private static func list(_ rows: Int) -> [UInt8] {
        [0, 0, 8, 1, 0, 0, 0, UInt8(rows)] + [UInt8](repeating: 1, count: rows)
    }

    @Test(arguments: ["", "photos/"])
    func foldersOfClassesInPartsAreOneSet(_ parent: String) throws {
        for (part, count) in [("train", 3), ("test", 2)] {
            for kind in ["cat", "dog"] {
                for index in 0..<count { try write(Self.picture, "\(parent)\(part)/\(kind)/\(index).png") }
            }
        }
        let sets = try FolderSurvey([root]).sets
        #expect(sets.count == 1)
        let set = try #require(sets.first)
        #expect(set.kind == .pictures && set.hasTest)
        #expect(set.training?.count == 6 && set.parts[.test]?.count == 4)
        #expect(set.training?.shape == [2, 4, 1])
        #expect(set.training?.samples == ["\(root)/\(parent)train"])
        #expect(parent.isEmpty || set.name == "photos")
    }

    @Test func foldersOfClassesBesideTheModel() throws {
        try write(Self.picture, "cat/1.png")
        try write(Self.picture, "dog/1.png")
        try write(Array("not a model".utf8), "notes.txt")
        let survey = try FolderSurvey([root])
        #expect(survey.sets.count == 1 && survey.sets[0].training?.samples == [root])
        #expect(survey.models.isEmpty)
    }

    @Test func filesOfOneNameInTwoFoldersStayApart() throws {
        for folder in ["a", "b"] {
            try write(Self.array(5), "\(folder)/pets-train-images.idx")
            try write(Self.list(5), "\(folder)/pets-train-labels.idx")
        }
        try write(Self.array(4), "b/pets-test-images.idx")
        let sets = try FolderSurvey([root]).sets
        #expect(sets.map(\.name) == ["pets", "pets"])
        #expect(sets.map(\.hasTest) == [false, true])
        for set in sets {
            #expect(set.training?.labels.count == 1 && set.training?.shape == [2])
            #expect(set.training?.labels[0].hasPrefix(root + "/" + (set.hasTest ? "b" : "a")) == true)
        }
    }

    @Test(arguments: [
        ("train-images-idx3-ubyte.gz", FileWords.Part.training, []), ("t10k-labels", .test, []),
        ("hand-sign-test.csv.gz", .test, ["hand", "sign"]), ("val_x", .validation, []),
    ])
    func wordsOfNames(_ name: String, _ part: FileWords.Part, _ rest: [String]) {
        let words = FileWords(name)
        #expect(words.part == part && words.rest == rest)
    }

    @Test func aFolderThatIsNotThereIsNamed() {
        #expect(throws: InputError.self) { _ = try FolderSurvey([root]) }
    }
}
