// Scales of output channels, for those who want plain weights: training kernels and importers. A session applies
// them in place instead.

extension Opcode {
    /// Whether a step of this kind multiplies by rows of weights.
    public var isWeighted: Bool { spec.isWeighted }
}

extension Program {
    /// Weights of the network itself, without the scales that packing has added.
    public var plainWeightCount: Int {
        steps.reduce(weightCount) { $1.scale == Step.none32 ? $0 : $0 - values[Int($1.output)].channels }
    }

    /// Weights of one output channel of a weighted step.
    public func rowLength(of step: Step) -> Int {
        let weight = step.opcode.spec.parameters(shapes(of: step)).first { $0.role == .weight }
        return weight?.rowLength ?? 0
    }

    /// The flat weight vector with every row multiplied by its channel's scale.
    public func effectiveWeights(_ flat: [Float]) -> [Float] {
        var result = flat
        for step in steps where step.scale != Step.none32 {
            let length = rowLength(of: step)
            for channel in 0..<values[Int(step.output)].channels {
                let scale = flat[Int(step.scale) + channel]
                let start = Int(step.weights) + channel * length
                for i in start..<start + length { result[i] *= scale }
            }
        }
        return result
    }

    /// The same network without scales: multiplied into the weights, and cut off where they end the flat vector.
    public func absorbingScales(_ flat: [Float]) -> (program: Program, weights: [Float]) {
        var program = self
        var weights = effectiveWeights(flat)
        let scales = steps.filter { $0.scale != Step.none32 }.map { Int($0.scale) }
        for index in program.steps.indices { program.steps[index].scale = Step.none32 }
        let used = steps.flatMap { parameters(of: $0) }.map { $0.range.upperBound }.max() ?? 0
        if let first = scales.min(), first >= pagedCount, first >= used {
            weights.removeLast(weights.count - first)
            program.weightCount = first
        }
        return (program, weights)
    }
}
