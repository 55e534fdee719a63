// What computes while networks are packed. The seam is a batch of a network (here: answers, Fisher) and a step of all
// frames (WeightsInTraining). Blocks of 16 samples, tickets and kernels are not seen from outside.

internal import CPagefoldKernels
import PagefoldCore

/// Runs networks over samples on the threads of this machine.
public final class Engine: Sendable {
    public let workers: Workers

    /// - Parameter threads: at least 1; the caller counts as one.
    public convenience init(threads: Int) { self.init(workers: Workers(threads: threads)) }

    public init(workers: Workers) { self.workers = workers }

    /// The answers of a network.
    /// - Parameters:
    ///   - weights: the flat weight vector with scales multiplied in, [weightCount].
    ///   - indices: of the samples.
    /// - Returns: what the objective keeps of each answer, in the order of `indices`.
    public func answers(
        of plan: NetworkPlan, weights: FloatBuffer, to samples: any SampleSource, indices: [Int],
        objective: any Objective
    ) -> [Answer] {
        [Answer](unsafeUninitializedCapacity: indices.count) { answers, filled in
            // Each place is initialised by one ticket.
            nonisolated(unsafe) let places = answers
            visit(plan, weights: weights, samples: samples, indices: indices) { position, outputs, input in
                (places.baseAddress! + position).initialize(to: objective.answer(outputs, to: input))
            }
            filled = indices.count
        }
    }

    /// Calls `visit` once for each of `indices`, from several threads, with its position, the scores of each output and
    /// the sample.
    public func visit(
        _ plan: NetworkPlan, weights: FloatBuffer, samples: any SampleSource, indices: [Int],
        _ visit: (
            _ position: Int, _ outputs: [UnsafeBufferPointer<Float>], _ sample: UnsafeBufferPointer<Float>
        )
            -> Void
    ) {
        let chunk = 8
        let blocks = (indices.count + blockSize - 1) / blockSize
        let arenas = (0..<workers.threads).map { _ in
            (LossArena(plans: [plan]), FloatBuffer(count: plan.scoreCount + plan.inputCount))
        }
        workers.run(tickets: (blocks + chunk - 1) / chunk) { ticket, thread in
            let (arena, row) = arenas[thread]
            for block in ticket * chunk..<min((ticket + 1) * chunk, blocks) {
                let range = block * blockSize..<min((block + 1) * blockSize, indices.count)
                arena.fill(plan, from: samples, indices: indices[range])
                arena.forward(plan, weights: weights.pointer, mode: BlockMode(lanes: range.count))
                arena.visit(plan, lanes: range.count, row: row) { lane, outputs, sample in
                    visit(range.lowerBound + lane, outputs, sample)
                }
            }
        }
    }

    /// How far the scores of each output lie from their means: root mean square over samples and numbers.
    /// - Returns: one spread for each output, in the order of the program's; 1 where an output never changes, and not
    ///   below `Program.leastSpread` for probabilities.
    public func spreads(
        of plan: NetworkPlan, weights: FloatBuffer, samples: any SampleSource, indices: [Int]
    ) -> [Float] {
        let answers = answers(
            of: plan, weights: weights, to: samples, indices: indices, objective: RawOutput())
        var first = 0
        return zip(plan.scores, plan.program.outputs).map { output, port in
            defer { first += output.count }
            var sum = 0.0
            for n in first..<first + output.count {
                let numbers = answers.map { answer -> Double in
                    guard case .numbers(let numbers) = answer else { return 0 }
                    return Double(numbers[n])
                }
                let mean = numbers.reduce(0, +) / Double(max(numbers.count, 1))
                sum += numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            }
            let spread = (sum / Double(max(answers.count * output.count, 1))).squareRoot()
            let least = plan.program.leastSpread(ofValue: port.scores)
            return spread > 0 && spread.isFinite ? max(Float(spread), least) : 1
        }
    }

    /// Sums of the Fisher are taken over this many fixed groups of blocks, so that the number of threads does not show.
    private static let groups = 16

    /// The diagonal Fisher information of one network: how much its loss bends when a weight moves.
    /// - Parameters:
    ///   - weights: the flat weight vector, [weightCount].
    ///   - indices: the samples to average over.
    /// - Returns: [weightCount], each at least 0.
    public func fisher(
        of plan: NetworkPlan, weights: [Float], samples: any SampleSource, indices: [Int],
        objective: any Objective = Classification(), kind: FisherKind = .expected
    ) -> [Float] {
        let blocks = (indices.count + blockSize - 1) / blockSize
        let groups = min(Self.groups, max(blocks, 1))
        let partials = (0..<groups).map { _ in FloatBuffer(count: weights.count) }
        let arenas = (0..<workers.threads).map { _ in LossArena(plans: [plan]) }
        let flat = FloatBuffer(weights)
        workers.run(tickets: groups) { group, thread in
            let arena = arenas[thread]
            for block in group * blocks / groups..<(group + 1) * blocks / groups {
                let range = block * blockSize..<min((block + 1) * blockSize, indices.count)
                let mode = BlockMode(lanes: range.count)
                arena.fill(plan, from: samples, indices: indices[range])
                arena.forward(plan, weights: flat.pointer, mode: mode)
                let scores = arena.block(plan, lanes: range.count, isTaught: false)
                objective.curvature(of: scores, kind: kind, number: block) {
                    arena.backward(
                        plan, weights: flat.pointer, gradient: partials[group].pointer, mode: mode,
                        squared: true)
                }
            }
        }
        let sum = FloatBuffer(count: weights.count)
        withExtendedLifetime(partials) {
            pf_reduce(
                weights.count, partials.map { Optional(UnsafePointer($0.pointer)) }, Int32(groups),
                sum.pointer)
        }
        let scale = 1 / Float(max(indices.count, 1))
        return sum.values.map { $0 * scale }
    }
}
