// Kernels on memory behind which nothing may be read: pools, exclusive pages, tails, patches, tables, samples and scratch
// all end at a guard, so that one number too far ends the process. Results are compared with weights in one piece.
import CPagefoldKernels
import PagefoldCore
import PagefoldTestCases
import Testing

/// A flat vector cut into pages that lie in reverse order, the first ones at the guards; or in order, the last ones there.
struct GuardedWeights {
    private let parts: [GuardedMemory]
    var paged: pf_paged_weights

    /// - Parameters:
    ///   - flat: what is paged, then the tail.
    ///   - blockSize: of patches, of which every third block is one; 0: none.
    ///   - format: of the pages, which hold the numbers of `flat`; steps are `step`.
    init(
        _ flat: [Float], paged count: Int, pageSize: Int, isReversed: Bool, blockSize: Int,
        format: NumberFormat = .float32
    ) {
        let pages = (count + pageSize - 1) / pageSize
        let areas = [(pages + 1) / 2, pages / 2]
        var memory = areas.map { [Float](repeating: .nan, count: $0 * pageSize) }
        var table = [UInt16]()
        for page in 0..<pages {
            let (area, number) = (page % 2, page / 2)
            let place = isReversed ? areas[area] - 1 - number : number
            table.append(UInt16(place + (area == 1 ? areas[0] : 0)))
            for i in 0..<min(pageSize, count - page * pageSize) {
                memory[area][place * pageSize + i] = flat[page * pageSize + i]
            }
        }
        var blocks = [UInt16]()
        var values = [Float]()
        if blockSize > 0 {
            for block in stride(from: 1, to: (count + blockSize - 1) / blockSize, by: 3) {
                blocks.append(UInt16(block))
                for i in block * blockSize..<(block + 1) * blockSize {
                    values.append(i < count ? flat[i] : .nan)
                    // What is patched is of no consequence.
                    if i < count {
                        let (area, number) = (i / pageSize % 2, i / pageSize / 2)
                        let place = isReversed ? areas[area] - 1 - number : number
                        memory[area][place * pageSize + i % pageSize] = .nan
                    }
                }
            }
        }
        let narrow = memory.map { NarrowPages($0, pageSize: pageSize, format: format) }
        let parts = [
            GuardedMemory(narrow[0].codes), GuardedMemory(narrow[1].codes),
            GuardedMemory(Array(flat[count...])),
            GuardedMemory(table.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] } + [0, 0, 0]),
            GuardedMemory(blocks),
            GuardedMemory(values), GuardedMemory(narrow[0].steps), GuardedMemory(narrow[1].steps),
        ]
        self.parts = parts
        func floats(_ part: Int) -> UnsafePointer<Float>? { UnsafePointer(parts[part].floats.baseAddress) }
        func frames(_ area: Int) -> pf_frames {
            pf_frames(
                codes: parts[area].bytes.baseAddress, quanta: parts[6 + area].bytes.baseAddress,
                stride: Int64(narrow[area].stride), format: Int32(format.rawValue))
        }
        paged = pf_paged_weights(
            pool: frames(0), exclusive: frames(1), tail: floats(2), table: parts[3].bytes.baseAddress,
            patch_indices: parts[4].bytes.baseAddress, patch_values: floats(5), paged: Int64(count),
            page_size: Int32(pageSize), frames: Int32(areas[0]), entry_bits: 16,
            patch_count: Int32(blocks.count), patch_size: Int32(max(blockSize, 1)), patch_bytes: 2,
            vector_format: 0)
    }

    func lend<Result>(_ body: (UnsafePointer<pf_paged_weights>) -> Result) -> Result {
        withExtendedLifetime(parts) { withUnsafePointer(to: paged, body) }
    }
}

/// Pages as the bytes of a format, by the definition in docs/format.md. NaN, which nobody may read, is any code.
struct NarrowPages {
    static let step: Float = 0.25
    private(set) var codes: [UInt8] = []
    let steps: [Float16]
    let stride: Int

    init(_ weights: [Float], pageSize: Int, format: NumberFormat) {
        let bits = format.bits
        stride = (pageSize * bits + 7) / 8
        steps = [Float16](repeating: Float16(Self.step), count: weights.count / pageSize)
        for start in Swift.stride(from: 0, to: weights.count, by: pageSize) {
            var page = [UInt8](repeating: 0, count: stride)
            for (index, weight) in weights[start..<start + pageSize].enumerated() {
                let code = format.encode(weight, quantum: Self.step)
                for bit in 0..<bits where code >> UInt32(bit) & 1 == 1 {
                    page[(index * bits + bit) / 8] |= 1 << UInt8((index * bits + bit) % 8)
                }
            }
            codes += page
        }
        if format != .float32 { codes += [UInt8](repeating: 0, count: 8) }
    }
}

