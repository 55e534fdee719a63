// ONNX's node tests, three ways: from constants, with the whole array as one sample, and sample by sample. Tolerances are
// ONNX's own.

import Foundation
import PagefoldCore
import PagefoldGraph
import Testing

@testable import PagefoldImport

@Suite(.enabled(if: !ONNXNodeCase.names.isEmpty, "no shared node tests here"))
struct ONNXNodeTests {
    /// What this version does not do, whatever the way, and words of the refusal.
    private static let refused: [String: String] = [
        "test_batchnorm_epsilon_training_mode": "training_mode",
        "test_batchnorm_example_training_mode": "training_mode",
        "test_training_dropout": "drops", "test_training_dropout_default": "drops",
        "test_training_dropout_mask": "drops", "test_training_dropout_default_mask": "drops",
        "test_lstm_with_peepholes": "peepholes",
        "test_maxpool_with_argmax_2d_precomputed_pads": "places of the largest",
        "test_maxpool_with_argmax_2d_precomputed_strides": "places of the largest",
    ]

    /// The expected answers wrap around at the ends of int8. The specification and runtimes saturate, and so does this
    /// project.
    private static let saturating: Set = [
        "test_qlinearmatmul_2D_int8_float32", "test_qlinearmatmul_3D_int8_float32",
    ]

    /// What makes sense of constants alone: sizes and places that a network's input cannot say.
    private static let constantsOnly: [String: String] = [
        "test_constant": "input", "test_constantofshape_float_ones": "depends on the input",
        "test_constantofshape_int_shape_zero": "depends on the input",
        "test_constantofshape_int_zeros": "depends on the input",
        "test_range_float_type_positive_delta": "depends on the input",
        "test_range_int32_type_negative_delta": "depends on the input",
        "test_dequantizelinear_blocked": "block_size", "test_quantizelinear_blocked_asymmetric": "block_size",
        "test_dynamicquantizelinear": "follows from the input",
        "test_dynamicquantizelinear_max_adjusted": "follows from the input",
        "test_dynamicquantizelinear_min_adjusted": "follows from the input",
        "test_slice_start_out_of_bounds": "constant of shape",
    ]

    private static func binding(
        _ inputs: some Sequence<(name: String, value: ConstantTensor)>
    ) -> [String: ConstantTensor] {
        Dictionary(inputs.map { ($0.name, $0.value) }) { first, _ in first }
    }

    private static func expects(_ name: String, _ words: String, _ body: () throws -> Void) {
        let error = #expect(throws: InputError.self, "\(name)") { try body() }
        #expect(error?.problem.contains(words) == true, "\(name): \(error?.problem ?? "")")
    }

    @Test func thereAreAsManyAsWereShared() { #expect(ONNXNodeCase.names.count == 580) }

    @Test(arguments: ONNXNodeCase.names) func constantsGiveTheAnswer(_ name: String) throws {
        let test = try #require(ONNXNodeCase.all[name])
        func found() throws -> [ConstantTensor] {
            try ONNX.constants(test.model, file: name, binding: Self.binding(test.inputs))
        }
        if let words = Self.refused[name] { return Self.expects(name, words) { _ = try found() } }
        for (found, due) in zip(try found(), test.outputs) {
            #expect(found.shape == due.shape)
            let misfit = misfit(found.values, due.values)
            #expect((misfit == nil) != Self.saturating.contains(name), "\(misfit ?? "no longer wraps")")
        }
    }

    /// The first input is the network's; what follows are constants.
    @Test(arguments: ONNXNodeCase.names.filter { !(ONNXNodeCase.all[$0]?.hasNoNumbers ?? true) })
    func aNetworkGivesTheAnswer(_ name: String) throws {
        let test = try #require(ONNXNodeCase.all[name])
        func network() throws -> Network {
            try ONNX.load(
                test.model, file: name, name: name,
                options: ModelOptions(inputSizes: test.inputs.first.map { ["": $0.value.shape] } ?? [:]),
                binding: Self.binding(test.inputs.dropFirst()))
        }
        if let words = Self.refused[name] ?? Self.constantsOnly[name] {
            return Self.expects(name, words) { _ = try network() }
        }
        let answers = try PortRun(try network())([test.inputs[0].value.values])
        for (found, due) in zip(answers, test.outputs) {
            let misfit = misfit(found, due.values)
            #expect((misfit == nil) != Self.saturating.contains(name), "\(misfit ?? "no longer wraps")")
        }
    }

    /// Those that keep the first axis as samples (Goldens/make_onnx_batch_tests.py): imported for one, run for each.
    static let batched: [String] =
        (try? String(contentsOfFile: Goldens.path("onnx-batch-tests.txt"), encoding: .utf8))
        .map { $0.split(separator: "\n").map(String.init) } ?? []

    @Test(arguments: batched) func samplesAreAnsweredOneByOne(_ name: String) throws {
        let test = try #require(ONNXNodeCase.all[name])
        let x = test.inputs[0].value
        func network() throws -> Network {
            try ONNX.load(
                try test.withBatchOfOne(), file: name, name: name,
                binding: Self.binding(test.inputs.dropFirst()))
        }
        if let words = Self.refused[name] { return Self.expects(name, words) { _ = try network() } }
        let run = try PortRun(try network())
        let count = x.values.count / x.shape[0]
        var answers: [[Double]] = test.outputs.map { _ in [] }
        for sample in 0..<x.shape[0] {
            let part = Array(x.values[sample * count..<(sample + 1) * count])
            for (index, answer) in run([part]).enumerated() { answers[index] += answer }
        }
        for (found, due) in zip(answers, test.outputs) { #expect(misfit(found, due.values) == nil) }
    }

    @Test func manyKeepSamples() { #expect(Self.batched.count == 363) }
}
