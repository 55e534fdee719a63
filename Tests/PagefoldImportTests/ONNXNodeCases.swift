// The node tests of ONNX (the shared archive of models with inputs and outputs), and how a translated network is run on
// arrays as the file sees them. Not tests themselves.

import Foundation
import PagefoldCore
import PagefoldTestCases
import PagefoldData
import PagefoldGraph
import SwiftProtobuf

@testable import PagefoldImport

/// One node test.
struct ONNXNodeCase: Sendable {
    let name: String
    let model: [UInt8]
    let inputs: [(name: String, value: ConstantTensor)]
    let outputs: [ConstantTensor]

    /// All that are there, by name.
    static let all: [String: ONNXNodeCase] = (try? read()) ?? [:]
    static let names = all.keys.sorted()

    /// Whether its first input is empty: there is nothing that a network could take.
    var hasNoNumbers: Bool { inputs.first?.value.values.isEmpty ?? false }

    private static func read() throws -> [String: ONNXNodeCase] {
        guard let folder = SharedData.folder else { return [:] }
        let path = String(folder.dropLast("/datasets".count)) + "/models/onnx-node-tests.tar.gz"
        let archive = try TarArchive(try FileBytes.read(path), file: path)
        var files: [String: [String: TarArchive.Entry]] = [:]
        for entry in archive.entries {
            let parts = entry.name.split(separator: "/").drop { $0 == "." }
            guard parts.count >= 3 else { continue }
            let test = parts.dropFirst().first.map(String.init) ?? ""
            files[test, default: [:]][parts.dropFirst(2).joined(separator: "/")] = entry
        }
        var cases: [String: ONNXNodeCase] = [:]
        for (name, own) in files {
            guard let model = own["model.onnx"] else { continue }
            let bytes = archive.content(of: model)
            func tensors(_ kind: String) throws -> [ConstantTensor] {
                var found: [ConstantTensor] = []
                while let entry = own["test_data_set_0/\(kind)_\(found.count).pb"] {
                    let stored = try ONNXTensorProto(serializedBytes: archive.content(of: entry))
                    found.append(try ONNXTensors(external: nil).constant(stored))
                }
                return found
            }
            let graph = try ONNXModelProto(serializedBytes: bytes).graph
            let stored = Set(graph.initializer.map(\.name))
            let names = graph.input.map(\.name).filter { !stored.contains($0) }
            let (inputs, outputs) = (try tensors("input"), try tensors("output"))
            cases[name] = ONNXNodeCase(
                name: name, model: bytes, inputs: zip(names, inputs).map { (name: $0.0, value: $0.1) },
                outputs: outputs)
        }
        return cases
    }

    /// The network of the whole array as one sample: the first input is the network's, what follows are constants.
    func network() throws -> Network {
        try ONNX.load(
            model, file: name, name: name,
            options: ModelOptions(inputSizes: inputs.first.map { ["": $0.value.shape] } ?? [:]),
            binding: Self.binding(inputs.dropFirst()))
    }

    /// The network of one sample, of a test in `batched`.
    func networkOfOneSample() throws -> Network {
        try ONNX.load(
            try withBatchOfOne(), file: name, name: name, binding: Self.binding(inputs.dropFirst()))
    }

    static func binding(
        _ inputs: some Sequence<(name: String, value: ConstantTensor)>
    ) -> [String: ConstantTensor] {
        Dictionary(inputs.map { ($0.name, $0.value) }) { first, _ in first }
    }

    /// The model with the first axis of its first input, and of nothing else, set to 1.
    private func withBatchOfOne() throws -> [UInt8] {
        var stored = try ONNXModelProto(serializedBytes: model)
        for index in stored.graph.input.indices where stored.graph.input[index].name == inputs[0].name {
            stored.graph.input[index].type.tensorType.shape.dim[0].dimValue = 1
        }
        return try stored.serializedBytes()
    }
}

// MARK: Which are what

extension ONNXNodeCase {
    /// What this version does not do, whatever the way, and words of the refusal.
    static let refused: [String: String] = [
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
    static let saturating: Set = [
        "test_qlinearmatmul_2D_int8_float32", "test_qlinearmatmul_3D_int8_float32",
    ]

    /// What makes sense of constants alone: sizes and places that a network's input cannot say.
    static let constantsOnly: [String: String] = [
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

    /// Those that a network can be made of: there are numbers to take.
    static let withNumbers = names.filter { !(all[$0]?.hasNoNumbers ?? true) }

    /// Those that keep the first axis as samples (Goldens/make_onnx_batch_tests.py): imported for one, run for each.
    static let batched: [String] =
        (try? String(contentsOfFile: Goldens.path("onnx-batch-tests.txt"), encoding: .utf8))
        .map { $0.split(separator: "\n").map(String.init) } ?? []
}

/// A translated network on arrays of its ports.
struct PortRun {
    let network: LoweredNetwork
    private let run: ModelRun

    init(_ network: Network) throws {
        self.network = try network.lowered(for: .inference)
        run = ModelRun(self.network)
    }

    /// - Parameter arrays: the numbers of each input, row-major, as the file sees them.
    /// - Returns: those of each output.
    func callAsFunction(_ arrays: [[Double]]) -> [[Double]] { numbers(run(sample(arrays))) }

    /// Arrays as the file sees them, as the program takes them.
    func sample(_ arrays: [[Double]]) -> [[Float]] {
        run.inside(
            zip(arrays, network.text.inputs).map { array, port in
                array.map { Float(($0 - Double(port.zeroPoint)) * Double(port.scale)) }
            })
    }

    /// The program's answers as the file sees them.
    func numbers(_ answers: [[Float]]) -> [[Double]] {
        zip(run.outside(answers), network.text.outputs).map { answer, port in
            answer.map { number in
                port.element == .float32
                    ? Double(number)
                    : (Double(number) / Double(port.scale)).rounded(.toNearestOrEven) + Double(port.zeroPoint)
            }
        }
    }
}

/// The first number that differs by more than ONNX's tolerances, in words; nil where all agree.
func misfit(_ found: [Double], _ due: [Double], relative: Double = 1e-3, absolute: Double = 1e-7) -> String? {
    guard found.count == due.count else { return "\(found.count) numbers, \(due.count) are due" }
    // By index: iterators are slow in a build that is not optimised.
    for place in found.indices {
        let (a, b) = (found[place], due[place])
        if a == b || a.isNaN && b.isNaN { continue }
        if !((a - b).magnitude <= absolute + relative * b.magnitude) {
            return "number \(place) is \(a), \(b) is due"
        }
    }
    return nil
}
