// Records from JSON: old ones, partial ones, several in a file, and those that are damaged or foreign.

import Foundation
import PagefoldCore
import Testing

@testable import PagefoldReport

@Suite struct RecordTests {
    /// A folder that goes away with the test.
    final class Folder {
        let path = NSTemporaryDirectory() + "pagefold-records-\(UUID().uuidString)"
        init() throws {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        deinit { try? FileManager.default.removeItem(atPath: path) }

        func write(_ name: String, _ text: String) throws -> String {
            let file = path + "/" + name
            try text.write(toFile: file, atomically: true, encoding: .utf8)
            return file
        }
    }

    static let network = """
        {"name": "a", "original": {"accuracy": 0.9, "agreement": 1, "count": 100},
         "packed": {"accuracy": 0.89, "agreement": 0.97, "count": 100}}
        """
    static let least = #"{"bytes": 1000, "networks": [\#(network)]}"#

    @Test func everythingButNetworksAndBytesMayBeMissing() throws {
        let folder = try Folder()
        let runs = try RecordCollection(paths: [folder.write("a.json", Self.least)]).runs
        #expect(runs.count == 1)
        #expect(runs[0].networks[0].labelled)
        #expect(runs[0].networks[0].packed.accuracy == 0.89)
        #expect(runs[0].history.isEmpty && runs[0].frames == nil && runs[0].settings.isEmpty)
        #expect(Report(runs: runs).html.contains("−1.00"))
    }

    @Test func writtenRecordsAreReadAgain() throws {
        var record = SampleRecords(networks: 4).record
        record.overrideBlocks = 3
        record.overrideBytes = 96
        let text = String(decoding: try JSONEncoder().encode(record), as: UTF8.self)
        let folder = try Folder()
        let runs = try RecordCollection(paths: [folder.write("a.json", text)]).runs
        #expect(runs == [record])
    }

    /// Records of version 0.1 have nested settings with numbers, and no page size of their own.
    @Test func oldSettingsAreFlattenedToJobKeys() throws {
        let text = """
            {"bytes": 1000, "networks": [\(Self.network)], "settings": {"pageSize": 64, "budget": 900,
             "channelScales": true, "fisher": "expected",
             "training": {"seed": 3, "learningRate": 0.001, "steps": 16000, "warmUp": 100}}}
            """
        let folder = try Folder()
        let run = try RecordCollection(paths: [folder.write("a.json", text)]).runs[0]
        #expect(run.pageSize == 64)
        #expect(run.parameter("seed") == "3")
        #expect(run.settings["learning_rate"] == "0.001")
        #expect(run.settings["warm_up"] == "100")
        #expect(run.settings["channel_scales"] == "1")
        #expect(run.settings["page"] == "64")
    }

    @Test func unlabelledNetworksNeedNoAccuracy() throws {
        let text = """
            {"bytes": 10, "networks": [{"name": "a", "original": {"agreement": 1, "count": 5},
             "packed": {"accuracy": null, "agreement": 0.8, "count": 5}}]}
            """
        let folder = try Folder()
        let run = try RecordCollection(paths: [folder.write("a.json", text)]).runs[0]
        #expect(!run.networks[0].labelled)
        #expect(run.meanDifference == nil)
        #expect(run.leastAgreement == 0.8)
    }

    static func evaluation(_ fold: String, _ accuracy: Double, bytes: Int = 1000) -> String {
        """
        {"command": [], "fold": "\(fold)", "bytes": \(bytes), "originalBytes": 4000, "networks": [{"name": "a",
         "original": {"accuracy": 0.8, "agreement": 1, "count": 7},
         "packed": {"accuracy": \(accuracy), "agreement": 0.9, "count": 7}}]}
        """
    }

    static func pack(_ output: String) -> String {
        #"{"bytes": 1000, "output": "\#(output)", "networks": [\#(network)]}"#
    }

