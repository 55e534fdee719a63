// Which format a network's tail can have: narrow numbers have little range, and what does not fit is cut off without a
// word. Chosen once, before anything is counted or trained.

import PagefoldCore
import PagefoldGraph

extension VectorFormat {
    /// The largest number that it holds.
    var largest: Float {
        switch self {
        case .float32: .greatestFiniteMagnitude
        case .float16: 65_504
        case .float8: 448
        }
    }

    /// Numbers below it lose precision.
    private var smallestNormal: Float {
        switch self {
        case .float32: .leastNormalMagnitude
        case .float16: 0x1p-14
        case .float8: 0x1p-6
        }
    }

    /// Whether a tail can be stored and trained as this: with room to grow, and with factors that keep their precision.
    func suits(_ network: LoweredNetwork) -> Bool {
        guard self != .float32 else { return true }
        let program = network.program
        guard network.largestInTail <= largest / 4 else { return false }
        for step in program.steps {
            // Statistics of batch normalisation span more than three bits can tell apart.
            if self == .float8 && step.opcode == .batchNormalisation { return false }
            guard step.scale != Step.none32 else { continue }
            let scales = Int(step.scale)..<Int(step.scale) + program.values[Int(step.output)].channels
            guard network.weights[scales].allSatisfy({ $0 == 0 || $0.magnitude >= smallestNormal }) else {
                return false
            }
        }
        return true
    }
}

extension LoweredNetwork {
    fileprivate var largestInTail: Float {
        weights[program.pagedCount...].reduce(0) { max($0, $1.magnitude) }
    }

    /// - Throws: `InputError` where a tail of this format would cut numbers off.
    func checkTail(fits format: VectorFormat, remedy: String) throws(InputError) {
        guard largestInTail > format.largest else { return }
        throw InputError(
            file: name, field: "tail_format",
            problem:
                "\(largestInTail) is among its biases and scales, \(format) holds up to \(format.largest)",
            remedy: remedy)
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
            result.tailFormat = [VectorFormat.float8, .float16, .float32].first { format in
                format.width >= narrowest && tasks.allSatisfy { format.suits($0.network) }
            }
            return result
        }
        for task in tasks {
            try task.network.checkTail(fits: tailFormat, remedy: "choose a wider tail_format")
        }
        return result
    }
}
