// ONNX's node tests: every operator against the answers that ONNX gives, three ways.

import Foundation
import PagefoldCore
import PagefoldGraph
import Testing

@testable import PagefoldImport

@Suite(.enabled(if: !ONNXNodeCase.names.isEmpty, "no shared node tests here"))
struct ONNXNodeTests {
    private static func binding(_ inputs: some Sequence<(name: String, value: ConstantTensor)>) -> [String:
        ConstantTensor]
    {
        Dictionary(inputs.map { ($0.name, $0.value) }) { first, _ in first }
    }

    @Test(arguments: ONNXNodeCase.names) func constants(_ name: String) throws {
        let test = try #require(ONNXNodeCase.all[name])
        do {
            let found = try ONNX.constants(test.model, file: name, binding: Self.binding(test.inputs))
            for (a, b) in zip(found, test.outputs) {
                if a.shape != b.shape { print("CONST", name, "shape \(a.shape) \(b.shape)") }
                if let m = misfit(a.values, b.values) { print("CONST", name, m) }
            }
        } catch { print("CONST", name, "ERR \(error)") }
    }

    @Test(arguments: ONNXNodeCase.names) func whole(_ name: String) throws {
        let test = try #require(ONNXNodeCase.all[name])
        do {
            let network = try ONNX.load(
                test.model, file: name, name: name, binding: Self.binding(test.inputs.dropFirst()))
            let run = try PortRun(network)
            guard network.inputs.count == 1 else {
                print("WHOLE", name, "inputs \(network.inputs.count)"); return
            }
            guard run.network.program.values[0].count == test.inputs[0].value.values.count else {
                print("WHOLE", name, "sizes \(run.network.program.values[0])"); return
            }
            let found = run([test.inputs[0].value.values])
            for (a, b) in zip(found, test.outputs) {
                if let m = misfit(a, b.values) { print("WHOLE", name, m) }
            }
        } catch { print("WHOLE", name, "ERR \(error)") }
    }

    @Test(arguments: ONNXNodeCase.names) func batch(_ name: String) throws {
        let test = try #require(ONNXNodeCase.all[name])
        do {
            guard let x = test.inputs.first?.value, let n = x.shape.first, n > 0 else {
                print("BATCH", name, "none"); return
            }
            let network = try ONNX.load(
                test.withBatchOfOne(), file: name, name: name, binding: Self.binding(test.inputs.dropFirst()))
            let run = try PortRun(network)
            guard network.inputs.count == 1 else {
                print("BATCH", name, "inputs \(network.inputs.count)"); return
            }
            var all: [[Double]] = test.outputs.map { _ in [] }
            let c = x.values.count / n
            guard run.network.program.values[0].count == c else {
                print("BATCH", name, "sizes \(run.network.program.values[0])"); return
            }
            for i in 0..<n {
                let found = run([Array(x.values[i * c..<(i + 1) * c])])
                for (k, a) in found.enumerated() { all[k] += a }
            }
            for (a, b) in zip(all, test.outputs) {
                if let m = misfit(a, b.values) { print("BATCH", name, m) }
            }
        } catch { print("BATCH", name, "ERR \(error)") }
    }
}
