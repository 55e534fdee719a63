// Refinement: lowers the loss of given contents by moves of single pages and exact exchanges of many.
// Not a search for the global optimum: it ends where no such change helps.

import PagefoldCore

/// Contents under refinement. No step raises their loss: each is checked in Double before it counts.
struct Refinement {
    private(set) var contents: FrameContents
    private let settings: MatchingSettings
    private let limit: Int
    private var generator: RandomSource
    /// A clock of accepted changes: when each frame last changed, and when each page was last examined.
    private var clock = 0
    private var changed: [Int]
    private var examined: [Int]
    /// Weights compared so far.
    private var work = 0

    init(contents: FrameContents, settings: MatchingSettings) {
        self.contents = contents
        self.settings = settings
        limit = settings.occupancy.limit(pages: contents.store.count, frames: contents.frameCount)
        generator = RandomSource(seed: settings.seed)
        changed = Array(repeating: 0, count: contents.frameCount)
        examined = Array(repeating: -1, count: contents.store.count)
    }

    /// Whether the work that the settings allow is done.
    var isSpent: Bool { work >= settings.mostComparisons }

    /// Page moves until none helps, then one exact re-assignment of each network and `exchanges` of random pages.
    mutating func runRound() throws(InputError) {
        for _ in 0..<100 where try movePages() == 0 { break }
        for network in 0..<contents.store.networkCount {
            try exchange(onePagePerFrame(preferring: contents.store.pages(of: network)))
        }
        // Random pages of several networks could bring two of one network together.
        guard !settings.keepsNetworksApart else { return }
        for _ in 0..<settings.exchanges { try exchange(onePagePerFrame(preferring: 0..<0)) }
    }

    /// Moves each page in turn to the frame where the loss falls the most. Returns the number of moves.
    mutating func movePages() throws(InputError) -> Int {
        var moves = 0
        var open = contents.frames(withRoomUnder: limit).map { Int32($0) }
        var costs = [Float](repeating: 0, count: contents.frameCount)
        for page in 0..<contents.store.count where !open.isEmpty && !isSpent {
            let own = contents.frameOf[page]
            // A frame that has not changed since this page was last here cannot have become attractive, unless the
            // page's own frame has changed.
            let since = examined[page]
            let candidates = changed[own] > since ? open : open.filter { changed[Int($0)] > since }
            examined[page] = clock
            guard !candidates.isEmpty else { continue }
            let gain = contents.gain(ofRemoving: page)
            guard gain > 0 else { continue }
            work += candidates.count * contents.store.stride
            costs.withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                contents.costs(of: page, on: candidates, into: base)
            }
            var target = -1
            var lowest = Float(gain)
            for (index, frame) in candidates.enumerated() where Int(frame) != own && costs[index] < lowest {
                guard admits(page, on: Int(frame)) else { continue }
                lowest = costs[index]
                target = Int(frame)
            }
            guard target >= 0, contents.exactCost(of: page, on: target) < gain * (1 - 1e-6) else { continue }
            if contents.pages[own].count == limit {
                open.insert(Int32(own), at: open.firstIndex { $0 > Int32(own) } ?? open.count)
            }
            contents.remove(page)
            contents.add(page, to: target)
            if contents.pages[target].count == limit { open.removeAll { $0 == Int32(target) } }
            clock += 1
            changed[own] = clock
            changed[target] = clock
            moves += 1
        }
        return moves
    }

    private func admits(_ page: Int, on frame: Int) -> Bool {
        guard settings.keepsNetworksApart else { return true }
        let network = contents.store.networkOf[page]
        return !contents.pages[frame].contains { contents.store.networkOf[$0] == network }
    }

    /// Takes at most one page off each frame and puts all of them back by exact assignment: the best of all
    /// permutations at once. Every frame receives at most one of them, so the costs are exact.
    mutating func exchange(_ pages: [Int]) throws(InputError) {
        guard pages.count > 1, !isSpent else { return }
        let before = contents
        for page in pages { contents.lift(page) }
        for page in pages { contents.rebuild(before.frameOf[page]) }
        let open = contents.frames(withRoomUnder: limit)
        work += pages.count * open.count * contents.store.stride
        let columns = try contents.cheapestFrames(of: pages, among: open)
        for (page, frame) in zip(pages, columns) { contents.place(page, on: frame) }
        let touched = Set(columns).union(pages.map { before.frameOf[$0] })
        for frame in touched.sorted() { contents.rebuild(frame) }
        guard contents.totalLoss < before.totalLoss * (1 - 1e-9) else {
            contents = before
            return
        }
        clock += 1
        for frame in touched where contents.pages[frame] != before.pages[frame] { changed[frame] = clock }
    }

    /// One page of each frame that has any: of the preferred range where it can be, else a random one if the range
    /// is empty.
    private mutating func onePagePerFrame(preferring range: Range<Int>) -> [Int] {
        var chosen: [Int] = []
        for pages in contents.pages {
            let candidates = range.isEmpty ? pages : pages.filter { range.contains($0) }
            guard !candidates.isEmpty else { continue }
            chosen.append(candidates[generator.below(candidates.count)])
        }
        return chosen
    }
}
