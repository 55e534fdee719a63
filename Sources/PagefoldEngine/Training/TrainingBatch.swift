// One network's share of a training step: samples on their way forward, a loss, the gradient on its way back. The
// gradients of all networks of a step are computed together, ticket by ticket.

internal import CPagefoldKernels
public import PagefoldCore

/// What one network is trained for.
public struct TrainedNetwork: Sendable {
    public let plan: NetworkPlan
    public let samples: any SampleSource
    public var objective: any Objective
    /// The original's flat weights, to distil from; nil when there is no original.
    public let teacher: FloatBuffer?
    /// Factor of its loss in the joint loss.
    public var importance: Float
    /// Batch statistics and dropout, for training from scratch.
    public let fromScratch: Bool
    /// What its tail and its patches will be stored as, which training sees.
    public let tailFormat: NumberFormat
    /// Samples of a step; nil: as many as the other networks.
    public let batch: Int?

    public init(
        plan: NetworkPlan, samples: any SampleSource, objective: any Objective = Classification(),
        teacher: FloatBuffer?, importance: Float = 1, fromScratch: Bool = false,
        tailFormat: NumberFormat = .float32, batch: Int? = nil
    ) {
        self.plan = plan
        self.samples = samples
        self.objective = objective
        self.teacher = teacher
        self.importance = importance
        self.fromScratch = fromScratch
        self.tailFormat = tailFormat
        self.batch = batch
    }
}

/// The samples of one network in one step.
public struct TrainingBatch: Sendable {
    public let network: Int
    public let indices: [Int]
    /// For each sample the name of its augmented version.
    public let variants: [UInt64]
    /// Name the dropout masks; sample i of the batch has `counter + i`.
    public let seed: UInt64
    public let counter: Int

    public init(network: Int, indices: [Int], variants: [UInt64], seed: UInt64, counter: Int) {
        self.network = network
        self.indices = indices
        self.variants = variants
        self.seed = seed
        self.counter = counter
    }
}

/// How losses weigh labels against the original's answers.
public struct Distillation: Hashable, Sendable {
    public var labelWeight: Float
    public var temperature: Float

    public init(labelWeight: Float, temperature: Float) {
        self.labelWeight = labelWeight
        self.temperature = temperature
    }
}

/// Gradients of several networks over a batch each.
final class BatchGradients: @unchecked Sendable {  // Each ticket writes to places of its own.
    /// Blocks in one ticket. Their gradients are summed in order into one partial sum.
    static let blocksInTicket = 2

    private struct Ticket {
        let network: Int
        let group: Int
        let samples: Range<Int>
    }

    private let tickets: [Ticket]
    /// [network][group]
    private let partials: [[FloatBuffer]]
    private let losses: FloatBuffer
    private let arenas: [LossArena]
    /// Samples of each network in a batch.
    private let sizes: [Int]
    private let workers: Workers

    init(plans: [NetworkPlan], batches: [Int], numbers: Int, workers: Workers) {
        sizes = batches
        self.workers = workers
        let span = Self.blocksInTicket * blockSize
        let groups = batches.map { ($0 + span - 1) / span }
        // The costliest networks first, so that the last tickets are small and no thread waits long.
        let order = plans.indices.sorted {
            (plans[$1].multiplyAdds, $0) < (plans[$0].multiplyAdds, $1)
        }
        tickets = order.flatMap { network in
            (0..<groups[network]).map { group in
                Ticket(
                    network: network, group: group,
                    samples: group * span..<min((group + 1) * span, batches[network]))
            }
        }
        partials = zip(plans, groups).map { plan, groups in
            (0..<groups).map { _ in FloatBuffer(count: plan.program.weightCount) }
        }
        losses = FloatBuffer(count: tickets.count)
        arenas = (0..<workers.threads).map { _ in LossArena(plans: plans, numbers: numbers) }
    }

    /// Computes the partial gradients of all batches.
    /// - Parameters:
    ///   - batches: by network; nil: the network is not trained in this step.
    ///   - weights: the flat weights that the kernels read, of each network.
    /// - Returns: the mean loss of each network over its batch; 0 for the others.
    func compute(
        _ batches: [TrainingBatch?], networks: [TrainedNetwork], weights: [FloatBuffer],
        distillation: Distillation
    ) -> [Float] {
        let tickets = tickets.filter { batches[$0.network] != nil }
        workers.run(tickets: tickets.count) { index, thread in
            let ticket = tickets[index]
            losses.pointer[index] = computeGradient(
                ticket, batches[ticket.network]!, of: networks[ticket.network],
                weights: weights[ticket.network], distillation, arenas[thread])
        }
        var mean = [Float](repeating: 0, count: networks.count)
        for (index, ticket) in tickets.enumerated() {
            mean[ticket.network] += losses.pointer[index] / Float(sizes[ticket.network])
        }
        return mean
    }

    /// Adds up the partial gradients of a network in the order of tickets.
    func sum(of network: Int, into gradient: FloatBuffer) {
        let addresses = partials[network].map { Optional(UnsafePointer($0.pointer)) }
        pf_reduce(gradient.count, addresses, Int32(addresses.count), gradient.pointer)
    }

    private func computeGradient(
        _ ticket: Ticket, _ batch: TrainingBatch, of network: TrainedNetwork, weights: FloatBuffer,
        _ distillation: Distillation, _ arena: LossArena
    ) -> Float {
        let partial = partials[ticket.network][ticket.group]
        partial.zero()
        var sum: Float = 0
        for start in stride(from: ticket.samples.lowerBound, to: ticket.samples.upperBound, by: blockSize) {
            let range = start..<min(start + blockSize, ticket.samples.upperBound)
            arena.fill(
                network.plan, from: network.samples, indices: batch.indices[range],
                variants: batch.variants[range])
            arena.takeTargets(of: batch.indices[range], from: network.samples)
            let mode = BlockMode(
                training: network.fromScratch, lanes: range.count, seed: batch.seed,
                counter: UInt64(batch.counter + start))
            let isTaught = network.objective.needsTeacher(
                labels: UnsafeBufferPointer(rebasing: arena.labels[..<range.count]),
                labelWeight: distillation.labelWeight)
            let teacher = isTaught ? network.teacher : nil
            if let teacher { arena.ask(teacher, network.plan, lanes: range.count) }
            arena.forward(network.plan, weights: weights.pointer, mode: mode)
            let block = arena.block(
                network.plan, lanes: range.count, isTaught: teacher != nil, distillation,
                scale: network.importance / Float(sizes[ticket.network]))
            network.objective.loss(block)
            for lane in range.indices { sum += block.loss[lane - start] }
            arena.backward(network.plan, weights: weights.pointer, gradient: partial.pointer, mode: mode)
        }
        return sum
    }
}
