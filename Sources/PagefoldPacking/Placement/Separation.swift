// Separation: which weights a network keeps to itself. By contribution density as published (WS section IV), or by
// the loss that each exclusive byte avoids.

import Foundation
import PagefoldCore

/// How exclusive weights are chosen.
public enum SeparationMethod: String, Sendable, Codable, CaseIterable {
    case none = "none"
    /// Whole pages by their share of the network's Fisher sum, until the target performance is met (WS).
    case density = "density"
    /// Pages or smaller patches by the second-order loss they avoid, as many as a share of the budget pays for.
    case loss = "loss"
}

/// Choices of separation.
public struct SeparationSettings: Hashable, Sendable, Codable {
    public var method = SeparationMethod.none
    /// Share of the budget for exclusive weights (`loss`).
    public var exclusive: Float = 0.05
    /// Weights in a patch that can be exclusive (`loss`); 0: whole pages. It divides the page size.
    public var patchSize = 1
    /// Confidence above which an answer counts as right (`density`, α in WS).
    public var alpha: Float = 0.5
    /// Share of confident answers that is wanted, 0 … 1; none: all that the network had (`density`).
    public var targetAccuracy: Float?
    /// The target performance rate itself, instead of computing it from `targetAccuracy` (`density`).
    public var targetPerformance: Float?
    /// How far the sum of densities may stay below the target performance rate (`density`).
    public var margin: Float = 0.1

    public init() {}

    func checks(pageSize: Int) -> [SettingCheck] {
        [
            .share(exclusive, "exclusive", most: 0.9),
            .whole(patchSize, "block", in: 0...65_536),
            SettingCheck(
                method != .loss || patchSize == 0 || pageSize % max(patchSize, 1) == 0, "block",
                problem: "\(patchSize) does not divide a page of \(pageSize)",
                remedy: "choose 0, for whole pages, or a divisor of \(pageSize)"),
            .share(alpha, "alpha"),
            .share(targetAccuracy, "target_accuracy"),
            .share(targetPerformance, "target_performance"),
            .share(margin, "margin"),
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

/// The patches whose loss is worth most.
enum PatchChoice {
    /// One patch among those that lie on the same positions of a frame.
    private struct Member {
        let network: Int
        let patch: Int
    }

    /// A patch with the loss it avoids for each byte, after all that left the same positions before it.
    private struct Candidate {
        let member: Member
        let cost: Int
        var worth: Double
    }

    /// Blocks of all networks that avoid the most second-order loss if they leave the pool, as many as `bytes` pay for.
    ///
    /// A weight (F, w) whose companions on its position have Fisher sum R and mean m causes F·R / (F + R) · (w − m)²
    /// of the loss. What one patch avoids depends on who has left before: of two on a position, one need not leave. So
    /// the patches on the same positions are put into an order, the dearest first, and all orders are merged. A
    /// patch is merged with its predecessor, both with their mean worth, until worth never rises along the order.
    /// - Parameters:
    ///   - size: weights in a patch.
    ///   - costs: bytes of a patch with its number, for each network.
    /// - Returns: for each network patch numbers, rising; patch b is weights [b·size, (b+1)·size).
    static func choose(
        _ networks: [PagedWeights], on assignment: PageAssignment, size: Int, costs: [Int], bytes: Int
    ) throws(InputError) -> [[Int]] {
        guard let pageSize = networks.first?.pageSize else { return [] }
        _ = try assignment.frames(of: networks)
        let patchesInPage = pageSize / size
        var members = [[Member]](repeating: [], count: assignment.frameCount * patchesInPage)
        for (number, network) in networks.enumerated() {
            for patch in 0..<(network.weightCount - 1) / size + 1 {
                let frame = assignment.frameOf[number][patch / patchesInPage]
                members[frame * patchesInPage + patch % patchesInPage].append(
                    Member(network: number, patch: patch))
            }
        }
        var candidates = members.flatMap { group in
            leaving(group, networks, size: size, costs: costs)
        }
        // The order among equals stays: it is that of leaving.
        let order = candidates.indices.sorted { (candidates[$0].worth, $1) > (candidates[$1].worth, $0) }
        candidates = order.map { candidates[$0] }
        var chosen = [[Int]](repeating: [], count: networks.count)
        var left = bytes
        for candidate in candidates {
            guard candidate.cost <= left else { break }
            left -= candidate.cost
            chosen[candidate.member.network].append(candidate.member.patch)
        }
        return chosen.map { $0.sorted() }
    }

    /// The patches of a group in the order in which they should leave, with a worth that never rises.
    private static func leaving(
        _ group: [Member], _ networks: [PagedWeights], size: Int, costs: [Int]
    ) -> [Candidate] {
        var staying = group
        // Runs of patches that count with their mean.
        var runs = [(gain: Double, cost: Int, members: [Member])]()
        while staying.count > 1 {
            let worths = staying.indices.map { index in
                gain(of: index, among: staying, networks, size: size)
                    / Double(costs[staying[index].network])
            }
            guard let most = worths.max(), most > 0, let index = worths.firstIndex(of: most) else { break }
            let member = staying.remove(at: index)
            let cost = costs[member.network]
            var run = (gain: most * Double(cost), cost: cost, members: [member])
            while let last = runs.last, last.gain * Double(run.cost) < run.gain * Double(last.cost) {
                run = (last.gain + run.gain, last.cost + run.cost, last.members + run.members)
                runs.removeLast()
            }
            runs.append(run)
        }
        return runs.flatMap { run in
            run.members.map {
                Candidate(member: $0, cost: costs[$0.network], worth: run.gain / Double(run.cost))
            }
        }
    }

    /// The loss that a patch avoids by leaving. The companions are summed anew: subtracting a Fisher value that
    /// outweighs theirs would leave nothing but rounding.
    private static func gain(
        of index: Int, among members: [Member], _ networks: [PagedWeights], size: Int
    ) -> Double {
        func weight(_ member: Member, _ i: Int) -> (fisher: Double, value: Double) {
            let network = networks[member.network]
            let place = member.patch * size + i
            return (Double(network.fisher[place]), Double(network.weights[place]))
        }
        var gain = 0.0
        for i in 0..<size {
            let own = weight(members[index], i)
            guard own.fisher > 0 else { continue }
            var fisher = 0.0
            var weighted = 0.0
            for other in members.indices where other != index {
                let companion = weight(members[other], i)
                fisher += companion.fisher
                weighted += companion.fisher * companion.value
            }
            guard fisher > 0 else { continue }
            let distance = own.value - weighted / fisher
            gain += own.fisher * (fisher / (own.fisher + fisher)) * distance * distance
        }
        return gain
    }
}
