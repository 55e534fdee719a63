// Recurrent layers and tables of one sample behind guards, with weights cut in every way, against the kernels on blocks; and
// that no instruction set sees more of a block's operands than there is.
import CPagefoldKernels
import PagefoldCore
import PagefoldTestCases
import Testing

@Suite struct SequenceKernelTests {
    struct Layer: CustomTestStringConvertible {
        var cell: pf_cell
        var moments: Int
        var features: Int
        var units: Int
        var isReversed = false
        var hasState = false
        var testDescription: String {
            "cell \(cell.rawValue), \(moments) \(features) \(units), reversed \(isReversed), state \(hasState)"
        }

        var c: pf_recurrent {
            pf_recurrent(
                moments: Int32(moments), features: Int32(features), units: Int32(units),
                cell: Int32(cell.rawValue), is_reversed: isReversed ? 1 : 0)
        }
        var rows: Int { units * (cell == PF_CELL_PLAIN ? 1 : cell == PF_CELL_LSTM ? 4 : 3) }
        var biases: Int { cell == PF_CELL_GRU ? 4 * units : rows }
        var weights: Int { rows * (features + units) }
        var results: Int {
            moments * units * (cell == PF_CELL_LSTM || cell == PF_CELL_GRU_RESET_FIRST ? 2 : 1)
        }
        var states: Int { units * (cell == PF_CELL_LSTM ? 2 : 1) }
    }

    static let layers: [Layer] = [PF_CELL_PLAIN, PF_CELL_LSTM, PF_CELL_GRU, PF_CELL_GRU_RESET_FIRST].flatMap {
        [
            Layer(cell: $0, moments: 1, features: 1, units: 1),
            Layer(cell: $0, moments: 3, features: 5, units: 17, hasState: true),
            Layer(cell: $0, moments: 4, features: 33, units: 6, isReversed: true),
            Layer(cell: $0, moments: 2, features: 16, units: 32, isReversed: true, hasState: true),
        ]
    }

    private func guarded(_ count: Int, seed: UInt64) -> GuardedMemory {
        GuardedMemory(randomNumbers(count, seed: seed))
    }

    /// Every number in all lanes.
    private func lanesOf(_ numbers: UnsafeMutableBufferPointer<Float>) -> GuardedMemory {
        let block = GuardedMemory(count: 4 * numbers.count * lanes, alignment: 64)
        for i in 0..<block.floats.count { block.floats[i] = numbers[i / lanes] }
        return block
    }

    @Test(arguments: instructionSets, Cut.all + Cut.narrow)
    func recurrentLayersOfOneSample(instructionSet: String, cut: Cut) {
        for layer in Self.layers {
            let flat = randomNumbers(layer.weights + layer.rows + layer.biases, seed: 3)
            let x = guarded(layer.moments * layer.features, seed: 4)
            let state = guarded(layer.states, seed: 5)
            var c = layer.c
            with(instructionSet) {
                for hasVectors in [true, false] {
                    cut.compare(flat, paged: layer.weights) { weights in
                        let y = GuardedMemory(count: 4 * layer.results)
                        let scratch = GuardedMemory(count: pf_single_recurrent_scratch(&c), alignment: 64)
                        scratch.floats.update(repeating: .nan)
                        pf_single_recurrent(
                            &c, weights, 0, hasVectors ? Int64(layer.weights) : -1,
                            hasVectors ? Int64(layer.weights + layer.rows) : -1, x.floats.baseAddress,
                            layer.hasState ? state.floats.baseAddress : nil, y.floats.baseAddress,
                            scratch.bytes.baseAddress)
                        withExtendedLifetime(scratch) {}
                        return Array(y.floats)
                    }
                }
            }
        }
    }

