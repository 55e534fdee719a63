// Gives each output channel of each network a scale of its own before paging, so that pages of different layers and
// networks have one magnitude and can share frames. The function of the network does not change.

import PagefoldCore
import PagefoldGraph

extension LoweredNetwork {
    /// Root mean square of the weights of a row after scaling: near that of trained networks, so that learning rates
    /// mean the same as without scales.
    static let scaledMagnitude: Float = 0.1

    /// The same network with a scale for every row of weights, appended to the tail.
    func addingChannelScales() -> LoweredNetwork {
        var result = self
        for index in program.steps.indices where program.steps[index].opcode.isWeighted {
            let step = program.steps[index]
            guard step.scale == Step.none32 else { continue }
            let length = program.rowLength(of: step)
            result.program.steps[index].scale = UInt32(result.weights.count)
            for number in 0..<program.rowCount(of: step) {
                let start = Int(step.weights) + number * length
                let row = start..<start + length
                let square = row.reduce(Float(0)) { $0 + weights[$1] * weights[$1] } / Float(length)
                let scale = square > 0 ? square.squareRoot() / Self.scaledMagnitude : 1
                for i in row { result.weights[i] /= scale }
                result.weights.append(scale)
            }
        }
        result.program.weightCount = result.weights.count
        return result
    }
}
