// `pagefold bench switch`: random executions over all networks of a fold file, run in place and as runtimes without paging
// run them. What these do at a switch is OwnTensors; how the result is told is BenchSwitchRecord.

import ArgumentParser
import Foundation
import PagefoldCore
import PagefoldRuntime

struct BenchSwitch: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "switch",
        abstract: "Random executions over all networks: in place, against copying or restoring weights.",
        discussion: """
            One sequence of executions, drawn from the seed, on one thread, each on a sample of its own. In place, a \
            switch is picking another session. The other ways fill tensors of the network's own before each execution: \
            from the pool through the page table, or from a file of its float32 weights that is in the page cache \
            (warm) or not (cold). docs/running.md says what is timed.
            """)

    @Argument(help: "The fold file.")
    var fold: String

    @Option(help: "Executions in the sequence.")
    var runs = 50

    @Option(help: "Times that each way goes through the sequence.")
    var repeats = 20

    @Option(help: "Draws the sequence and the samples.")
    var seed: UInt64 = 1

    @Option(
        help:
            "A folder on a disk, for the files of weights. Default: the system's folder for temporary files.")
    var scratch: String?

    @Flag(help: "Print one JSON document instead of text.")
    var json = false

    func validate() throws {
        guard (1...1_000_000).contains(runs) else { throw ValidationError("--runs must be in 1…1000000.") }
        guard (1...10_000).contains(repeats) else { throw ValidationError("--repeats must be in 1…10000.") }
    }

    /// One execution of the sequence.
    private struct Execution {
        let network: Int
        let sample: [Float]
    }

    /// Microseconds of all executions of one way, round after round.
    private struct Times {
        var switches: [Double] = []
        var runs: [Double] = []
    }

    func run() throws {
        let file = try FoldFile(toMeasure: fold)
        let record = try measure(file)
        if json { try printJSON(record) } else { print(record.text) }
    }

    private func measure(_ file: FoldFile) throws -> BenchSwitchRecord {
        let sessions = try file.networkNames.map { try file.session($0) }
        let own = try OwnTensors(file, scratch: scratch ?? NSTemporaryDirectory())
        let executions = sequence(sessions)

        // The first pass of each way is not timed: it compares the answers.
        let answers = answers(executions) { sessions[$0] }
        var difference: Float = 0
        func compare(_ way: BenchSwitchRecord.Way.Kind, _ prepare: (Int) throws -> Session) throws {
            own.spoil()
            for (answer, expected) in zip(try self.answers(executions, prepare), answers) {
                for (a, b) in zip(answer, expected) where a != b {
                    difference = a.isNaN != b.isNaN ? .infinity : max(difference, abs(a - b) / max(abs(b), 1))
                }
            }
            guard difference < 1e-4 else {
                throw InputError(
                    file: fold, field: way.rawValue,
                    problem: "answers differ by \(difference) from those in place",
                    remedy: "report this: a network does not run alike from its own tensors")
            }
        }
        func copied(_ network: Int) -> Session {
            own.copyFromPool(network)
            return own.sessions[network]
        }
        func restored(_ network: Int) throws -> Session {
            try own.restore(network)
            return own.sessions[network]
        }
        try compare(.copied, copied)
        try compare(.warm, restored)

        var times = [BenchSwitchRecord.Way.Kind: Times]()
        var warmReads = 0
        for _ in 0..<repeats {
            try time(executions, &times[.inPlace, default: Times()]) { sessions[$0] }
            try time(executions, &times[.copied, default: Times()], copied)
            try time(executions, &times[.warm, default: Times()], restored)
        }
        // By itself: waiting for a disk leaves the processor's caches to others.
        for _ in 0..<repeats {
            try time(
                executions, &times[.cold, default: Times()], restored,
                before: { if try !own.dropCache($0) { warmReads += 1 } })
        }

        let bytes = executions.reduce(0) { $0 + own.bytes($1.network) } / executions.count
        let inPlace = sequences(times[.inPlace] ?? Times())
        return BenchSwitchRecord(
            version: pagefoldVersion, command: CommandLine.arguments, fold: fold,
            instructionSet: FoldFile.instructionSet, seed: seed, executions: runs, repeats: repeats,
            networks: sessions.indices.map { index in
                BenchSwitchRecord.Network(
                    name: sessions[index].text.name, weightBytes: own.bytes(index),
                    executions: executions.count { $0.network == index })
            },
            ways: BenchSwitchRecord.Way.Kind.allCases.map { kind in
                let taken = times[kind] ?? Times()
                let total = sequences(taken)
                return BenchSwitchRecord.Way(
                    name: kind, bytesCopied: kind == .inPlace ? 0 : bytes,
                    switchMedian: median(taken.switches), switchP99: quantile(0.99, taken.switches),
                    runMedian: median(taken.runs), runP99: quantile(0.99, taken.runs), sequence: total,
                    againstInPlace: total / inPlace)
            },
            pickNanoseconds: pickingTime(sessions, order: executions.map(\.network)),
            clockNanoseconds: clockTime(), runAgainMedian: runAgain(executions, sessions),
            warmReads: Double(warmReads) / Double(runs * repeats), largestDifference: difference)
    }

    private func sequence(_ sessions: [Session]) -> [Execution] {
        var order = RandomSource(seed: seed)
        return (0..<runs).map { number in
            let network = order.below(sessions.count)
            var values = RandomSource(seed: seed, UInt64(number), 1)
            return Execution(network: network, sample: sessions[network].input.map { _ in values.uniform() })
        }
    }

    private func answers(_ executions: [Execution], _ prepare: (Int) throws -> Session) rethrows -> [[Float]]
    {
        try executions.map { try prepare($0.network).run($0.sample) }
    }

    /// Goes through the sequence once.
    /// - Parameters:
    ///   - prepare: the switch.
    ///   - before: what is to be done before each switch, not timed.
    private func time(
        _ executions: [Execution], _ times: inout Times, _ prepare: (Int) throws -> Session,
        before: (Int) throws -> Void = { _ in }
    ) throws {
        let clock = ContinuousClock()
        for execution in executions {
            try before(execution.network)
            let start = clock.now
            let session = try prepare(execution.network)
            let ready = clock.now
            _ = session.input.update(fromContentsOf: execution.sample)
            session.run()
            let end = clock.now
            times.switches.append((ready - start).seconds * 1e6)
            times.runs.append((end - ready).seconds * 1e6)
        }
    }

    /// Milliseconds of a whole sequence, switches and runs: the median over rounds.
    private func sequences(_ times: Times) -> Double {
        let rounds = stride(from: 0, to: times.runs.count, by: runs).map { first in
            (first..<first + runs).reduce(0) { $0 + times.switches[$1] + times.runs[$1] } / 1000
        }
        return median(rounds)
    }

    /// Microseconds of a run of the network that ran last, with the weights and the sample that it ran on: the median.
    private func runAgain(_ executions: [Execution], _ sessions: [Session]) -> Double {
        let clock = ContinuousClock()
        var times = [Double]()
        for execution in executions {
            let session = sessions[execution.network]
            for _ in 0..<3 {
                let start = clock.now
                _ = session.input.update(fromContentsOf: execution.sample)
                session.run()
                times.append((clock.now - start).seconds * 1e6)
            }
            times.remove(at: times.count - 3)  // The first one came after another network.
        }
        return median(times)
    }

    /// Nanoseconds that the clock itself adds to each time.
    private func clockTime() -> Double {
        let clock = ContinuousClock()
        return median(
            (0..<1001).map { _ in
                let start = clock.now
                return (clock.now - start).seconds * 1e9
            })
    }
}
