// ONNX's node tests, three ways: from constants, with the whole array as one sample, and sample by sample. Tolerances are
// ONNX's own.

import Foundation
import PagefoldCore
import PagefoldGraph
import Testing

@testable import PagefoldImport

@Suite(.enabled(if: !ONNXNodeCase.names.isEmpty, "no shared node tests here"))
struct ONNXNodeTests {
    private static func expects(_ name: String, _ words: String, _ body: () throws -> Void) {
        let error = #expect(throws: InputError.self, "\(name)") { try body() }
        #expect(error?.problem.contains(words) == true, "\(name): \(error?.problem ?? "")")
    }

    @Test func thereAreAsManyAsWereShared() { #expect(ONNXNodeCase.names.count == 580) }

    @Test(arguments: ONNXNodeCase.names) func constantsGiveTheAnswer(_ name: String) throws {
        let test = try #require(ONNXNodeCase.all[name])
        func found() throws -> [ConstantTensor] {
            try ONNX.constants(test.model, file: name, binding: ONNXNodeCase.binding(test.inputs))
        }
        if let words = ONNXNodeCase.refused[name] { return Self.expects(name, words) { _ = try found() } }
        for (found, due) in zip(try found(), test.outputs) {
            #expect(found.shape == due.shape)
            let misfit = misfit(found.values, due.values)
            #expect(
                (misfit == nil) != ONNXNodeCase.saturating.contains(name), "\(misfit ?? "no longer wraps")")
        }
    }

    /// The first input is the network's; what follows are constants.
    @Test(arguments: ONNXNodeCase.withNumbers)
    func aNetworkGivesTheAnswer(_ name: String) throws {
        let test = try #require(ONNXNodeCase.all[name])
        if let words = ONNXNodeCase.refused[name] ?? ONNXNodeCase.constantsOnly[name] {
            return Self.expects(name, words) { _ = try test.network() }
        }
        let answers = try PortRun(try test.network())([test.inputs[0].value.values])
        for (found, due) in zip(answers, test.outputs) {
            let misfit = misfit(found, due.values)
            #expect(
                (misfit == nil) != ONNXNodeCase.saturating.contains(name), "\(misfit ?? "no longer wraps")")
        }
    }

    @Test(arguments: ONNXNodeCase.batched) func samplesAreAnsweredOneByOne(_ name: String) throws {
        let test = try #require(ONNXNodeCase.all[name])
        let x = test.inputs[0].value
        if let words = ONNXNodeCase.refused[name] {
            return Self.expects(name, words) { _ = try test.networkOfOneSample() }
        }
        let run = try PortRun(try test.networkOfOneSample())
        let count = x.values.count / x.shape[0]
        var answers: [[Double]] = test.outputs.map { _ in [] }
        for sample in 0..<x.shape[0] {
            let part = Array(x.values[sample * count..<(sample + 1) * count])
            for (index, answer) in run([part]).enumerated() { answers[index] += answer }
        }
        for (found, due) in zip(answers, test.outputs) { #expect(misfit(found, due.values) == nil) }
    }

    @Test func manyKeepSamples() { #expect(ONNXNodeCase.batched.count == 363) }
}
