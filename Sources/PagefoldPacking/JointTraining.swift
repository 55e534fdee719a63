// Trains all networks on one pool at the same time: every step adds the gradients of all networks on their frames
// and takes one Adam step. A network alone on its own frames is the case of plain training.

internal import CPagefoldKernels
import Foundation
import PagefoldCore
public import PagefoldEngine

/// The weights of all networks while they are trained, and the steps that change them.
public final class JointTraining {
    /// Blocks of 16 samples in one ticket. Their gradients are summed in order into one partial sum.
    static let blocksInTicket = 2

    let settings: TrainingSettings
    let frames: FrameTable
    private(set) var networks: [NetworkInTraining]
    private let threads: Workers
    private var samplers: [BatchSampler]
    private(set) var step = 0

    /// Weights of all frames, [frames][pageSize], with Adam's moments; then the same for each network's tail, and
    /// for its patches.
    let pool: AdamState
    let tails: [AdamState]
    let exclusive: [AdamState]
    let matchingLoss: MatchingLoss?
    let turns: Turns
    private let patches: [PatchesInTraining]
    /// What stays as it is, because other networks run from it.
    private let frozen: FrozenParts
    /// Flat weights of each network, gathered and multiplied by their channels' scales: what the kernels read.
    let flat: [FloatBuffer]
    /// Gradients of each network, summed over the batch.
    private let gradients: [FloatBuffer]
    private let layouts: [RowLayout]
    /// What the frames' formats make of the pool; the kernels read that.
    let rounded: RoundedFrames
    /// Likewise for each network's patches.
    private let roundedPatches: [FloatBuffer]
    private let formats: WeightFormats

    private struct Ticket {
        let network: Int
        let group: Int
        let samples: Range<Int>
    }
    private let tickets: [Ticket]
    private let partials: [[FloatBuffer]]
    private let losses: FloatBuffer
    private let arenas: [BlockArena]
    private let scratch: [FloatBuffer]

    /// Networks without patches.
    /// - Parameters:
    ///   - initial: weights of all frames, [frames][pageSize].
    ///   - tails: for each network, weights [pagedCount, weightCount) of its flat vector.
    public convenience init(
        networks: [NetworkInTraining], frames: FrameTable, pool initial: [Float], tails: [[Float]],
        settings: TrainingSettings, threads: Workers
    ) {
        let placement = Placement(
            frames: frames, patches: .none(networks: networks.count), pool: initial,
            exclusive: networks.map { _ in [] }, loss: 0)
        self.init(
            networks: networks, placement: placement, tails: tails, settings: settings, threads: threads)
    }

