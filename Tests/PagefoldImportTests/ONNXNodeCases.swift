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

    /// The model with the first axis of its first input, and of nothing else, set to 1.
    func withBatchOfOne() throws -> [UInt8] {
        var stored = try ONNXModelProto(serializedBytes: model)
        for index in stored.graph.input.indices where stored.graph.input[index].name == inputs[0].name {
            stored.graph.input[index].type.tensorType.shape.dim[0].dimValue = 1
        }
        return try stored.serializedBytes()
    }
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
    func callAsFunction(_ arrays: [[Double]]) -> [[Double]] {
        let inputs = zip(arrays, network.text.inputs).map { array, port in
            array.map { Float(($0 - Double(port.zeroPoint)) * Double(port.scale)) }
        }
        return zip(run.answer(to: inputs), network.text.outputs).map { answer, port in
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
    for (place, pair) in zip(found, due).enumerated() {
        let (a, b) = pair
        if a == b || a.isNaN && b.isNaN { continue }
        if !((a - b).magnitude <= absolute + relative * b.magnitude) {
            return "number \(place) is \(a), \(b) is due"
        }
    }
    return nil
}
