// The starts of the matching: contents to refine. None of them is final.

import PagefoldCore

extension MatchingStart {
    func contents(
        store: PageStore, frameCount: Int, settings: MatchingSettings
    ) throws(InputError) -> FrameContents {
        let limit = settings.occupancy.limit(pages: store.count, frames: frameCount)
        var contents: FrameContents
        switch self {
        case .sequential:
            contents = FrameContents(store: store, frameCount: frameCount)
            for network in settings.order.networks(of: store) {
                try contents.assign(Array(store.pages(of: network)), limit: limit)
            }
        case .spreading: contents = spreadContents(store: store, frameCount: frameCount, seed: settings.seed)
        }
        try contents.enforce(limit: limit)
        return contents
    }
}

extension NetworkOrder {
    func networks(of store: PageStore) -> [Int] {
        let given = Array(0..<store.networkCount)
        let key: (Int) -> Double
        switch self {
        case .asGiven: return given
        case .largestFirst: key = { Double(store.pages(of: $0).count) }
        case .heaviestFirst: key = { store.fisherSum[store.pages(of: $0)].reduce(0, +) }
        }
        return given.sorted { (key($0), -$0) > (key($1), -$1) }
    }
}

/// k-means++ (Arthur & Vassilvitskii, SODA 2007) with the insertion cost as squared distance; then each page, the
/// heaviest first, onto its cheapest frame.
private func spreadContents(store: PageStore, frameCount: Int, seed: UInt64) -> FrameContents {
    var contents = FrameContents(store: store, frameCount: frameCount)
    var generator = RandomSource(seed: seed)
    var distance = store.fisherSum
    var chosen = [Bool](repeating: false, count: store.count)
    var costs = [Float](repeating: 0, count: max(store.count, frameCount))
    for frame in 0..<min(frameCount, store.count) {
        // A page drawn in proportion to its distance from the nearest chosen one; the first left if all are 0.
        var remaining = Double(generator.uniform()) * distance.reduce(0, +)
        var pick = -1
        for page in 0..<store.count where !chosen[page] {
            if pick < 0 || remaining > 0 { pick = page }
            remaining -= distance[page]
        }
        chosen[pick] = true
        distance[pick] = 0
        contents.add(pick, to: frame)
        let rest = (0..<Int32(store.count)).filter { !chosen[Int($0)] }
        costs.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            contents.costs(ofPages: rest, onFrameOf: pick, into: base)
        }
        for (index, page) in rest.enumerated() {
            let cost = Double(costs[index])
            distance[Int(page)] = frame == 0 ? cost : min(distance[Int(page)], cost)
        }
    }
    let all = Array(0..<Int32(frameCount))
    let rest = (0..<store.count).filter { !chosen[$0] }
    for page in rest.sorted(by: { (store.fisherSum[$0], -$0) > (store.fisherSum[$1], -$1) }) {
        costs.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            contents.costs(of: page, on: all, into: base)
        }
        var target = 0
        for frame in 1..<max(frameCount, 1) where costs[frame] < costs[target] { target = frame }
        contents.add(page, to: target)
    }
    return contents
}
