// Plans of networks with several inputs and outputs: answers, and gradients of all outputs together.

import PagefoldCore
import PagefoldGraph
import PagefoldTestCases
import Testing

@testable import PagefoldEngine

@Suite struct PortPlanTests {
    private static let lanes = 5

    /// Fills the inputs of a block, [numbers][16].
    private func fill(_ arena: UnsafeMutablePointer<Float>, _ offsets: [Int], _ samples: [[[Float]]]) {
        for (lane, sample) in samples.enumerated() {
            for (input, numbers) in sample.enumerated() {
                for (index, number) in numbers.enumerated() {
                    arena[offsets[input] + index * blockSize + lane] = number
                }
            }
        }
    }

    private func answers(
        _ arena: UnsafeMutablePointer<Float>, _ program: Program, _ offset: (Int) -> Int, lane: Int
    ) -> [[Float]] {
        program.outputs.indices.map { output in
            (0..<program.values[program.outputs[output].value].count).map {
                arena[offset(output) + $0 * blockSize + lane]
            }
        }
    }

    /// The first run of each sample: states are zeros, whatever was in the arena before.
    @Test(arguments: [LoweringMode.inference, .training]) func aPlanAnswersAllOutputs(mode: LoweringMode)
        throws
    {
        let lowered = try PortCase.network().lowered(for: mode)
        let (program, samples) = (lowered.program, PortCase.samples(Self.lanes))
        let plan = NetworkPlan(program: program)
        let block = BlockArena(plans: [plan])
        block.pointer.update(repeating: 7, count: plan.arenaBytes / 4)
        fill(block.pointer, (0..<2).map(plan.inputOffset), samples)
        lowered.weights.withUnsafeBufferPointer {
            plan.forward(weights: $0.baseAddress!, arena: block.pointer, mode: BlockMode(lanes: Self.lanes))
        }
        for (lane, sample) in samples.enumerated() {
            let due = lowered.interpret(runs: [sample])[0]
            let got = answers(block.pointer, program, plan.outputOffset, lane: lane)
            for (a, b) in zip(got, due) { #expect(relativeDifference(a, b.map(Double.init)) < 1e-5) }
        }
        withExtendedLifetime(block) {}
    }

    @Test func anInferencePlanAnswersAllOutputs() throws {
        let lowered = try PortCase.network().lowered(for: .inference)
        let samples = PortCase.samples(Self.lanes)
        let plan = try InferencePlan(lowered.program)
        let raw = UnsafeMutableRawPointer.allocate(byteCount: plan.arenaBytes, alignment: 64)
        defer { raw.deallocate() }
        let arena = raw.bindMemory(to: Float.self, capacity: plan.arenaBytes / 4)
        arena.initialize(repeating: 7, count: plan.arenaBytes / 4)
        fill(arena, plan.inputOffsets, samples)
        plan.forward(arena: arena) { wanted, target in
            let range = wanted.offset..<wanted.offset + wanted.rows * wanted.length
            for (place, weight) in lowered.weights[range].enumerated() { target[place] = weight }
        }
        for (lane, sample) in samples.enumerated() {
            let due = lowered.interpret(runs: [sample])[0]
            let got = answers(arena, lowered.program, { plan.outputOffsets[$0] }, lane: lane)
            for (a, b) in zip(got, due) { #expect(relativeDifference(a, b.map(Double.init)) < 1e-5) }
        }
    }

    /// Loss: the sum of all scores, each times a number of its own. Every weight against finite differences.
    @Test func gradientsOfAllOutputsMeet() throws {
        let lowered = try PortCase.network().lowered(for: .training)
        let (program, samples) = (lowered.program, PortCase.samples(1))
        let plan = NetworkPlan(program: program)
        let block = BlockArena(plans: [plan])
        let factors: [[Float]] = [[0.5, -1, 0.25, 2], [1.5]]

        func loss(_ weights: [Float]) -> Double {
            fill(block.pointer, (0..<2).map(plan.inputOffset), samples)
            weights.withUnsafeBufferPointer {
                plan.forward(
                    weights: $0.baseAddress!, arena: block.pointer, mode: BlockMode(lanes: 1), toScores: true)
            }
            var sum = 0.0
            for (output, row) in factors.enumerated() {
                for (index, factor) in row.enumerated() {
                    sum += Double(factor * block.pointer[plan.scores[output].value + index * blockSize])
                }
            }
            return sum
        }

        _ = loss(lowered.weights)
        for (output, row) in factors.enumerated() {
            let start = block.pointer + plan.scores[output].gradient
            start.update(repeating: 0, count: row.count * blockSize)
            for (index, factor) in row.enumerated() { start[index * blockSize] = factor }
        }
        var gradient = [Float](repeating: 0, count: lowered.weights.count)
        gradient.withUnsafeMutableBufferPointer { gradient in
            lowered.weights.withUnsafeBufferPointer {
                plan.backward(
                    weights: $0.baseAddress!, arena: block.pointer, gradient: gradient.baseAddress!,
                    mode: BlockMode(lanes: 1))
            }
        }
        for index in stride(from: 0, to: lowered.weights.count, by: 3) {
            let step: Float = 1e-2
            var (up, down) = (lowered.weights, lowered.weights)
            up[index] += step
            down[index] -= step
            let due = (loss(up) - loss(down)) / Double(up[index] - down[index])
            #expect(abs(Double(gradient[index]) - due) < 2e-2 * max(1, abs(due)), "weight \(index)")
        }
        withExtendedLifetime(block) {}
    }
}
