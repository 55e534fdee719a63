// Which format a network's tail gets: narrow numbers have little range, and what does not fit is cut off without a word.
// Chosen once for each network, before anything is counted or trained.

import PagefoldCore
import PagefoldGraph

extension NumberFormat {
    /// Why a network's tail cannot be stored as this, if it cannot.
    /// - Parameter room: how many times as large its numbers may become.
    func problem(with network: LoweredNetwork, room: Float) -> String? {
        guard self != .float32 else { return nil }
        // Below it a number has fewer bits; one fewer is borne, because training sees it.
        let smallest = traits.smallestNormal / 2
        let program = network.program
        let most = network.weights[program.pagedCount...].reduce(0) { max($0, $1.magnitude) }
        guard most <= largest / room else {
            return "\(most) is among its biases and scales, \(self) holds up to \(largest)"
        }
        for step in program.steps {
            if self == .float8,
                program.parameters(of: step).contains(where: { $0.role.isStatistic || $0.role == .constant })
            {
                return "statistics of \(step.opcode.spec.name) need more than the three bits of \(self)"
            }
            guard step.scale != Step.none32 else { continue }
            let scales = Int(step.scale)..<Int(step.scale) + program.rowCount(of: step)
            if let small = network.weights[scales].first(where: { $0 != 0 && $0.magnitude < smallest }) {
                return "\(small) is among its scales, \(self) has too few bits below \(smallest)"
            }
        }
        return nil
    }
}

extension PackingSettings {
    /// The narrowest format of tails that goes with the pool's, where none is named.
    private var narrowestTail: NumberFormat {
        let pool = formats.pool
        return pool == .float32 ? .float32 : pool.bits <= 4 ? .float8 : .float16
    }

    /// The same tasks, each with a format for its tail: the one that the settings name, else the narrowest that suits the
    /// network.
    /// - Parameters:
    ///   - tasks: with their scales.
    ///   - narrowest: nil: what goes with the pool's format.
    ///   - room: how many times as large as they are numbers may become.
    /// - Throws: `InputError` where the format that is named does not hold a network's tail.
    func choosingTails(
        for tasks: [PackingTask], narrowest: NumberFormat? = nil, room: Float = 4
    ) throws(InputError) -> [PackingTask] {
        var result = tasks
        let width = (narrowest ?? narrowestTail).width
        for (index, task) in tasks.enumerated() {
            if let tailFormat {
                if let problem = tailFormat.problem(with: task.network, room: 1) {
                    throw InputError(
                        .network(task.network.name), field: "tail_format", problem: problem,
                        remedy: "choose a wider tail_format")
                }
                result[index].tailFormat = tailFormat
            } else {
                result[index].tailFormat =
                    NumberFormat.ofVectors.sorted { $0.width < $1.width }.first {
                        $0.width >= width && $0.problem(with: task.network, room: room) == nil
                    } ?? .float32
            }
        }
        return result
    }
}
