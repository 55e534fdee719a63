// What lies on each frame: the pages, their Fisher sum, their Fisher-weighted mean and the loss that remains.
// Not the trained pool: values here are the closed-form optimum before any retraining.

import PagefoldEngine
public import PagefoldCore

/// Frames with the pages on them. Sums are rebuilt from the pages at each change rather than added and
/// subtracted: a page with a Fisher value 1e16 times its neighbour's would otherwise leave rounding dust behind.
struct FrameContents: Sendable {
    let store: PageStore
    let frameCount: Int
    /// Pages on each frame, rising; the order of arrival leaves no trace.
    private(set) var pages: [[Int]]
    /// Frame of each page, -1 while it lies on none.
    private(set) var frameOf: [Int]
    /// Second-order loss of each frame.
    private(set) var loss: [Double]
    /// Fisher sum and mean, `[frameCount][stride]`, as the kernel reads them.
    private(set) var fisher: [Float]
    private(set) var mean: [Float]
    private var scratch: Scratch

    private struct Scratch: Sendable {
        var fisher: [Double]
        var mean: [Double]
    }

    init(store: PageStore, frameCount: Int) {
        self.store = store
        self.frameCount = frameCount
        pages = Array(repeating: [], count: frameCount)
        frameOf = Array(repeating: -1, count: store.count)
        loss = Array(repeating: 0, count: frameCount)
        fisher = Array(repeating: 0, count: frameCount * store.stride)
        mean = fisher
        scratch = Scratch(
            fisher: Array(repeating: 0, count: store.stride), mean: Array(repeating: 0, count: store.stride))
    }

    /// Contents of a given assignment; pages with frame -1 lie on none.
    init(store: PageStore, frameCount: Int, frameOf assigned: [Int]) {
        self.init(store: store, frameCount: frameCount)
        for (page, frame) in assigned.enumerated() where frame >= 0 { place(page, on: frame) }
        for frame in 0..<frameCount { rebuild(frame) }
    }

    /// Loss of all frames, summed in the order of the frames.
    var totalLoss: Double { loss.reduce(0, +) }

    mutating func add(_ page: Int, to frame: Int) {
        place(page, on: frame)
        rebuild(frame)
    }

    mutating func remove(_ page: Int) {
        let frame = frameOf[page]
        lift(page)
        rebuild(frame)
    }

    /// Loss that the removal of a page takes away from its frame.
    mutating func gain(ofRemoving page: Int) -> Double {
        let frame = frameOf[page]
        return loss[frame] - accumulate(pages[frame].filter { $0 != page })
    }

    /// Loss that a page adds to a frame, in Double from the pages themselves.
    mutating func exactCost(of page: Int, on frame: Int) -> Double {
        accumulate(Self.inserting(page, into: pages[frame])) - loss[frame]
    }

    /// Puts a page on a frame without rebuilding its sums; `rebuild` must follow.
    mutating func place(_ page: Int, on frame: Int) {
        pages[frame] = Self.inserting(page, into: pages[frame])
        frameOf[page] = frame
    }

    /// Takes a page off its frame without rebuilding its sums; `rebuild` must follow.
    mutating func lift(_ page: Int) {
        pages[frameOf[page]].removeAll { $0 == page }
        frameOf[page] = -1
    }

    mutating func rebuild(_ frame: Int) {
        loss[frame] = accumulate(pages[frame])
        let base = frame * store.stride
        for i in 0..<store.stride {
            fisher[base + i] = Float(scratch.fisher[i])
            mean[base + i] = Float(scratch.mean[i])
        }
    }

    /// Costs of one page on some frames, `costs[i]` for `frames[i]`.
    func costs(of page: Int, on frames: [Int32], into costs: UnsafeMutablePointer<Float>) {
        fill(costs, pages: CollectionOfOne(page), frames: frames)
    }

    /// Costs of some pages on a frame that holds one page alone: the cost of two pages is the same either way.
    func costs(ofPages pages: [Int32], onFrameOf page: Int, into costs: UnsafeMutablePointer<Float>) {
        let stride = store.stride
        store.weights.withUnsafeBufferPointer { weights in
            store.fisher.withUnsafeBufferPointer { fishers in
                guard let w = weights.baseAddress, let f = fishers.baseAddress else { return }
                insertionCosts(
                    pages.count, pages, stride: stride, fisher: f + page * stride,
                    weights: w + page * stride, frameFisher: f, frameMean: w, into: costs)
            }
        }
    }

    /// Frames of a tile: what is read of them stays in the cache while several pages are compared with it.
    private static let framesInTile = 256

