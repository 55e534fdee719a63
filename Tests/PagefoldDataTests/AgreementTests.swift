// What two sets of samples of one network must agree on: classes by their names, features by theirs, speakers over all folders.

import Foundation
import PagefoldCore
import Testing

@testable import PagefoldData

@Suite struct AgreementTests {
    private let folder: SampleFolder

    init() throws { folder = try SampleFolder() }

    private func table(_ text: String, _ name: String) throws -> DatasetDescription {
        var description = DatasetDescription(samples: [try folder.write(text, name)])
        description.table.label = "y"
        return description
    }

    private func load(_ description: DatasetDescription) throws -> Dataset {
        try Dataset.load(description, purpose: .evaluation, jobFile: "job.yaml")
    }

    /// The test table has fewer labels than the training table: each has the number that it has there.
    @Test(arguments: [
        ("0.5 1.5 2.5 3.5", "1.5 2.5 3.5", [1, 2, 3] as [Int32]), ("1 2 nan", "1 2", [0, 1]),
        ("0.5 1.0 1.5", "1.0", [1]), ("a 5000000001", "5000000001", [0]), ("0 1 2", "1 2", [1, 2]),
        ("0.0 1.0 2", "2", [2]),
    ])
    func labelsHaveTheNumbersOfTheTrainingTable(train: String, test: String, numbers: [Int32]) throws {
        func rows(_ labels: String) -> String {
            "y,v\n" + labels.split(separator: " ").map { "\($0),1\n" }.joined()
        }
        let training = try table(rows(train), "train.csv")
        var other = try table(rows(test), "test.csv")
        other.classNames = try training.discoveredClassNames(jobFile: "job.yaml")
        other.classNamesAreFound = true
        let set = try load(other)
        #expect(set.labels == numbers)
        // The names of the training set are those that it was numbered by.
        #expect(try load(training).classNames == other.classNames)
    }

    @Test func featuresAreTakenByTheirNames() throws {
        let training = try table("a,b,y\n1,2,0\n", "train.csv")
        let names = try training.discoveredFeatures(jobFile: "job.yaml")
        #expect(names == ["a", "b"])
        var other = try table("y,b,a,c\n1,20,10,30\n", "test.csv")
        other.features = names
        #expect(try load(other).sample(0) == [10, 20])
        other = try table("a,B,y\n1,2,0\n", "wrong.csv")
        other.features = names
        let error = #expect(throws: InputError.self) { try load(other) }
        #expect(error?.field == "columns" && error?.problem.contains("no \"b\"") == true)
        // Without a header there are only places.
        other = DatasetDescription(samples: [try folder.write("1,2,0\n3,4,1\n", "bare.csv")])
        (other.table.label, other.features) = ("-1", names)
        #expect(try load(other).sample(1) == [3, 4])
        // Files of one set, too.
        var both = training
        both.samples.append(try folder.write("y,b,a\n1,20,10\n", "more.csv"))
        #expect(try load(both).sample(1) == [10, 20])
    }

    @Test func overlappingWindowsWithoutAGroupAreWarnedOf() throws {
        var description = try table("y,g,v\n" + (0..<9).map { "0,\($0 / 5),\($0)\n" }.joined(), "w.csv")
        (description.table.window, description.table.stride) = (3, 1)
        #expect(try load(description).remarks.contains { $0.contains("overlap") })
        description.table.group = "g"
        #expect(try load(description).remarks.isEmpty)
        (description.table.group, description.table.stride) = (nil, nil)
        #expect(try load(description).remarks.isEmpty)
    }

    /// Folders that are numbers stand for names that the job gives, not for names that were found.
    @Test func numbersArePlacesAmongGivenNamesAlone() throws {
        func numbers(_ found: [String], _ names: ClassNames) throws -> [Int32] {
            let result = try names.numbers(of: found, what: "the folders", file: "f")
            return found.map { result[$0] ?? -1 }
        }
        #expect(try numbers(["00", "01"], ClassNames(given: ["cat", "dog"])) == [0, 1])
        for (found, names) in [
            (["01", "02"], ClassNames(given: ["1", "2", "3"])),
            (["0", "1"], ClassNames(given: ["cat", "dog", "eel"], mayBeNumbers: false)),
        ] {
            let error = #expect(throws: InputError.self) { try numbers(found, names) }
            #expect(error?.field == "classes")
        }
    }

    @Test func speakersAreNumberedOverAllFolders() {
        func named(_ speakers: [Int32], _ names: [String]) -> Recordings.Named {
            Recordings.Named(
                labels: speakers.map { _ in 0 }, speakers: speakers, speakerNames: names,
                indices: speakers.map { _ in 0 })
        }
        let folders = [named([0, 1], ["alice", "carol"]), named([0, 1, 0], ["carol", "dave"])]
        #expect(Recordings.Named.speakers(of: folders) == [0, 1, 1, 2, 1])
    }

    @Test(arguments: [1, 99, 10_000_001])
    func absurdRatesAreRefused(rate: Int) {
        let error = #expect(throws: InputError.self) {
            try WAVFile(WAVFile.writeMono16([0, 0.5], sampleRate: rate), file: "a.wav")
        }
        #expect(error?.problem == "states \(rate) samples a second")
    }
}
