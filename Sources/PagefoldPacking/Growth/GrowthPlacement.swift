// Where one more network finds room in a fold: free frames, the frames of others as they are, pages and patches of its
// own as far as the budget goes.

import PagefoldCore
import PagefoldEngine
import PagefoldFold
import PagefoldGraph

/// Finds places for one network in a fold that others run from.
struct GrowthPlacing {
    let fold: Fold
    let settings: PackingSettings
    /// With its channel scales.
    let task: PackingTask
    let workers: Workers
    /// Of the fold as it is, in bytes and by its parts, and of the network without exclusive weights.
    private let foldBytes: Int
    private let foldSize: FoldSize
    private let networkSize: FoldSize.Network

    init(fold: Fold, settings: PackingSettings, task: PackingTask, workers: Workers) {
        self.fold = fold
        self.settings = settings
        self.task = task
        self.workers = workers
        foldSize = FoldSize(fold)
        foldBytes = foldSize.bytes
        networkSize = FoldSize.Network(
            task.foldedProgram, text: task.text, pageSize: fold.pageSize, tailFormat: task.tailFormat)
    }

    /// What a network that fits its frames by retraining gains from patches of its own: as much of the room as `share`,
    /// in patches of `patch` weights, where the settings choose no separation.
    static let patch = 16
    static let share: Float = 0.1
    /// Up to so many pages on a frame of the network's own, training such frames gives more than frames of others
    /// that happen to suit: these must then be better by `fixedCost`.
    static let crowd = 25
    static let fixedCost: Float = 4

    /// A placement in a table of this network alone.
    struct Found {
        /// Frames of the fold, then the network's own pages.
        var placement: Placement
        /// Frames that other networks run from.
        var fixed: Set<Int>
    }

    /// - Parameter network: weights under their channel scales, and their Fisher.
    func place(_ network: PagedWeights) throws(InputError) -> Found {
        let (pages, patchCount) = try room(for: network)
        let free = fold.freeFrames
        let isFree = Set(free)
        let fixed = (0..<fold.frameCount).filter { !isFree.contains($0) }
        let size = fold.pageSize
        let layout = RowLayout(program: task.network.program, pageSize: size)
        var fitting = FrameFitting(
            network, layout: layout, fixed: fixed.flatMap { fold.pool[$0 * size..<($0 + 1) * size] },
            own: free.count + pages,
            fixedCost: network.pageCount <= Self.crowd * (free.count + pages) ? Self.fixedCost : 1,
            workers: workers)
        guard fitting.candidateCount > 0 else { throw tooSmall(4 * size) }
        fitting.run()

        var table = PatchTable.none(networks: 1)
        if patchCount > 0 {
            table.size = patchSize
            table.indices = [costliest(fitting.losses(), count: patchCount)]
            fitting.ignore(table.indices[0].map { $0 * table.size..<($0 + 1) * table.size })
        }
        return Found(
            placement: placement(
                network, fitting, fixed: fixed, free: free, table, tail: tail(fitting, layout)),
            fixed: Set(fixed))
    }

    private func placement(
        _ network: PagedWeights, _ fitting: FrameFitting, fixed: [Int], free: [Int],
        _ table: PatchTable, tail: [Float]
    ) -> Placement {
        let size = fold.pageSize
        var pool = fold.pool
        var quanta = fold.frameQuanta
        var frameOf = [Int]()
        var own = [Int: Int]()
        for candidate in fitting.candidateOf {
            if candidate < fixed.count {
                frameOf.append(fixed[candidate])
                continue
            }
            let content = fitting.content(of: candidate)
            let index = candidate - fixed.count
            if index < free.count {
                // What is new gets its quantum from its weights.
                quanta[free[index]] = .nan
                pool.replaceSubrange(free[index] * size..<(free[index] + 1) * size, with: content)
                frameOf.append(free[index])
                continue
            }
            if own[candidate] == nil {
                own[candidate] = fold.frameCount + own.count
                pool += content
                quanta.append(.nan)
            }
            frameOf.append(own[candidate]!)
        }
        let values = table.indices[0].flatMap { patch in
            (patch * table.size..<(patch + 1) * table.size).map { i in
                i < network.weightCount ? network.weights[i] / fitting.factor(i) : 0
            }
        }
        return Placement(
            frames: FrameTable(pageSize: size, frameCount: fold.frameCount, frameOf: [frameOf]),
            patches: table,
            weights: PackedWeights(pool: pool, quanta: quanta, tails: [tail], patches: [values]),
            loss: fitting.losses().reduce(0, +))
    }

