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
        let kernel: Kernel
        let weights: WeightRows?
        let bias: WeightRows?
        /// Rows that are asked for at a time.
        let tile: Int
    }

    /// Plans for more bytes are not made: no network needs them that can be packed.
    public static let mostBytes = 1 << 32
    /// Weights of a dense layer that are asked for at a time, in floats: they stay near until they are multiplied.
    private static let near = 1 << 15

    private var layers: [Layer] = []
    /// Bytes of the arena: values of a block, the kernels' scratch, a layer's weights.
    public let arenaBytes: Int
    /// Offsets of the block's input, [inputs][16], and of its answer, in floats.
    public let inputOffset: Int
    public let outputOffset: Int
    private let scratch: Int
    private let weights: Int
    private let bias: Int

    /// - Returns: nil where a block would need more than `mostBytes`, as a forged program may.
    public init?(_ program: Program) {
        let (places, valueCount) = Self.places(program)
        let fused = program.fusedPools()
        let pools = Set(fused.values)
        var scratchBytes = 0
        var weightCount = 0
        var biasCount = 0
        for (index, step) in program.steps.enumerated() where !pools.contains(index) {
            let pool = fused[index].map { program.steps[$0] }
            let layer = Self.layer(
                // Nothing is kept for a backward pass.
                Kernel.Operation(step, pool: pool, of: program, index: index) { _ in -1 },
                step, output: Int(pool?.output ?? step.output), of: program, places)
            if case .convolution(var shape, _) = layer.kernel.operation {
                guard Self.paddedBytes(shape) < Double(Self.mostBytes) else { return nil }
                scratchBytes = max(scratchBytes, pf_convolution_forward_scratch(&shape))
            }
            weightCount = max(weightCount, layer.tile * (layer.weights?.length ?? 0))
            biasCount = max(biasCount, layer.bias?.length ?? 0)
            layers.append(layer)
        }
        var layout = ArenaLayout()
        _ = layout.take(valueCount * blockSize)
        scratch = layout.take((scratchBytes + 3) / 4)
        weights = layout.take(weightCount)
        bias = layout.take(biasCount)
        arenaBytes = layout.top * 4
        guard arenaBytes < Self.mostBytes else { return nil }
        inputOffset = places[0] * blockSize
        outputOffset = places[program.output] * blockSize
    }

    /// Where each value begins, in numbers of one sample, and where the last one ends. A convolution whose max-pool is
    /// computed with it has no place: that of the pool is taken while its input is still there.
    private static func places(_ program: Program) -> (places: [Int], count: Int) {
        let fused = program.fusedPools()
        let pools = Set(fused.values)
        var lastUse = program.lastUses()
        lastUse[program.output] = program.steps.count
        let writers = program.steps.indices.filter { !pools.contains($0) }
        let order =
            [(value: 0, birth: -1)]
            + writers.map { writer in
                (value: Int(program.steps[fused[writer] ?? writer].output), birth: writer)
            }
        let offsets = firstFit(
            order.map {
                Lifetime(count: program.values[$0.value].count, birth: $0.birth, lastUse: lastUse[$0.value])
            })
        var places = [Int](repeating: 0, count: program.values.count)
        var count = 0
        for ((value, _), offset) in zip(order, offsets) {
            places[value] = offset
            count = max(count, offset + program.values[value].count)
        }
        return (places, count)
    }

    /// Bytes of a convolution's input with its padding, for a block. Sizes of a forged program may overflow integers.
    private static func paddedBytes(_ c: pf_convolution) -> Double {
        func padded(
            _ size: Int32, _ out: Int32, _ kernel: Int32, _ stride: Int32, _ dilation: Int32, _ pad: Int32
        )
            -> Double
        {
            let reach = (Double(out) - 1) * Double(stride) + (Double(kernel) - 1) * Double(dilation) + 1
            return max(reach, Double(size) + Double(pad))
        }
        let height = padded(c.height_in, c.height_out, c.kernel_h, c.stride_h, c.dilation_h, c.pad_top)
        let width = padded(c.width_in, c.width_out, c.kernel_w, c.stride_w, c.dilation_w, c.pad_left)
        return Double(4 * blockSize) * Double(c.channels_in) * height * width
    }

    private static func layer(
        _ operation: Kernel.Operation, _ step: Step, output: Int, of program: Program, _ places: [Int]
    ) -> Layer {
        func slot(_ value: Int) -> Slot {
            Slot(value: places[value] * blockSize, gradient: -1, count: program.values[value].count)
        }
        let kernel = Kernel(
            operation: operation, x: slot(Int(step.input)),
            second: step.secondInput == Step.none16 ? nil : slot(Int(step.secondInput)), y: slot(output),
            weights: -1, bias: -1)
        let channels = program.values[Int(step.output)].channels
        var rows: WeightRows?
        var tile = 1
        if step.opcode.isWeighted {
            rows = WeightRows(
                offset: Int(step.weights), scale: step.scale == Step.none32 ? nil : Int(step.scale),
                rows: channels, length: program.rowLength(of: step))
            tile = channels
        } else if step.opcode == .batchNormalisation {
            rows = WeightRows(offset: Int(step.weights), scale: nil, rows: 1, length: 4 * channels)
        }
        if step.opcode == .dense {
            tile = min(channels, max(near / program.rowLength(of: step), 16) / 16 * 16)
        }
        return Layer(
            kernel: kernel, weights: rows,
            bias: step.bias == Step.none32
                ? nil : WeightRows(offset: Int(step.bias), scale: nil, rows: 1, length: channels),
            tile: tile)
    }

    /// Computes the answer of a block whose input has been filled in; what stands there is lost.
    /// - Parameters:
    ///   - arena: `arenaBytes` bytes, 64-byte aligned.
    ///   - read: puts rows of weights, one behind the other, where it is told.
    public func forward(
        arena: UnsafeMutablePointer<Float>, read: (WeightRows, _ to: UnsafeMutablePointer<Float>) -> Void
    ) {
        // By index: the iterator of an array allocates in a build that is not optimised.
        for index in 0..<layers.count {
            let layer = layers[index]
            if let rows = layer.bias { read(rows, arena + bias) }
            if case .dense(let shape) = layer.kernel.operation {
                forward(shape, layer, arena, read)
                continue
            }
            if let rows = layer.weights { read(rows, arena + weights) }
            layer.kernel.forward(
                weights: arena + weights, bias: layer.bias == nil ? nil : UnsafePointer(arena + bias),
                arena: arena, scratch: arena + scratch, mode: BlockMode())
        }
    }

    /// A dense layer in pieces of so many outputs that their weights stay near.
    private func forward(
        _ shape: pf_dense, _ layer: Layer, _ arena: UnsafeMutablePointer<Float>,
        _ read: (WeightRows, UnsafeMutablePointer<Float>) -> Void
    ) {
        var shape = shape
        let outputs = Int(shape.features_out)
        var first = 0
        while first < outputs {
            let count = min(layer.tile, outputs - first)
            read(layer.weights!.part(first, count), arena + weights)
            shape.features_out = Int32(count)
            pf_dense_forward(
                &shape, arena + layer.kernel.x.value, arena + weights,
                layer.bias == nil ? nil : arena + bias + first,
                arena + layer.kernel.y.value + first * blockSize, arena + scratch)
            first += count
        }
    }
}
