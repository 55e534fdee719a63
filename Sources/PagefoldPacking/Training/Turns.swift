// Whose turn it is at each step of joint training: all networks at once, or one after the other.

/// The order of steps. Steps are numbered through; a network's own steps are counted from 0 for each network.
struct Turns: Sendable {
    /// One step of training.
    struct Step: Equatable {
        /// The networks that are trained.
        let active: Range<Int>
        /// How many steps each of them has had before.
        let own: Int
        /// How many of these were before its turn.
        let turnStart: Int
        /// Whether it is the last step of the turn.
        let endsTurn: Bool
    }

    let networks: Int
    private let steps: Int
    /// Steps in a turn; nil when there are no turns.
    private let turn: Int?

    init(_ settings: TrainingSettings, networks: Int) {
        self.networks = networks
        steps = settings.steps
        switch settings.optimisation {
        case .simultaneous: turn = nil
        case .roundRobin: turn = max(min(settings.turn, settings.steps), 1)
        case .sequential: turn = max(settings.steps, 1)
        }
    }

    /// Steps that go by while every network takes one.
    var stride: Int { turn == nil ? 1 : networks }

    /// All steps of all turns.
    var total: Int { steps * stride }

    subscript(step: Int) -> Step {
        guard let turn else {
            return Step(active: 0..<networks, own: step, turnStart: 0, endsTurn: false)
        }
        let round = step / (turn * networks)
        let start = round * turn
        // The last round may be shorter.
        let length = min(turn, max(steps - start, 1))
        let inRound = step - start * networks
        let network = min(inRound / length, networks - 1)
        let own = start + inRound % length
        return Step(
            active: network..<network + 1, own: own, turnStart: start, endsTurn: own == start + length - 1)
    }
}
