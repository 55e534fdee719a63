// What networks cost one another on common frames, against cases computed by hand.

import PagefoldCore
import PagefoldFold
import PagefoldPacking
import Testing

@Suite struct SharingCostTests {
    /// Pages of two weights.
    static func pages(_ weights: [Float], _ fisher: [Float]) throws -> PagedWeights {
        try PagedWeights(name: "n", weights: weights, fisher: fisher, pageSize: 2)
    }

    static func fold(_ tables: [[Int]], frames: Int, patches: [Int: Patches] = [:]) -> Fold {
        let networks = tables.enumerated().map { index, table in
            let program = Program(
                values: [Shape(channels: 1), Shape(channels: 2 * table.count)], steps: [],
                outputs: [ProgramOutput(value: 1)], pagedCount: 2 * table.count, weightCount: 2 * table.count)
            let exclusive = table.count { $0 >= frames }
            return FoldedNetwork(
                text: NetworkText(name: "\(index)"), program: program, pageTable: table,
                exclusivePages: [Float](repeating: 0, count: 2 * exclusive), patches: patches[index],
                tail: [])
        }
        return Fold(pageSize: 2, pool: [Float](repeating: 0, count: 2 * frames), networks: networks)
    }

    /// Frame 0: pages (1, 2) and (3, 0) with Fisher (1, 2) and (3, 2): 3/4 · 4 + 4/4 · 4 = 7.
    /// Frame 1: (5, 1) with (2, 0) and (4, 9) with (2, 5): 4/4 · 1 + 0 = 1.
    @Test func twoNetworksOnTwoFrames() throws {
        let pages = [
            try Self.pages([1, 2, 5, 1], [1, 2, 2, 0]), try Self.pages([4, 9, 3, 0], [2, 5, 3, 2]),
        ]
        #expect(sharingCost(of: pages, in: Self.fold([[0, 1], [1, 0]], frames: 2)) == [[0, 8], [8, 0]])
    }

    @Test func pagesOfOneNetworkStandOnTheDiagonal() throws {
        let pages = [try Self.pages([1, 2, 3, 0], [1, 2, 3, 2]), try Self.pages([7, 7], [1, 1])]
        let costs = sharingCost(of: pages, in: Self.fold([[0, 0], [1]], frames: 2))
        #expect(costs == [[7, 0], [0, 0]])
    }

    @Test func exclusivePagesCostNothing() throws {
        let pages = [try Self.pages([1, 2], [1, 2]), try Self.pages([3, 0], [3, 2])]
        #expect(sharingCost(of: pages, in: Self.fold([[0], [1]], frames: 1)) == [[0, 0], [0, 0]])
    }

    @Test func overriddenWeightsCostNothing() throws {
        let pages = [try Self.pages([1, 2], [1, 2]), try Self.pages([3, 0], [3, 2])]
        let own = Patches(size: 1, indices: [0], values: [1])
        let fold = Self.fold([[0], [0]], frames: 1, patches: [1: own])
        #expect(sharingCost(of: pages, in: fold) == [[0, 4], [4, 0]])
    }

    @Test func threeOnAFrameAreThreePairs() throws {
        let pages = try [Float(0), 1, 3].map { try Self.pages([$0, 0], [2, 2]) }
        let costs = sharingCost(of: pages, in: Self.fold([[0], [0], [0]], frames: 1))
        #expect(costs == [[0, 1, 9], [1, 0, 4], [9, 4, 0]])
    }
}
