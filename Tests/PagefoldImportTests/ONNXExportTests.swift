// Exported networks answer as they do here: what is written is read again by the ONNX reader, whose own answers are held
// against ONNX Runtime's.

import Foundation
import PagefoldCore
import PagefoldGraph
import PagefoldTestCases
import Testing

@testable import PagefoldImport

@Suite struct ONNXExportTests {
    /// Answers of runs one after the other, in the axes of the ports.
    private func answers(_ network: LoweredNetwork, runs: Int, statesAreInputs: Int = 0) -> [[Float]] {
        let program = network.program
        let run = ModelRun(network)
        var states = (0..<statesAreInputs).map {
            [Float](repeating: 0, count: program.values[program.inputs - statesAreInputs + $0].count)
        }
        return (0..<runs).map { index in
            var inputs: [[Float]] = []
            for input in 0..<program.inputs - statesAreInputs {
                let shape = program.values[input]
                let numbers = randomNumbers(shape.count, seed: UInt64(7 * index + input + 1))
                inputs.append(network.text.inputs[input].outsideIndices(of: shape).map { numbers[$0] })
            }
            let results = run(inputs + states)
            let count = program.outputs.count - statesAreInputs
            states = Array(results[count...])
            return results[..<count].enumerated().flatMap { output, numbers -> [Float] in
                let shape = program.values[program.outputs[output].value]
                var outside = numbers
                for (number, place) in zip(numbers, network.text.outputs[output].outsideIndices(of: shape)) {
                    outside[place] = number
                }
                return outside
            }
        }
    }

    private func check(_ network: LoweredNetwork) throws {
        let bytes = try ONNX.exported(network)
        let read = try ONNX.load([UInt8](bytes), file: "exported.onnx", name: network.name)
        let again = try read.lowered(for: .inference)
        #expect(again.text.inputs.map(\.name).starts(with: network.text.inputs.map(\.name)))
        #expect(again.text.outputs.map(\.name).starts(with: network.text.outputs.map(\.name)))
        let due = answers(network, runs: 3)
        let got = answers(again, runs: 3, statesAreInputs: network.program.states.count)
        for (got, due) in zip(got, due) { #expect(relativeDifference(got, due.map(Double.init)) < 2e-5) }
    }

    @Test(arguments: OperationCase.all) func exportedNetworksAnswerTheSame(_ test: OperationCase) throws {
        let network = try test.network.lowered(for: .inference)
        do { try check(network) } catch let error as InputError {
            // ONNX gives the cells of the last moment alone.
            let forms = network.program.steps.filter { $0.opcode == .recurrent }.map {
                RecurrentForm(mode: $0.mode)
            }
            #expect(forms.contains { $0?.results == 2 })
            #expect(error.problem.contains("cells of all moments"))
        }
    }

    @Test func statesBecomeInputsAndOutputs() throws {
        try check(try PortCase.network().lowered(for: .inference))
    }
}
