// Networks with several inputs, outputs and states: what lowering makes of them, and what it refuses.

import PagefoldCore
import PagefoldGraph
import PagefoldTestCases
import Testing

@Suite struct PortLoweringTests {
    /// Inputs come first, then states; what is wanted at the end is not overwritten.
    @Test(arguments: [LoweringMode.inference, .training]) func inputsComeFirstAndStatesBehindThem(
        mode: LoweringMode
    )
        throws
    {
        let lowered = try PortCase.network().lowered(for: mode)
        let program = lowered.program
        #expect(program.inputs == 2 && program.states.count == 2 && program.outputs.count == 2)
        #expect(
            Array(program.values[..<4]) == [
                PortCase.image, PortCase.vector, Shape(channels: 6), Shape(channels: 6),
            ])
        #expect(program.states[1] == 2, "the second state is what the first one was")
        #expect(program.outputs[0].scores != program.outputs[0].value)
        #expect(program.outputs[1].scores == program.outputs[1].value)
        #expect(lowered.text.inputs == PortCase.inputs && lowered.text.outputs == PortCase.outputs)
        try program.validate()
        // Places of the values that are read when all is done.
        let kept = Set(program.outputs.flatMap { [$0.value, $0.scores] } + program.states)
        let places = ArenaPlan(program).values.map { $0 / 4 }
        for a in kept {
            for b in kept where a < b {
                let (x, y) = (places[a], places[b])
                #expect(x + program.values[a].count <= y || y + program.values[b].count <= x)
            }
        }
    }

    @Test func portsHaveUsualNamesWhereNobodyNamesThem() throws {
        let lowered = try PortCase.network(hasPorts: false).lowered(for: .inference)
        #expect(lowered.text.inputs.map(\.name) == ["input", "input2"])
        #expect(lowered.text.outputs.map(\.name) == ["output", "output2"])
    }

    /// The definition in double precision over several runs.
    @Test(arguments: [LoweringMode.inference, .training]) func runsAreTheDefinitions(mode: LoweringMode)
        throws
    {
        let lowered = try PortCase.network().lowered(for: mode)
        let reference = try ReferenceNetwork(PortCase.network())
        var states = [[Double]](repeating: [Double](repeating: 0, count: 6), count: 2)
        let samples = PortCase.samples(20)
        for (sample, answers) in zip(samples, lowered.interpret(runs: samples)) {
            let due = reference.run(inputs: sample.map { $0.map(Double.init) }, states: &states)
            for (answer, due) in zip(answers, due) { #expect(relativeDifference(answer, due) < 1e-5) }
        }
    }

    /// A result that is an answer is not taken over by what follows it.
    @Test func anAnswerInTheMiddleStaysItself() throws {
        var builder = NetworkBuilder("middle", input: Shape(channels: 4))
        let middle = builder.add(.dense(outputs: 3))
        let end = builder.add(.activation(.relu))
        var network = builder.network
        network.outputs = [middle, end].enumerated().map {
            NetworkOutput(node: $1, port: NetworkPort(name: NetworkPort.usualName($0, isInput: false)))
        }
        let lowered = try network.lowered(for: .inference)
        let runs = lowered.interpret(runs: (0..<8).map { [randomNumbers(4, seed: $0)] })
        #expect(runs.contains { $0[0].contains { $0 < 0 } })
        for answers in runs { #expect(answers[1] == answers[0].map { max($0, 0) }) }
    }

    @Test func aFoldedNormalisationMovesOutputsAlong() throws {
        var builder = NetworkBuilder("folded", input: Shape(channels: 4))
        builder.add(.dense(outputs: 3))
        let first = builder.add(.batchNormalisation(epsilon: 1e-3))
        builder.add(.dense(outputs: 3), from: [0])
        builder.add(.batchNormalisation(epsilon: 1e-3))
        let second = builder.add(.activation(.tanh))
        var network = builder.network
        network.outputs = [second, first].enumerated().map {
            NetworkOutput(node: $1, port: NetworkPort(name: "\($0)"))
        }
        let sample = randomNumbers(4, seed: 3)
        let folded = try network.lowered(for: .inference).interpret(runs: [[sample]])[0]
        let whole = try network.lowered(for: .training).interpret(runs: [[sample]])[0]
        for (a, b) in zip(folded, whole) { #expect(relativeDifference(a, b.map(Double.init)) < 1e-5) }
    }

    struct Wrong: Sendable, CustomStringConvertible {
        let description: String
        let told: String
        let make: @Sendable (inout Network) -> Void
    }

    static let wrongs: [Wrong] = [
        Wrong(description: "an output that is no node", told: "output class: there is no node 99") {
            $0.outputs[0].node = 99
        },
        Wrong(description: "a state that is no input", told: "state 0") { $0.states[0].input = 5 },
        Wrong(description: "two states in one input", told: "state 0") { $0.states[1].input = 2 },
        Wrong(description: "a state of another shape", told: "becomes a state of 6×1×1") {
            $0.states[0].output = 1
        },
        Wrong(description: "a port too few", told: "2 input nodes, 1 ports") { $0.inputs.removeLast() },
        Wrong(description: "two ports of one name", told: "has no name of its own") {
            $0.inputs[1].name = "image"
        },
        Wrong(description: "a port of another shape", told: "axes that do not make") {
            $0.inputs[1].axes = [.init(4, .channels)]
        },
    ]

    @Test(arguments: wrongs) func wrongPortsAreTold(wrong: Wrong) throws {
        var network = PortCase.network()
        wrong.make(&network)
        let error = #expect(throws: InputError.self) { try network.lowered(for: .inference) }
        #expect(error?.description.contains(wrong.told) == true, "\(error?.description ?? "")")
    }
}