    @Test func evaluationsJoinTheRunOfTheirFoldFile() throws {
        let folder = try Folder()
        _ = try folder.write("eval-2.json", Self.evaluation("x/two.fold", 0.72))
        _ = try folder.write("pack-1.json", Self.pack("x/one.fold"))
        _ = try folder.write("pack-2.json", Self.pack("x/two.fold"))
        let runs = try RecordCollection(paths: [folder.path]).runs
        #expect(runs.map(\.output) == ["x/one.fold", "x/two.fold"])
        #expect(runs[0].networks[0].testPacked == nil)
        #expect(runs[1].networks[0].testPacked?.accuracy == 0.72)
        let outcome = runs[1].networks[0].outcome
        #expect(outcome.isTest)
        #expect(abs((outcome.difference ?? 0) + 8) < 1e-9)
        #expect(!runs[0].networks[0].outcome.isTest)
    }

    /// Several runs wrote the same file, one after the other: nobody knows which of them was evaluated.
    @Test func evaluationsOfAFileWrittenOverStandAlone() throws {
        let folder = try Folder()
        for (name, accuracy) in [("eval-1.json", 0.71), ("eval-2.json", 0.72)] {
            _ = try folder.write(name, Self.evaluation("x/one.fold", accuracy))
        }
        for name in ["pack-1.json", "pack-2.json"] { _ = try folder.write(name, Self.pack("x/one.fold")) }
        let runs = try RecordCollection(paths: [folder.path]).runs
        #expect(runs.map { $0.networks[0].testPacked?.accuracy } == [nil, nil, 0.71, 0.72])
    }

    @Test func movedFilesJoinByTheirNameWhereItIsTheOnlyOne() throws {
        let folder = try Folder()
        let evaluation = try folder.write("e.json", Self.evaluation("elsewhere/one.fold", 0.7))
        let first = try folder.write("p.json", Self.pack("x/one.fold"))
        let second = try folder.write("q.json", Self.pack("y/one.fold"))
        let one = try RecordCollection(paths: [first, evaluation]).runs
        #expect(one.count == 1 && one[0].networks[0].testPacked?.accuracy == 0.7)
        // With two candidates the evaluation stands alone.
        let two = try RecordCollection(paths: [first, second, evaluation]).runs
        #expect(two.count == 3)
        #expect(two[0].networks[0].testPacked == nil && two[1].networks[0].testPacked == nil)
        // Other bytes: another file of that name.
        let other = try folder.write("o.json", Self.evaluation("x/one.fold", 0.7, bytes: 999))
        #expect(try RecordCollection(paths: [first, other]).runs.count == 2)
    }

    @Test func linesAreRecordsOfTheirOwn() throws {
        let folder = try Folder()
        let line = Self.least.replacingOccurrences(of: "\n", with: " ")
        let file = try folder.write("records.jsonl", "\(line)\n\n\(line)\n")
        #expect(try RecordCollection(paths: [file]).runs.count == 2)
        let cut = try folder.write("cut.jsonl", "\(line)\n\(line.prefix(40))")
        let error = #expect(throws: InputError.self) { try RecordCollection(paths: [cut]) }
        #expect(error?.field == "line 2")
        let wrong = try folder.write("wrong.jsonl", "\(line)\n\(line.replacing("1000", with: "-4"))")
        let second = #expect(throws: InputError.self) { try RecordCollection(paths: [wrong]) }
        #expect(second?.field == "line 2, bytes")
    }

