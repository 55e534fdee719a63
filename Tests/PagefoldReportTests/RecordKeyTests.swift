// The keys of a full record are those that docs/report.md explains.

import Foundation
import Testing

@testable import PagefoldReport

@Suite struct RecordKeyTests {
    private static func document() throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appendingPathComponent("docs/report.md"), encoding: .utf8)
    }

    /// Key → the keys of the list that it holds, where it holds one of objects: `[{name, seconds}]`.
    private static func table(_ heading: String) throws -> [String: Set<String>] {
        let lines = try document().components(separatedBy: "\n")
        let start = try #require(lines.firstIndex { $0.hasPrefix(heading) })
        var keys = [String: Set<String>]()
        for line in lines[(start + 2)...].prefix(while: { $0.hasPrefix("|") }) {
            let cells = line.split(separator: "|")
            let members = cells[1].firstMatch(of: /\[\{(.*?)\}\]/).map { words($0.1) } ?? []
            let names = cells[0].matches(of: /`(\w+)`/).map { String($0.1) }
            for name in names { keys[name] = name == names.last ? members : [] }
        }
        return keys
    }

    private static func words(_ text: Substring) -> Set<String> {
        Set(text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
    }

    /// A record in which nothing is missing.
    private static func full() throws -> [String: Any] {
        var record = SampleRecords(networks: 2).record
        let score = PackRecord.Score(accuracy: 1, agreement: 1, count: 1)
        let histogram = PackRecord.Histogram(edges: [0, 1], counts: [1], logarithmic: false)
        for index in record.networks.indices {
            (record.networks[index].weights, record.networks[index].quantised) = (1, score)
            (record.networks[index].testOriginal, record.networks[index].testPacked) = (score, score)
            (record.networks[index].pages, record.networks[index].exclusivePages) = (1, 0)
            record.networks[index].ruin = "it is"
            record.networks[index].fisher = histogram
            record.networks[index].weightsBefore = histogram
            record.networks[index].weightsAfter = histogram
        }
        (record.version, record.identity, record.output) = ("0", "this", "a.fold")
        (record.originalBytes, record.frames, record.pageSize, record.exclusivePages) = (1, 1, 1, 0)
        (record.overrideBlocks, record.overrideBytes, record.matchingLoss) = (0, 0, 0)
        (record.bestStep, record.resumedStep, record.seconds) = (0, 0, 1)
        (record.peakMemory, record.threads) = (1, 1)
        record.history = [.init(step: 0, scores: [score, score], losses: [0, 0])]
        record.pageTables = [[0], [0]]
        record.sharingCost = [[0, 0], [0, 0]]
        record.search = [
            .init(
                format: "int8", page: 1, frames: 1, sharing: 1, bytes: 1, steps: 1, mean: 0, worst: 0,
                ruined: [], verdict: "chosen")
        ]
        record.withoutSharing = ["int8": 1]
        record.stages = [.init(name: "loading", seconds: 1)]
        let data = try JSONEncoder().encode(record)
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private static func check(_ members: [String: Any], _ table: [String: Set<String>]) {
        #expect(Set(members.keys) == Set(table.keys))
        for (key, keys) in table where !keys.isEmpty {
            let first = (members[key] as? [[String: Any]])?.first
            #expect(first.map { Set($0.keys) } == keys, "\(key)")
        }
    }

    @Test func theTablesHaveTheKeysOfARecord() throws {
        let record = try Self.full()
        Self.check(record, try Self.table("| key | meaning |"))
        let network = try #require((record["networks"] as? [[String: Any]])?.first)
        Self.check(network, try Self.table("| key of a network | meaning |"))
        let text = try Self.document()
        for (key, form) in [("original", /score is `\{(.*?)\}`/), ("fisher", /histogram is `\{(.*?)\}`/)] {
            let keys = (network[key] as? [String: Any]).map { Set($0.keys) }
            let told = text.replacing("\n", with: " ").firstMatch(of: form)
            #expect(told.map { Self.words($0.1) } == keys, "\(key)")
        }
    }
}