    /// - Parameters:
    ///   - tails: for each network, weights [pagedCount, weightCount) of its flat vector.
    ///   - frozen: what is not trained.
    ///   - formats: what the weights will be stored as, which training sees.
    init(
        networks: [NetworkInTraining], placement: Placement, tails: [[Float]],
        matchingLoss: MatchingLoss? = nil, frozen: FrozenParts = FrozenParts(),
        formats: WeightFormats = WeightFormats(), settings: TrainingSettings, threads: Workers
    ) {
        let frames = placement.frames
        precondition(
            placement.pool.count == frames.frameCount * frames.pageSize, "pool: [frames][pageSize]")
        let programs = networks.map(\.plan.program)
        precondition(tails.map(\.count) == programs.map(\.tailCount), "tails: [network][tailCount]")
        precondition(
            frames.frameOf.map(\.count) == programs.map { $0.pageCount(pageSize: frames.pageSize) },
            "page tables")
        precondition(
            networks.allSatisfy { network in
                let program = network.plan.program
                return !network.fromScratch
                    || program.steps.allSatisfy {
                        $0.opcode != .batchNormalisation || Int($0.weights) >= program.pagedCount
                    }
            }, "statistics of batch normalisation are in the tail")
        self.networks = networks
        self.frames = frames
        self.settings = settings
        self.threads = threads
        pool = AdamState(placement.pool)
        self.tails = tails.map { AdamState($0) }
        exclusive = placement.exclusive.map { AdamState($0) }
        self.formats = formats
        rounded = RoundedFrames(placement, formats: formats)
        roundedPatches = placement.exclusive.map { FloatBuffer(count: $0.count) }
        self.matchingLoss = matchingLoss
        self.frozen = frozen
        turns = Turns(settings, networks: networks.count)
        flat = networks.map { FloatBuffer(count: $0.plan.program.weightCount) }
        gradients = networks.map { FloatBuffer(count: $0.plan.program.weightCount) }
        let layouts = networks.map { RowLayout(program: $0.plan.program, pageSize: frames.pageSize) }
        self.layouts = layouts
        patches = networks.indices.map { index in
            PatchesInTraining(
                placement.patches.indices[index], size: placement.patches.size, layout: layouts[index],
                pageSize: frames.pageSize)
        }
        samplers = networks.enumerated().map {
            BatchSampler(
                count: $1.source.count, batch: settings.batch, seed: settings.seed, stream: UInt64($0))
        }
        let span = Self.blocksInTicket * blockSize
        let groups = (settings.batch + span - 1) / span
        // The costliest networks first, so that the last tickets are small and no thread waits long.
        let order = networks.indices.sorted {
            (networks[$1].plan.multiplyAdds, $0) < (networks[$0].plan.multiplyAdds, $1)
        }
        tickets = order.flatMap { network in
            (0..<groups).map { group in
                Ticket(
                    network: network, group: group,
                    samples: group * span..<min((group + 1) * span, settings.batch))
            }
        }
        partials = networks.map { network in
            (0..<groups).map { _ in FloatBuffer(count: network.plan.program.weightCount) }
        }
        losses = FloatBuffer(count: tickets.count)
        arenas = (0..<threads.threads).map { _ in BlockArena(plans: networks.map(\.plan)) }
        let widest = networks.map(\.plan.classCount).max() ?? 1
        scratch = (0..<threads.threads).map { _ in
            FloatBuffer(count: frames.pageSize + (widest + 1) * blockSize)
        }
        gather(isFirst: true)
    }

    /// The weights as their formats hold them: the pool, then each tail, then the patches of each network, then
    /// the quantum of each frame.
    var weights: [[Float]] {
        let ends = networks.indices.map { index in
            Array(flat[index].values[networks[index].plan.program.pagedCount...])
        }
        return [rounded.values.values] + ends + roundedPatches.map(\.values) + [rounded.quanta.values]
    }

    /// Copies every frame to its users' flat vectors, and the tails behind them.
    /// - Parameter isFirst: frames that come from a fold are what they are there.
    func gather(isFirst: Bool = false) {
        for network in networks.indices {
            spreadTail(network)
            roundPatches(network)
        }
        for frame in 0..<frames.frameCount {
            let isFrozen = frozen.frames.contains(frame)
            let given = isFirst && !isFrozen ? rounded.adopt(frame, behind: pool.weights.pointer) : nil
            spreadFrame(frame, given: given)
        }
    }

    /// Takes one step of the networks whose turn it is.
    /// - Returns: their mean losses over the batch, before the step; 0 for the others.
    public func advance(learningRateScale: Float = 1) -> [Float] {
        let turn = turns[step]
        if turn.own == turn.turnStart && step > 0 { forgetMoments(of: turn.active) }
        let batches = networks.indices.map { network in
            turn.active.contains(network) ? samplers[network].indices(step: turn.own) : []
        }
        let tickets = tickets.filter { turn.active.contains($0.network) }
        threads.run(tickets: tickets.count) { index, thread in
            losses.pointer[index] = computeGradient(tickets[index], batches, step: turn.own, thread)
        }
        update(turn, learningRate: settings.learningRate(at: turn.own) * learningRateScale)
        if turn.endsTurn { setAnchors(of: turn.active) }
        step += 1
        var mean = [Float](repeating: 0, count: networks.count)
        for (index, ticket) in tickets.enumerated() {
            mean[ticket.network] += losses.pointer[index] / Float(settings.batch)
        }
        return mean
    }

    /// A turn begins with a new optimiser, as published: the others have moved the frames meanwhile.
    private func forgetMoments(of active: Range<Int>) {
        for state in [pool] + active.map({ tails[$0] }) + active.map({ exclusive[$0] }) {
            state.first.zero()
            state.second.zero()
        }
    }

