// `pagefold add`, `remove` and `list` as processes: the way there and back, and each mistake in one line.

import Foundation
import PagefoldTestCases
import Testing

@Suite struct GrowingCommandTests {
    private static func packed() throws -> TinyJob {
        let tiny = try TinyJob()
        #expect(try Tool.run("train", tiny.job).status == 0)
        #expect(try Tool.run("pack", tiny.job).status == 0)
        return tiny
    }

    private static func json(_ text: String) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(text.utf8))
    }

    @Test func thereAndBack() throws {
        let tiny = try Self.packed()
        let before = try tiny.bytes(tiny.fold)
        let job = try tiny.newcomer()
        #expect(try Tool.run("train", job).status == 0)
        let grown = tiny.folder + "/grown.fold"
        let adding = try Tool.run("add", tiny.fold, job, "-o", grown, "--budget", "1600", "--json")
        #expect(adding.status == 0, "\(adding.errors)")
        #expect(try tiny.bytes(tiny.fold) == before)
        let record = try #require(try Self.json(adding.output) as? [String: Any])
        #expect(record["bytes"] as? Int == (try tiny.bytes(grown).count))
        #expect(record["bytesBefore"] as? Int == before.count)
        #expect(try tiny.bytes(grown).count <= before.count + 1_600)
        let others = try #require(record["others"] as? [[String: Any]])
        #expect(others.map { $0["isUnchanged"] as? Bool } == [true, true])

        let list = try Tool.run("list", grown)
        let rows = list.output.split(separator: "\n").dropFirst(2)
        #expect(rows.map { $0.split(separator: " ")[0] } == ["a", "b", "c"])
        #expect(list.output.contains("left, middle, right"))
        let entries = try #require(
            try Self.json(Tool.run("list", grown, "--json").output) as? [[String: Any]])
        #expect(entries.map { $0["name"] as? String } == ["a", "b", "c"])
        #expect(entries[2]["preprocessing"] as? String == "scale divisor=255")

        // Each network answers from the grown file as it did before.
        for name in ["a", "b"] {
            let sample = tiny.folder + "/\(name)-images.idx"
            let old = try Tool.run("run", tiny.fold, name, sample).output
            #expect(!old.isEmpty)
            #expect(try Tool.run("run", grown, name, sample).output == old)
        }
        let removing = try Tool.run("remove", grown, "c")
        #expect(removing.status == 0, "\(removing.errors)")
        #expect(try tiny.bytes(grown) == before)
    }

    @Test func withALossAllowed() throws {
        let tiny = try Self.packed()
        let job = try tiny.newcomer()
        #expect(try Tool.run("train", job).status == 0)
        let all = tiny.folder + "/all.yaml"
        let old = try String(contentsOfFile: tiny.job, encoding: .utf8)
        let new = try String(contentsOfFile: job, encoding: .utf8)
        try (old + "\n" + new.split(separator: "networks:\n")[1])
            .write(toFile: all, atomically: true, encoding: .utf8)
        let adding = try Tool.run("add", tiny.fold, all, "--max-loss", "5", "--budget", "2x")
        #expect(adding.status == 0, "\(adding.errors)")
        for name in ["a ", "b ", "c "] {
            let row = try #require(adding.output.split(separator: "\n").first { $0.hasPrefix(name) })
            #expect(!row.contains("–"), "\(row)")
        }
        let removing = try Tool.run("remove", tiny.fold, "a", "--compact", "--json")
        #expect(removing.status == 0, "\(removing.errors)")
        let record = try #require(try Self.json(removing.output) as? [String: Any])
        #expect(record["freeFrames"] as? Int == 0)
        #expect(record["networks"] as? [String] == ["b", "c"])
    }

    @Test func mistakesAreToldAndChangeNothing() throws {
        let tiny = try Self.packed()
        let job = try tiny.newcomer()
        let untrained = try Tool.run("add", tiny.fold, job)
        #expect(untrained.errors.contains("it is not trained yet"))
        #expect(try Tool.run("train", job).status == 0)
        let before = try tiny.bytes(tiny.fold)
        let noData = tiny.folder + "/nodata.yaml"
        try "networks:\n  - name: d\n    weights: c.fold\n".write(
            toFile: noData, atomically: true, encoding: .utf8)
        let damaged = tiny.folder + "/damaged.fold"
        try Data(before.dropLast()).write(to: URL(fileURLWithPath: damaged))

        let cases: [([String], String)] = [
            (["add", tiny.fold, job, "--network", "x"], "network x: there is none of that name"),
            (["add", tiny.fold, tiny.job], "networks: all of them are in"),
            (["add", tiny.fold, tiny.job, "--network", "a"], "there is one of that name already"),
            (["add", tiny.fold, job, "--budget", "100"], "100 bytes"),
            (["add", tiny.fold, job, "--budget", "much"], "budget"),
            (["add", tiny.fold, job, "--max-loss", "1"], "network a: it is in the fold"),
            (["add", tiny.fold, job, "--max-loss=-1"], "max-loss"),
            (["add", tiny.fold, noData], "network d: has no training data"),
            (["add", tiny.fold, job, "-o", tiny.folder + "/c.fold"], "it holds the original of c"),
            (["add", damaged, job], "damaged.fold"), (["remove", damaged, "a"], "damaged.fold"),
            (["list", damaged], "damaged.fold"),
            (["remove", tiny.fold, "x"], "\(tiny.fold): network x: there is none of that name"),
            (["remove", tiny.folder + "/c.fold", "c"], "it is the last one"),
        ]
        let files = try FileManager.default.contentsOfDirectory(atPath: tiny.folder).sorted()
        for (arguments, wanted) in cases {
            let outcome = try Tool.run(arguments)
            #expect(outcome.status == 1, "\(arguments): \(outcome.errors)")
            let last = outcome.errors.split(separator: "\n").last ?? ""
            #expect(last.hasPrefix("Error: ") && last.contains(wanted), "\(arguments): \(outcome.errors)")
        }
        #expect(try tiny.bytes(tiny.fold) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: tiny.folder).sorted() == files)
    }
}
