// Matchings to compare with: the published greedy one (Lee & Nirjon, MobiSys 2020) and a random one. Not Pagefold's own:
// settings and presets choose them.

public import PagefoldCore

/// Greedy matching by occupancy as published, on the real contents of the pool.
///
/// Cost of a page on a frame: Σ (F_p + F_f)(w_p − w_f)², positions skipped where either Fisher value is 0. Frames
/// are taken by the number of their users: first all with 0, then with 1, and so on. Within such a group the page
/// or frame with the highest Fisher sum chooses first; surplus pages go on to the next group.
///
/// - Parameters:
///   - networks: in the order in which they are added.
///   - contents: what a new page is compared with: `nil` for the pages that are really there, or values
///     `[frameCount][pageSize]` that stay as they are (the published code compares with N(0, 0.01²) noise, because
///     it never writes a network into the pool).
/// - Throws: `InputError` for no networks, differing page sizes, too few frames for the largest network, or
///   contents of another size.
public func matchGreedily(
    _ networks: [PagedWeights], onto frameCount: Int, contents noise: [Float]? = nil
) throws(InputError) -> PageAssignment {
    let store = try PageStore(networks)
    try store.checkFrameCount(frameCount)
    for network in networks where network.pageCount > frameCount {
        throw InputError(
            .network(network.name), field: "pages",
            problem: "\(network.pageCount) pages for \(frameCount) frames",
            remedy: "the published matching needs a frame for each page of the largest network")
    }
    if let noise, noise.count != frameCount * store.pageSize {
        throw InputError(
            .part("matching"), field: "contents",
            problem: "\(noise.count) values for \(frameCount) frames of \(store.pageSize)",
            remedy: "give one value for each position of each frame")
    }
    var frames = FrameContents(store: store, frameCount: frameCount)
    for network in 0..<store.networkCount {
        let pages = heaviestFirst(Array(store.pages(of: network)), by: store.fisherSum)
        addGreedily(pages, to: &frames, noise: noise)
    }
    return PageAssignment(store: store, frameCount: frameCount, frames: frames.frameOf)
}

/// Random matching: each network on distinct frames as long as there are any, drawn with a seed.
///
/// - Throws: `InputError` for no networks, differing page sizes or no frames.
public func matchRandomly(
    _ networks: [PagedWeights], onto frameCount: Int, seed: UInt64
) throws(InputError) -> PageAssignment {
    let store = try PageStore(networks)
    try store.checkFrameCount(frameCount)
    var generator = RandomSource(seed: seed)
    var frames: [Int] = []
    for network in networks {
        var order = Array(0..<frameCount)
        for page in 0..<network.pageCount {
            if page % frameCount == 0 { order = generator.permutation(frameCount) }
            frames.append(order[page % frameCount])
        }
    }
    return PageAssignment(store: store, frameCount: frameCount, frames: frames)
}

private func heaviestFirst(_ list: [Int], by weight: [Double]) -> [Int] {
    list.sorted { (weight[$0], -$0) > (weight[$1], -$1) }
}

/// One network, its pages given heaviest first.
private func addGreedily(_ pages: [Int], to frames: inout FrameContents, noise: [Float]?) {
    let store = frames.store
    let before = frames
    var waiting = pages
    let users = before.pages.map(\.count)
    for occupancy in Set(users).sorted() where !waiting.isEmpty {
        let weights = (0..<frames.frameCount).map { frame in
            before.pages[frame].reduce(0) { $0 + store.fisherSum[$1] }
        }
        let group = heaviestFirst((0..<frames.frameCount).filter { users[$0] == occupancy }, by: weights)
        // When pages outnumber frames only the heaviest pages take part; when frames do, only the heaviest frames.
        let count = min(waiting.count, group.count)
        var openPages = Array(waiting[..<count])
        var openFrames = Array(group[..<count])
        waiting.removeFirst(count)
        while let page = openPages.first, let frame = openFrames.first {
            var chosen = (page: 0, frame: 0)
            if store.fisherSum[page] >= weights[frame] {
                chosen.frame = cheapest(
                    openFrames.map { publishedCost(of: page, on: $0, of: before, noise: noise) })
            } else {
                chosen.page = cheapest(
                    openPages.map { publishedCost(of: $0, on: frame, of: before, noise: noise) })
            }
            frames.add(openPages.remove(at: chosen.page), to: openFrames.remove(at: chosen.frame))
        }
    }
}

private func cheapest(_ costs: [Float]) -> Int {
    var best = 0
    for (index, cost) in costs.enumerated() where cost < costs[best] { best = index }
    return best
}

private func publishedCost(of page: Int, on frame: Int, of frames: FrameContents, noise: [Float]?) -> Float {
    let (size, stride) = (frames.store.pageSize, frames.store.stride)
    var sum: Float = 0
    for i in 0..<size {
        let f1 = frames.store.fisher[page * stride + i]
        let f2 = frames.fisher[frame * stride + i]
        guard f1 != 0, f2 != 0 else { continue }
        let content = noise.map { $0[frame * size + i] } ?? frames.mean[frame * stride + i]
        let d = frames.store.weights[page * stride + i] - content
        sum += (f1 + f2) * d * d
    }
    return sum
}
