// A program from the bytes of a fold file, as ProgramEncoding.swift writes them. Everything that a step will touch is
// checked here, so that running a decoded program cannot leave its buffers.

/// What a program's section says that is not usual. Raw values are bits of a number in the file.
package struct ProgramForm: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// There are other than one input.
    package static let inputs = ProgramForm(rawValue: 1)
    /// There are states.
    package static let states = ProgramForm(rawValue: 2)
    /// There are several outputs, or the only one is not the result of the last step.
    package static let outputs = ProgramForm(rawValue: 4)
    /// A port is not usual.
    package static let ports = ProgramForm(rawValue: 8)
    static let all: ProgramForm = [.inputs, .states, .outputs, .ports]
}

extension Program {
    /// Reads a program and the numbers of its ports, whose names are in another section.
    static func decoding(
        _ bytes: UnsafeRawBufferPointer, network: Int
    ) throws(FoldError) -> (program: Program, inputs: [NetworkPort], outputs: [NetworkPort]) {
        var reader = NumberReader(bytes)
        do throws(NumberReader.Failure) {
            let program = try reader.program()
            do throws(FoldError) { try program.validate() } catch {
                throw NumberReader.Failure(error.problem)
            }
            let ports = try reader.ports(of: program)
            try reader.requireEnd()
            return (program, ports.inputs, ports.outputs)
        } catch { throw FoldError("program", network: network, error.problem) }
    }

    /// The output where a program says nothing of it: what the last step writes, the scores before a softmax.
    package static func usualOutput(of steps: [Step]) -> ProgramOutput {
        guard let last = steps.last else { return ProgramOutput(value: 0) }
        return ProgramOutput(
            value: Int(last.output), scores: last.opcode == .softmax ? Int(last.input) : nil)
    }

    /// Checks that every step reads values that exist and weights that are there.
    /// - Throws: `FoldError` naming the step.
    public func validate() throws(FoldError) {
        func fail(_ problem: String) -> FoldError { FoldError("program", problem) }
        guard pagedCount <= weightCount else { throw fail("more paged weights than weights") }
        let most = FoldFormat.mostPorts
        guard 1...most ~= inputs, states.count <= most, 1...most ~= outputs.count, givenCount <= values.count
        else {
            throw fail(
                "\(inputs) inputs, \(states.count) states and \(outputs.count) outputs of \(values.count) values"
            )
        }
        guard finalValues.allSatisfy(values.indices.contains) else { throw fail("its answer is not a value") }
        var written = [Bool](repeating: false, count: values.count)
        for value in 0..<givenCount { written[value] = true }
        for (i, step) in steps.enumerated() {
            guard Int(step.input) < values.count, written[Int(step.input)] else {
                throw fail("step \(i) reads value \(step.input), which is not computed yet")
            }
            guard Int(step.output) < values.count, !written[Int(step.output)] else {
                throw fail("step \(i) writes value \(step.output), which is not free")
            }
            if let problem = step.problem(values: values, weightCount: weightCount, written: written) {
                throw fail("step \(i) (\(step.opcode.spec.name)): \(problem)")
            }
            written[Int(step.output)] = true
        }
        guard finalValues.allSatisfy({ written[$0] }) else { throw fail("its answer is never computed") }
        for (state, value) in states.enumerated() where values[value] != stateShape(state) {
            throw fail("state \(state) is \(stateShape(state)) and becomes \(values[value])")
        }
        let bytes = ArenaPlan(self).byteCount
        guard bytes / 4 <= FoldFormat.largestArena else {
            throw fail("its values need \(bytes) bytes at a time")
        }
    }
}
