// What each pair of networks costs one another by sharing frames, before joint training. Not the loss of a whole frame:
// that is PageAssignment's, and with three or more pages on a frame it is not the sum over pairs.

import PagefoldCore
import PagefoldEngine
public import PagefoldFold

/// Second-order loss between the networks of a fold: Σ F1·F2/(F1+F2)·(w1−w2)² over all pairs of pages on a common frame,
/// which is what remains when the two are moved to their Fisher-weighted mean.
///
/// - Parameters:
///   - pages: weights before training and Fisher of each network, as `PackingResult.pages`.
///   - fold: the page tables; what a network has in patches is shared with nobody.
/// - Returns: [network][network], symmetric; on the diagonal what pages of one network cost each other.
public func sharingCost(of pages: [PagedWeights], in fold: Fold) -> [[Double]] {
    precondition(pages.map(\.pageCount) == fold.networks.map(\.pageTable.count), "pages of another fold")
    precondition(pages.allSatisfy { $0.pageSize == fold.pageSize }, "pages of another size")
    let size = fold.pageSize
    let fisher = zip(pages, fold.networks).map { pages, network in
        var fisher = pages.fisher
        if let patches = network.patches {
            for patch in patches.indices {
                let start = patch * patches.size
                for i in start..<min(start + patches.size, fisher.count) { fisher[i] = 0 }
            }
        }
        return fisher
    }
    var users = [[PageReference]](repeating: [], count: fold.frameCount)
    for (network, folded) in fold.networks.enumerated() {
        for (page, frame) in folded.pageTable.enumerated() where frame < fold.frameCount {
            users[frame].append(PageReference(network: network, page: page))
        }
    }
    var costs = pages.map { _ in pages.map { _ in 0.0 } }
    for users in users {
        for (index, first) in users.enumerated() {
            for second in users[(index + 1)...] {
                var cost = 0.0
                for i in 0..<size {
                    let (a, b) = (first.page * size + i, second.page * size + i)
                    let (f1, f2) = (Double(fisher[first.network][a]), Double(fisher[second.network][b]))
                    guard f1 > 0, f2 > 0 else { continue }
                    let distance =
                        Double(pages[first.network].weights[a]) - Double(pages[second.network].weights[b])
                    cost += f1 * f2 / (f1 + f2) * distance * distance
                }
                costs[first.network][second.network] += cost
                if first.network != second.network { costs[second.network][first.network] += cost }
            }
        }
    }
    return costs
}
