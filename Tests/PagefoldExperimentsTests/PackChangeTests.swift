// What is said after packing: each measure in its unit, ruined networks, and no more about budgets than trials show.

import PagefoldExperiments
import PagefoldReport
import Testing

@Suite struct PackChangeTests {
    private typealias Score = PackRecord.Score

    private func network(_ name: String, _ before: Score, _ after: Score, ruin: String? = nil)
        -> PackRecord.Network
    {
        var network = PackRecord.Network(name: name, original: before, packed: after)
        network.ruin = ruin
        return network
    }

    @Test func eachMeasureHasItsUnit() {
        let record = PackRecord(
            bytes: 100,
            networks: [
                network(
                    "a", Score(accuracy: 0.99, agreement: 1, count: 10),
                    Score(accuracy: 0.9872, agreement: 0.9945, count: 10)),
                network(
                    "b", Score(accuracy: nil, agreement: 1, count: 10),
                    Score(accuracy: nil, agreement: 0.98, count: 10)),
                network(
                    "c", Score(unit: .areaUnderCurve, value: 0.912, count: 10),
                    Score(unit: .areaUnderCurve, value: 0.905, count: 10)),
                network(
                    "d", Score(unit: .relativeError, value: 0, count: 10),
                    Score(unit: .relativeError, value: 0.031, count: 10)),
            ])
        let rows = record.changes
        #expect(rows.map(\.measure) == ["accuracy", "agreement", "area under the curve", "error"])
        #expect(rows.map(\.before) == ["99.00 %", "100.00 %", "0.912", "0.00 % of the spread"])
        #expect(rows.map(\.after) == ["98.72 %", "98.00 %", "0.905", "3.10 % of the spread"])
        #expect(rows.map(\.change) == ["-0.28 points", "-2.00 points", "-0.007", "+3.10 % of the spread"])
        #expect(rows.map(\.agreement) == [0.9945, 0.98, nil, nil])
        #expect(record.warnings.isEmpty && record.ruinedNetworks.isEmpty)
    }

    @Test func aRuinedNetworkIsAWarning() {
        let whole = Score(accuracy: 0.99, agreement: 1, count: 10)
        let record = PackRecord(
            bytes: 100,
            networks: [
                network("a", whole, whole),
                network("b", whole, Score(accuracy: 0.39, agreement: 0.4, count: 10), ruin: "why"),
            ])
        #expect(record.ruinedNetworks == ["b"])
        #expect(record.warnings.first == "b is ruined: why (99.00 % before, 39.00 % after)")
    }

    private func point(
        _ format: String, _ bytes: Int, ruined: [String]?, worst: Double? = -0.01, verdict: String = ""
    ) -> PackRecord.SearchPoint {
        PackRecord.SearchPoint(
            format: format, page: 16, frames: 3, sharing: 2, bytes: bytes, steps: 50,
            mean: ruined == nil ? nil : worst, worst: worst, ruined: ruined, verdict: verdict)
    }

    private func record(_ points: [PackRecord.SearchPoint]?, ruin: String? = nil) -> PackRecord {
        let score = Score(accuracy: 0.9, agreement: 1, count: 10)
        var record = PackRecord(bytes: 1_000, networks: [network("a", score, score, ruin: ruin)])
        record.search = points
        record.withoutSharing = ["int8": 9_000, "int4": 5_000]
        return record
    }

    @Test func aSuggestionIsWhatATrialSupports() {
        #expect(record(nil).suggestion == nil)
        #expect(record([point("int8", 990, ruined: nil)]).suggestion == nil)
        // No trial was smaller.
        #expect(record([point("int8", 990, ruined: [], verdict: "chosen")]).suggestion == nil)
        let smaller = record([
            point("int8", 990, ruined: [], verdict: "chosen"), point("int2", 700, ruined: []),
            point("int1", 400, ruined: ["a"]),
        ]).suggestion
        #expect(smaller?.contains("that a trial supports is 700 bytes (int2 after 50 steps") == true)
        let none = record([point("int8", 990, ruined: ["a"], verdict: "chosen")], ruin: "why").suggestion
        #expect(none?.hasPrefix("no trial at this budget left every network whole") == true)
        #expect(none?.contains("5000 bytes as int4, 9000 bytes as int8, which was not tried") == true)
        let other = record(
            [point("int8", 990, ruined: ["a"], verdict: "chosen"), point("int4", 980, ruined: [])],
            ruin: "why"
        ).suggestion
        #expect(other?.contains("format: int4") == true)
    }
}