    /// Text of a record, and the field that the error must name.
    @Test(arguments: [
        ("", "JSON"), ("{", "JSON"), ("[]", "JSON"), ("7", "JSON"), ("{}", "networks"),
        (#"{"bytes": 1, "networks": []}"#, "networks"), (#"{"networks": [NETWORK]}"#, "bytes"),
        (#"{"bytes": 0, "networks": [NETWORK]}"#, "bytes"),
        (#"{"bytes": 1e30, "networks": [NETWORK]}"#, "JSON"),
        (#"{"bytes": "1", "networks": [NETWORK]}"#, "bytes"),
        (#"{"bytes": 1, "networks": [NETWORK, {"name": "b"}]}"#, "networks[1].original"),
        (#"{"bytes": 1, "frames": -1, "networks": [NETWORK]}"#, "frames"),
        (#"{"bytes": 1, "seconds": 1e300, "networks": [NETWORK]}"#, "seconds"),
        (#"{"bytes": 1, "pageTables": [[0]], "networks": [NETWORK]}"#, "frames"),
        (#"{"bytes": 1, "frames": 2, "pageTables": [], "networks": [NETWORK]}"#, "pageTables"),
        (#"{"bytes": 1, "frames": 2, "pageTables": [[-1]], "networks": [NETWORK]}"#, "pageTables[0]"),
        (#"{"bytes": 1, "sharingCost": [[0, 1]], "networks": [NETWORK]}"#, "sharingCost"),
        (
            #"{"bytes": 1, "history": [{"step": 0, "scores": [], "losses": [1]}], "networks": [NETWORK]}"#,
            "history[0].scores"
        ),
        (
            #"{"bytes": 1, "networks": [{"name": "a", "original": {"agreement": 2, "count": 1}, "packed": SCORE}]}"#,
            "networks[0].original.agreement"
        ),
        (
            #"{"bytes": 1, "networks": [WITH{"edges": [0, 1], "counts": [1, 2], "logarithmic": false}}]}"#,
            "networks[0].fisher.edges"
        ),
        (
            #"{"bytes": 1, "networks": [WITH{"edges": [1, 1], "counts": [1], "logarithmic": false}}]}"#,
            "networks[0].fisher.edges"
        ),
        (
            #"{"bytes": 1, "networks": [WITH{"edges": [0, 1], "counts": [1], "logarithmic": true}}]}"#,
            "networks[0].fisher.edges"
        ),
        (
            #"{"bytes": 1, "networks": [WITH{"edges": [0, 1], "counts": [-1], "logarithmic": false}}]}"#,
            "networks[0].fisher.counts"
        ),
    ])
    func damagedRecordsNameFileAndField(text: String, field: String) throws {
        let folder = try Folder()
        let score = #"{"agreement": 1, "count": 1}"#
        let with = #"{"name": "a", "original": \#(score), "packed": \#(score), "fisher": "#
        let full = text.replacing("NETWORK", with: Self.network).replacing("SCORE", with: score)
            .replacing("WITH", with: with)
        let file = try folder.write("a.json", full)
        let error = #expect(throws: InputError.self) { try RecordCollection(paths: [file]) }
        #expect(error?.file == file)
        #expect(error?.field == field)
    }

    @Test func foldersMayHoldOtherJSON() throws {
        let folder = try Folder()
        let file = try folder.write("speed.json", #"{"sum": 27.5}"#)
        _ = try folder.write("run.json", Self.least)
        let collection = try RecordCollection(paths: [folder.path])
        #expect(collection.runs.count == 1)
        #expect(collection.skipped == [file])
        // Named by the user, it is an error.
        #expect(throws: InputError.self) { try RecordCollection(paths: [file]) }
        #expect(throws: InputError.self) { try RecordCollection(paths: [folder.path + "/none.json"]) }
        let empty = try Folder()
        #expect(throws: InputError.self) { try RecordCollection(paths: [empty.path]) }
        // What is damaged is never passed over.
        _ = try folder.write("cut.json", String(Self.least.prefix(50)))
        #expect(throws: InputError.self) { try RecordCollection(paths: [folder.path]) }
    }

    /// The repository's own records; the figures of docs/results.md, printed by another program, are theirs.
    @Test func recordsOfTheRepositoryAreRead() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        let collection = try RecordCollection(paths: [root + "/Benchmarks/records"])
        let four = collection.runs.filter {
            $0.networks.map(\.name) == ["mnist", "fmnist", "cifar10", "gtsrb"]
        }
        #expect(four.count >= 11)
        #expect(four.allSatisfy { $0.networks.allSatisfy(\.outcome.isTest) })
        let groups = RunGroup.grouped(four).filter { $0.runs.count == 5 }
        #expect(groups.count == 2)
        let results = try String(contentsOfFile: root + "/docs/results.md", encoding: .utf8)
        for group in groups {
            for spread in [group.spread(\.meanDifference), group.spread(\.worstDifference)] {
                let text = try #require(spread?.text(NumberText.points))
                #expect(results.contains("| \(text) |"), "\(text)")
            }
        }
    }
}