    /// Costs of some pages on some frames, `[pages][frames]`.
    private func fill(_ costs: UnsafeMutablePointer<Float>, pages: some Collection<Int>, frames: [Int32]) {
        let stride = store.stride
        store.weights.withUnsafeBufferPointer { weights in
            store.fisher.withUnsafeBufferPointer { fishers in
                fisher.withUnsafeBufferPointer { frameFisher in
                    mean.withUnsafeBufferPointer { frameMean in
                        frames.withUnsafeBufferPointer { list in
                            guard let w = weights.baseAddress, let f = fishers.baseAddress,
                                let ff = frameFisher.baseAddress, let fm = frameMean.baseAddress,
                                let list = list.baseAddress
                            else { return }
                            for first in Swift.stride(from: 0, to: frames.count, by: Self.framesInTile) {
                                let count = min(Self.framesInTile, frames.count - first)
                                for (row, page) in pages.enumerated() {
                                    insertionCosts(
                                        count, list + first, stride: stride, fisher: f + page * stride,
                                        weights: w + page * stride, frameFisher: ff, frameMean: fm,
                                        into: costs + row * frames.count + first)
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Costs of some pages on some frames, computed when they are needed; valid while the contents stay.
    func costs(of pages: [Int], on frames: [Int]) -> AssignmentCosts {
        AssignmentCosts(rows: pages.count, columns: frames.count) { rows, columns, block in
            fill(block, pages: rows.map { pages[Int($0)] }, frames: columns.map { Int32(frames[Int($0)]) })
        }
    }

    /// Frames that hold fewer pages than `limit`, rising.
    func frames(withRoomUnder limit: Int) -> [Int] { (0..<frameCount).filter { pages[$0].count < limit } }

    /// Frame of each page so that together they add the least loss: exactly up to `SparseAssignment.densePairs`
    /// pairs, beyond that within `tolerance`.
    func cheapestFrames(
        of pages: [Int], among frames: [Int], tolerance: Double = 1e-3
    ) throws(InputError) -> [Int] {
        let costs = costs(of: pages, on: frames)
        guard pages.count * frames.count > SparseAssignment.densePairs else {
            return try LinearAssignment.solve(costs).columnOfRow.map { frames[$0] }
        }
        return try SparseAssignment.solve(costs, tolerance: tolerance).columnOfRow.map { frames[$0] }
    }

    /// Adds pages by exact assignment, the heaviest first in rounds of as many as there are frames with room.
    mutating func assign(_ newPages: [Int], limit: Int) throws(InputError) {
        var waiting = newPages[...]
        if newPages.count > frameCount {
            waiting = newPages.sorted { (store.fisherSum[$0], -$0) > (store.fisherSum[$1], -$1) }[...]
        }
        while !waiting.isEmpty {
            let open = frames(withRoomUnder: limit)
            let round = Array(waiting.prefix(open.count))
            waiting = waiting.dropFirst(open.count)
            let frames = try cheapestFrames(of: round, among: open)
            for (page, frame) in zip(round, frames) { add(page, to: frame) }
        }
    }

    /// Takes the lightest pages off frames that hold more than `limit` and assigns them to others.
    mutating func enforce(limit: Int) throws(InputError) {
        var lifted: [Int] = []
        for frame in 0..<frameCount where pages[frame].count > limit {
            let byWeight = pages[frame].sorted { (store.fisherSum[$0], -$0) > (store.fisherSum[$1], -$1) }
            for page in byWeight[limit...] { lift(page) }
            lifted += byWeight[limit...]
            rebuild(frame)
        }
        try assign(lifted, limit: limit)
    }

    private static func inserting(_ page: Int, into list: [Int]) -> [Int] {
        var list = list
        list.insert(page, at: list.firstIndex { $0 > page } ?? list.count)
        return list
    }

    /// Fisher sum and mean of some pages into the scratch; returns Σ F(w − mean)², in two passes so that nothing
    /// cancels.
    private mutating func accumulate(_ members: [Int]) -> Double {
        let stride = store.stride
        return store.weights.withUnsafeBufferPointer { weights in
            store.fisher.withUnsafeBufferPointer { fishers in
                scratch.fisher.withUnsafeMutableBufferPointer { sums in
                    scratch.mean.withUnsafeMutableBufferPointer { means in
                        guard let w = weights.baseAddress, let f = fishers.baseAddress,
                            let sum = sums.baseAddress, let mean = means.baseAddress
                        else { return 0 }
                        return accumulatePages(
                            members, weights: w, fisher: f, sum: sum, mean: mean, stride: stride)
                    }
                }
            }
        }
    }
}

/// The two passes of `FrameContents.accumulate`, on pointers.
private func accumulatePages(
    _ members: [Int], weights: UnsafePointer<Float>, fisher: UnsafePointer<Float>,
    sum: UnsafeMutablePointer<Double>, mean: UnsafeMutablePointer<Double>, stride: Int
) -> Double {
    var loss = SIMD8<Double>.zero
    let tiny = SIMD8<Double>(repeating: Double.leastNormalMagnitude)
    var i = 0
    while i < stride {
        var total = SIMD8<Double>.zero
        var weighted = SIMD8<Double>.zero
        for page in members {
            let f = SIMD8<Double>(load8(fisher + page * stride + i))
            total += f
            weighted += f * SIMD8<Double>(load8(weights + page * stride + i))
        }
        let centre = weighted / (total + tiny)
        for page in members {
            let d = SIMD8<Double>(load8(weights + page * stride + i)) - centre
            loss += SIMD8<Double>(load8(fisher + page * stride + i)) * d * d
        }
        for lane in 0..<PageStore.lanes {
            sum[i + lane] = total[lane]
            mean[i + lane] = centre[lane]
        }
        i += PageStore.lanes
    }
    return loss.sum()
}

extension AssignmentCosts {
    /// Costs of the pages of one network on frames that each hold one page of another.
    ///
    /// - Throws: `InputError` for differing page sizes.
    public init(of network: PagedWeights, onPagesOf other: PagedWeights) throws(InputError) {
        let store = try PageStore([other, network])
        let frames = Array(store.pages(of: 0))
        let contents = FrameContents(
            store: store, frameCount: frames.count,
            frameOf: frames + [Int](repeating: -1, count: network.pageCount))
        self = contents.costs(of: Array(store.pages(of: 1)), on: frames)
    }
}
