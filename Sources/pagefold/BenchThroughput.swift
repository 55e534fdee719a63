// The second half of `pagefold bench run`: samples a second at several batch sizes, on one thread. Latency is its first
// half.

import PagefoldCore
import PagefoldEngine
import PagefoldRuntime

/// How many samples of each network are answered in a second when they come in batches.
struct Throughput: Codable {
    /// Samples that come together.
    var batch: Int
    /// Of each network, in the order of the fold file.
    var samplesPerSecond: [Double]
    /// Over all networks, each answering a batch in turn.
    var all: Double

    static let batches = [1, 16, 100]

    /// Single samples are run by sessions, in place. Batches are run in blocks of 16, the last one partly filled, from
    /// weights that are gathered beforehand. Filling in the samples is timed, like the closing softmax.
    /// - Parameter runs: samples of each network and batch size, rounded up to ten batches.
    static func measure(_ file: FoldFile, runs: Int) throws(InputError) -> [Throughput] {
        let fold = file.fold()
        var seconds = batches.map { _ in [Double]() }
        for (index, network) in fold.networks.enumerated() {
            var random = RandomSource(seed: UInt64(index))
            let shape = network.program.inputShape
            let most = batches.max() ?? 1
            let samples = SampleArray(
                shape: shape, samples: (0..<most * shape.count).map { _ in random.uniform() },
                labels: [Int32](repeating: -1, count: most))
            let session = try file.session(network.text.name)
            let plan = NetworkPlan(program: network.program)
            let weights = FloatBuffer(network.program.effectiveWeights(fold.weights(of: network)))
            let arena = BlockArena(plans: [plan])
            for (position, batch) in batches.enumerated() {
                seconds[position].append(
                    timed(rounds: max(runs / batch, 10)) { round in
                        if batch == 1 {
                            samples.copySample(round % most, variant: nil, into: session.input)
                            session.run()
                        } else {
                            answer(batch, samples, plan, weights, arena)
                        }
                    })
            }
        }
        return zip(batches, seconds).map { batch, seconds in
            Throughput(
                batch: batch, samplesPerSecond: seconds.map { Double(batch) / $0 },
                all: Double(batch * seconds.count) / seconds.reduce(0, +))
        }
    }

    private static func answer(
        _ batch: Int, _ samples: SampleArray, _ plan: NetworkPlan, _ weights: FloatBuffer, _ arena: BlockArena
    ) {
        for first in stride(from: 0, to: batch, by: blockSize) {
            let block = first..<min(first + blockSize, batch)
            arena.fill(plan, from: samples, indices: block)
            plan.forward(weights: weights.pointer, arena: arena.pointer, mode: BlockMode(lanes: block.count))
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

    /// A table with a row for each network.
    static func text(_ throughput: [Throughput], networks: [String]) -> String {
        var table = TextTable(["samples a second"] + throughput.map { "batch \($0.batch)" })
        for (index, name) in networks.enumerated() {
            table.add([name] + throughput.map { grouped(Int($0.samplesPerSecond[index])) })
        }
        table.add(["all"] + throughput.map { grouped(Int($0.all)) })
        return table.text
    }
}
