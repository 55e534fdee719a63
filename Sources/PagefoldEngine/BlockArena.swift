// One thread's memory for running blocks: filling in samples, reading out answers.

internal import CPagefoldKernels
import PagefoldCore

/// Memory for one block of any of several networks. One for each thread.
final class BlockArena: @unchecked Sendable {  // Used by one thread at a time.
    let pointer: UnsafeMutablePointer<Float>
    private let rows: FloatBuffer
    private let rowCount: Int

    /// - Parameter plans: the networks whose blocks are to run here.
    init(plans: [NetworkPlan]) {
        let bytes = plans.map(\.arenaBytes).max() ?? 64
        let raw = UnsafeMutableRawPointer.allocate(byteCount: max(bytes, 64), alignment: 64)
        pointer = raw.bindMemory(to: Float.self, capacity: bytes / 4)
        pointer.initialize(repeating: 0, count: bytes / 4)
        rowCount = plans.map(\.inputCount).max() ?? 1
        rows = FloatBuffer(count: rowCount * blockSize)
    }

    deinit { pointer.deallocate() }

    /// Fills the input of a plan with up to 16 samples; missing lanes repeat the first, so that no function
    /// meets numbers there that it has no result for.
    func fill(
        _ plan: NetworkPlan, from source: any SampleSource, indices: some Collection<Int>,
        variant: (_ lane: Int) -> UInt64? = { _ in nil }
    ) {
        var pointers = [UnsafePointer<Float>?](repeating: nil, count: blockSize)
        let count = plan.inputCount
        for (lane, index) in indices.enumerated() {
            let row = UnsafeMutableBufferPointer(start: rows.pointer + lane * count, count: count)
            source.copySample(index, variant: variant(lane), into: row)
            pointers[lane] = UnsafePointer(row.baseAddress)
        }
        for lane in indices.count..<blockSize { pointers[lane] = pointers[0] }
        // A sample has its inputs one behind the other.
        for (input, shape) in plan.program.values[..<plan.program.inputs].enumerated() {
            pf_transpose_block(
                Int32(blockSize), shape.count, pointers, pointer + plan.inputOffset(input))
            for lane in 0..<blockSize { pointers[lane] = pointers[lane].map { $0 + shape.count } }
        }
    }
}
