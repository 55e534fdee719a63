// Constants in plans of blocks: they read nothing, so they get no gradient, pass none on, and need no input at all.

import PagefoldCore
import PagefoldGraph
import PagefoldTestCases
import Testing

@testable import PagefoldEngine

@Suite struct ConstantPlanTests {
    /// Two learnt values and a constant, all three summed up.
    private func network() throws -> LoweredNetwork {
        var builder = NetworkBuilder("sum", input: Shape(channels: 3))
        builder.add(.dense(outputs: 4))
        let learnt = builder.add(.function(.exponential))
        let numbers = builder.add(.constant(Shape(channels: 4)), from: [])
        builder.add(.add, from: [learnt, numbers])
        return try builder.network.lowered(for: .training)
    }

    /// In an arena that has been in use.
    private func gradient(_ lowered: LoweredNetwork) -> [Float] {
        let plan = NetworkPlan(program: lowered.program)
        let arena = BlockArena(plans: [plan])
        arena.pointer.update(repeating: 7, count: plan.arenaBytes / 4)
        return lowered.gradient(
            plan, arena, (0..<5).map { randomNumbers(3, seed: UInt64($0)) },
            upstream: (0..<5).map { randomNumbers(4, seed: 20 + UInt64($0)) }, mode: BlockMode(lanes: 5)
        ).values
    }

    @Test func aConstantHasNoGradient() throws {
        let lowered = try network()
        let step = try #require(lowered.program.steps.first { $0.opcode == .constant })
        let plan = NetworkPlan(program: lowered.program)
        #expect(!plan.slots[Int(step.output)].hasGradient)
        let numbers = Int(step.weights)..<Int(step.weights) + 4
        #expect(gradient(lowered)[numbers].allSatisfy { $0 == 0 })
    }

    /// Its first operand is not looked at, so a file may name any value there.
    @Test func theOperandThatAConstantNamesKeepsItsGradient() throws {
        let lowered = try network()
        let due = gradient(lowered)
        #expect(due[0] != 0)
        for value in 0..<3 {
            var other = lowered
            let index = try #require(other.program.steps.firstIndex { $0.opcode == .constant })
            other.program.steps[index].input = UInt16(value)
            try other.program.validate()
            #expect(gradient(other) == due, "value \(value)")
            // Where a loss looks at the constant, too.
            other.program.logits = Int(other.program.steps[index].output)
            try other.program.validate()
            #expect(gradient(other).allSatisfy { $0 == 0 })
        }
    }

    @Test(arguments: [LoweringMode.training, .inference])
    func anInputThatNothingReads(mode: LoweringMode) throws {
        var builder = NetworkBuilder("still", input: Shape(channels: 5, height: 2, width: 3))
        builder.add(.constant(Shape(channels: 4)), from: [])
        let bare = try builder.network.lowered(for: mode)
        builder.add(.parametricRelu)
        let lowered = try builder.network.lowered(for: mode)
        let samples = (0..<3).map { randomNumbers(30, seed: UInt64($0)) }
        let parameters = builder.network.nodes.map { $0.parameters.first?.values ?? [] }
        #expect(bare.answers(samples) == [[Float]](repeating: parameters[1], count: 3))
        let due = zip(parameters[1], parameters[2]).map { $0 > 0 ? Double($0) : Double($0 * $1) }
        for answer in lowered.answers(samples) + [lowered.interpret(samples[0])] {
            #expect(relativeDifference(answer, due) < 1e-6)
        }
        // Slopes of what lies below zero are still trained.
        let slopes = lowered.gradient(
            samples, upstream: [[1, 1, 1, 1]], mode: BlockMode(lanes: 3)
        ).suffix(8)
        #expect(slopes.contains { $0 != 0 })
    }

    /// Pages are shared and trained; what the graph says is neither.
    @Test(arguments: [false, true]) func constantsAreInTheTail(pageBiases: Bool) throws {
        var builder = NetworkBuilder("tail", input: Shape(channels: 3))
        builder.add(.bias)
        let learnt = builder.add(.parametricRelu)
        let numbers = builder.add(.constant(Shape(channels: 3)), from: [])
        builder.add(.multiply, from: [learnt, numbers])
        builder.add(.dense(outputs: 2))
        let lowered = try builder.network.lowered(for: .training, pageBiases: pageBiases)
        let step = try #require(lowered.program.steps.first { $0.opcode == .constant })
        #expect(Int(step.weights) >= lowered.program.pagedCount)
        #expect(lowered.program.pagedCount == (pageBiases ? 14 : 6))
        #expect(lowered.program.weightCount == 17)
    }
}
