// The weights of several networks on shared frames while they are trained. One step: the gradients of all users of a frame
// are added up, Adam moves the frame, its format rounds it, and it is spread to the flat vectors that kernels read.

internal import CPagefoldKernels
public import PagefoldCore

/// Frames, tails and patches of a set of networks, and the steps that change them.
public final class WeightsInTraining: @unchecked Sendable {  // Tickets write to places of their own.
    /// Adds to the gradient of one frame: its number, its weights and its gradient, [pageSize] each.
    public typealias FrameGradient = (Int, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void

    public let frames: FrameTable
    private let networks: [NetworkPlan]
    private let fromScratch: [Bool]
    private let workers: Workers
    /// What tail and patches of each network are stored as.
    private let tailFormats: [NumberFormat]
    /// What stays as it is, because other networks run from it.
    private let frozen: FrozenParts
    /// Samples of each network in a step.
    private let batchSizes: [Int]

    /// The weights behind the rounded ones, with Adam's moments: [frames][pageSize], then of each network.
    private let pool: AdamState
    private let tails: [AdamState]
    private let patches: [AdamState]
    /// What the formats make of them; the kernels read that.
    private let rounded: RoundedFrames
    private let roundedPatches: [FloatBuffer]
    private let patchPlaces: [PatchesInTraining]
    private let rows: [RowLayout]
    /// Flat weights of each network, gathered and multiplied by their channels' scales: what the kernels read.
    public let flat: [FloatBuffer]
    /// Gradients of each network, summed over the batch.
    private let gradients: [FloatBuffer]
    private let batches: BatchGradients
    private let scratch: [FloatBuffer]

    /// - Parameters:
    ///   - frames: page tables of these networks.
    ///   - table: which patches each network has.
    ///   - start: weights to begin with; frames whose quantum is known are on a file's numbers already.
    ///   - formats: what the frames will be stored as, which training sees.
    ///   - batch: samples of a network in a step, where it has no number of its own.
    public init(
        networks: [TrainedNetwork], frames: FrameTable, patches table: PatchTable, start: PackedWeights,
        formats: WeightFormats, frozen: FrozenParts, batch: Int, engine: Engine
    ) {
        let plans = networks.map(\.plan)
        let programs = plans.map(\.program)
        precondition(start.pool.count == frames.frameCount * frames.pageSize, "pool: [frames][pageSize]")
        precondition(start.quanta.count == frames.frameCount, "quanta: [frames]")
        precondition(start.tails.map(\.count) == programs.map(\.tailCount), "tails: [network][tailCount]")
        precondition(
            frames.frameOf.map(\.count) == programs.map { $0.pageCount(pageSize: frames.pageSize) },
            "page tables")
        self.networks = plans
        self.frames = frames
        tailFormats = networks.map(\.tailFormat)
        self.frozen = frozen
        batchSizes = networks.map { $0.batch ?? batch }
        fromScratch = networks.map(\.fromScratch)
        workers = engine.workers
        pool = AdamState(start.pool)
        tails = start.tails.map { AdamState($0) }
        patches = start.patches.map { AdamState($0) }
        rounded = RoundedFrames(start, of: frames, formats: formats)
        roundedPatches = start.patches.map { FloatBuffer(count: $0.count) }
        let rows = programs.map { RowLayout(program: $0, pageSize: frames.pageSize) }
        self.rows = rows
        precondition(
            zip(networks, rows).allSatisfy { network, rows in
                !network.fromScratch
                    || rows.statistics.allSatisfy { $0.lowerBound >= network.plan.program.pagedCount }
            }, "statistics of batch normalisation are in the tail")
        patchPlaces = networks.indices.map { index in
            PatchesInTraining(
                table.indices[index], size: table.size, layout: rows[index], pageSize: frames.pageSize)
        }
        flat = programs.map { FloatBuffer(count: $0.weightCount) }
        gradients = programs.map { FloatBuffer(count: $0.weightCount) }
        batches = BatchGradients(
            plans: plans, batches: batchSizes, numbers: networks.map(\.samples.numberCount).max() ?? 0,
            workers: engine.workers)
        scratch = (0..<engine.workers.threads).map { _ in FloatBuffer(count: frames.pageSize) }
        gather(isFirst: true)
    }

    // MARK: Values

    /// The weights as their formats hold them: what is evaluated, kept and written.
    public var packed: PackedWeights {
        PackedWeights(
            pool: rounded.values.values, quanta: rounded.quanta.values,
            tails: networks.indices.map { Array(flat[$0].values[networks[$0].program.pagedCount...]) },
            patches: roundedPatches.map(\.values))
    }

    /// The weights behind them; setting it gathers them anew.
    public var unrounded: UnroundedWeights {
        get {
            UnroundedWeights(
                pool: pool.vectors, stretches: rounded.stretches.values, tails: tails.map(\.vectors),
                patches: patches.map(\.vectors))
        }
        set {
            pool.update(from: newValue.pool)
            rounded.stretches.update(from: newValue.stretches)
            for (state, vectors) in zip(tails, newValue.tails) { state.update(from: vectors) }
            for (state, vectors) in zip(patches, newValue.patches) { state.update(from: vectors) }
            gather()
        }
    }

    /// [frames]: how many times as large a frame's quantum is as that for normally distributed weights.
    public var stretches: [Float] { rounded.stretches.values }

    /// Weights of a frame before rounding, [pageSize].
    public func frame(_ frame: Int) -> UnsafePointer<Float> {
        UnsafePointer(pool.weights.pointer + frame * frames.pageSize)
    }

    /// What some networks have learnt about the slope of their loss, and of the frames, is forgotten.
    public func forgetMoments(of active: Range<Int>) {
        for state in [pool] + active.map({ tails[$0] }) + active.map({ patches[$0] }) {
            state.forgetMoments()
        }
    }

    // MARK: A step

    /// Takes one step of Adam with the gradients of some networks over a batch each.
    /// - Parameters:
    ///   - active: the networks that are trained in this step.
    ///   - batches: one for each active network.
    ///   - added: what else pulls at each frame that an active network is on.
    /// - Returns: the mean loss of each network over its batch, before the step; 0 for the others.
    public func step(
        _ active: Range<Int>, _ trained: [TrainedNetwork], _ batches: [TrainingBatch],
        distillation: Distillation, rate: AdamRate, added: FrameGradient? = nil
    ) -> [Float] {
        var ofNetwork = [TrainingBatch?](repeating: nil, count: networks.count)
        for batch in batches { ofNetwork[batch.network] = batch }
        let losses = self.batches.compute(
            ofNetwork, networks: trained, weights: flat, distillation: distillation)
        update(active, rate, added)
        return losses
    }

    /// Three passes, as each needs the one before whole: sums over the batch and tails, then the frames. Each number is
    /// written by one ticket only, so that the number of threads does not show.
    private func update(_ active: Range<Int>, _ rate: AdamRate, _ added: FrameGradient?) {
        workers.run(tickets: active.count) { ticket, _ in
            let network = active.lowerBound + ticket
            batches.sum(of: network, into: gradients[network])
            rows[network].passScales(gradients[network].pointer, weights: flat[network].pointer)
            if !frozen.networks.contains(network) { updateTail(network, rate) }
            updatePatches(network, rate)
        }
        let run = 16
        workers.run(tickets: (frames.frameCount + run - 1) / run) { ticket, thread in
            let gradient = scratch[thread].pointer
            for frame in ticket * run..<min((ticket + 1) * run, frames.frameCount) {
                // A frame that nobody trains still has users whose scales or patches have changed.
                defer { spread(frame) }
                let users = frames.users[frame].filter { active.contains($0.network) }
                guard !users.isEmpty, !frozen.frames.contains(frame) else { continue }
                sumGradient(of: users, into: gradient)
                added?(frame, self.frame(frame), gradient)
                pool.advance(rate, gradient, frame * frames.pageSize..<(frame + 1) * frames.pageSize)
            }
        }
    }

    /// Adds up what the users of a frame want of it, in the order of users.
    private func sumGradient(of users: [PageReference], into gradient: UnsafeMutablePointer<Float>) {
        gradient.update(repeating: 0, count: frames.pageSize)
        for user in users {
            let start = user.page * frames.pageSize
            let count = min(frames.pageSize, networks[user.network].program.pagedCount - start)
            pf_add_into(count, gradient, gradients[user.network].pointer + start)
        }
    }

    private func updateTail(_ network: Int, _ rate: AdamRate) {
        let program = networks[network].program
        guard program.tailCount > 0 else { return }
        let gradient = gradients[network].pointer + program.pagedCount
        if fromScratch[network] { followStatistics(network, gradient) }
        tails[network].advance(rate, gradient, 0..<program.tailCount)
        spreadTail(network)
    }

    /// Takes the gradient of patches away from the frames they lie on.
    private func updatePatches(_ network: Int, _ rate: AdamRate) {
        guard patches[network].weights.count > 0 else { return }
        let own = patchPlaces[network].takeGradient(from: gradients[network].pointer)
        if !frozen.networks.contains(network) {
            patches[network].advance(rate, own.pointer, 0..<own.count)
            roundPatches(network)
        }
        withExtendedLifetime(own) {}
    }

    /// Means and variances follow the blocks' statistics by 0.1 a step; Adam then sees 0.
    private func followStatistics(_ network: Int, _ gradient: UnsafeMutablePointer<Float>) {
        let paged = networks[network].program.pagedCount
        let blocks = Float((batchSizes[network] + blockSize - 1) / blockSize)
        for range in rows[network].statistics {
            for i in range.lowerBound - paged..<range.upperBound - paged {
                tails[network].weights.pointer[i] +=
                    0.1 * (gradient[i] / blocks - tails[network].weights.pointer[i])
                gradient[i] = 0
            }
        }
    }

    // MARK: From frames to flat vectors

    /// Looks for quanta that suit the weights as they are now, and rounds all frames anew. Not done in each step: weights
    /// would jump from code to code.
    public func renewQuanta() {
        workers.run(tickets: frames.frameCount) { frame, thread in
            guard !frozen.frames.contains(frame) else { return }
            rounded.stretch(frame, for: pool.weights.pointer, scratch: scratch[thread].pointer)
            spread(frame)
        }
    }

    /// Copies every frame to its users' flat vectors, and the tails behind them.
    /// - Parameter isFirst: frames that come from a fold are what they are there; the others get a quantum.
    private func gather(isFirst: Bool = false) {
        for network in networks.indices {
            spreadTail(network)
            roundPatches(network)
        }
        for frame in 0..<frames.frameCount {
            let isFrozen = frozen.frames.contains(frame)
            let given = isFirst && !isFrozen ? rounded.adopt(frame, pool.weights.pointer) : nil
            if isFirst && !isFrozen && given == nil {
                rounded.stretch(frame, for: pool.weights.pointer, scratch: scratch[0].pointer)
            }
            spread(frame, given: given)
        }
    }

    /// Writes a frame, rounded, to the flat vectors of its users, each row times its scale.
    private func spread(_ frame: Int, given: UnsafePointer<Float>? = nil) {
        let source =
            given
            ?? rounded.take(
                frame, from: pool.weights.pointer, keepsQuantum: frozen.frames.contains(frame))
        for user in frames.users[frame] {
            let target = flat[user.network].pointer
            let start = user.page * frames.pageSize
            for run in rows[user.network].pages[user.page] {
                let scale = run.scale < 0 ? 1 : target[run.scale]
                for i in run.range { target[i] = source[i - start] * scale }
            }
            patchPlaces[user.network].apply(
                roundedPatches[user.network].pointer, page: user.page, to: target)
        }
    }

    private func roundPatches(_ network: Int) {
        let weights = patches[network].weights
        tailFormats[network].round(
            weights.pointer, count: weights.count, to: roundedPatches[network].pointer)
    }

    private func spreadTail(_ network: Int) {
        let program = networks[network].program
        tailFormats[network].round(
            tails[network].weights.pointer, count: program.tailCount,
            to: flat[network].pointer + program.pagedCount)
    }
}
