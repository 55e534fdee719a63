// A program prepared to answer blocks of 16 samples and nothing else: values that are never alive together share their
// place, and weights are asked for layer by layer, so that a network need not be whole in memory. Training is NetworkPlan's.

internal import CPagefoldKernels
public import PagefoldCore

/// Neighbouring rows of a layer's weights: what a forward pass asks for.
public struct WeightRows: Sendable {
    /// Of the first weight in the flat vector.
    public let offset: Int
    /// Of the first row's scale in the flat vector, with which the row is to be multiplied; nil for none.
    public let scale: Int?
    public let rows: Int
    /// Weights of a row.
    public let length: Int

    fileprivate func part(_ first: Int, _ count: Int) -> WeightRows {
        WeightRows(
            offset: offset + first * length, scale: scale.map { $0 + first }, rows: count, length: length)
    }
}

/// How a network answers a block of 16 samples.
public struct InferencePlan: @unchecked Sendable {  // Plain values, never changed after init.
    private struct Layer {
        let binding: StepBinding
        /// Offsets into the arena, in floats.
        let x: Int
        let second: Int
        let y: Int
        let weights: WeightRows?
        let bias: WeightRows?
        /// A dense layer, whose rows are asked for so many at a time.
        let dense: (shape: pf_dense, rows: Int)?

        /// A table, of which only the rows that samples name are asked for.
        let embedding: pf_embedding?

        /// Rows of weights that are there at a time.
        private var rowCount: Int { embedding == nil ? dense?.rows ?? weights?.rows ?? 0 : blockSize }
        /// Numbers of weights that are there at a time.
        var weightCount: Int { rowCount * (weights?.length ?? 0) }
    }

    /// Plans for more bytes are not made: no network needs them that can be packed.
    public static let mostBytes = 1 << 32
    /// Weights of a dense layer that are asked for at a time, in floats: they stay near until they are multiplied.
    private static let near = 1 << 15
    /// Bytes of a number for each lane.
    private static let laneBytes = blockSize * 4

    private var layers: [Layer] = []
    /// Bytes of the arena: values of a block, the kernels' scratch, a layer's weights.
    public let arenaBytes: Int
    /// Offsets of the block's inputs, each [numbers][16], and of its answers, in floats.
    public let inputOffsets: [Int]
    public let outputOffsets: [Int]
    /// Offsets and sizes of the states, which are zeros.
    private let states: [(offset: Int, count: Int)]
    private let scratch: Int
    private let weights: Int
    private let bias: Int

    /// - Throws: why kernels cannot run it in blocks, as a forged program may need more than `mostBytes`.
    public init(_ program: Program) throws(StepProblem) {
        let fused = program.fusedPools()
        let pools = Set(fused.values)
        var plan = ArenaPlan(program, fusing: fused, samples: blockSize, alignment: 64)
        let places = plan.values.map { $0 / 4 }
        var scratchBytes = 0
        for (index, step) in program.steps.enumerated() where !pools.contains(index) {
            let pool = fused[index].map { program.steps[$0] }
            let binding = StepBinding(step, of: program, pool: pool, index: index)
            if let objection = binding.objection(.batch) { throw StepProblem(objection) }
            scratchBytes = max(scratchBytes, binding.scratch(.batch), Self.laneBytes)
            layers.append(Self.layer(binding, step, pool, of: program, places))
        }
        scratch = plan.append(scratchBytes) / 4
        weights = plan.append(4 * layers.reduce(0) { max($0, $1.weightCount) }) / 4
        bias = plan.append(4 * layers.reduce(0) { max($0, $1.bias?.length ?? 0) }) / 4
        arenaBytes = plan.append(0)
        guard arenaBytes < Self.mostBytes else {
            throw StepProblem("16 samples at a time need more than \(Self.mostBytes) bytes")
        }
        inputOffsets = (0..<program.inputs).map { places[$0] }
        outputOffsets = program.outputs.map { places[$0.value] }
        states = (program.inputs..<program.givenCount).map {
            (places[$0], program.values[$0].count * blockSize)
        }
    }

