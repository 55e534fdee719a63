// Whose turn it is: every network gets exactly its steps, in the order that the setting says.

import Testing

@testable import PagefoldPacking

@Suite struct TurnsTests {
    private func turns(
        _ optimisation: Optimisation, networks: Int, steps: Int, turn: Int
    ) -> (turns: Turns, all: [Turns.Step]) {
        var settings = TrainingSettings()
        settings.optimisation = optimisation
        settings.steps = steps
        settings.turn = turn
        let turns = Turns(settings, networks: networks)
        return (turns, (0..<turns.total).map { turns[$0] })
    }

    @Test(arguments: Optimisation.allCases, [1, 2, 3, 10])
    func everyNetworkGetsItsStepsOnceInOrder(optimisation: Optimisation, networks: Int) {
        for steps in [0, 1, 5, 6, 7, 20] {
            for turn in [1, 2, 3, 7, 100] {
                let (turns, all) = turns(optimisation, networks: networks, steps: steps, turn: turn)
                #expect(all.count == steps * turns.stride)
                for network in 0..<networks {
                    let own = all.filter { $0.active.contains(network) }
                    #expect(own.map(\.own) == Array(0..<steps), "\(steps) steps, turns of \(turn)")
                }
            }
        }
    }

    @Test(arguments: Optimisation.allCases, [1, 2, 3])
    func turnsBeginAndEndWhereTheySay(optimisation: Optimisation, networks: Int) {
        for (steps, turn) in [(7, 3), (6, 3), (5, 9), (4, 1)] {
            let (_, all) = turns(optimisation, networks: networks, steps: steps, turn: turn)
            if optimisation == .simultaneous {
                #expect(all.allSatisfy { $0.active == 0..<networks && $0.turnStart == 0 && !$0.endsTurn })
                continue
            }
            #expect(all.allSatisfy { $0.active.count == 1 && $0.turnStart <= $0.own })
            for (index, step) in all.enumerated() {
                // A turn ends where the next step is another's, or the first of another turn.
                let next = index + 1 < all.count ? all[index + 1] : nil
                let isLast = next == nil || next?.active != step.active || next?.turnStart != step.turnStart
                #expect(step.endsTurn == isLast, "step \(index)")
            }
        }
    }

    @Test func theLastRoundIsShorter() {
        let (_, all) = turns(.roundRobin, networks: 2, steps: 5, turn: 2)
        #expect(all.map(\.active.lowerBound) == [0, 0, 1, 1, 0, 0, 1, 1, 0, 1])
        #expect(all.map(\.own) == [0, 1, 0, 1, 2, 3, 2, 3, 4, 4])
        #expect(all.map(\.turnStart) == [0, 0, 0, 0, 2, 2, 2, 2, 4, 4])
    }

    @Test func sequentialIsOneTurnEach() {
        let (_, all) = turns(.sequential, networks: 3, steps: 2, turn: 1)
        #expect(all.map(\.active.lowerBound) == [0, 0, 1, 1, 2, 2])
        #expect(all.map(\.endsTurn) == [false, true, false, true, false, true])
    }
}