    /// What a network has at the end of its turn is what it wants of its frames.
    private func setAnchors(of active: Range<Int>) {
        guard let matchingLoss else { return }
        for network in active {
            let anchors = matchingLoss.anchors[network].pointer
            for (page, frame) in frames.frameOf[network].enumerated() {
                (anchors + page * frames.pageSize).update(
                    from: pool.weights.pointer + frame * frames.pageSize, count: frames.pageSize)
            }
        }
    }

    func setImportance(_ importance: [Float]) {
        for index in networks.indices { networks[index].importance = importance[index] }
    }

    /// Goes back to a step whose weights and moments the caller restores.
    func rewind(to step: Int) {
        self.step = step
        gather()
    }

    // MARK: Gradients

    /// - Parameter step: of the network's own.
    private func computeGradient(
        _ ticket: Ticket, _ batches: [[Int]], step: Int, _ thread: Int
    ) -> Float {
        let network = networks[ticket.network]
        let plan = network.plan
        let arena = arenas[thread]
        let weights = flat[ticket.network].pointer
        let partial = partials[ticket.network][ticket.group]
        partial.zero()
        let teacherLogits = scratch[thread].pointer
        let loss = teacherLogits + plan.classCount * blockSize
        var labels = [Int32](repeating: -1, count: blockSize)
        var sum: Float = 0
        for start in stride(from: ticket.samples.lowerBound, to: ticket.samples.upperBound, by: blockSize) {
            let range = start..<min(start + blockSize, ticket.samples.upperBound)
            let indices = batches[ticket.network][range]
            let sampler = samplers[ticket.network]
            arena.fill(plan, from: network.source, indices: indices) {
                sampler.variant(step: step, position: start + $0)
            }
            for (lane, index) in indices.enumerated() { labels[lane] = network.source.label(index) }
            let mode = BlockMode(
                training: network.fromScratch, lanes: range.count,
                seed: settings.seed &+ UInt64(ticket.network),
                counter: UInt64(step * settings.batch + start))
            // Where labels say it all the original need not be asked.
            let isTaught = settings.labelWeight < 1 || labels[..<range.count].contains(-1)
            let teacher = isTaught ? network.teacher : nil
            if let teacher {
                plan.forward(
                    weights: teacher.pointer, arena: arena.pointer, mode: BlockMode(lanes: range.count),
                    toLogits: true)
                teacherLogits.update(
                    from: arena.pointer + plan.logitsOffset, count: plan.classCount * blockSize)
                // A sample without a label has the original's answer to it, changed as it is.
                for (lane, answer) in arena.classes(plan, lanes: range.count).enumerated()
                where labels[lane] < 0 { labels[lane] = Int32(answer) }
            }
            plan.forward(weights: weights, arena: arena.pointer, mode: mode, toLogits: true)
            let share: Float = teacher == nil ? 1 : settings.labelWeight
            pf_cross_entropy(
                Int32(plan.classCount), Int32(range.count), arena.pointer + plan.logitsOffset, labels,
                teacher == nil ? nil : UnsafePointer(teacherLogits), settings.temperature, share,
                1 - share,
                network.importance / Float(settings.batch), arena.pointer + plan.logitsGradientOffset, loss)
            for lane in range.indices { sum += loss[lane - start] }
            plan.backward(weights: weights, arena: arena.pointer, gradient: partial.pointer, mode: mode)
        }
        return sum
    }

    // MARK: Adam

    private func update(_ turn: Turns.Step, learningRate: Float) {
        let time = Float(turn.own - turn.turnStart + 1)
        let adam = AdamRate(
            learningRate: learningRate, beta1: settings.beta1, beta2: settings.beta2,
            epsilon: settings.epsilon,
            time: time)
        // Three passes, as each needs the one before whole: sums over the batch and tails, then the frames. Each
        // number is written by one ticket only, so that the number of threads does not show.
        threads.run(tickets: turn.active.count) { ticket, _ in
            let network = turn.active.lowerBound + ticket
            sumGradient(network)
            if !frozen.networks.contains(network) { updateTail(network, adam) }
            updateExclusive(network, adam)
        }
        let run = 16
        let runs = (frames.frameCount + run - 1) / run
        threads.run(tickets: runs) { ticket, thread in
            let gradient = scratch[thread].pointer
            for frame in ticket * run..<min((ticket + 1) * run, frames.frameCount) {
                // A frame that nobody trains still has users whose scales or patches have changed.
                defer { spreadFrame(frame) }
                let users = frames.users[frame].filter { turn.active.contains($0.network) }
                guard !users.isEmpty, !frozen.frames.contains(frame) else { continue }
                sumGradient(of: users, into: gradient)
                matchingLoss?.addGradient(
                    users: frames.users[frame], active: turn.active,
                    weights: pool.weights.pointer + frame * frames.pageSize, to: gradient,
                    pageSize: frames.pageSize)
                pool.advance(adam, gradient, frame * frames.pageSize..<(frame + 1) * frames.pageSize)
            }
        }
    }

