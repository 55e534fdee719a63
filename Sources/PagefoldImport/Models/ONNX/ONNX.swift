// Networks from ONNX files. This is the door; the rooms behind it, in the order in which a file passes them: Outline (how
// much is in it), Graph (nodes as stored), Ports (inputs and outputs), Translation (frames, functions, branches), and
// Operator with the rules of each family.

import Foundation
public import PagefoldCore
import PagefoldData
import PagefoldGraph

/// Reads ONNX models, opset 6 to 23.
public enum ONNX: ModelReader {
    public static let name = "ONNX models (.onnx)"

    public static func recognises(_ file: ModelFile) -> Bool { file.kind == .onnx }

    public static func read(_ file: ModelFile, options: ModelOptions) throws(InputError) -> ModelContent {
        let bytes = [UInt8](try FileBytes.data(file.path, options: []))
        let last = FilePath.name(of: file.path)
        return .network(
            try load(
                bytes, file: file.path, name: options.name ?? FilePath.withoutSuffix(last),
                options: options, external: ONNXExternalFiles(model: file.path)))
    }

    /// The network of a model.
    /// - Parameters:
    ///   - file: for messages.
    ///   - binding: values that are known though the file says nothing of them, as weights that are inputs.
    ///   - external: the folder for tensors that lie beside the file.
    static func load(
        _ bytes: [UInt8], file: String, name: String, options: ModelOptions = ModelOptions(),
        binding: [String: ConstantTensor] = [:], external: ONNXExternalFiles? = nil
    ) throws(InputError) -> Network {
        let model = try ONNXModel(bytes, file: file)
        var translation = ONNXTranslation(
            model, file: file, name: name, options: options, binding: binding, external: external)
        return try translation.network()
    }

    /// The outputs of a model whose inputs are all known, in their order.
    static func constants(
        _ bytes: [UInt8], file: String, binding: [String: ConstantTensor]
    ) throws(InputError) -> [ConstantTensor] {
        let model = try ONNXModel(bytes, file: file)
        var translation = ONNXTranslation(
            model, file: file, name: "constants", options: ModelOptions(), binding: binding)
        return try translation.constants()
    }
}
