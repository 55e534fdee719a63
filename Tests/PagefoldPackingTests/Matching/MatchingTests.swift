// The matching as a whole: its loss is what it says, falls, and beats the published methods.

import PagefoldCore
import Testing

@testable import PagefoldPacking

@Suite struct MatchingTests {
    private static let sizes = [1_000, 950, 531, 440]

    private func settings(_ start: MatchingStart, limit: OccupancyLimit) -> MatchingSettings {
        var settings = MatchingSettings()
        settings.starts = [start]
        settings.occupancy = limit
        settings.tolerance = 0
        settings.rounds = 6
        settings.exchanges = 4
        return settings
    }

    @Test(arguments: MatchingStart.allCases, [OccupancyLimit.none, .even, .pages(5)])
    func reportedLossIsTheLoss(start: MatchingStart, limit: OccupancyLimit) throws {
        let networks = try makeNetworks(Self.sizes, pageSize: 20, seed: 3)
        for frameCount in [50, 45] {
            let matching = try match(networks, onto: frameCount, settings: settings(start, limit: limit))
            let plain = plainLoss(matching.assignment, of: networks)
            #expect(abs(matching.loss - plain) <= 1e-9 * plain)
            #expect(matching.assignment.frameOf.map(\.count) == networks.map(\.pageCount))
            let most = limit.limit(pages: matching.assignment.frameOf.joined().count, frames: frameCount)
            #expect(matching.assignment.occupancy.allSatisfy { $0 <= most })
        }
    }

    @Test(arguments: MatchingStart.allCases, [OccupancyLimit.none, .even])
    func refinementNeverRises(start: MatchingStart, limit: OccupancyLimit) throws {
        // 20 frames: fewer than the pages of each network.
        let networks = try makeNetworks(Self.sizes, pageSize: 20, seed: 5)
        let matching = try match(networks, onto: 20, settings: settings(start, limit: limit))
        let losses = matching.history.map(\.loss)
        #expect(losses.count > 2)
        #expect(zip(losses, losses.dropFirst()).allSatisfy { $0 >= $1 })
        #expect(losses[losses.count - 1] < losses[0] * 0.95)
        #expect(losses[losses.count - 1] == matching.loss)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func beatsThePublishedMatching(seed: UInt64) throws {
        let networks = try makeNetworks(Self.sizes, pageSize: 20, seed: seed)
        let random = try matchRandomly(networks, onto: 50, seed: seed).secondOrderLoss(of: networks)
        let greedy = try matchGreedily(networks, onto: 50).secondOrderLoss(of: networks)
        var oneStart = settings(.sequential, limit: .pages(4))
        oneStart.rounds = 0
        let exact = try match(networks, onto: 50, settings: oneStart).loss
        oneStart.rounds = 6
        let refined = try match(networks, onto: 50, settings: oneStart).loss
        oneStart.occupancy = .none
        let unlimited = try match(networks, onto: 50, settings: oneStart).loss
        #expect(exact < greedy)
        #expect(exact < random)
        #expect(refined < exact)
        #expect(unlimited < exact)
    }

    @Test func keepsNetworksApart() throws {
        let networks = try makeNetworks(Self.sizes, pageSize: 20, seed: 7)
        var apart = settings(.sequential, limit: .none)
        apart.keepsNetworksApart = true
        let matching = try match(networks, onto: 50, settings: apart)
        #expect(matching.assignment.frameOf.allSatisfy { Set($0).count == $0.count })
        #expect(matching.loss < matching.history[0].loss)
        #expect(abs(matching.loss - plainLoss(matching.assignment, of: networks)) <= 1e-9 * matching.loss)
        #expect(throws: InputError.self) { _ = try match(networks, onto: 49, settings: apart) }
        apart.starts = [.spreading]
        #expect(throws: InputError.self) { _ = try match(networks, onto: 50, settings: apart) }
    }

