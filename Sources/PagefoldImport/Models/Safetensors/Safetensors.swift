// Networks from safetensors files, which have weights and no network: a list of layers says the rest. Names and orders of weights
// are PyTorch's.

import Foundation
public import PagefoldCore
import PagefoldData
import PagefoldGraph

/// Reads safetensors files with the layers that a job file lists beside them.
public enum Safetensors: ModelReader {
    public static let name = "safetensors files with layers"

    public static func recognises(_ file: ModelFile) -> Bool { file.kind == .safetensors }

    public static func read(_ file: ModelFile, options: ModelOptions) throws(InputError) -> ModelContent {
        let tensors = try SafetensorsFile(
            [UInt8](try FileBytes.data(file.path, options: [])), file: file.path)
        guard !options.layers.isEmpty, let input = options.layerInput else {
            throw InputError(
                file: file.path, field: "layers", problem: "a safetensors file has weights and no network",
                remedy:
                    "list the layers in the job file, each with from NAME, and input: [channels, height, width]; "
                    + "tensors: \(list(tensors.names))")
        }
        let last = FilePath.name(of: file.path)
        var network = try Network(
            name: options.name ?? FilePath.withoutSuffix(last), input: input,
            layers: options.layers, seed: 1)
        for index in network.nodes.indices where !network.nodes[index].parameters.isEmpty {
            try fill(&network.nodes[index], from: tensors)
        }
        return .network(network)
    }

    public static func describe(_ file: ModelFile) throws(InputError) -> ModelDescription? {
        let tensors = try SafetensorsFile(
            [UInt8](try FileBytes.data(file.path, options: [])), file: file.path)
        let weights = tensors.names.reduce(0) { $0 + (tensors.shape(of: $1) ?? []).reduce(1, *) }
        return ModelDescription(
            format: "safetensors: \(list(tensors.names))", inputs: [], outputs: [], operations: [:],
            weights: weights)
    }

    /// Takes the weights of a layer from the tensors whose names begin with its own.
    private static func fill(_ node: inout Node, from tensors: SafetensorsFile) throws(InputError) {
        let layer = node.name
        func tensor(_ suffix: String, isOptional: Bool = false) throws(InputError) -> ConstantTensor? {
            if let tensor = tensors.tensor("\(layer).\(suffix)") { return tensor }
            if isOptional { return nil }
            throw InputError(
                file: tensors.file, field: "layer \(layer)", problem: "there is no tensor \(layer).\(suffix)",
                remedy:
                    "write from NAME behind the layer, where NAME.\(suffix) is one of \(list(tensors.names))")
        }
        func set(_ index: Int, _ values: [Double], _ name: String) throws(InputError) {
            let due = node.parameters[index].values.count
            guard values.count == due else {
                throw InputError(
                    file: tensors.file, field: "tensor \(layer).\(name)",
                    problem:
                        "it has \(values.count) numbers, \(due) are due: \(node.parameters[index].shape)",
                    remedy: "correct the layer, or the input: the layer before it gives another shape")
            }
            if let bad = values.firstIndex(where: { !Float($0).isFinite }) {
                throw InputError(
                    file: tensors.file, field: "tensor \(layer).\(name)",
                    problem: "number \(bad) is \(values[bad])",
                    remedy: "save a network whose training did not diverge")
            }
            node.parameters[index].values = values.map { Float($0) }
        }
        if case .recurrent(let form, let units) = node.operation {
            return try fillRecurrent(form, units, tensor, set)
        }
        // The bias of a layer before a normalisation is often left out.
        let names: [ParameterRole: String] =
            if case .batchNormalisation = node.operation {
                [.gamma: "weight", .beta: "bias", .mean: "running_mean", .variance: "running_var"]
            } else {
                [.weight: "weight", .bias: "bias", .slope: "weight"]
            }
        for index in node.parameters.indices {
            let role = node.parameters[index].role
            guard let name = names[role], let found = try tensor(name, isOptional: role == .bias) else {
                continue
            }
            let isShared = role == .slope && found.values.count == 1
            let count = node.parameters[index].values.count
            try set(index, isShared ? [Double](repeating: found.values[0], count: count) : found.values, name)
        }
    }

    /// PyTorch has the weights of inputs and of states apart, and two biases.
    private static func fillRecurrent(
        _ form: RecurrentForm, _ units: Int,
        _ tensor: (String, Bool) throws(InputError) -> ConstantTensor?,
        _ set: (Int, [Double], String) throws(InputError) -> Void
    ) throws(InputError) {
        let suffix = "_l0"
        let input = try tensor("weight_ih\(suffix)", false)?.values ?? []
        let recurrent = try tensor("weight_hh\(suffix)", false)?.values ?? []
        let rows = form.gates * units
        let features = input.count / max(rows, 1)
        guard recurrent.count == rows * units, input.count == rows * features else {
            return try set(0, recurrent, "weight_hh\(suffix)")
        }
        var weights: [Double] = []
        for row in 0..<rows {
            weights +=
                input[row * features..<(row + 1) * features] + recurrent[row * units..<(row + 1) * units]
        }
        try set(0, weights, "weight_ih\(suffix)")
        guard let first = try tensor("bias_ih\(suffix)", true)?.values,
            let second = try tensor("bias_hh\(suffix)", true)?.values
        else { return }
        guard first.count == rows, second.count == rows else { return try set(1, first, "bias_ih\(suffix)") }
        var biases = zip(first, second).map { $0 + $1 }
        if form.cell == .gru {
            biases.replaceSubrange(2 * units..<rows, with: first[(2 * units)...])
            biases += second[(2 * units)...]
        }
        try set(1, biases, "bias_ih\(suffix)")
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(40).joined(separator: ", ") + (names.count > 40 ? ", … (\(names.count))" : "")
    }
}
