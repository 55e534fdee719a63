// Recurrent layers of a list of layers: shapes, what they compute, and what is not understood.

import PagefoldCore
import PagefoldGraph
import PagefoldTestCases
import Testing

@Suite struct RecurrentLayerListTests {
    private func build(_ layers: [String], _ input: Shape = Shape(channels: 6, height: 4)) throws -> Network {
        try Network(name: "net", input: input, layers: layers, seed: 3)
    }

    @Test(arguments: [
        (["lstm 5"], "5×1×1"), (["gru 5"], "5×1×1"), (["lstm 5 all"], "6×5×1"),
        (["gru 7 all reversed"], "6×7×1"),
        (["lstm 5 all", "gru 3 reversed", "dense 2", "softmax"], "2×1×1"), (["gru 1 reversed"], "1×1×1"),
    ]) func shapesFollow(layers: [String], last: String) throws {
        let network = try build(layers)
        #expect(try network.shapes().last?.description == last)
        let lowered = try network.lowered(for: .inference)
        let sample = randomNumbers(24, seed: 1)
        let expected = try ReferenceNetwork(network).run([sample.map(Double.init)])[0]
        #expect(relativeDifference(lowered.interpret(sample), expected) < 1e-5)
    }

    /// The state behind the last moment in time, which is the first place where time runs backwards.
    @Test(arguments: ["lstm", "gru"], ["", " reversed"]) func theLastStateIsTaken(
        kind: String, direction: String
    ) throws {
        let sample = randomNumbers(24, seed: 2)
        func answer(_ layer: String) throws -> [Float] {
            try build([layer]).lowered(for: .inference).interpret(sample)
        }
        let all = try answer("\(kind) 5 all\(direction)")
        let last = try answer("\(kind) 5\(direction)")
        #expect(last == Array(direction.isEmpty ? all.suffix(5) : all.prefix(5)))
    }

    @Test(arguments: [
        ("lstm", "number of units"), ("gru x", "number of units"), ("lstm 0", "number of units"),
        ("gru 5 backwards", "backwards"), ("lstm 5 all all", "all is not understood"), ("lstm 5 6", "6"),
        ("gru 16385", "units"), ("lstm 1048576", "units"),
    ]) func aLayerThatIsNotUnderstoodIsNamed(layer: String, told: String) throws {
        let error = #expect(throws: InputError.self) { try build(["relu", layer]) }
        #expect(error?.description.contains(told) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("2") == true)
    }

    @Test func imagesHaveNoMoments() throws {
        let error = #expect(throws: InputError.self) {
            try build(["lstm 3"], Shape(channels: 6, height: 4, width: 2))
        }
        #expect(error?.description.contains("1 lstm") == true, "\(error?.description ?? "")")
    }
}
