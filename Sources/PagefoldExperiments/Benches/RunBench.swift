// How long one run of each network takes, in place, and what the page table costs: what `pagefold bench run` measures.

import Foundation
public import PagefoldCore
import PagefoldFold
import PagefoldPacking
import PagefoldRuntime

/// Latency and throughput of each network of a fold file on one thread.
public struct RunBench: Hashable, Sendable {
    /// Timed runs of each network.
    public var runs: Int
    /// Page sizes into which the networks are cut anew, without sharing, beside weights in one piece; nil: none.
    public var pages: [Int]?

    public init(runs: Int, pages: [Int]? = nil) {
        self.runs = runs
        self.pages = pages
    }

    /// What was measured.
    public struct Record: Hashable, Sendable, Encodable {
        /// Microseconds of one run of a network, or of all networks in a row.
        public struct Network: Hashable, Sendable, Encodable {
            public var name: String
            public var median: Double
            public var p99: Double
            /// What the session leaves to the interpreter, for want of a kernel; nil of all networks in a row.
            public var interpretedSteps: [InterpretedRecord]?

            enum CodingKeys: String, CodingKey {
                case name = "name", median = "median", p99 = "p99", interpretedSteps = "interpretedSteps"
            }
        }
        /// The same networks in pages of another size.
        public struct Cut: Hashable, Sendable, Encodable {
            /// Weights in a page; nil: in one piece.
            public var pageSize: Int?
            /// Medians in microseconds, of each network and of all in a row.
            public var medians: [Double]
            public var all: Double

            enum CodingKeys: String, CodingKey {
                case pageSize = "pageSize", medians = "medians", all = "all"
            }
        }
        public var version: String
        /// The command line.
        public var command: [String] = []
        public var fold: String
        public var instructionSet: String
        public var runs: Int
        public var networks: [Network]
        public var all: Network
        public var throughput: [Throughput]
        public var cuts: [Cut]

        enum CodingKeys: String, CodingKey {
            case version = "version", command = "command", fold = "fold", instructionSet = "instructionSet"
            case runs = "runs", networks = "networks", all = "all", throughput = "throughput", cuts = "cuts"
        }
    }

    /// - Parameter path: of the fold file.
    /// - Throws: `InputError` where it is damaged or holds no network, or files of other pages cannot be written.
    public func measure(_ path: String) throws(InputError) -> Record {
        let file = try FoldFile(toMeasure: path)
        let measured = try measure(file)
        var record = Record(
            version: pagefoldVersion, fold: path, instructionSet: FoldFile.instructionSet, runs: runs,
            networks: measured.networks, all: measured.all,
            throughput: try Throughput.measure(file, runs: runs), cuts: [])
        guard let pages else { return record }
        let original = try file.fold()
        for size in [nil] + pages.map(Optional.some) {
            let path = NSTemporaryDirectory() + "pagefold-\(UUID().uuidString).fold"
            defer { unlink(path) }
            try AtomicFile.write(original.recut(pageSize: size).encoded(), to: path)
            let measured = try measure(FoldFile(path: path))
            record.cuts.append(
                Record.Cut(
                    pageSize: size, medians: measured.networks.map(\.median), all: measured.all.median))
        }
        return record
    }

    private func measure(
        _ file: FoldFile
    ) throws(InputError) -> (networks: [Record.Network], all: Record.Network) {
        let sessions = try file.sessions()
        for (index, session) in sessions.enumerated() {
            var random = RandomSource(seed: UInt64(index))
            session.input.indices.forEach { session.input[$0] = random.uniform() }
        }
        // A run may overwrite its input; what is computed does not matter here, how long it takes does.
        var networks = [Record.Network]()
        for session in sessions {
            var network = timed(session.text.name) { session.run() }
            network.interpretedSteps = session.interpretedSteps.map(InterpretedRecord.init)
            networks.append(network)
        }
        let all = timed("all") { for session in sessions { session.run() } }
        return (networks, all)
    }

    private func timed(_ name: String, _ work: () -> Void) -> Record.Network {
        for _ in 0..<max(runs / 10, 5) { work() }
        var times = [Double]()
        times.reserveCapacity(runs)
        let clock = ContinuousClock()
        for _ in 0..<runs {
            let start = clock.now
            work()
            times.append((clock.now - start).seconds * 1e6)
        }
        return Record.Network(name: name, median: median(times), p99: quantile(0.99, times))
    }
}
