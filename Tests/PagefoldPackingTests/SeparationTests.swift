// Patches by the loss they avoid: against all choices there are, and within the budget of the file.

import PagefoldCore
import PagefoldEngine
import PagefoldFold
import Testing

@testable import PagefoldPacking

@Suite struct SeparationTests {
    /// Second-order loss that remains when blocks leave, by the definition: they have no Fisher on their frame.
    private func loss(
        _ networks: [PagedWeights], _ assignment: PageAssignment, without blocks: [[Int]], size: Int
    ) throws -> Double {
        let rest = try zip(networks, blocks).map { network, blocks in
            var fisher = Array(network.fisher[..<network.weightCount])
            for block in blocks {
                for i in block * size..<min((block + 1) * size, fisher.count) { fisher[i] = 0 }
            }
            return try PagedWeights(
                name: "", weights: Array(network.weights[..<network.weightCount]), fisher: fisher,
                pageSize: network.pageSize)
        }
        return plainLoss(assignment, of: rest)
    }

    /// Two networks: no choice of as many blocks avoids more.
    @Test(arguments: [1, 2, 4], UInt64(1)...4)
    func noOtherChoiceAvoidsMore(size: Int, seed: UInt64) throws {
        let networks = try makeNetworks(size == 1 ? [7, 6] : [15, 18], pageSize: 4, seed: seed)
        let frames = 5
        let assignment = try matchRandomly(networks, onto: frames, seed: seed)
        let counts = networks.map { ($0.weightCount + size - 1) / size }
        let all = counts[0] + counts[1]
        for number in 1...4 {
            let chosen = try PatchChoice.choose(
                networks, on: assignment, size: size, costs: [4 * size + 2, 4 * size + 2],
                bytes: number * (4 * size + 2) + 1)
            #expect(chosen.joined().count <= number)
            let remaining = try loss(networks, assignment, without: chosen, size: size)
            var least = Double.infinity
            for mask in 0..<(1 << all) where mask.nonzeroBitCount == number {
                let picked = (0..<all).filter { mask >> $0 & 1 == 1 }
                let blocks = [
                    picked.filter { $0 < counts[0] },
                    picked.filter { $0 >= counts[0] }.map { $0 - counts[0] },
                ]
                least = min(least, try loss(networks, assignment, without: blocks, size: size))
            }
            #expect(remaining <= least * (1 + 1e-9) + 1e-12, "\(number) blocks")
        }
    }

    /// With several networks on a position the choice is greedy; it stays near the best there is.
    @Test(arguments: UInt64(1)...6)
    func amongManyItIsNearTheBest(seed: UInt64) throws {
        let networks = try makeNetworks([4, 4, 4, 4], pageSize: 4, seed: seed)
        let assignment = try PageAssignment(frameCount: 1, frameOf: [[0], [0], [0], [0]])
        let whole = plainLoss(assignment, of: networks)
        for number in [1, 2, 3, 5, 8] {
            let chosen = try PatchChoice.choose(
                networks, on: assignment, size: 1, costs: [6, 6, 6, 6], bytes: 6 * number)
            let remaining = try loss(networks, assignment, without: chosen, size: 1)
            var least = Double.infinity
            for mask in 0..<(1 << 16) where mask.nonzeroBitCount == number {
                let blocks = (0..<4).map { network in (0..<4).filter { mask >> (4 * network + $0) & 1 == 1 } }
                least = min(least, try loss(networks, assignment, without: blocks, size: 1))
            }
            #expect(whole - remaining >= 0.95 * (whole - least), "\(number) blocks")
        }
    }

    /// Of two weights on a position one is enough: bytes for half of them leave no loss.
    @Test func nobodyLeavesAnEmptyPosition() throws {
        let a = try PagedWeights(name: "a", weights: [0, 1, 2, 3], fisher: [1, 1, 1, 1], pageSize: 4)
        let b = try PagedWeights(name: "b", weights: [9, 8, 7, 5], fisher: [1, 1, 1, 1], pageSize: 4)
        let assignment = try PageAssignment(frameCount: 1, frameOf: [[0], [0]])
        let chosen = try PatchChoice.choose(
            [a, b], on: assignment, size: 1, costs: [6, 6], bytes: 1_000)
        #expect(chosen.joined().count == 4)
        #expect(try loss([a, b], assignment, without: chosen, size: 1) == 0)
    }

