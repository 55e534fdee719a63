// Random executions over all networks of a fold file, run in place and as runtimes without paging run them: what
// `pagefold bench switch` measures. What the others do at a switch is OwnTensors; what was found is SwitchRecord.

import Foundation
public import PagefoldCore
import PagefoldRuntime

/// One sequence of executions, drawn from a seed, on one thread, each on a sample of its own: in place, where a switch
/// is picking another session, and with weights copied or restored before each execution. docs/running.md says what is
/// timed.
public struct SwitchBench: Hashable, Sendable {
    /// Executions in the sequence.
    public var runs: Int
    /// Times that each way goes through the sequence.
    public var repeats: Int
    /// Draws the sequence and the samples.
    public var seed: UInt64
    /// A folder on a disk, for the files of weights.
    public var scratch: String

    /// - Parameter scratch: nil: the system's folder for temporary files.
    public init(runs: Int = 50, repeats: Int = 20, seed: UInt64 = 1, scratch: String? = nil) {
        self.runs = runs
        self.repeats = repeats
        self.seed = seed
        self.scratch = scratch ?? NSTemporaryDirectory()
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

    /// - Parameter path: of the fold file.
    /// - Throws: `InputError` where it is damaged or holds no network, files of weights cannot be written or read, or a
    ///   way gives other answers than in place.
    public func measure(_ path: String) throws(InputError) -> SwitchRecord {
        let file = try FoldFile(toMeasure: path)
        let sessions = try file.sessions()
        let own = try OwnTensors(file, scratch: scratch)
        let executions = sequence(sessions)

        // The first pass of each way is not timed: it compares the answers.
        let answers = try answers(executions) { sessions[$0] }
        var difference: Float = 0
        func compare(
            _ way: SwitchRecord.Way.Kind, _ prepare: (Int) throws(InputError) -> Session
        ) throws(InputError) {
            own.spoil()
            for (answer, expected) in zip(try self.answers(executions, prepare), answers) {
                for (a, b) in zip(answer, expected) where a != b {
                    difference = a.isNaN != b.isNaN ? .infinity : max(difference, abs(a - b) / max(abs(b), 1))
                }
            }
            guard difference < 1e-4 else {
                throw InputError(
                    file: path, field: way.rawValue,
                    problem: "answers differ by \(difference) from those in place",
                    remedy: "report this: a network does not run alike from its own tensors")
            }
        }
        func copied(_ network: Int) -> Session {
            own.copyFromPool(network)
            return own.sessions[network]
        }
        func restored(_ network: Int) throws(InputError) -> Session {
            try own.restore(network)
            return own.sessions[network]
        }
        try compare(.copied, copied)
        try compare(.warm, restored)

        var times = [SwitchRecord.Way.Kind: Times]()
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
                before: { network throws(InputError) in
                    if try !own.dropCache(network) { warmReads += 1 }
                })
        }

        let bytes = executions.reduce(0) { $0 + own.bytes($1.network) } / executions.count
        let inPlace = sequences(times[.inPlace] ?? Times())
        return SwitchRecord(
            version: pagefoldVersion, fold: path,
            instructionSet: FoldFile.instructionSet, seed: seed, executions: runs, repeats: repeats,
            networks: sessions.indices.map { index in
                SwitchRecord.Network(
                    name: sessions[index].text.name, weightBytes: own.bytes(index),
                    executions: executions.count { $0.network == index })
            },
            ways: SwitchRecord.Way.Kind.allCases.map { kind in
                let taken = times[kind] ?? Times()
                let total = sequences(taken)
                return SwitchRecord.Way(
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

    private func answers(
        _ executions: [Execution], _ prepare: (Int) throws(InputError) -> Session
    ) throws(InputError) -> [[Float]] {
        try executions.map { execution throws(InputError) in
            try prepare(execution.network).run(execution.sample)
        }
    }

    /// Goes through the sequence once.
    /// - Parameters:
    ///   - prepare: the switch.
    ///   - before: what is to be done before each switch, not timed.
    private func time(
        _ executions: [Execution], _ times: inout Times, _ prepare: (Int) throws(InputError) -> Session,
        before: (Int) throws(InputError) -> Void = { _ in }
    ) throws(InputError) {
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
