// Matching time against size: one network onto the frames of another, and ten networks onto few frames.
// Not a comparison of methods: main.swift has that.

import Foundation
import PagefoldPacking

/// The record of a run.
struct SizeTable: Encodable {
    /// N pages of 100 weights onto N frames that hold another network's pages.
    struct Assignment: Encodable {
        let pages: Int
        let milliseconds: Double
        let cost: Double
        let bound: Double
        /// How much cheaper any other assignment can be at most, proved by the duals.
        let gap: Double
        /// Cost and time of the exact assignment on a matrix, where it was run.
        let exactCost: Double?
        let exactMilliseconds: Double?
        let peakMegabytes: Int
    }

    /// The whole matching of ten networks, as the packer calls it.
    struct Whole: Encodable {
        let pages: Int
        let frames: Int
        let pageSize: Int
        let milliseconds: Double
        let startLoss: Double
        let loss: Double
        let rounds: Int
        let peakMegabytes: Int
    }

    var assignments: [Assignment] = []
    var matchings: [Whole] = []
}

/// Most memory that this process has held so far.
func peakMegabytes() -> Int {
    var usage = rusage()
    getrusage(numericCast(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss / 1024
}

/// Costs of the pages of one synthetic network on frames that hold another's: Σ F₁F₂ / (F₁ + F₂) · (w₁ − w₂)².
func timeAssignment(pages: Int, exactly: Bool) throws -> SizeTable.Assignment {
    let networks = try (1...2).map {
        try syntheticNetwork("n\($0)", weights: pages * 100, pageSize: 100, seed: UInt64($0))
    }
    let start = processorMilliseconds()
    let costs = try AssignmentCosts(of: networks[1], onPagesOf: networks[0])
    let found = try SparseAssignment.solve(costs)
    let time = processorMilliseconds() - start
    let peak = peakMegabytes()
    var exact: LinearAssignment?
    let exactStart = processorMilliseconds()
    if exactly { exact = try LinearAssignment.solve(costs) }
    let exactTime = processorMilliseconds() - exactStart
    return SizeTable.Assignment(
        pages: pages, milliseconds: time, cost: found.cost, bound: found.bound, gap: found.gap,
        exactCost: exact?.cost, exactMilliseconds: exactly ? exactTime : nil, peakMegabytes: peak)
}

/// Ten networks of differing sizes.
func timeMatching(pages: Int, onto frames: Int) throws -> SizeTable.Whole {
    let networks = try (0..<10).map {
        try syntheticNetwork(
            "n\($0)", weights: (pages / 10 + ($0 * 2 - 9) * pages / 200) * 64, pageSize: 64,
            seed: UInt64($0 + 1))
    }
    let start = processorMilliseconds()
    let found = try match(networks, onto: frames)
    return SizeTable.Whole(
        pages: networks.reduce(0) { $0 + $1.pageCount }, frames: frames, pageSize: 64,
        milliseconds: processorMilliseconds() - start, startLoss: found.history[0].loss, loss: found.loss,
        rounds: found.history.count - 1, peakMegabytes: peakMegabytes())
}

/// All sizes, as JSON on standard output. Peaks only rise, so the exact runs come last.
func printSizes() throws {
    var table = SizeTable()
    for (pages, frames) in [(3_000, 500), (10_400, 1_700), (20_000, 3_400)] {
        table.matchings.append(try timeMatching(pages: pages, onto: frames))
    }
    for pages in [20_000, 665, 2_000, 6_600] {
        table.assignments.append(try timeAssignment(pages: pages, exactly: pages <= 6_600))
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    print(String(decoding: try encoder.encode(table), as: UTF8.self))
}