    private static func layer(
        _ binding: StepBinding, _ step: Step, _ pool: Step?, of program: Program, _ places: [Int]
    ) -> Layer {
        let parameters = program.parameters(of: step)
        var rows: WeightRows?
        if let first = parameters.first, first.role != .bias {
            // Vectors that lie together are asked for as one row.
            let end = parameters.last { $0.role != .bias }!.range.upperBound
            rows = WeightRows(
                offset: first.range.lowerBound, scale: step.scale == Step.none32 ? nil : Int(step.scale),
                rows: first.rows, length: (end - first.range.lowerBound) / first.rows)
        }
        var dense: (pf_dense, Int)?
        if step.opcode == .dense, let rows {
            dense = (
                pf_dense(program.shapes(of: step)), min(rows.rows, max(near / rows.length, 16) / 16 * 16)
            )
        }
        let x = places[Int(step.input)]
        return Layer(
            binding: binding, x: x,
            second: step.secondInput == Step.none16 ? x : places[Int(step.secondInput)],
            y: places[Int(pool?.output ?? step.output)], weights: rows,
            bias: parameters.first { $0.role == .bias }.map {
                WeightRows(offset: $0.range.lowerBound, scale: nil, rows: 1, length: $0.range.count)
            }, dense: dense,
            embedding: step.opcode == .embedding ? pf_embedding(program.shapes(of: step)) : nil)
    }

    /// Computes the answers of a block whose inputs have been filled in; what stands there is lost. States are zeros.
    /// - Parameters:
    ///   - arena: `arenaBytes` bytes, 64-byte aligned.
    ///   - read: puts rows of weights, one behind the other, where it is told.
    public func forward(
        arena: UnsafeMutablePointer<Float>, read: (WeightRows, _ to: UnsafeMutablePointer<Float>) -> Void
    ) {
        // By index: the iterator of an array allocates in a build that is not optimised.
        for index in 0..<states.count {
            (arena + states[index].offset).update(repeating: 0, count: states[index].count)
        }
        for index in 0..<layers.count {
            let layer = layers[index]
            if let rows = layer.bias { read(rows, arena + bias) }
            if let (shape, rows) = layer.dense {
                forward(shape, rows, layer, arena, read)
                continue
            }
            if let shape = layer.embedding {
                forward(shape, layer, arena, read)
                continue
            }
            if let rows = layer.weights { read(rows, arena + weights) }
            layer.binding.forward(
                BlockCall(
                    x: arena + layer.x, second: arena + layer.second, y: arena + layer.y,
                    weights: arena + weights, bias: layer.bias == nil ? nil : UnsafePointer(arena + bias),
                    kept: nil, scratch: arena + scratch, mode: BlockMode()))
        }
    }

    /// A dense layer in pieces of so many outputs that their weights stay near.
    private func forward(
        _ shape: pf_dense, _ rows: Int, _ layer: Layer, _ arena: UnsafeMutablePointer<Float>,
        _ read: (WeightRows, UnsafeMutablePointer<Float>) -> Void
    ) {
        var shape = shape
        let outputs = Int(shape.features_out)
        var first = 0
        while first < outputs {
            let count = min(rows, outputs - first)
            read(layer.weights!.part(first, count), arena + weights)
            shape.features_out = Int32(count)
            pf_dense_forward(
                &shape, arena + layer.x, arena + weights, layer.bias == nil ? nil : arena + bias + first,
                arena + layer.y + first * blockSize, arena + scratch)
            first += count
        }
    }

    /// A table's rows, one for each lane at a time: those are a small table of their own.
    private func forward(
        _ shape: pf_embedding, _ layer: Layer, _ arena: UnsafeMutablePointer<Float>,
        _ read: (WeightRows, UnsafeMutablePointer<Float>) -> Void
    ) {
        let length = Int(shape.length)
        var near = pf_embedding(rows: Int32(blockSize), length: shape.length, count: 1)
        for place in 0..<Int(shape.count) {
            for lane in 0..<blockSize {
                let number = arena[layer.x + place * blockSize + lane]
                let row = OperationSpec.embeddedRow(number, rows: UInt32(shape.rows))
                read(layer.weights!.part(row, 1), arena + weights + lane * length)
                arena[scratch + lane] = Float(lane)
            }
            pf_embedding_forward(
                &near, arena + scratch, arena + weights, arena + layer.y + place * length * blockSize)
        }
    }
}
