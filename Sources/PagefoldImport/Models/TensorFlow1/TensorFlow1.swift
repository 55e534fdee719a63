// Networks from TensorFlow 1: a `.meta` graph and a V2 checkpoint. This is the door; the rooms behind it, in the
// order in which a graph passes them: Graph (nodes by name), Output (where the answer is), Plan (what is needed
// for it, patterns recognised), Translation (nodes of a network).

public import PagefoldCore
import PagefoldData
public import PagefoldGraph

/// Reads TensorFlow 1 training graphs and leaves everything behind that only training needs.
public enum TensorFlow1: ModelReader {
    public static let name = "TensorFlow 1 checkpoints (.meta)"

    /// A graph named `PREFIX.meta`, or a checkpoint's prefix. The prefix may be a file or a folder too, as long as that
    /// is no model of another kind.
    public static func recognises(_ file: ModelFile) -> Bool {
        // Of fold files the name is enough.
        guard file.fileExtension != "fold" else { return false }
        if file.path.hasSuffix(suffix) { return file.kind == .tensorFlowMetaGraph || file.kind == .unknown }
        return switch file.kind {
        case nil: file.hasNeighbour(suffix) || file.hasNeighbour(".index")
        case .folder, .savedModelFolder, .tensorFlowMetaGraph, .text, .json, .yaml, .empty, .unknown:
            file.hasNeighbour(suffix)
        default: false
        }
    }

    public static func read(
        _ file: ModelFile, options: ModelOptions
    ) throws(InputError) -> ModelContent {
        let prefix = file.path.hasSuffix(suffix) ? String(file.path.dropLast(suffix.count)) : file.path
        return .network(try load(meta: prefix + suffix, checkpoint: prefix, options: options))
    }

    private static let suffix = ".meta"

    /// Imports the inference part of a training graph, with its weights.
    ///
    /// Weights are brought to this project's orders: convolutions `[out][in / groups][height][width]`, dense layers
    /// `[out][in]` with inputs in CHW order wherever TensorFlow flattened height, width, channels.
    /// - Parameters:
    ///   - meta: path of the `.meta` file.
    ///   - checkpoint: the checkpoint's prefix: its path without `.index`.
    /// - Throws: `InputError` for damaged files, for operations that are not supported and for graphs whose input or
    ///   output is ambiguous; it names the node or the tensor.
    public static func load(
        meta: String, checkpoint: String, options: ModelOptions = ModelOptions()
    ) throws(InputError) -> Network {
        let bytes = [UInt8](try FileBytes.data(meta, options: []))
        let files = try CheckpointFiles(prefix: checkpoint)
        let last = checkpoint.split(separator: "/").last.map(String.init) ?? checkpoint
        let name = options.name ?? (last.hasSuffix(".index") ? String(last.dropLast(6)) : last)
        return try load(meta: bytes, file: meta, files: files, name: name, options: options)
    }

    static func load(
        meta: [UInt8], file: String, files: CheckpointFiles, name: String, options: ModelOptions
    ) throws(InputError) -> Network {
        let graph = try TensorFlow1Graph(meta, file: file)
        let constants = TensorFlow1Constants(graph: graph, checkpoint: try CheckpointBundle(files))
        let output = try TensorFlow1Output(graph: graph, constants: constants).find(options.output)
        let plan = try TensorFlow1Plan(graph: graph, constants: constants, output: output, options: options)
        var translation = TensorFlow1Translation(plan: plan, options: options)
        return Network(name: name, nodes: try translation.run())
    }
}