/// How weights are cut and stored.
struct Cut: CustomTestStringConvertible {
    var pageSize: Int
    var isReversed: Bool
    var blockSize: Int
    var format = NumberFormat.float32
    var testDescription: String {
        "\(pageSize)\(isReversed ? " reversed" : ""), blocks of \(blockSize), \(format)"
    }

    static let all = [
        Cut(pageSize: 1, isReversed: true, blockSize: 0), Cut(pageSize: 7, isReversed: false, blockSize: 7),
        Cut(pageSize: 16, isReversed: true, blockSize: 4),
        Cut(pageSize: 100, isReversed: true, blockSize: 10),
        Cut(pageSize: 512, isReversed: false, blockSize: 64),
    ]
    static let narrow = NumberFormat.allCases.filter { $0 != .float32 }.flatMap {
        [
            Cut(pageSize: 1, isReversed: true, blockSize: 0, format: $0),
            Cut(pageSize: 21, isReversed: false, blockSize: 7, format: $0),
            Cut(pageSize: 512, isReversed: true, blockSize: 0, format: $0),
        ]
    }

    /// Calls `body` with the cut weights and with those in one piece.
    func compare(_ weights: [Float], paged: Int, _ body: (UnsafePointer<pf_paged_weights>) -> [Float]) {
        var flat = weights
        pf_round_weights(paged, weights, Int32(format.rawValue), NarrowPages.step, &flat)
        let cut = GuardedWeights(
            flat, paged: paged, pageSize: pageSize, isReversed: isReversed, blockSize: blockSize,
            format: format)
        let whole = GuardedWeights(flat, paged: 0, pageSize: 1, isReversed: false, blockSize: 0)
        let difference = relativeDifference(cut.lend(body), whole.lend(body).map { Double($0) })
        #expect(difference < 1e-5)
    }
}

private func guarded(_ count: Int, seed: UInt64) -> GuardedMemory {
    GuardedMemory(randomNumbers(count, seed: seed))
}

@Suite struct OverreadTests {
    @Test(arguments: instructionSets, Cut.all + Cut.narrow)
    func convolutionsOfOneSample(instructionSet: String, cut: Cut) {
        for shape in convolutionCases {
            let outputs = shape.outputs / lanes
            let channels = shape.channelsOut
            // Weights, then scales and biases: the last bias lies right before the guard.
            let flat = randomNumbers(shape.weights + 2 * channels, seed: 3)
            let x = guarded(shape.inputs / lanes + Int(PF_SINGLE_SLACK), seed: 4)
            with(instructionSet) {
                for hasVectors in [true, false] {
                    cut.compare(flat, paged: shape.weights) { weights in
                        let y = GuardedMemory(count: 4 * outputs)
                        withUnsafePointer(to: shape.c) { c in
                            let scratch = GuardedMemory(
                                count: pf_single_convolution_scratch(c), alignment: 64)
                            scratch.floats.update(repeating: .nan)
                            withExtendedLifetime(scratch) {
                                pf_single_convolution(
                                    c, weights, 0, hasVectors ? Int64(shape.weights) : -1,
                                    hasVectors ? Int64(shape.weights + channels) : -1, x.floats.baseAddress,
                                    y.floats.baseAddress, scratch.bytes.baseAddress)
                            }
                        }
                        return Array(y.floats)
                    }
                }
            }
        }
    }

    @Test(arguments: instructionSets, Cut.all + Cut.narrow)
    func denseLayersOfOneSample(instructionSet: String, cut: Cut) {
        for (inputs, outputs) in [(1, 1), (3, 17), (16, 16), (37, 5), (130, 33), (523, 3)] {
            let flat = randomNumbers(inputs * outputs + 2 * outputs, seed: 5)
            let x = guarded(inputs, seed: 6)
            var dense = pf_dense(
                features_in: Int32(inputs), features_out: Int32(outputs), activation: 1, alpha: 0, beta: 0)
            with(instructionSet) {
                cut.compare(flat, paged: inputs * outputs) { weights in
                    let y = GuardedMemory(count: 4 * outputs)
                    pf_single_dense(
                        &dense, weights, 0, Int64(inputs * outputs), Int64(inputs * outputs + outputs),
                        x.floats.baseAddress, y.floats.baseAddress)
                    return Array(y.floats)
                }
            }
        }
    }