    @Test func keepsTheBestStart() throws {
        let networks = try makeNetworks(Self.sizes, pageSize: 20, seed: 8)
        var all = MatchingSettings()
        all.starts = MatchingStart.allCases
        all.rounds = 3
        let best = try match(networks, onto: 30, settings: all)
        for start in MatchingStart.allCases {
            #expect(try best.loss <= match(networks, onto: 30, settings: settingsLike(all, start)).loss)
        }
    }

    private func settingsLike(_ settings: MatchingSettings, _ start: MatchingStart) -> MatchingSettings {
        var settings = settings
        settings.starts = [start]
        return settings
    }

    @Test func isDeterministic() throws {
        let networks = try makeNetworks(Self.sizes, pageSize: 20, seed: 9)
        let once = try match(networks, onto: 30)
        let again = try match(networks, onto: 30)
        #expect(once.assignment == again.assignment)
        #expect(once.history == again.history)
    }

    @Test func networkOnItsOwnLosesNothing() throws {
        let networks = try makeNetworks([1_000], pageSize: 20, seed: 2)
        let matching = try match(networks, onto: 50)
        #expect(matching.loss == 0)
        #expect(matching.assignment.occupancy.allSatisfy { $0 == 1 })
        #expect(try matching.assignment.frameWeights(of: networks).count == 1_000)
    }

    @Test func identicalNetworksShareWithoutLoss() throws {
        let one = try makeNetwork("a", weights: 500, pageSize: 20, seed: 4)
        let matching = try match([one, one, one], onto: 25)
        #expect(matching.loss < 1e-12)
        #expect(Set(matching.assignment.frameOf).count == 1)
    }

    @Test func moreFramesThanPages() throws {
        let networks = try makeNetworks([100, 90], pageSize: 20, seed: 4)
        #expect(try match(networks, onto: 64).loss == 0)
    }

    @Test func onlyOneFrame() throws {
        let networks = try makeNetworks([100, 90], pageSize: 20, seed: 4)
        let matching = try match(networks, onto: 1)
        #expect(matching.assignment.frameOf.allSatisfy { $0.allSatisfy { $0 == 0 } })
    }

    @Test func weightsWithoutFisherMatchAnyhow() throws {
        let dead = try PagedWeights(
            name: "dead", weights: [1, 2, 3, 4], fisher: [0, 0, 0, 0], pageSize: 2)
        let matching = try match([dead, dead], onto: 2)
        #expect(matching.loss == 0)
    }

    @Test func refusesWhatCannotBeMatched() throws {
        let a = try makeNetwork("a", weights: 100, pageSize: 20, seed: 1)
        let b = try makeNetwork("b", weights: 100, pageSize: 10, seed: 1)
        #expect(throws: InputError.self) { _ = try match([], onto: 4) }
        #expect(throws: InputError.self) { _ = try match([a, b], onto: 4) }
        #expect(throws: InputError.self) { _ = try match([a], onto: 0) }
        #expect(throws: InputError.self) { _ = try match([a], onto: .max) }
        #expect(throws: InputError.self) { _ = try matchRandomly([a], onto: .max, seed: 1) }
        #expect(throws: InputError.self) { _ = try matchGreedily([a], onto: 4) }
        #expect(throws: InputError.self) { _ = try matchGreedily([a], onto: 5, contents: [0]) }
        #expect(throws: InputError.self) { _ = try matchRandomly([a], onto: 0, seed: 1) }
        var settings = MatchingSettings()
        settings.occupancy = .pages(1)
        #expect(throws: InputError.self) { _ = try match([a], onto: 4, settings: settings) }
        settings.occupancy = .pages(0)
        #expect(throws: InputError.self) { _ = try match([a], onto: 4, settings: settings) }
        settings.occupancy = .even
        settings.starts = []
        #expect(throws: InputError.self) { _ = try match([a], onto: 4, settings: settings) }
    }
}
