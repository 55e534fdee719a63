// The published greedy matching and the random one do what their papers say.

import PagefoldCore
import PagefoldPacking
import Testing

@Suite struct PublishedMatchingTests {
    @Test func fillsByOccupancy() throws {
        let networks = try makeNetworks([100, 60, 60], pageSize: 20, seed: 1)
        let assignment = try matchGreedily(networks, onto: 8)
        // 5 pages, then 3 onto the free frames, then 3 onto frames with one user.
        #expect(Set(assignment.frameOf[0]).count == 5)
        #expect(Set(assignment.frameOf[0]).isDisjoint(with: assignment.frameOf[1]))
        #expect(assignment.occupancy.sorted() == [1, 1, 1, 1, 1, 2, 2, 2])
    }

    @Test func skipsPositionsWithoutFisher() throws {
        // Page 0 of b differs widely from frame 0, but only where a has no Fisher value: the published cost is 0.
        let a = try PagedWeights(name: "a", weights: [0, 0, 1, 1], fisher: [0, 3, 2, 2], pageSize: 2)
        let b = try PagedWeights(name: "b", weights: [90, 0, 1.5, 1], fisher: [9, 9, 1, 1], pageSize: 2)
        let assignment = try matchGreedily([a, b], onto: 2)
        #expect(assignment.frameOf[0][0] == assignment.frameOf[1][0])
    }

    @Test func noiseChangesTheChoice() throws {
        let networks = try makeNetworks([400, 400], pageSize: 20, seed: 6)
        var generator = TestGenerator(seed: 1)
        let noise = (0..<400).map { _ in Float(generator.unit() - 0.5) * 0.02 }
        let real = try matchGreedily(networks, onto: 20)
        let blind = try matchGreedily(networks, onto: 20, contents: noise)
        #expect(try real.secondOrderLoss(of: networks) < blind.secondOrderLoss(of: networks))
    }

    @Test func randomIsSeededAndSpreads() throws {
        let networks = try makeNetworks([400, 380], pageSize: 20, seed: 6)
        let one = try matchRandomly(networks, onto: 20, seed: 1)
        #expect(try one == matchRandomly(networks, onto: 20, seed: 1))
        #expect(try one != matchRandomly(networks, onto: 20, seed: 2))
        #expect(one.frameOf.allSatisfy { Set($0).count == $0.count })
        #expect(try matchRandomly(networks, onto: 5, seed: 1).occupancy.max() == 8)
    }
}
