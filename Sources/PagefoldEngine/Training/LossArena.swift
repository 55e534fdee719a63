// One thread's memory for blocks with a loss: the arena of a block, its labels and numbers, the original's scores.

import PagefoldCore

/// Blocks of samples with what a loss needs of them. One for each thread.
final class LossArena: @unchecked Sendable {  // Used by one thread at a time.
    private let arena: BlockArena
    let labels: UnsafeMutableBufferPointer<Int32>
    private let numbers: FloatBuffer
    private let row: FloatBuffer
    private let teacher: FloatBuffer
    private let loss = FloatBuffer(count: blockSize)
    private var hasNumbers = false

    /// - Parameter numbers: the most that a sample has, where targets are taken.
    init(plans: [NetworkPlan], numbers count: Int = 0) {
        arena = BlockArena(plans: plans)
        labels = .allocate(capacity: blockSize)
        labels.initialize(repeating: -1)
        numbers = FloatBuffer(count: count * blockSize)
        row = FloatBuffer(count: count)
        teacher = FloatBuffer(count: (plans.map(\.scoreCount).max() ?? 0) * blockSize)
    }

    deinit { labels.deallocate() }

    /// Fills in samples.
    func fill(
        _ plan: NetworkPlan, from samples: any SampleSource, indices: ArraySlice<Int>,
        variants: ArraySlice<UInt64>? = nil
    ) {
        arena.fill(plan, from: samples, indices: indices) { lane in variants.map { $0[$0.startIndex + lane] }
        }
    }

    /// Takes the labels and numbers of the samples, for those who train.
    func takeTargets(of indices: ArraySlice<Int>, from samples: any SampleSource) {
        let count = samples.numberCount
        hasNumbers = count > 0
        for (lane, index) in indices.enumerated() {
            labels[lane] = samples.label(index)
            guard hasNumbers else { continue }
            samples.copyNumbers(index, into: UnsafeMutableBufferPointer(start: row.pointer, count: count))
            for n in 0..<count { numbers.pointer[n * blockSize + lane] = row.pointer[n] }
        }
    }

    /// Computes the original's scores and keeps them.
    func ask(_ weights: FloatBuffer, _ plan: NetworkPlan, lanes: Int) {
        forward(plan, weights: weights.pointer, mode: BlockMode(lanes: lanes))
        var first = 0
        for output in plan.scores {
            let count = output.count * blockSize
            (teacher.pointer + first).update(from: arena.pointer + output.value, count: count)
            first += count
        }
    }

    func forward(_ plan: NetworkPlan, weights: UnsafePointer<Float>, mode: BlockMode) {
        plan.forward(weights: weights, arena: arena.pointer, mode: mode, toScores: true)
    }

    func backward(
        _ plan: NetworkPlan, weights: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>,
        mode: BlockMode, squared: Bool = false
    ) {
        plan.backward(
            weights: weights, arena: arena.pointer, gradient: gradient, mode: mode, squared: squared)
    }

    /// What the loss sees of the block that was computed last.
    func block(
        _ plan: NetworkPlan, lanes: Int, isTaught: Bool,
        _ distillation: Distillation = Distillation(labelWeight: 1, temperature: 1), scale: Float = 1
    ) -> LossBlock {
        var first = 0
        let outputs = plan.scores.map { output in
            defer { first += output.count * blockSize }
            return ScoreBlock(
                count: output.count, scores: arena.pointer + output.value,
                gradient: arena.pointer + output.gradient,
                teacher: isTaught ? UnsafePointer(teacher.pointer + first) : nil)
        }
        return LossBlock(
            lanes: lanes, stride: blockSize, outputs: outputs, input: arena.pointer + plan.inputOffset(0),
            labels: labels.baseAddress!,
            numbers: hasNumbers ? UnsafePointer(numbers.pointer) : nil,
            labelWeight: distillation.labelWeight, temperature: distillation.temperature, scale: scale,
            loss: loss.pointer)
    }

    /// Calls `visit` with the scores and the first input of each lane.
    func visit(
        _ plan: NetworkPlan, lanes: Int, row: FloatBuffer,
        _ visit: (Int, [UnsafeBufferPointer<Float>], UnsafeBufferPointer<Float>) -> Void
    ) {
        for lane in 0..<lanes {
            var place = 0
            func take(_ source: Int, _ count: Int) -> UnsafeBufferPointer<Float> {
                let start = row.pointer + place
                for n in 0..<count { start[n] = arena.pointer[source + n * blockSize + lane] }
                place += count
                return UnsafeBufferPointer(start: start, count: count)
            }
            let outputs = plan.scores.map { take($0.value, $0.count) }
            visit(lane, outputs, take(plan.inputOffset(0), plan.program.values[0].count))
        }
    }
}
