// Records such as sweeps write, generated: rich enough that every figure of the page has something to show. They
// follow no real run.

import Foundation
import PagefoldCore

@testable import PagefoldReport

/// A generated sweep over number of networks, page size, λ, method and budget, with several seeds each.
struct SampleRecords {
    static let names = ["mnist", "gsc", "gtsrb", "cifar10", "svhn", "fmnist", "us8k", "obs", "hhar", "esc10"]
    static let unlabelled: Set = ["svhn", "us8k", "obs"]
    private static let alone = [0.986, 0.72, 0.943, 0.7205, 0.886, 0.8749, 0.43, 0.9997, 0.889, 0.806]

    var networks = 10
    var page = 64
    var lambda = 10.0
    var method = "simultaneous"
    var budget = 6.0
    var seed = 1

    /// Every parameter varied about one centre, seeds 1 … 3; the centre stands once for each seed.
    static let sweep: [PackRecord] = {
        var settings: [SampleRecords] = [SampleRecords()]
        settings += [3, 5, 7, 9].map { SampleRecords(networks: $0) }
        settings += [10, 100, 1_000, 10_000].map { SampleRecords(page: $0) }
        settings += [0.1, 1, 100].map { SampleRecords(lambda: $0) }
        settings += ["round_robin", "sequential"].map { SampleRecords(method: $0) }
        settings += [4, 8, 10, 12].map { SampleRecords(budget: $0) }
        return settings.flatMap { setting in
            (1...3).map { seed in
                var seeded = setting
                seeded.seed = seed
                return seeded.record
            }
        }
    }()

    /// What the packed network loses here, as a share.
    private func loss(_ index: Int, _ noise: inout Noise) -> Double {
        var loss: Double = ["round_robin": 0.012, "sequential": 0.09][method] ?? 0
        loss += 0.002 * log10(Double(page))
        loss += 0.003 * abs(log10(lambda) - 1)
        loss += 0.0008 * budget + 0.0005 * Double(index) - 0.004
        return loss + 0.002 * noise.next()
    }

    var record: PackRecord {
        var noise = Noise(source: RandomSource(seed: UInt64(seed), UInt64(networks), UInt64(page)))
        let weights = (0..<networks).map { 64_000 + 1_300 * $0 }
        let bytes = 4 * weights.reduce(0, +)
        var run = PackRecord(
            bytes: Int(Double(bytes) / budget) - 200,
            networks: (0..<networks).map { network($0, weights[$0], &noise) })
        run.version = "0.1.0"
        run.command = ["pagefold", "sweep", "ten.yaml"]
        run.parameters = [
            "networks": "\(networks)", "page": "\(page)",
            "lambda": lambda < 1 ? "\(lambda)" : "\(Int(lambda))",
            "method": method,
            "budget": "\(Int(budget))x", "seed": "\(seed)",
        ]
        run.settings = ["steps": "16000", "seed": "\(seed)", "page": "\(page)"]
        run.output = "\(networks)-\(page)-\(method)-\(seed).fold"
        run.originalBytes = bytes
        run.pageSize = page
        let frames = max(Int(Double(run.bytes) * 0.9) / 4 / page, 1)
        run.frames = frames
        run.matchingLoss = 0.2
        run.bestStep = 15_000
        run.history = (0...16).map { look($0, run.networks, &noise) }
        run.pageTables = weights.map { count in
            (0..<(count + page - 1) / page).map { _ in Int(noise.unit() * Double(frames) * 1.01) }
        }
        run.exclusivePages = run.pageTables?.joined().filter { $0 >= frames }.count
        run.sharingCost = (0..<networks).map { row in
            (0..<networks).map { column -> Double in
                let tenths = 20 * (1 + (row * column) % 7) + row + column
                return row == column ? 0 : 0.0001 * Double(tenths)
            }
        }
        run.search = ["float32", "float16", "int8", "int4", "int2"].enumerated().map { place, format in
            let isTried = place > 1
            return PackRecord.SearchPoint(
                format: format, page: page, frames: frames << place, sharing: 6 / Double(1 << place),
                bytes: run.bytes, steps: isTried ? 300 * place : 0,
                mean: isTried ? -0.004 * Double(5 - place) : nil,
                worst: isTried ? -0.01 * Double(5 - place) : nil,
                verdict: [
                    "too many pages on a frame", "too many pages on a frame", "cannot win", "second",
                    "chosen",
                ][
                    place])
        }
        run.stages = [
            PackRecord.Stage(name: "loading", seconds: 4.2), PackRecord.Stage(name: "Fisher", seconds: 9),
            PackRecord.Stage(name: "matching", seconds: 2.1),
            PackRecord.Stage(name: "joint training", seconds: 40 * Double(networks)),
        ]
        run.seconds = 15 + 40 * Double(networks) * (1 + 0.05 * noise.unit())
        run.peakMemory = (120 + 45 * networks) << 20
        run.threads = 2
        return run
    }

    private func network(_ index: Int, _ weights: Int, _ noise: inout Noise) -> PackRecord.Network {
        let name = Self.names[index]
        let isLabelled = !Self.unlabelled.contains(name)
        let loss = loss(index, &noise)
        func score(_ accuracy: Double, _ agreement: Double, _ count: Int) -> PackRecord.Score {
            PackRecord.Score(
                accuracy: isLabelled ? min(max(accuracy, 0), 1) : nil, agreement: min(max(agreement, 0), 1),
                count: count)
        }
        let alone = Self.alone[index]
        var network = PackRecord.Network(
            name: name, original: score(alone + 0.01, 1, 4_000),
            packed: score(alone + 0.01 - loss, 0.985 - loss, 4_000))
        network.testOriginal = score(alone, 1, 10_000)
        network.testPacked = score(alone - loss, 0.98 - loss, 10_000)
        network.weights = weights
        network.pages = (weights + page - 1) / page
        guard seed == 1 else { return network }
        var fisher: [Float] = []
        var before: [Float] = []
        var after: [Float] = []
        for _ in 0..<400 {
            fisher.append(Float(pow(10, -5 + 1.4 * noise.next() - 0.1 * Double(index))))
            let weight = 0.1 * noise.next()
            before.append(Float(weight))
            after.append(Float(weight * 1.1 + 0.02 * noise.next()))
        }
        network.fisher = PackRecord.Histogram(of: fisher, logarithmic: true)
        network.weightsBefore = PackRecord.Histogram(of: before, range: -0.6...0.6)
        network.weightsAfter = PackRecord.Histogram(of: after, range: -0.6...0.6)
        return network
    }

    private func look(
        _ number: Int, _ networks: [PackRecord.Network], _ noise: inout Noise
    ) -> PackRecord.Look {
        let lack = 0.4 * exp(-Double(number))
        return PackRecord.Look(
            step: 1_000 * number,
            scores: networks.map { network in
                var score = network.packed
                let change = lack - 0.003 * noise.next()
                score.accuracy = score.accuracy.map { min(max($0 - change, 0), 1) }
                score.agreement = score.agreement.map { min(max($0 - change, 0), 1) }
                return score
            },
            losses: networks.map { _ in number == 0 ? 0 : Float(0.1 + 2 * lack + 0.01 * noise.unit()) })
    }
}

/// Noise about a plot's values.
struct Noise {
    var source: RandomSource

    /// 0 … 1.
    mutating func unit() -> Double { Double(source.uniform()) }

    /// About normal.
    mutating func next() -> Double {
        1.73 * (unit() + unit() + unit() + unit() - 2)
    }
}
