// ONNX's node tests through every engine, at each test's tolerance. Whether they import at all is ONNXNodeTests'.

import PagefoldCore
import PagefoldGraph
import PagefoldTestCases
import Testing

@testable import PagefoldImport

@Suite(.enabled(if: !ONNXNodeCase.names.isEmpty, "no shared node tests here"))
struct ONNXEngineTests {
    /// Those that import: as one sample, and sample by sample.
    static let whole = ONNXNodeCase.withNumbers.filter {
        ONNXNodeCase.refused[$0] == nil && ONNXNodeCase.constantsOnly[$0] == nil
            && !ONNXNodeCase.saturating.contains($0)
    }
    static let batched = ONNXNodeCase.batched.filter { ONNXNodeCase.refused[$0] == nil }

    /// Every second lane has other numbers, whatever they lead to: lanes do not touch each other.
    @Test(arguments: whole) func theWholeArrayIsASample(_ name: String) throws {
        let test = try #require(ONNXNodeCase.all[name])
        let network = try test.network()
        let run = try PortRun(network)
        let sample = run.sample([test.inputs[0].value.values])
        let other = sample.map { Array($0[1...] + $0[..<1]) }
        for (engine, answers) in try EngineAnswers(network).answers(to: [sample, other]) {
            // Most lanes have the very numbers of another, which are looked at once.
            for lane in answers.indices where lane % 2 == 0 && (lane == 0 || answers[lane] != answers[0]) {
                for (found, due) in zip(run.numbers(answers[lane]), test.outputs) {
                    #expect(misfit(found, due.values) == nil, "\(engine), lane \(lane)")
                }
            }
        }
    }

    @Test(arguments: batched) func samplesAreLanes(_ name: String) throws {
        let test = try #require(ONNXNodeCase.all[name])
        let network = try test.networkOfOneSample()
        let run = try PortRun(network)
        let x = test.inputs[0].value
        let count = x.values.count / x.shape[0]
        let samples = stride(from: 0, to: x.values.count, by: count).map {
            run.sample([Array(x.values[$0..<$0 + count])])
        }
        for (engine, answers) in try EngineAnswers(network).answers(to: samples) {
            for lane in answers.indices {
                let sample = lane % samples.count
                if lane >= samples.count && answers[lane] == answers[sample] { continue }
                for (found, due) in zip(run.numbers(answers[lane]), test.outputs) {
                    let length = due.values.count / samples.count
                    let own = Array(due.values[sample * length..<(sample + 1) * length])
                    #expect(misfit(found, own) == nil, "\(engine), lane \(lane)")
                }
            }
        }
    }

    @Test func theyAreMany() { #expect(Self.whole.count > 500 && Self.batched.count > 340) }
}