    /// Adds up the partial sums of a network, and takes the gradient through the scales.
    private func sumGradient(_ network: Int) {
        let gradient = gradients[network].pointer
        let addresses = partials[network].map { Optional(UnsafePointer($0.pointer)) }
        pf_reduce(gradients[network].count, addresses, Int32(addresses.count), gradient)
        layouts[network].passScales(gradient, weights: flat[network].pointer)
    }

    /// Adds up what the users of a frame want of it, in the order of users.
    private func sumGradient(of users: [PageReference], into gradient: UnsafeMutablePointer<Float>) {
        gradient.update(repeating: 0, count: frames.pageSize)
        for user in users {
            let start = user.page * frames.pageSize
            let count = min(frames.pageSize, networks[user.network].plan.program.pagedCount - start)
            pf_add_into(count, gradient, gradients[user.network].pointer + start)
        }
    }

    private func updateTail(_ network: Int, _ adam: AdamRate) {
        let program = networks[network].plan.program
        guard program.tailCount > 0 else { return }
        let gradient = gradients[network].pointer + program.pagedCount
        if networks[network].fromScratch { followStatistics(network, gradient) }
        tails[network].advance(adam, gradient, 0..<program.tailCount)
        spreadTail(network)
    }

    /// Takes the gradient of patches away from the frames they lie on.
    private func updateExclusive(_ network: Int, _ adam: AdamRate) {
        guard exclusive[network].weights.count > 0 else { return }
        let own = patches[network].takeGradient(from: gradients[network].pointer)
        if !frozen.networks.contains(network) {
            exclusive[network].advance(adam, own.pointer, 0..<own.count)
            roundPatches(network)
        }
        withExtendedLifetime(own) {}
    }

    /// Mean and variance of batch normalisation follow the blocks' statistics by 0.1 a step; Adam then sees 0.
    private func followStatistics(_ network: Int, _ gradient: UnsafeMutablePointer<Float>) {
        let program = networks[network].plan.program
        let blocks = Float((settings.batch + blockSize - 1) / blockSize)
        for step in program.steps where step.opcode == .batchNormalisation {
            let channels = program.values[Int(step.input)].channels
            let start = Int(step.weights) + 2 * channels - program.pagedCount
            for i in start..<start + 2 * channels {
                tails[network].weights.pointer[i] +=
                    0.1 * (gradient[i] / blocks - tails[network].weights.pointer[i])
                gradient[i] = 0
            }
        }
    }

    /// Writes a frame, rounded, to the flat vectors of its users, each row times its scale.
    private func spreadFrame(_ frame: Int, given: UnsafePointer<Float>? = nil) {
        let source =
            given
            ?? rounded.take(
                frame, from: pool.weights.pointer, keepsQuantum: frozen.frames.contains(frame))
        for user in frames.users[frame] {
            let target = flat[user.network].pointer
            let start = user.page * frames.pageSize
            for run in layouts[user.network].pages[user.page] {
                let scale = run.scale < 0 ? 1 : target[run.scale]
                for i in run.range { target[i] = source[i - start] * scale }
            }
            patches[user.network].apply(
                roundedPatches[user.network].pointer, page: user.page, to: target)
        }
    }

    private func roundPatches(_ network: Int) {
        let weights = exclusive[network].weights
        formats.vectors.round(
            weights.pointer, count: weights.count, to: roundedPatches[network].pointer)
    }

    private func spreadTail(_ network: Int) {
        let program = networks[network].plan.program
        formats.vectors.round(
            tails[network].weights.pointer, count: program.tailCount,
            to: flat[network].pointer + program.pagedCount)
    }
}
