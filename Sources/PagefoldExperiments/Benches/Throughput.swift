// The second half of `pagefold bench run`: samples a second at several batch sizes, on one thread. Latency is RunBench.

import PagefoldCore
import PagefoldRuntime

/// How many samples of each network are answered in a second when they come in batches.
public struct Throughput: Hashable, Sendable, Encodable {
    /// Samples that come together.
    public var batch: Int
    /// Of each network, in the order of the fold file.
    public var samplesPerSecond: [Double]
    /// Over all networks, each answering a batch in turn.
    public var all: Double

    enum CodingKeys: String, CodingKey {
        case batch = "batch", samplesPerSecond = "samplesPerSecond", all = "all"
    }

    static let batches = [1, 16, 100]

    /// All weights are read through the page table: single samples by sessions, batches by batch sessions in blocks of 16,
    /// the last one partly filled. Filling in the samples is timed, like the closing softmax.
    /// - Parameter runs: samples of each network and batch size, rounded up to ten batches.
    static func measure(_ file: FoldFile, runs: Int) throws(InputError) -> [Throughput] {
        var seconds = batches.map { _ in [Double]() }
        for (index, name) in file.networkNames.enumerated() {
            var random = RandomSource(seed: UInt64(index))
            let single = try file.session(name)
            let several = try file.batchSession(name)
            let inputs = single.program.inputShape.count
            let most = batches.max() ?? 1
            let samples = (0..<most * inputs).map { _ in random.uniform() }
            var answers = [Float](repeating: 0, count: most * single.program.outputCount)
            for (position, batch) in batches.enumerated() {
                let time = samples.withUnsafeBufferPointer { samples in
                    answers.withUnsafeMutableBufferPointer { answers in
                        timed(rounds: max(runs / batch, 10)) { round in
                            if batch == 1 {
                                let first = round % most * inputs
                                _ = single.input.update(fromContentsOf: samples[first..<first + inputs])
                                single.run()
                            } else {
                                several.run(
                                    UnsafeBufferPointer(rebasing: samples[..<(batch * inputs)]),
                                    into: UnsafeMutableBufferPointer(
                                        rebasing: answers[..<(batch * single.program.outputCount)]))
                            }
                        }
                    }
                }
                seconds[position].append(time)
            }
        }
        return zip(batches, seconds).map { batch, seconds in
            Throughput(
                batch: batch, samplesPerSecond: seconds.map { Double(batch) / $0 },
                all: Double(batch * seconds.count) / seconds.reduce(0, +))
        }
    }

    /// Median seconds of a round.
    private static func timed(rounds: Int, _ work: (_ round: Int) -> Void) -> Double {
        for round in 0..<max(rounds / 10, 2) { work(round) }
        let clock = ContinuousClock()
        return median(
            (0..<rounds).map { round in
                let start = clock.now
                work(round)
                return (clock.now - start).seconds
            })
    }
}
