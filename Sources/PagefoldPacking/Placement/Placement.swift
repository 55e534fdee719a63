// Where every weight lies before training begins: Fisher, separation and matching, one after the other.

import Foundation
import PagefoldCore
import PagefoldEngine
import PagefoldGraph

/// Page tables and the weights that training starts from.
struct Placement {
    var frames: FrameTable
    var patches: PatchTable
    var weights: PackedWeights
    /// The pages as their frames see them: patches have a Fisher of 0.
    var pages: [PagedWeights] = []
    /// Second-order loss ΣF(w − w*)² that remains.
    var loss: Double = 0
}

extension Placement {
    /// Without patches.
    init(frames: FrameTable, pool: [Float], tails: [[Float]]) {
        self.init(
            frames: frames, patches: .none(networks: tails.count),
            weights: PackedWeights(
                pool: pool, quanta: [Float](repeating: .nan, count: frames.frameCount), tails: tails,
                patches: tails.map { _ in [] }))
    }
}

/// The Fisher of the networks of several runs on the same networks, data and Fisher settings.
final class FisherMemory {
    var diagonals: [Int: [Float]] = [:]
}

/// Finds placements for a set of networks.
struct Placing {
    let settings: PackingSettings
    let tasks: [PackingTask]
    let plans: [NetworkPlan]
    let engine: Engine
    var fisher: FisherMemory?
    let report: (PackingEvent) -> Void

    /// Weights and Fisher of each network as pages.
    func pagedWeights() throws(InputError) -> [PagedWeights] {
        var paged = [PagedWeights]()
        for (index, (task, plan)) in zip(tasks, plans).enumerated() {
            let program = plan.program
            var fisher: [Float]
            if let known = self.fisher?.diagonals[index] {
                fisher = known
            } else {
                report(.stage(.fisher(network: task.network.name)))
                fisher = engine.fisher(
                    of: plan, weights: program.effectiveWeights(task.network.weights),
                    samples: task.training,
                    indices: spread(settings.fisherSamples, of: task.training.count),
                    objective: task.objective, kind: settings.fisher)
                self.fisher?.diagonals[index] = fisher
            }
            // With w = s·v the Fisher of v is s² times that of w.
            for row in RowLayout(program: program, pageSize: settings.pageSize).rows where row.scale >= 0 {
                let scale = task.network.weights[row.scale]
                for i in row.range { fisher[i] *= scale * scale }
            }
            let end = program.pagedCount
            fisher.removeLast(fisher.count - end)
            if settings.fisherRange { fisher = Self.stretched(fisher) }
            let total = fisher.reduce(0.0) { $0 + Double($1) }
            let divisor = total > 0 ? pow(total, Double(settings.fisherNormalisation)) : 1
            let factor = Float(Double(task.importance) / divisor)
            paged.append(
                try PagedWeights(
                    name: task.network.name, weights: Array(task.network.weights[..<end]),
                    fisher: fisher.map { $0 * factor }, pageSize: settings.pageSize))
        }
        return paged
    }

    /// A place for every page.
    func place(_ networks: [PagedWeights]) throws(InputError) -> Placement {
        let size = settings.pageSize
        let separation = settings.separation
        let exclusiveBytes = separation.method == .loss ? try exclusiveBytes() : 0
        let isPaged = separation.method == .loss && separation.patchSize == 0
        let frames = try frameCount(reserve: reserve(isPaged ? 0 : exclusiveBytes))
        var exclusive = [[Int]](repeating: [], count: networks.count)
        switch separation.method {
        case .none: break
        case .density:
            report(.stage(.separatingByDensity))
            let room = settings.pool == .budget ? Int.max : frames
            for (index, network) in networks.enumerated() {
                exclusive[index] = ContributionDensity.exclusivePages(
                    of: network, targetPerformance: targetPerformance(index),
                    margin: Double(separation.margin), frames: room)
            }
        case .loss:
            guard isPaged else { break }
            let pages = exclusiveBytes / pageBytes
            let shared = settings.pool == .budget ? frames - framesFor(exclusivePages: pages) : frames
            guard pages > 0, shared > 0 else { break }
            report(.stage(.separating(pages: pages)))
            let first = try assign(networks, keeping: exclusive, onto: shared)
            exclusive = try PatchChoice.choose(
                networks, on: first, size: size, costs: networks.map { _ in pageBytes },
                bytes: pageBytes * pages)
        }
        let pageCount = exclusive.reduce(0) { $0 + $1.count }
        let shared = settings.pool == .budget ? frames - framesFor(exclusivePages: pageCount) : frames
        guard shared > 0 else {
            throw InputError(
                .settings, field: "budget",
                problem: "\(pageCount) exclusive pages leave no room for the pool",
                remedy: "raise the budget or the margin, or choose another separation")
        }
        report(.stage(.matching(frames: shared)))
        let assignment = try assign(networks, keeping: exclusive, onto: shared)
        var patches = PatchTable.none(networks: networks.count)
        if exclusiveBytes > 0 && !isPaged {
            patches.size = separation.patchSize
            patches.indices = try PatchChoice.choose(
                networks, on: assignment, size: separation.patchSize,
                costs: zip(networks, tasks).map {
                    $1.tailFormat.width * separation.patchSize + indexBytes($0)
                },
                bytes: exclusiveBytes)
        }
        let placement = try placement(networks, assignment, shared: shared, patches: patches)
        report(.matched(frames: shared, loss: placement.loss))
        return placement
    }

