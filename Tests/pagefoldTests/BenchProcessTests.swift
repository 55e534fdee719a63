// `pagefold bench memory` and `bench soak` on a small fold, as processes: what they record, and what the system tells of
// them. How long anything takes is not tested.

import Foundation
import PagefoldCore
import PagefoldFold
import Testing

@Suite struct BenchProcessTests {
    private func record(_ arguments: [String]) throws -> [String: Any] {
        try BenchTests.withFold { path in
            let outcome = try Tool.run(["bench", arguments[0], path] + arguments.dropFirst() + ["--json"])
            #expect(outcome.status == 0, "\(outcome.errors)")
            return try #require(
                try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        }
    }

    private func number(_ record: [String: Any], _ key: String) throws -> Int {
        try #require(record[key] as? Int, "\(key)")
    }

    @Test(
        .enabled(if: FileManager.default.fileExists(atPath: "/proc/self/smaps")),
        arguments: [["--sessions", "3"], ["--cache", "4KiB"], ["--batch", "17"]])
    func memoryIsAccountedFor(arguments: [String]) throws {
        let record = try record(["memory"] + arguments)
        let fold = try BenchTests.fold()
        #expect(record["sessions"] as? Int == (arguments[0] == "--sessions" ? 6 : 2))
        #expect(record["fileSize"] as? Int == fold.encoded().count)
        #expect(record["pool"] as? Int == 4 * fold.pool.count)
        let weights = fold.networks.reduce(0) { $0 + 4 * $1.program.weightCount }
        #expect(record["originalBytes"] as? Int == weights)
        #expect(try number(record, "residentBefore") > 0)
        #expect(try number(record, "residentAfter") >= number(record, "residentBefore"))
        // One memory page or two: the file is small.
        #expect((1...4 << 12).contains(try number(record, "mapped")))
        #expect(try number(record, "cached") == (arguments[0] == "--cache" ? 4 * fold.pageSize : 0))
        #expect(try number(record, "arena") > 0)
        #expect(try (number(record, "batchArena") > 0) == (arguments[0] == "--batch"))
    }

    /// What a process has more in memory that is no part of the mapped file, after networks with 512 KiB of exclusive pages
    /// each have run, of which one has room.
    private func growth(networks: Int) throws -> Int {
        let section = 512 << 10
        var fold = try BenchTests.fold()
        let first = fold.networks[0]
        fold.networks = (0..<networks).map { index in
            var network = first
            network.text.name = "network \(index)"
            network.exclusivePages = [Float](repeating: Float(index), count: section / 4)
            return network
        }
        let folder = NSTemporaryDirectory() + "pagefold-bench-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/large.fold"
        try Data(fold.encoded()).write(to: URL(fileURLWithPath: path))
        let outcome = try Tool.run("bench", "memory", path, "--cache", "600KiB", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let record = try #require(
            try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        // What lies between exclusive pages brings none of them along.
        #expect(try number(record, "mapped") < section, "\(record)")
        return try number(record, "residentAfter") - number(record, "residentBefore")
            - number(record, "mapped")
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/smaps")))
    func pagesThatMakeWayLeaveMemory() throws {
        let (few, many) = (try growth(networks: 2), try growth(networks: 6))
        #expect(many - few < 1 << 20, "\(many) \(few)")
    }

    @Test func soakComparesEveryAnswer() throws {
        // A replacement comes every 5 ms or earlier; so many runs take far longer.
        let runs = 40_000
        let record = try record(["soak", "--runs", "\(runs)", "--threads", "2", "--seed", "3"])
        #expect(record["runs"] as? Int == runs && record["threads"] as? Int == 2)
        #expect(record["wrong"] as? Int == 0)
        let answers = try #require(record["answersByVersion"] as? [Int])
        #expect(answers.count == 2 && answers.reduce(0, +) == runs && !answers.contains(0))
        #expect(try number(record, "replacements") > 1)
        #expect(try number(record, "residentBefore") > 0 && number(record, "residentAfter") > 0)
    }

    @Test(arguments: [
        (["memory", "a.fold", "--batch", "-1"], "--batch"),
        (["memory", "a.fold", "--sessions", "0"], "--sessions"),
        (["soak", "a.fold", "--runs", "99"], "--runs"), (["soak", "a.fold", "--threads", "0"], "--threads"),
    ])
    func wrongArgumentsAreTold(arguments: [String], named: String) throws {
        let outcome = try Tool.run(["bench"] + arguments)
        #expect(outcome.status == 64 && outcome.errors.contains(named), "\(outcome.errors)")
    }
}
