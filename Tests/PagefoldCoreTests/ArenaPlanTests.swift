// Places in arenas: what is alive together lies apart, gaps are used again, sizes are those of the last byte.

import PagefoldCore
import PagefoldGraph
import PagefoldTestCases
import Testing

@Suite struct ArenaPlanTests {
    @Test(arguments: OperationCase.all, [(1, 4), (1, 64), (16, 64)])
    func valuesThatAreAliveTogetherLieApart(of test: OperationCase, unit: (samples: Int, alignment: Int))
        throws
    {
        for mode in [LoweringMode.training, .inference] {
            let program = try test.network.lowered(for: mode).program
            for fused in [[:], program.fusedPools()] {
                let plan = ArenaPlan(
                    program, fusing: fused, samples: unit.samples, alignment: unit.alignment)
                func range(_ value: Int) -> Range<Int> {
                    plan.values[value]..<plan.values[value] + 4 * unit.samples * program.values[value].count
                }
                /// A reshape's result is its operand under another name.
                func origin(_ value: Int) -> Int {
                    let step = program.steps.first { Int($0.output) == value && $0.opcode == .reshape }
                    return step.map { origin(Int($0.input)) } ?? value
                }
                var alive: Set<Int> = [0]
                for (index, step) in program.steps.enumerated() where !fused.values.contains(index) {
                    let output = Int(program.steps[fused[index] ?? index].output)
                    if origin(output) != output {
                        #expect(range(output) == range(origin(output)))
                    }
                    for value in alive where origin(value) != origin(output) {
                        #expect(!range(output).overlaps(range(value)), "\(output) lies on \(value)")
                    }
                    alive.insert(output)
                    #expect(range(output).lowerBound % unit.alignment == 0)
                    #expect(range(output).upperBound <= plan.byteCount)
                    alive = alive.filter { value in
                        value == program.logits || value == program.output
                            || program.steps[(index + 1)...].contains {
                                // A constant has an operand in name only.
                                Int($0.input) == value && $0.opcode != .constant
                                    || Int($0.secondInput) == value
                            }
                    }
                    #expect(alive.contains(Int(step.input)) || plan.values[Int(step.input)] >= 0)
                }
            }
        }
    }

    @Test func theFirstGapIsTaken() {
        var plan = ArenaPlan(alignment: 8)
        #expect(plan.place(20, birth: 0, lastUse: 9) == 0)
        #expect(plan.place(16, birth: 1, lastUse: 2) == 24)
        #expect(plan.place(8, birth: 2, lastUse: 9) == 40)
        #expect(plan.place(17, birth: 3, lastUse: 9) == 48, "the gap of 16 bytes is too small")
        #expect(plan.place(16, birth: 4, lastUse: 9) == 24)
        #expect(plan.append(1) == 72)
        #expect(plan.append(5, alignment: 64) == 128)
        #expect(plan.byteCount == 133)
    }

    @Test func whatIsFusedHasNoPlace() throws {
        var builder = NetworkBuilder("pooled", input: Shape(channels: 1, height: 8, width: 8))
        builder.add(.convolution(outputs: 100, window: Window(height: 1, width: 1)))
        builder.add(.maxPool(Window(height: 2, width: 2, strideHeight: 2, strideWidth: 2)))
        let program = try builder.network.lowered(for: .inference).program
        #expect(program.fusedPools() == [0: 1])
        let plan = ArenaPlan(program, fusing: program.fusedPools())
        #expect(plan.values == [0, -1, 256])
        #expect(plan.byteCount == 256 + 6_400)
        #expect(program.arenaCount == 64 + 6_400 + 1_600)
    }

    /// Chains of them, of an input, and one that is read when its operand is not any more.
    @Test func reshapesTakeNoPlace() throws {
        var builder = NetworkBuilder("reshaped", input: Shape(channels: 2, height: 3))
        builder.add(.reshape(Shape(channels: 6)))
        let row = builder.add(.reshape(Shape(channels: 1, height: 1, width: 6)))
        builder.add(.activation(.relu), from: [0])
        let bent = builder.add(.reshape(Shape(channels: 1, height: 1, width: 6)))
        builder.add(.activation(.tanh))
        builder.add(.add, from: [builder.last, bent])
        builder.add(.add, from: [builder.last, row])
        let lowered = try builder.network.lowered(for: .inference)
        let plan = ArenaPlan(lowered.program)
        #expect(plan.values == [0, 0, 0, 24, 24, 48, 72, 24])
        let sample = randomNumbers(6, seed: 1)
        let expected = try ReferenceNetwork(builder.network).run([sample.map(Double.init)])[0]
        #expect(relativeDifference(lowered.interpret(sample), expected) < 1e-6)
    }

    @Test func aProgramOfTooManyBytesIsRefused() {
        let huge = Shape(channels: FoldFormat.largestArena)
        let program = Program(
            values: [huge, huge], steps: [Step(opcode: .activation, input: 0, output: 1)],
            outputs: [ProgramOutput(value: 1)], pagedCount: 0, weightCount: 0)
        let error = #expect(throws: FoldError.self) { try program.validate() }
        #expect(error?.problem == "its values need 2147483648 bytes at a time")
    }
}
