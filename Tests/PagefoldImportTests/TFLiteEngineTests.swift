// The small TFLite files with LiteRT's answers through every engine. That the interpreter answers as LiteRT does is
// TFLiteOperatorTests'.

import PagefoldCore
import PagefoldData
import PagefoldGraph
import PagefoldTestCases
import Testing

@testable import PagefoldImport

struct TFLiteEngineTests {
    /// Networks with states run sample by sample, which StateTests hold to account.
    @Test(arguments: TFLiteGoldens.names) func enginesAnswerAsTheInterpreterDoes(_ name: String) throws {
        let network = try TFLiteGoldens.load(TFLiteGoldens.bytes(name))
        let lowered = try network.lowered(for: .inference)
        let program = lowered.program
        guard program.states.isEmpty, program.inputs > 0 else { return }
        var numbers = TFLiteGoldens.numbers(name)[...]
        let count = Int(numbers.popFirst() ?? 0)
        var inputs: [[Float]] = []
        for (index, port) in lowered.text.inputs.enumerated() {
            let length = count * program.values[index].count
            inputs.append(numbers.prefix(length).map { ($0 - Float(port.zeroPoint)) * port.scale })
            numbers = numbers.dropFirst(length)
        }
        let run = ModelRun(lowered)
        let samples = (0..<count).map { sample in
            run.inside(
                inputs.enumerated().map { index, all in
                    let length = program.values[index].count
                    return Array(all[sample * length..<(sample + 1) * length])
                })
        }
        let due = samples.map { run($0) }
        for (engine, answers) in try EngineAnswers(network).answers(to: samples) {
            for (lane, answer) in answers.enumerated() {
                for (found, due) in zip(answer, due[lane % count]) {
                    let difference = relativeDifference(found, due.map(Double.init))
                    #expect(difference < 2e-5, "\(engine), lane \(lane)")
                }
            }
        }
    }
}
