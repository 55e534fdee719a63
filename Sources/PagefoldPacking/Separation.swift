// Separation: which weights a network keeps to itself. By contribution density as published (WS section IV), or by
// the loss that each exclusive byte avoids.

import Foundation
import PagefoldCore

/// How exclusive weights are chosen.
public enum SeparationMethod: String, Sendable, Codable, CaseIterable {
    case none
    /// Whole pages by their share of the network's Fisher sum, until the target performance is met (WS).
    case density
    /// Pages or smaller blocks by the second-order loss they avoid, as many as a share of the budget pays for.
    case loss
}

/// Choices of separation.
public struct SeparationSettings: Hashable, Sendable, Codable {
    public var method = SeparationMethod.none
    /// Share of the budget for exclusive weights (`loss`).
    public var exclusive: Float = 0.05
    /// Weights in a block that can be exclusive (`loss`); 0: whole pages. It divides the page size.
    public var block = 1
    /// Confidence above which an answer counts as right (`density`, α in WS).
    public var alpha: Float = 0.5
    /// Share of confident answers that is wanted, 0 … 1; none: all that the network had (`density`).
    public var targetAccuracy: Float?
    /// The target performance rate itself, instead of computing it from `targetAccuracy` (`density`).
    public var targetPerformance: Float?
    /// How far the sum of densities may stay below the target performance rate (`density`).
    public var margin: Float = 0.1

    public init() {}

    func checks(pageSize: Int) -> [(holds: Bool, field: String, problem: String)] {
        [
            (exclusive >= 0 && exclusive <= 0.9, "exclusive", "\(exclusive), 0…0.9 are possible"),
            (
                block == 0 || (block > 0 && block <= pageSize && pageSize % block == 0), "block",
                "\(block) does not divide a page of \(pageSize)"
            ),
            ((0...1).contains(alpha), "alpha", "\(alpha), 0…1 are possible"),
            (targetAccuracy.map { (0...1).contains($0) } ?? true, "target_accuracy", "not in 0…1"),
            (targetPerformance.map { (0...1).contains($0) } ?? true, "target_performance", "not in 0…1"),
            ((0...1).contains(margin), "margin", "\(margin), 0…1 are possible"),
        ]
    }
}

/// Pages by contribution density.
enum ContributionDensity {
    /// The pages that become exclusive, rising: in falling order of density (a page's share of the Fisher sum) until
    /// the target performance rate less the sum of their densities is below `margin`; then as many more as do not
    /// fit in the pool.
    /// - Parameter frames: pages that the pool takes of one network.
    static func exclusivePages(
        of network: PagedWeights, targetPerformance: Double, margin: Double, frames: Int
    ) -> [Int] {
        let size = network.pageSize
        let sums = (0..<network.pageCount).map { page in
            network.fisher[page * size..<(page + 1) * size].reduce(0.0) { $0 + Double($1) }
        }
        let total = sums.reduce(0, +)
        let order = sums.indices.sorted { (sums[$0], -$0) > (sums[$1], -$1) }
        var covered = 0.0
        var chosen = 0
        while chosen < order.count, targetPerformance - covered >= margin {
            covered += total > 0 ? sums[order[chosen]] / total : 0
            chosen += 1
        }
        chosen = min(max(chosen, network.pageCount - frames), order.count)
        return order[..<chosen].sorted()
    }
}

/// The blocks whose loss is worth most.
enum ExclusiveBlocks {
    /// Blocks of all networks that would avoid the most second-order loss if they left the pool, as many as `bytes`
    /// pay for.
    ///
    /// A weight (F, w) on a position of Fisher sum S and mean w* causes, with what it makes others lose,
    /// F·S / (S − F) · (w − w*)² of the loss; alone on its position, nothing.
    /// - Parameters:
    ///   - size: weights in a block.
    ///   - indexBytes: bytes of a block's number, for each network.
    /// - Returns: for each network block numbers, rising; block b is weights [b·size, (b+1)·size).
    static func choose(
        _ networks: [PagedWeights], on assignment: PageAssignment, size: Int, indexBytes: [Int], bytes: Int
    ) throws(InputError) -> [[Int]] {
        guard let pageSize = networks.first?.pageSize else { return [] }
        let sums = try assignment.fisherSums(of: networks)
        let means = try assignment.frameWeights(of: networks)
        struct Candidate {
            let network: Int
            let block: Int
            let gain: Double
        }
        var candidates = [Candidate]()
        for (number, network) in networks.enumerated() {
            let blocks = (network.weightCount + size - 1) / size
            for block in 0..<blocks {
                var gain = 0.0
                for i in block * size..<min((block + 1) * size, network.weightCount) {
                    let position = assignment.frameOf[number][i / pageSize] * pageSize + i % pageSize
                    let fisher = Double(network.fisher[i])
                    let others = sums[position] - fisher
                    guard fisher > 0, others > sums[position] * 1e-12 else { continue }
                    let distance = Double(network.weights[i]) - Double(means[position])
                    gain += fisher * sums[position] / others * distance * distance
                }
                if gain > 0 { candidates.append(Candidate(network: number, block: block, gain: gain)) }
            }
        }
        candidates.sort { ($0.gain, $1.network, $1.block) > ($1.gain, $0.network, $0.block) }
        var chosen = [[Int]](repeating: [], count: networks.count)
        var left = bytes
        for candidate in candidates {
            let cost = 4 * size + indexBytes[candidate.network]
            guard cost <= left else { break }
            left -= cost
            chosen[candidate.network].append(candidate.block)
        }
        return chosen.map { $0.sorted() }
    }
}
