// Scales of rows of weights, one an output channel in most layers, for those who want plain weights: training kernels and importers. A session applies
// them in place instead.

extension Opcode {
    /// Whether a step of this kind multiplies by rows of weights.
    public var isWeighted: Bool { spec.isWeighted }
}

extension Program {
    /// Weights of the network itself, without the scales that packing has added.
    public var plainWeightCount: Int {
        steps.reduce(weightCount) { $1.scale == Step.none32 ? $0 : $0 - rowCount(of: $1) }
    }

    /// Rows of a weighted step's weights, each of which may have a scale: output channels, gates of a recurrent layer's
    /// units, rows of a table.
    public func rowCount(of step: Step) -> Int {
        let weight = step.opcode.spec.parameters(shapes(of: step)).first { $0.role == .weight }
        return weight?.shape[0] ?? 0
    }

    /// Weights of one row of a weighted step.
    public func rowLength(of step: Step) -> Int {
        let weight = step.opcode.spec.parameters(shapes(of: step)).first { $0.role == .weight }
        return weight?.rowLength ?? 0
    }

    /// The flat weight vector with every row multiplied by its scale.
    public func effectiveWeights(_ flat: [Float]) -> [Float] {
        var result = flat
        for step in steps where step.scale != Step.none32 {
            let length = rowLength(of: step)
            for row in 0..<rowCount(of: step) {
                let scale = flat[Int(step.scale) + row]
                let start = Int(step.weights) + row * length
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
