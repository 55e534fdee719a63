// A fold turned back into what training starts from. The other way is Packer's `assemble`.

import PagefoldCore

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
                frames: frames, patches: PatchTable(size: max(size, 1), indices: indices), pool: pool,
                quanta: quanta,
                exclusive: networks.map { $0.patches?.values ?? [] }, loss: loss),
            own
        )
    }
}

func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    b == 0 ? a : greatestCommonDivisor(b, a % b)
}