    /// The tail with its channel scales times what the fitting found.
    private func tail(_ fitting: FrameFitting, _ layout: RowLayout) -> [Float] {
        let paged = task.network.program.pagedCount
        var tail = Array(task.network.weights[paged...])
        for (row, factor) in zip(layout.rows, fitting.factors) where row.scale >= 0 {
            tail[row.scale - paged] *= factor
        }
        return tail
    }

    /// The patches whose loss is worth most, at most `count`; rising.
    private func costliest(_ losses: [Double], count: Int) -> [Int] {
        let size = patchSize
        let sums = (0..<(losses.count + size - 1) / size).map { patch in
            losses[patch * size..<min((patch + 1) * size, losses.count)].reduce(0, +)
        }
        let order = sums.indices.filter { sums[$0] > 0 }.sorted { (sums[$0], $1) > (sums[$1], $0) }
        return order.prefix(count).sorted()
    }

    // MARK: Bytes

    /// Weights in a patch of the network's own; it divides the page size.
    private var patchSize: Int {
        switch settings.separation.method {
        case .loss: max(settings.separation.patchSize, 1)
        default: greatestCommonDivisor(Self.patch, fold.pageSize)
        }
    }

    /// The part of the room that goes to patches instead of pages.
    private var patchShare: Double {
        switch settings.separation.method {
        case .loss: settings.separation.patchSize > 0 ? Double(settings.separation.exclusive) : 0
        default: Double(Self.share)
        }
    }

    private var pagedCount: Int { task.network.program.pagedCount }

    /// Patches that a section of so many bytes holds.
    private func patches(for bytes: Int) -> Int {
        let size = patchSize
        // More than the network has would be no use, and their numbers no longer fit.
        let width = task.tailFormat.width
        var count = min(bytes / (width * size + 2), (max(pagedCount, 1) - 1) / size + 1)
        func cost(_ count: Int) -> Int {
            Patches.byteCount(
                count: count, size: size, pagedCount: pagedCount, format: task.tailFormat)
        }
        while count > 0 && cost(count) > bytes {
            count -= max((cost(count) - bytes) / (width * size + 4), 1)
        }
        return count
    }

    /// Own pages and own patches that the budget pays for.
    private func room(for network: PagedWeights) throws(InputError) -> (pages: Int, patches: Int) {
        let smallest = growth(pages: 0, patches: 0)
        guard smallest <= settings.budget else { throw tooSmall(smallest) }
        let patchBytes = Int(Double(settings.budget - smallest) * patchShare)
        var count = patchBytes > 0 ? patches(for: patchBytes) : 0
        let pageBytes = fold.formats.exclusivePages.frameBytes(pageSize: fold.pageSize)
        let wanted = max(network.pageCount - fold.freeFrames.count, 0)
        var pages = min((settings.budget - smallest) / pageBytes, wanted)
        while pages > 0 {
            let excess = growth(pages: pages, patches: count) - settings.budget
            if excess <= 0 { break }
            pages = max(pages - max(excess / pageBytes, 1), 0)
        }
        // A section has bytes of its own beside its patches.
        while count > 0 && growth(pages: pages, patches: count) > settings.budget { count -= 1 }
        return (pages, count)
    }

    private func tooSmall(_ needed: Int) -> InputError {
        InputError(
            .settings, field: "budget",
            problem:
                "\(settings.budget) bytes, the network's program, page table and biases alone need \(needed)",
            remedy: "raise the budget: it is what the fold file may grow by")
    }

    /// Bytes by which the file grows.
    private func growth(pages: Int, patches: Int) -> Int {
        var network = networkSize
        network.exclusivePages = pages
        network.patches = patches
        network.patchSize = patchSize
        var grown = foldSize
        grown.networks.append(network)
        return grown.bytes - foldBytes
    }
}
