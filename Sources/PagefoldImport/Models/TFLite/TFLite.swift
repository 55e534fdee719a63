// Networks from TFLite files. This is the door; the rooms behind it, in the order in which a file passes them: FlatBuffer and
// TFLiteDecoding (bytes → tables → values), TFLiteTranslation (tensors → values of the network) with a file for each family
// of operators, TFLitePorts (inputs, outputs, what they mean).

public import PagefoldCore
import PagefoldData
import PagefoldGraph

/// Reads TFLite files: floats, float16 weights, hybrid, and quantised ones.
///
/// Quantised files become networks of floats. Every quantised activation is clipped to the range that has codes, because
/// quantisers leave ReLUs to that range.
public enum TFLite: ModelReader {
    public static let name = "TFLite models"

    public static func recognises(_ file: ModelFile) -> Bool { file.kind == .tfLite }

    public static func read(
        _ file: ModelFile, options: ModelOptions
    ) throws(InputError) -> ModelContent {
        let bytes = try FileBytes.readPlain(file.path, cap: .max)
        let last = file.path.split(separator: "/").last.map(String.init) ?? file.path
        let stem = last.lowercased().hasSuffix(".tflite") ? String(last.dropLast(7)) : last
        return .network(try load(bytes, file: file.path, name: options.name ?? stem, options: options))
    }

    /// Imports one subgraph of a file, with everything that it calls.
    /// - Parameters:
    ///   - file: names it in errors.
    ///   - name: of the network.
    /// - Throws: `InputError` for damage, and one that names every operator that cannot be translated.
    static func load(
        _ bytes: [UInt8], file: String, name: String, options: ModelOptions = ModelOptions()
    ) throws(InputError) -> Network {
        let model = try TFLiteModel(bytes, file: file)
        let ports = try TFLitePorts(model, options: options)
        var translation = TFLiteTranslation(
            model: model, subgraph: ports.subgraph, name: name,
            roundsActivations: options.roundsActivations)
        try translation.declareInputs(ports)
        translation.run(for: ports.outputs.map(\.tensor))
        do throws(TranslationProblem) {
            if translation.problems.isEmpty { try translation.keepVariables() }
        } catch { throw ports.error("variables", error) }
        if !translation.problems.isEmpty { throw translation.problems.error(file) }
        try translation.declareOutputs(ports)
        return try translation.finish(file)
    }
}