    @Test(arguments: instructionSets, Cut.all + Cut.narrow)
    func gatheredRows(instructionSet: String, cut: Cut) {
        let flat = randomNumbers(1100 + 11, seed: 7)
        with(instructionSet) {
            for (offset, rows, length) in [(0, 11, 100), (1, 3, 7), (1099, 1, 1), (37, 2, 500), (5, 0, 9)] {
                for scale: Int64 in [-1, 1100] {
                    var expected = [Float]()
                    for row in 0..<rows {
                        let factor = scale < 0 ? 1 : flat[Int(scale) + row]
                        expected += flat[offset + row * length..<offset + (row + 1) * length].map {
                            $0 * factor
                        }
                    }
                    cut.compare(flat, paged: 1100) { weights in
                        let out = GuardedMemory(count: 4 * rows * length)
                        pf_gather_rows(
                            weights, Int64(offset), scale, Int64(rows), Int64(length), out.floats.baseAddress)
                        if cut.format == .float32 { #expect(Array(out.floats) == expected) }
                        guard scale < 0 else { return expected }
                        out.floats.update(repeating: .nan)
                        pf_gather_weights(
                            weights, Int64(offset), Int64(rows * length), out.floats.baseAddress)
                        return Array(out.floats)
                    }
                }
            }
        }
    }

    @Test(arguments: instructionSets) func vectorsOfOneSample(instructionSet: String) {
        with(instructionSet) {
            for count in [1, 3, 15, 16, 17, 33, 100] {
                let x = guarded(count, seed: 8)
                let y = GuardedMemory(count: 4 * count)
                for activation in activations {
                    pf_single_activation(
                        Int32(activation.rawValue), 0.1, upperBound, count, x.floats.baseAddress,
                        y.floats.baseAddress)
                    let expected = x.floats.map { activate(activation, 0.1, Double($0)) }
                    #expect(relativeDifference(Array(y.floats), expected) < 1e-5)
                }
                pf_single_softmax(Int32(count), x.floats.baseAddress, y.floats.baseAddress)
                #expect(abs(y.floats.reduce(0, +) - 1) < 1e-5)
            }
        }
    }

    /// Forward kernels of blocks: plain weights and biases, both at a guard, and no more scratch than going forward takes.
    @Test(arguments: instructionSets) func layersOfABlock(instructionSet: String) {
        with(instructionSet) {
            for shape in convolutionCases {
                let run = ConvolutionRun(shape, seed: 9)
                run.forward()
                let x = GuardedMemory(run.x.array)
                let w = GuardedMemory(run.w.array)
                let bias = GuardedMemory(run.bias.array)
                let y = GuardedMemory(count: 4 * shape.outputs, alignment: 64)
                withUnsafePointer(to: shape.c) { c in
                    let scratch = GuardedMemory(count: pf_convolution_forward_scratch(c), alignment: 64)
                    pf_convolution_forward(
                        c, x.floats.baseAddress, w.floats.baseAddress, bias.floats.baseAddress,
                        y.floats.baseAddress, nil, scratch.bytes.baseAddress)
                    withExtendedLifetime(scratch) {}
                }
                #expect(Array(y.floats) == run.y.array, "\(shape.name)")
            }
            for (inputs, outputs) in [(1, 1), (3, 17), (37, 31)] {
                let x = guarded(inputs * lanes, seed: 12)
                let w = guarded(inputs * outputs, seed: 13)
                let bias = guarded(outputs, seed: 14)
                let y = GuardedMemory(count: 4 * outputs * lanes, alignment: 64)
                var dense = pf_dense(
                    features_in: Int32(inputs), features_out: Int32(outputs), activation: 0, alpha: 0, beta: 0
                )
                pf_dense_forward(
                    &dense, x.floats.baseAddress, w.floats.baseAddress, bias.floats.baseAddress,
                    y.floats.baseAddress, nil)
                let first = (0..<inputs).reduce(Double(bias.floats[0])) {
                    $0 + Double(w.floats[$1]) * Double(x.floats[$1 * lanes])
                }
                #expect(abs(Double(y.floats[0]) - first) < 1e-4)
            }
        }
    }

    @Test(arguments: instructionSets) func samplesOfABlock(instructionSet: String) {
        with(instructionSet) {
            for (samples, features) in [(1, 1), (16, 16), (5, 33), (15, 31), (16, 47)] {
                let from = (0..<samples).map { guarded(features, seed: UInt64($0)) }
                let to = from.map { _ in GuardedMemory(count: 4 * features) }
                let block = GuardedMemory(count: 4 * features * lanes, alignment: 64)
                pf_transpose_block(
                    Int32(samples), features, from.map { UnsafePointer($0.floats.baseAddress) },
                    block.floats.baseAddress)
                pf_untranspose_block(
                    Int32(samples), features, block.floats.baseAddress, to.map(\.floats.baseAddress))
                for (a, b) in zip(from, to) { #expect(Array(a.floats) == Array(b.floats)) }
            }
        }
    }
}
