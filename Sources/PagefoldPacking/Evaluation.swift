// How good a network is with some weights: accuracy on labels, agreement with the original's answers.

internal import CPagefoldKernels
import PagefoldCore
public import PagefoldEngine

/// What one pass over a set of samples gave.
public struct Score: Hashable, Sendable, Codable {
    /// Share of the labelled samples that got their label, 0 … 1; nil where there are no labels.
    public var accuracy: Double?
    /// Share of the samples that got the same class as from the original network.
    public var agreement: Double
    /// Samples looked at.
    public var count: Int

    /// What is compared before and after: accuracy where there are labels, else agreement.
    public var measure: Double { accuracy ?? agreement }

    /// Three changed answers of a network without labels weigh like one right answer lost: with labels, most changed
    /// answers were wrong before or are right after.
    static let disagreementWeight = 1.0 / 3

    /// How much better than `original`, as a share of the samples: of right answers, or of changed ones.
    public func gain(over original: Score) -> Double {
        (measure - original.measure) * (accuracy == nil ? Self.disagreementWeight : 1)
    }
}

/// Runs networks over samples, block by block.
public struct Evaluation {
    /// Blocks in one ticket.
    static let chunk = 8

    /// The class that a network gives to each sample.
    public static func classes(
        _ plan: NetworkPlan, weights: FloatBuffer, source: any SampleSource, indices: [Int],
        threads: Workers, arenas: [BlockArena]? = nil
    ) -> [Int] {
        let arenas = arenas ?? (0..<threads.threads).map { _ in BlockArena(plans: [plan]) }
        let blocks = (indices.count + blockSize - 1) / blockSize
        let tickets = (blocks + chunk - 1) / chunk
        let answers = FloatBuffer(count: indices.count)
        threads.run(tickets: tickets) { ticket, thread in
            for block in ticket * chunk..<min((ticket + 1) * chunk, blocks) {
                let range = block * blockSize..<min((block + 1) * blockSize, indices.count)
                arenas[thread].fill(plan, from: source, indices: indices[range])
                plan.forward(
                    weights: weights.pointer, arena: arenas[thread].pointer,
                    mode: BlockMode(lanes: range.count),
                    toLogits: true)
                for (lane, best) in arenas[thread].classes(plan, lanes: range.count).enumerated() {
                    answers.pointer[range.lowerBound + lane] = Float(best)
                }
            }
        }
        return answers.values.map { Int($0) }
    }

    /// Compares answers with labels and with the original's answers.
    public static func score(
        _ answers: [Int], source: any SampleSource, indices: [Int], original: [Int]
    ) -> Score {
        var labelled = 0
        var right = 0
        var same = 0
        for (position, index) in indices.enumerated() {
            let label = Int(source.label(index))
            if label >= 0 {
                labelled += 1
                if answers[position] == label { right += 1 }
            }
            if answers[position] == original[position] { same += 1 }
        }
        return Score(
            accuracy: labelled > 0 ? Double(right) / Double(labelled) : nil,
            agreement: Double(same) / Double(max(indices.count, 1)), count: indices.count)
    }
}
