// Which format a network's tail can have: narrow numbers have little range, and what does not fit is cut off without a
// word. Chosen once, before anything is counted or trained.

import PagefoldCore
import PagefoldGraph

extension NumberFormat {
    /// Why a network's tail cannot be stored as this, if it cannot.
    /// - Parameter room: how many times as large its numbers may become.
    func problem(with network: LoweredNetwork, room: Float) -> String? {
        guard self != .float32 else { return nil }
        let smallestNormal = traits.smallestNormal
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
            if let small = network.weights[scales].first(where: { $0 != 0 && $0.magnitude < smallestNormal })
            {
                return "\(small) is among its scales, \(self) has all of its bits from \(smallestNormal) on"
            }
        }
        return nil
    }
}

extension LoweredNetwork {
    /// - Throws: `InputError` where a tail of this format would cut numbers off.
    func checkTail(fits format: NumberFormat, room: Float = 1, remedy: String) throws(InputError) {
        guard let problem = format.problem(with: self, room: room) else { return }
        throw InputError(.network(name), field: "tail_format", problem: problem, remedy: remedy)
    }
}

extension PackingSettings {
    /// The same with a format for tails: where it is left open, the narrowest that goes with the pool's and suits all.
    /// - Parameter tasks: with their scales.
    /// - Throws: `InputError` where the format that is named does not hold a network's tail.
    func choosingTail(for tasks: [PackingTask]) throws(InputError) -> PackingSettings {
        var result = self
        guard let tailFormat else {
            let narrowest = formats.vectors.width
            result.tailFormat = NumberFormat.ofVectors.sorted { $0.width < $1.width }.first { format in
                format.width >= narrowest
                    && tasks.allSatisfy { format.problem(with: $0.network, room: 4) == nil }
            }
            return result
        }
        for task in tasks {
            try task.network.checkTail(fits: tailFormat, remedy: "choose a wider tail_format")
        }
        return result
    }
}
