// Pages, frames and the book-keeping of the loss.

import PagefoldCore
import Testing

@testable import PagefoldPacking

@Suite struct PagedWeightsTests {
    @Test func cutsAndPads() throws {
        let paged = try PagedWeights(name: "n", weights: [1, 2, 3], fisher: [4, 5, 6], pageSize: 2)
        #expect(paged.pageCount == 2)
        #expect(paged.weights == [1, 2, 3, 0])
        #expect(paged.fisher == [4, 5, 6, 0])
        #expect(paged.weightCount == 3)
    }

    @Test(arguments: [Float.nan, Float.infinity, -1, 1e30] as [Float])
    func refusesUnusableFisher(bad: Float) {
        #expect(throws: InputError.self) {
            _ = try PagedWeights(name: "n", weights: [1, 2], fisher: [1, bad], pageSize: 2)
        }
    }

    @Test(arguments: [Float.nan, -Float.infinity, 1e9] as [Float])
    func refusesUnusableWeights(bad: Float) {
        #expect(throws: InputError.self) {
            _ = try PagedWeights(name: "n", weights: [1, bad], fisher: [1, 1], pageSize: 2)
        }
    }

    @Test(arguments: [0, -1, 1 << 40])
    func refusesUnusablePageSize(size: Int) {
        #expect(throws: InputError.self) {
            _ = try PagedWeights(name: "n", weights: [1], fisher: [1], pageSize: size)
        }
    }

    @Test func normalisesToTheImportance() throws {
        let paged = try PagedWeights(name: "n", weights: [1, 2, 3], fisher: [0, 6, 0], pageSize: 2)
        #expect(try paged.normalisingFisher().fisher == [0, 3, 0, 0])
        #expect(try paged.normalisingFisher(importance: 2).fisher == [0, 6, 0, 0])
        #expect(try paged.normalisingFisher(floor: 1).fisher == [0.5, 2, 0.5, 0])
        #expect(throws: InputError.self) { _ = try paged.normalisingFisher(importance: -1) }
        #expect(throws: InputError.self) { _ = try paged.normalisingFisher(floor: .nan) }
    }

    @Test func keepsSomePages() throws {
        let paged = try PagedWeights(
            name: "n", weights: [1, 2, 3, 4, 5], fisher: [1, 1, 1, 1, 1], pageSize: 2)
        let kept = try paged.keeping(pages: [0, 2])
        #expect(kept.weights == [1, 2, 5, 0])
        #expect(kept.weightCount == 3)
        #expect(try paged.keeping(pages: [1]).weightCount == 2)
        for bad in [[], [3], [1, 1], [2, 0], [-1]] {
            #expect(throws: InputError.self) { _ = try paged.keeping(pages: bad) }
        }
    }
}

@Suite struct FrameContentsTests {
    private func contents(seed: UInt64) throws -> FrameContents {
        let networks = try makeNetworks([190, 170, 150], pageSize: 10, seed: seed)
        var generator = TestGenerator(seed: seed)
        let store = try PageStore(networks)
        let frames = (0..<store.count).map { _ in Int(generator.next() % 12) }
        return FrameContents(store: store, frameCount: 12, frameOf: frames)
    }

    @Test func pageCostIsTheLossItAdds() throws {
        var frames = try contents(seed: 1)
        for page in stride(from: 0, to: frames.store.count, by: 3) {
            let gain = frames.gain(ofRemoving: page)
            let before = frames.totalLoss
            frames.remove(page)
            #expect(abs(before - frames.totalLoss - gain) <= 1e-9 * before)
            var costs = [Float](repeating: 0, count: 12)
            frames.costs(of: page, on: Array(0..<12), into: &costs)
            for frame in 0..<12 {
                let exact = frames.exactCost(of: page, on: frame)
                #expect(abs(Double(costs[frame]) - exact) <= 1e-4 * exact + 1e-9)
            }
            let bare = frames.totalLoss
            let exact = frames.exactCost(of: page, on: page % 12)
            frames.add(page, to: page % 12)
            #expect(abs(frames.totalLoss - bare - exact) <= 1e-9 * frames.totalLoss)
        }
    }

    @Test func historyLeavesNoTrace() throws {
        var moved = try contents(seed: 2)
        let target = try contents(seed: 3).frameOf
        for page in moved.frameOf.indices.reversed() {
            moved.remove(page)
            moved.add(page, to: target[page])
        }
        let fresh = FrameContents(store: moved.store, frameCount: 12, frameOf: target)
        #expect(moved.loss == fresh.loss)
        #expect(moved.mean == fresh.mean)
        #expect(moved.fisher == fresh.fisher)
    }

    @Test(arguments: [0, 1, 2, 3])
    func paddingCostsNothing(frame: Int) throws {
        let networks = [
            try PagedWeights(name: "a", weights: [5, 6, 7, 8], fisher: [9, 9, 9, 9], pageSize: 4),
            try PagedWeights(name: "b", weights: [5], fisher: [3], pageSize: 4),
        ]
        let assignment = try PageAssignment(frameCount: 4, frameOf: [[frame], [frame]])
        #expect(try assignment.secondOrderLoss(of: networks) == 0)
        let weights = try assignment.frameWeights(of: networks)
        #expect(Array(weights[(frame * 4)..<(frame * 4 + 4)]) == [5, 6, 7, 8])
    }

    @Test func frameWeightsAreFisherWeighted() throws {
        let networks = [
            try PagedWeights(name: "a", weights: [1, 1, 1], fisher: [3, 0, 0], pageSize: 3),
            try PagedWeights(name: "b", weights: [5, 5], fisher: [1, 0], pageSize: 3),
        ]
        let assignment = try PageAssignment(frameCount: 2, frameOf: [[1], [1]])
        // Weighted mean; plain mean without Fisher values; the only real weight beside padding; an unused frame.
        #expect(try assignment.frameWeights(of: networks) == [0, 0, 0, 2, 3, 1])
        #expect(try assignment.secondOrderLoss(of: networks) == 12)
    }

    @Test func refusesForeignAssignments() throws {
        #expect(throws: InputError.self) { _ = try PageAssignment(frameCount: 2, frameOf: [[0, 2]]) }
        #expect(throws: InputError.self) { _ = try PageAssignment(frameCount: 2, frameOf: [[-1]]) }
        let network = try PagedWeights(name: "a", weights: [1, 1, 1], fisher: [3, 0, 0], pageSize: 3)
        let assignment = try PageAssignment(frameCount: 2, frameOf: [[0, 1]])
        #expect(throws: InputError.self) { _ = try assignment.secondOrderLoss(of: [network]) }
        #expect(throws: InputError.self) { _ = try assignment.frameWeights(of: [network]) }
    }
}
