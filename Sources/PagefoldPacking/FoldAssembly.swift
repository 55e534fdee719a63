// From the weights of a set of networks to a fold, and from a fold back to what training starts from: the one place that
// puts a fold together.

import PagefoldCore
import PagefoldEngine
import PagefoldFold
import PagefoldGraph

extension Placement {
    /// A fold of all networks.
    /// - Parameters:
    ///   - tasks: in the order of the placement.
    ///   - weights: as training gives them.
    func fold(of tasks: [PackingTask], _ weights: PackedWeights, formats: WeightFormats) -> Fold {
        let shared = frames.sharedCount
        return Fold(
            pageSize: frames.pageSize, pool: Array(weights.pool[..<(shared * frames.pageSize)]),
            quanta: formats.pool.hasQuantum ? Array(weights.quanta[..<shared]) : [],
            networks: tasks.indices.map { folded($0, tasks[$0], weights, formats: formats) },
            formats: formats)
    }

    /// Bytes of that fold.
    func size(of tasks: [PackingTask], formats: WeightFormats) -> FoldSize {
        FoldSize(
            pageSize: frames.pageSize, formats: formats, frames: frames.sharedCount,
            networks: tasks.enumerated().map { index, task in
                FoldSize.Network(
                    task.foldedProgram, text: task.text, pageSize: frames.pageSize,
                    tailFormat: task.tailFormat,
                    exclusivePages: frames.folded(index).exclusiveFrames.count,
                    patches: patches.indices[index].count, patchSize: patches.size)
            })
    }

    /// One network of a fold.
    /// - Parameter index: of the network in the placement.
    func folded(
        _ index: Int, _ task: PackingTask, _ weights: PackedWeights, formats: WeightFormats
    ) -> FoldedNetwork {
        let size = frames.pageSize
        let (table, exclusive) = frames.folded(index)
        let indices = patches.indices[index]
        return FoldedNetwork(
            text: task.text, program: task.foldedProgram, pageTable: table,
            exclusivePages: exclusive.flatMap { weights.pool[$0 * size..<($0 + 1) * size] },
            exclusiveQuanta: formats.exclusivePages.hasQuantum ? exclusive.map { weights.quanta[$0] } : [],
            patches: indices.isEmpty
                ? nil : Patches(size: patches.size, indices: indices, values: weights.patches[index]),
            tail: weights.tails[index], tailFormat: task.tailFormat)
    }
}

extension Fold {
    /// Takes over the frames of its pool.
    mutating func take(_ weights: PackedWeights) {
        pool = Array(weights.pool[..<pool.count])
        if formats.pool.hasQuantum { quanta = Array(weights.quanta[..<frameCount]) }
    }
}

extension Fold {
    /// The quantum of each frame, 1 where the format has none.
    var frameQuanta: [Float] {
        formats.pool.hasQuantum ? quanta : [Float](repeating: 1, count: frameCount)
    }

    /// The fold as training sees it, and the frames of each network's exclusive pages.
    func placement(loss: Double = 0) -> (placement: Placement, own: [Range<Int>]) {
        var tables = [[Int]]()
        var own = [Range<Int>]()
        var pool = self.pool
        var quanta = frameQuanta
        var next = frameCount
        for network in networks {
            let pages = network.exclusivePages.count / pageSize
            own.append(next..<next + pages)
            tables.append(
                network.pageTable.map { $0 < frameCount ? $0 : $0 - frameCount + next })
            pool += network.exclusivePages
            quanta +=
                formats.exclusivePages.hasQuantum
                ? network.exclusiveQuanta : [Float](repeating: 1, count: pages)
            next += pages
        }
        let frames = FrameTable(
            pageSize: pageSize, frameCount: frameCount, frameOf: tables, total: next)
        // Patches of all sizes as patches of the largest size that they are made of.
        let size = networks.compactMap { $0.patches?.size }.reduce(0, greatestCommonDivisor)
        let indices = networks.map { network in
            guard let patches = network.patches else { return [Int]() }
            let parts = patches.size / size
            return patches.indices.flatMap { $0 * parts..<($0 + 1) * parts }
        }
        return (
            Placement(
                frames: frames, patches: PatchTable(size: max(size, 1), indices: indices),
                weights: PackedWeights(
                    pool: pool, quanta: quanta, tails: networks.map(\.tail),
                    patches: networks.map { $0.patches?.values ?? [] }), loss: loss),
            own
        )
    }
}

func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    b == 0 ? a : greatestCommonDivisor(b, a % b)
}