    /// A Fisher value that outweighs the others by far: what it avoids is what the others lose, not rounding.
    @Test func aHeavyWeightAvoidsNoMoreThanItsCompanionsLose() throws {
        let heavy = try PagedWeights(name: "a", weights: [0.3], fisher: [1e12], pageSize: 1)
        let light = try PagedWeights(name: "b", weights: [0.1], fisher: [1e-3], pageSize: 1)
        let other = try [0.5, 0.7].map {
            try PagedWeights(name: "c", weights: [Float($0)], fisher: [1], pageSize: 1)
        }
        // The pair (1, 1) avoids 0.02, the pair (1e12, 1e-3) but 4e-5.
        let assignment = try PageAssignment(frameCount: 2, frameOf: [[0], [0], [1], [1]])
        let chosen = try PatchChoice.choose(
            [heavy, light] + other, on: assignment, size: 1, costs: [4, 4, 4, 4], bytes: 4)
        #expect(chosen == [[], [], [0], []])
    }

    /// Four weights on a position, at -1, -1, 1 and 1: the first that leaves avoids 4/3, the second 8/3. Bytes for two
    /// go to them, which avoid 4 together, and not to two pairs that avoid 1.8 each, although the first is worth less.
    @Test func whatPaysOnlyTogetherLeavesTogether() throws {
        let values: [Float] = [-1, -1, 1, 1] + [0, 1.8974, 0, 1.8974]
        let networks = try values.map {
            try PagedWeights(name: "", weights: [$0], fisher: [1], pageSize: 1)
        }
        let assignment = try PageAssignment(frameCount: 3, frameOf: [0, 0, 0, 0, 1, 1, 2, 2].map { [$0] })
        let chosen = try PatchChoice.choose(
            networks, on: assignment, size: 1, costs: [Int](repeating: 6, count: 8), bytes: 12)
        #expect(chosen == [[0], [0], [], [], [], [], [], []])
        let whole = plainLoss(assignment, of: networks)
        #expect(abs(whole - (try loss(networks, assignment, without: chosen, size: 1)) - 4) < 1e-3)
    }

    @Test(arguments: [2_136, 2_147, 2_436, 2_869, 3_236], [0, 1, 3, 4, 8, 24])
    func theFileKeepsToItsBudget(budget: Int, block: Int) throws {
        for share: Float in [0.02, 0.1, 0.3] {
            var settings = SmallProblem.settings(budget: budget)
            settings.training.steps = 0
            settings.separation.method = .loss
            settings.separation.patchSize = block
            settings.separation.exclusive = share
            let fold = try SmallProblem.pack(settings: settings).fold
            let bytes = fold.encoded().count
            #expect(bytes <= budget)
            let blocks = fold.networks.reduce(0) { $0 + ($1.patches?.values.count ?? 0) }
            let pages = fold.networks.reduce(0) { $0 + $1.exclusivePages.count }
            #expect(block == 0 ? blocks == 0 : pages == 0)
            #expect(4 * (blocks + pages) <= Int(share * Float(budget)))
            if share == 0.3 { #expect(blocks + pages > 0) }
        }
    }

    /// At one budget, exclusive weights leave less second-order loss than the frames they are paid from.
    @Test func lossThatRemainsFallsWithTheShare() throws {
        var settings = SmallProblem.settings(budget: 100_000)
        settings.training.steps = 0
        settings.pool = .frames(7)
        settings.separation.method = .loss
        let losses = try [Float(0), 0.1, 0.3, 0.6].map { share in
            settings.separation.exclusive = share
            return try SmallProblem.pack(settings: settings).matchingLoss
        }
        #expect(zip(losses, losses.dropFirst()).allSatisfy { $0 > $1 })
    }

    @Test(arguments: [Float(0), 0.3, 0.9])
    func densityTakesPagesUntilTheMarginIsMet(target: Float) throws {
        var settings = SmallProblem.settings(budget: 100_000)
        settings.training.steps = 0
        settings.pool = .frames(20)
        settings.separation.method = .density
        settings.separation.targetPerformance = target
        let result = try SmallProblem.pack(settings: settings)
        for (network, pages) in zip(result.fold.networks, result.pages) {
            let due = ContributionDensity.exclusivePages(
                of: pages, targetPerformance: Double(target), margin: 0.1, frames: 20)
            let exclusive = network.pageTable.indices.filter {
                network.pageTable[$0] >= result.fold.frameCount
            }
            #expect(exclusive == due)
            #expect(network.exclusivePages.count == due.count * settings.pageSize)
            #expect(due.isEmpty == (target == 0))
        }
    }

    @Test func exclusivePagesThatLeaveNoPoolAreAnError() throws {
        var settings = SmallProblem.settings(budget: 2_136)
        settings.separation.method = .density
        settings.separation.targetPerformance = 1
        settings.separation.margin = 0
        let error = #expect(throws: InputError.self) { try SmallProblem.pack(settings: settings) }
        #expect(error?.field == "budget")
    }
}
