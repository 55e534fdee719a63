// `pagefold bench` on a small fold: complete records with finite numbers, and what does not depend on the machine. How
// long anything takes is not tested.

import Foundation
import PagefoldCore
import PagefoldFold
import PagefoldGraph
import Testing

@Suite struct BenchTests {
    /// Two networks that share frames; one has an exclusive page, patches and a last page that is not full.
    static func fold() throws -> Fold {
        let pageSize = 16
        var random = RandomSource(seed: 5)
        func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in random.uniform(-1, 1) } }
        let networks = try [("wide", 7), ("narrow", 3)].map { name, outputs in
            let network = try Network(
                name: name, input: Shape(channels: 1, height: 4, width: 3),
                layers: ["flatten", "dense \(outputs)", "relu", "dense 3", "softmax"], seed: 3)
            return try network.lowered(for: .inference)
        }
        return Fold(
            pageSize: pageSize, pool: numbers(3 * pageSize),
            networks: networks.enumerated().map { index, network in
                let pages = network.program.pageCount(pageSize: pageSize)
                var table = (0..<pages).map { ($0 + index) % 3 }
                if index == 0 { table[1] = 3 }
                return FoldedNetwork(
                    text: NetworkText(name: network.name), program: network.program, pageTable: table,
                    exclusivePages: index == 0 ? numbers(pageSize) : [],
                    patches: index == 0
                        ? Patches(size: 4, indices: [2, 5, 26], values: numbers(12)) : nil,
                    tail: numbers(network.program.tailCount))
            })
    }

    /// Calls `body` with the path of that fold in a folder of its own.
    static func withFold<Result>(_ body: (String) throws -> Result) throws -> Result {
        let folder = NSTemporaryDirectory() + "pagefold-bench-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/small.fold"
        try Data(try Self.fold().encoded()).write(to: URL(fileURLWithPath: path))
        return try body(path)
    }

    private func record(_ outcome: Tool.Outcome) throws -> [String: Any] {
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try #require(
            try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    }

    private func positive(_ record: [String: Any], _ keys: [String]) {
        for key in keys {
            let number = (record[key] as? NSNumber)?.doubleValue
            #expect(
                number.map { $0.isFinite && $0 > 0 } == true, "\(key): \(String(describing: record[key]))")
        }
    }

    @Test(arguments: [(1, 1), (13, 3)]) func switchesAreRecorded(runs: Int, repeats: Int) throws {
        try Self.withFold { path in
            let folder = (path as NSString).deletingLastPathComponent
            let record = try record(
                Tool.run(
                    "bench", "switch", path, "--runs", "\(runs)", "--repeats", "\(repeats)", "--seed", "4",
                    "--scratch", folder, "--json"))
            #expect(record["executions"] as? Int == runs)
            #expect(record["repeats"] as? Int == repeats)
            positive(record, ["pickNanoseconds", "runAgainMedian"])
            #expect(try #require(record["largestDifference"] as? NSNumber).floatValue < 1e-5)

            let fold = try Self.fold()
            let networks = try #require(record["networks"] as? [[String: Any]])
            #expect(networks.map { $0["name"] as? String } == ["wide", "narrow"])
            let bytes = fold.networks.map { 4 * $0.program.weightCount }
            #expect(networks.map { $0["weightBytes"] as? Int } == bytes)
            let executions = networks.compactMap { $0["executions"] as? Int }
            #expect(executions.reduce(0, +) == runs)
            let moved = zip(executions, bytes).reduce(0) { $0 + $1.0 * $1.1 } / runs

            let ways = try #require(record["ways"] as? [[String: Any]])
            #expect(ways.count == 4)
            for way in ways {
                let isInPlace = way["name"] as? String == "in place"
                #expect(way["bytesCopied"] as? Int == (isInPlace ? 0 : moved))
                positive(
                    way, ["switchMedian", "switchP99", "runMedian", "runP99", "sequence", "againstInPlace"])
            }
            #expect(ways[0]["againstInPlace"] as? Double == 1)
            // Files of weights are taken away.
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["small.fold"])
        }
    }

    @Test func theSeedDrawsTheSequence() throws {
        try Self.withFold { path in
            let counts = try ["4", "4", "5"].map { seed in
                let record = try record(
                    Tool.run(
                        "bench", "switch", path, "--runs", "101", "--repeats", "1", "--seed", seed, "--json"))
                let networks = try #require(record["networks"] as? [[String: Any]])
                return networks.compactMap { $0["executions"] as? Int }
            }
            #expect(counts[0] == counts[1])
            #expect(counts[0] != counts[2])
        }
    }

    @Test func runsAndThroughputAreRecorded() throws {
        try Self.withFold { path in
            let record = try record(
                Tool.run("bench", "run", path, "--runs", "20", "--pages", "8", "--json"))
            let networks = try #require(record["networks"] as? [[String: Any]])
            for network in networks {
                positive(network, ["median", "p99"])
                #expect((network["interpretedSteps"] as? [Any])?.isEmpty == true)
            }
            let throughput = try #require(record["throughput"] as? [[String: Any]])
            #expect(throughput.map { $0["batch"] as? Int } == [1, 16, 100])
            for batch in throughput {
                positive(batch, ["all"])
                let each = try #require(batch["samplesPerSecond"] as? [Double])
                #expect(each.count == 2 && each.allSatisfy { $0.isFinite && $0 > 0 })
            }
            #expect((record["cuts"] as? [[String: Any]])?.count == 2)
        }
    }

    @Test func textNamesEachWay() throws {
        try Self.withFold { path in
            let outcome = try Tool.run("bench", "switch", path, "--runs", "5", "--repeats", "1")
            #expect(outcome.status == 0, "\(outcome.errors)")
            for way in ["in place", "copied from the pool", "restored, warm", "restored, cold"] {
                #expect(outcome.output.contains("\n\(way)  "))
            }
            #expect(outcome.output.contains("1801.7 ms (459x)"))
        }
    }

    @Test(arguments: [
        (["--runs", "0"], "--runs"), (["--runs", "x"], "--runs"), (["--repeats", "0"], "--repeats"),
        (["--seed", "-1"], "--seed"), (["--way", "cold"], "--way"),
    ])
    func wrongArgumentsAreTold(arguments: [String], named: String) throws {
        let outcome = try Tool.run(["bench", "switch", "a.fold"] + arguments)
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("Error: ") && outcome.errors.contains(named), "\(outcome.errors)")
    }

    @Test func wrongFilesAreToldInOneLine() throws {
        let missing = try Tool.run("bench", "switch", "missing.fold")
        #expect(missing.status == 1)
        #expect(missing.errors.hasPrefix("Error: missing.fold: "))
        #expect(missing.errors.split(separator: "\n").count == 1, "\(missing.errors)")
        try Self.withFold { path in
            let nowhere = try Tool.run("bench", "switch", path, "--scratch", "/nowhere/at/all")
            #expect(nowhere.status == 1)
            #expect(nowhere.errors.hasPrefix("Error: /nowhere/at/all: "), "\(nowhere.errors)")
            #expect(nowhere.errors.split(separator: "\n").count == 1, "\(nowhere.errors)")
        }
    }
}
