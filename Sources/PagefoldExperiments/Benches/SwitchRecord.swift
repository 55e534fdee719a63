// What `bench switch` found, as JSON and as text. Nothing is measured here.

import Foundation

struct BenchSwitchRecord: Codable {
    struct Network: Codable {
        var name: String
        /// Of its flat float32 vector: what a switch to it moves where it is not run in place.
        var weightBytes: Int
        /// Executions in the sequence.
        var executions: Int
    }

    /// One way to go from network to network. Times are microseconds of one execution, over all rounds.
    struct Way: Codable {
        enum Kind: String, Codable, CaseIterable {
            case inPlace = "in place"
            case copied = "copied from the pool"
            case warm = "restored, warm"
            case cold = "restored, cold"
        }
        var name: Kind
        /// Bytes of weights that one switch moves, on average over the sequence.
        var bytesCopied: Int
        /// From the number of a network to a session that can be filled and run.
        var switchMedian: Double
        var switchP99: Double
        /// Filling in the sample and the run.
        var runMedian: Double
        var runP99: Double
        /// Milliseconds of all executions of the sequence, switches and runs: the median over rounds.
        var sequence: Double
        /// `sequence` as a multiple of that in place.
        var againstInPlace: Double
    }

    /// A comparison that the papers give, from their own machines.
    struct Published: Codable {
        var method: String
        var executions: Int
        /// Milliseconds of the executions from the shared pool, and with weights restored from a checkpoint.
        var inMemory: Double
        var restored: Double
        /// As published.
        var ratio: Double
    }

    var version: String
    var command: [String]
    var fold: String
    var instructionSet: String
    var seed: UInt64
    var executions: Int
    /// Rounds through the sequence.
    var repeats: Int
    var networks: [Network]
    var ways: [Way]
    /// Nanoseconds to pick a session, without the clock: the mean over a sequence, the median over rounds.
    var pickNanoseconds: Double
    /// Nanoseconds that the clock adds to each switch and to each run.
    var clockNanoseconds: Double
    /// Microseconds of a run in place of the network that ran last: what is more after a switch, caches cost.
    var runAgainMedian: Double
    /// Share of cold reads before which some of the file was still in the page cache.
    var warmReads: Double
    /// Between the answers of the ways, over all executions; relative where answers are above 1.
    var largestDifference: Float
    var published = Self.published

    /// Neural Weight Virtualization (MobiSys 2020), five networks; Weight Separation (PerCom 2022), ten.
    static let published = [
        Published(method: "WV", executions: 30, inMemory: 3.919, restored: 1801.7, ratio: 459),
        Published(method: "WS", executions: 50, inMemory: 39.94, restored: 2081.6, ratio: 52),
    ]

    var text: String {
        var table = TextTable([
            "way", "bytes copied", "switch, median µs", "p99 µs", "run, median µs", "p99 µs", "sequence, ms",
            "against in place",
        ])
        for way in ways {
            table.add([
                way.name.rawValue, grouped(way.bytesCopied), String(format: "%.2f", way.switchMedian),
                String(format: "%.2f", way.switchP99), String(format: "%.1f", way.runMedian),
                String(format: "%.1f", way.runP99), String(format: "%.3f", way.sequence),
                String(format: "%.2fx", way.againstInPlace),
            ])
        }
        let papers = published.map {
            "\($0.method) \($0.executions) executions "
                + String(
                    format: "%.3f ms against %.1f ms (%.0fx)", $0.inMemory, $0.restored,
                    $0.ratio)
        }
        return """
            \(table.text)

            \(fold): \(networks.count) networks, \(executions) executions, \(repeats) rounds, seed \(seed), one thread, \
            \(instructionSet)
            switch: from a network's number to a session to run, the clock's own \
            \(String(format: "%.0f", clockNanoseconds)) ns included; in place that is picking a session, \
            \(String(format: "%.1f", pickNanoseconds)) ns without the clock
            run: filling in the sample and running; in place and right after a run of the same network: \
            \(String(format: "%.1f", runAgainMedian)) µs
            bytes copied: weights that one switch moves, mean of the sequence\(coldness)
            largest difference between answers: \(largestDifference)
            published, on the papers' machines, from the pool against a restored checkpoint: \
            \(papers.joined(separator: "; "))
            """
    }

    private var coldness: String {
        warmReads == 0
            ? ""
            : "\nnot all cold: before \(percent(warmReads)) % of cold reads the page cache still held some of the "
                + "file; name a folder on a disk by --scratch"
    }
}
