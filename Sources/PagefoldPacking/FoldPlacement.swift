// A fold turned back into what training starts from. The other way is Packer's `assemble`.

import PagefoldCore

extension Fold {
    /// The step of each frame, 1 where the format has none.
    var frameSteps: [Float] {
        formats.pool.hasStep ? steps : [Float](repeating: 1, count: frameCount)
    }

    /// The fold as training sees it, and the frames of each network's exclusive pages.
    func placement(loss: Double = 0) -> (placement: Placement, own: [Range<Int>]) {
        var tables = [[Int]]()
        var own = [Range<Int>]()
        var pool = self.pool
        var steps = frameSteps
        var next = frameCount
        for network in networks {
            let pages = network.exclusivePages.count / pageSize
            own.append(next..<next + pages)
            tables.append(
                network.pageTable.map { $0 < frameCount ? $0 : $0 - frameCount + next })
            pool += network.exclusivePages
            steps +=
                formats.exclusivePages.hasStep
                ? network.exclusiveSteps : [Float](repeating: 1, count: pages)
            next += pages
        }
        let frames = FrameTable(
            pageSize: pageSize, frameCount: frameCount, frameOf: tables, total: next)
        // Overrides of all sizes as blocks of the largest size that they are made of.
        let size = networks.compactMap { $0.overrides?.blockSize }.reduce(0, greatestCommonDivisor)
        let blocks = networks.map { network in
            guard let overrides = network.overrides else { return [Int]() }
            let parts = overrides.blockSize / size
            return overrides.blocks.flatMap { $0 * parts..<($0 + 1) * parts }
        }
        return (
            Placement(
                frames: frames, blocks: ExclusiveBlockTable(size: max(size, 1), blocks: blocks), pool: pool,
                steps: steps,
                exclusive: networks.map { $0.overrides?.values ?? [] }, loss: loss),
            own
        )
    }
}

func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    b == 0 ? a : greatestCommonDivisor(b, a % b)
}