    @Test(arguments: instructionSets, layers)
    func oneSampleIsALaneOfABlock(instructionSet: String, layer: Layer) {
        let w = guarded(layer.weights, seed: 6)
        let bias = guarded(layer.biases, seed: 7)
        let x = guarded(layer.moments * layer.features, seed: 8)
        let state = guarded(layer.states, seed: 9)
        let whole = GuardedWeights(
            Array(w.floats) + Array(bias.floats), paged: 0, pageSize: 1, isReversed: false, blockSize: 0)
        var c = layer.c
        with(instructionSet) {
            let (blockX, blockState) = (lanesOf(x.floats), lanesOf(state.floats))
            let y = GuardedMemory(count: 4 * layer.results * lanes, alignment: 64)
            let scratch = GuardedMemory(count: pf_recurrent_forward_scratch(&c), alignment: 64)
            scratch.floats.update(repeating: .nan)
            let first = layer.hasState ? blockState.floats.baseAddress : nil
            pf_recurrent_forward(
                &c, blockX.floats.baseAddress, first, w.floats.baseAddress, bias.floats.baseAddress,
                y.floats.baseAddress, nil, scratch.bytes.baseAddress)
            let single = GuardedMemory(count: 4 * layer.results)
            let room = GuardedMemory(count: pf_single_recurrent_scratch(&c), alignment: 64)
            whole.lend {
                pf_single_recurrent(
                    &c, $0, 0, -1, Int64(layer.weights), x.floats.baseAddress,
                    layer.hasState ? state.floats.baseAddress : nil, single.floats.baseAddress,
                    room.bytes.baseAddress)
            }
            let lane = (0..<layer.results).map { Double(y.floats[$0 * lanes + 7]) }
            #expect(relativeDifference(Array(single.floats), lane) < 1e-5)
            // What training keeps changes nothing, and the way back stays within what it asks for.
            let kept = GuardedMemory(count: pf_recurrent_kept(&c), alignment: 64)
            let again = GuardedMemory(count: 4 * layer.results * lanes, alignment: 64)
            pf_recurrent_forward(
                &c, blockX.floats.baseAddress, first, w.floats.baseAddress, bias.floats.baseAddress,
                again.floats.baseAddress, kept.bytes.baseAddress, scratch.bytes.baseAddress)
            #expect(Array(again.floats) == Array(y.floats))
            let back = GuardedMemory(count: pf_recurrent_backward_scratch(&c), alignment: 64)
            back.floats.update(repeating: .nan)
            let dw = GuardedMemory(count: 4 * layer.weights)
            let db = GuardedMemory(count: 4 * layer.biases)
            let dx = GuardedMemory(count: 4 * layer.moments * layer.features * lanes, alignment: 64)
            pf_recurrent_backward(
                &c, blockX.floats.baseAddress, first, w.floats.baseAddress, y.floats.baseAddress,
                kept.bytes.baseAddress, y.floats.baseAddress, dx.floats.baseAddress, dw.floats.baseAddress,
                db.floats.baseAddress, 0, back.bytes.baseAddress)
            for gradient in [dw, db, dx] { #expect(gradient.floats.allSatisfy { $0.isFinite }) }
            withExtendedLifetime((scratch, room, kept, back, blockX, blockState)) {}
        }
    }

    @Test(arguments: instructionSets, Cut.all + Cut.narrow)
    func tablesOfOneSample(instructionSet: String, cut: Cut) {
        for (rows, length) in [(1, 1), (5, 17), (9, 40)] {
            let flat = randomNumbers(rows * length + rows, seed: 5)
            let numbers = [-1, 0, Float(rows) - 1, Float(rows), .nan, .infinity, -.infinity, 2.9, 1e30]
            let x = GuardedMemory(numbers)
            var table = pf_embedding(rows: Int32(rows), length: Int32(length), count: Int32(numbers.count))
            with(instructionSet) {
                cut.compare(flat, paged: rows * length) { weights in
                    let y = GuardedMemory(count: 4 * numbers.count * length)
                    pf_single_embedding(
                        &table, weights, 0, Int64(rows * length), x.floats.baseAddress, y.floats.baseAddress)
                    return Array(y.floats)
                }
                // The same rows as the plain code's, in every lane.
                let w = GuardedMemory(Array(flat[..<(rows * length)]))
                let y = GuardedMemory(count: 4 * numbers.count * length * lanes, alignment: 64)
                let block = lanesOf(x.floats)
                pf_embedding_forward(
                    &table, block.floats.baseAddress, w.floats.baseAddress, y.floats.baseAddress)
                for (i, number) in numbers.enumerated() {
                    let row = OperationSpec.embeddedRow(number, rows: UInt32(rows))
                    for j in 0..<length * lanes {
                        #expect(y.floats[i * length * lanes + j] == flat[row * length + j / lanes])
                    }
                }
            }
        }
    }
}
