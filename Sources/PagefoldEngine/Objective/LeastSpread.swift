// Probabilities that hardly ever move: a wake word that is never said, a detector that sees nothing. Their spread says little
// of what an error means, since their range is known.

import PagefoldCore

extension Program {
    /// The spread that a probability has at least, a tenth of its range: 0.01 is then as much as a tenth of a spread
    /// elsewhere. Without it a few thousandths would drown every other loss.
    static let leastSpreadOfProbabilities: Float = 0.1

    /// The least spread of an output: of numbers behind a sigmoid or a softmax that of probabilities, else 0.
    func leastSpread(ofValue value: Int) -> Float {
        var value = value
        // Steps that keep numbers, or cut a little off, stand in front of a port.
        while let step = steps.last(where: { Int($0.output) == value }) {
            if step.opcode == .softmax || step.activation == .sigmoid {
                return Self.leastSpreadOfProbabilities
            }
            let keeps: Bool =
                switch step.opcode {
                case .reshape, .transpose: step.activation == .none
                case .activation: step.activation == .clip
                default: false
                }
            guard keeps, Int(step.input) < value else { return 0 }
            value = Int(step.input)
        }
        return 0
    }
}