    /// The weights that belong to an assignment.
    func placement(
        _ networks: [PagedWeights], _ assignment: PageAssignment, shared: Int, patches: PatchTable
    ) throws(InputError) -> Placement {
        let size = patches.size
        // A patch is nothing to its frame any more.
        var remaining = [PagedWeights]()
        var values = [[Float]]()
        for (network, list) in zip(networks, patches.indices) {
            let ranges = list.map { $0 * size..<min(($0 + 1) * size, network.weightCount) }
            var fisher = network.fisher
            for i in ranges.joined() { fisher[i] = 0 }
            remaining.append(
                try PagedWeights(
                    name: network.name, weights: Array(network.weights[..<network.weightCount]),
                    fisher: Array(fisher[..<network.weightCount]), pageSize: network.pageSize))
            values.append(list.flatMap { patch in network.weights[patch * size..<(patch + 1) * size] })
        }
        return Placement(
            frames: FrameTable(
                pageSize: settings.pageSize, frameCount: shared, frameOf: assignment.frameOf),
            patches: patches,
            weights: PackedWeights(
                pool: try assignment.frameWeights(of: remaining),
                quanta: [Float](repeating: .nan, count: assignment.frameCount), tails: tasks.map(\.tail),
                patches: values),
            pages: remaining, loss: try assignment.secondOrderLoss(of: remaining))
    }

    /// (F − min) / (max − min), as WS section IV does with the Fisher of each network; unchanged where all are equal.
    static func stretched(_ fisher: [Float]) -> [Float] {
        guard let least = fisher.min(), let most = fisher.max(), most > least else { return fisher }
        return fisher.map { ($0 - least) / (most - least) }
    }

    /// Frames of all pages: those in `exclusive` on frames of their own after `frames` shared ones.
    private func assign(
        _ networks: [PagedWeights], keeping exclusive: [[Int]], onto frames: Int
    ) throws(InputError) -> PageAssignment {
        let shared = zip(networks, exclusive).map { network, pages in
            let own = Set(pages)
            return (0..<network.pageCount).filter { !own.contains($0) }
        }
        var tables = networks.map { [Int](repeating: -1, count: $0.pageCount) }
        let sharing = networks.indices.filter { !shared[$0].isEmpty }
        if !sharing.isEmpty {
            var reduced = [PagedWeights]()
            for index in sharing { reduced.append(try networks[index].keeping(pages: shared[index])) }
            let found = try match(reduced, onto: frames)
            for (position, index) in sharing.enumerated() {
                for (page, frame) in zip(shared[index], found.frameOf[position]) {
                    tables[index][page] = frame
                }
            }
        }
        var next = frames
        for (index, pages) in exclusive.enumerated() {
            for page in pages {
                tables[index][page] = next
                next += 1
            }
        }
        return try PageAssignment(frameCount: next, frameOf: tables)
    }

    private func match(_ networks: [PagedWeights], onto frames: Int) throws(InputError) -> PageAssignment {
        let seed = settings.training.seed
        switch settings.matching {
        case .greedy: return try matchGreedily(networks, onto: frames)
        case .random: return try matchRandomly(networks, onto: frames, seed: seed)
        case .exact:
            var matching = MatchingSettings()
            matching.seed = seed
            if settings.keepsNetworksApart {
                matching.keepsNetworksApart = true
                matching.occupancy = .pages(networks.count)
            }
            return try PagefoldPacking.match(networks, onto: frames, settings: matching).assignment
        }
    }

    // MARK: Bytes

    /// Frames that the settings ask for, or that the budget pays for when `reserve` bytes go elsewhere.
    private func frameCount(reserve: Int) throws(InputError) -> Int {
        switch settings.pool {
        case .frames(let count): return count
        case .largestNetwork:
            return plans.map { $0.program.pageCount(pageSize: settings.pageSize) }.max() ?? 1
        case .budget:
            return try PagefoldPacking.frameCount(
                for: tasks, pageSize: settings.pageSize, formats: settings.formats,
                budget: settings.budget - reserve)
        }
    }

    /// What exclusive weights cost beyond the pages: sections of their own, `blockBytes`, and a bit more for each entry
    /// of a page table, where narrow pages take the place of fewer frames.
    private func reserve(_ blockBytes: Int) -> Int {
        if settings.separation.method == .none { return 0 }
        let section = FoldFormat.sectionEntrySize + (blockBytes > 0 ? 16 : FoldFormat.alignment)
        let entries = plans.reduce(0) { $0 + $1.program.pageCount(pageSize: settings.pageSize) / 8 + 1 }
        return blockBytes + section * tasks.count + (blockBytes > 0 ? 0 : entries)
    }

    private var frameBytes: Int { settings.formats.pool.frameBytes(pageSize: settings.pageSize) }
    private var pageBytes: Int { settings.formats.exclusivePages.frameBytes(pageSize: settings.pageSize) }

    /// Frames of the pool that so many exclusive pages take the place of.
    private func framesFor(exclusivePages count: Int) -> Int {
        (count * pageBytes + frameBytes - 1) / frameBytes
    }

    private func exclusiveBytes() throws(InputError) -> Int {
        let whole = settings.pool == .budget ? settings.budget : frameBytes * (try frameCount(reserve: 0))
        return Int(Double(settings.separation.exclusive) * Double(whole))
    }

    private func indexBytes(_ network: PagedWeights) -> Int {
        network.weightCount / settings.separation.patchSize < 1 << 16 ? 2 : 4
    }

    private func targetPerformance(_ index: Int) -> Double {
        let separation = settings.separation
        if let rate = separation.targetPerformance { return Double(rate) }
        guard let accuracy = separation.targetAccuracy else { return 1 }
        let network = tasks[index].network
        return TargetPerformance.rate(
            of: plans[index], weights: network.program.effectiveWeights(network.weights),
            samples: tasks[index].training, alpha: Double(separation.alpha),
            targetAccuracy: Double(accuracy), engine: engine)
    }
}
