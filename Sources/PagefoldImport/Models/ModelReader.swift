// The seam between foreign model formats and everything behind them: what a reader is, which there are, and how one is
// chosen. To add one: docs in CONTRIBUTING.md.

public import PagefoldCore
public import PagefoldGraph

/// Networks from one foreign format.
public protocol ModelReader: SendableMetatype {
    /// What a message calls the files that it reads, in the plural.
    static var name: String { get }

    /// Whether the file is this reader's. No two readers say so of one file. Content goes first (`ModelFile.kind`); a
    /// name decides only where bytes say nothing.
    static func recognises(_ file: ModelFile) -> Bool

    /// The network, with weights row-major and channels first as `Operation` says.
    /// - Throws: `InputError` for what is damaged, not supported or ambiguous. No content makes it trap.
    static func read(_ file: ModelFile, options: ModelOptions) throws(InputError) -> ModelContent

    /// What the file says of itself, as far as it can be told without importing it; nil where the format has no
    /// description.
    /// - Throws: `InputError` for a damaged file.
    static func describe(_ file: ModelFile) throws(InputError) -> ModelDescription?
}

extension ModelReader {
    public static func describe(_ file: ModelFile) throws(InputError) -> ModelDescription? { nil }
}

/// All readers. A format is known everywhere once it stands here.
public enum ModelReaders {
    public static let all: [any ModelReader.Type] = [
        TensorFlow1.self, ONNX.self, TFLite.self, Safetensors.self, FoldNetworks.self,
    ]

    /// What can be given as weights, for messages.
    public static var names: String {
        all.map { $0.name + ", " }.joined().dropLast(2) + " and lists of layers"
    }
}

/// What a model file holds.
public enum ModelContent: Sendable {
    /// A graph, as other programs keep it.
    case network(Network)
    /// A program, which has been lowered before.
    case program(LoweredNetwork)

    /// Reads a model file of any format that a reader knows.
    /// - Throws: `InputError`; for a file of another kind it says what the file is and what to do with it.
    public init(path: String, options: ModelOptions = ModelOptions()) throws(InputError) {
        let file = try ModelFile(path: path)
        guard let reader = ModelReaders.all.first(where: { $0.recognises(file) }) else { throw file.refusal }
        guard options.layers.isEmpty || reader == Safetensors.self else {
            throw InputError(
                file: path, field: "layers", problem: "the file has a network of its own",
                remedy: "leave layers and input out; they belong to safetensors files")
        }
        self = try reader.read(file, options: options)
    }

    /// The network for inference.
    /// - Parameter pageBiases: as for `Network.lowered`; a program keeps the tail that it has.
    /// - Throws: `InputError` naming the node that does not fit.
    public func lowered(pageBiases: Bool = false) throws(InputError) -> LoweredNetwork {
        switch self {
        case .network(let network): try network.lowered(for: .inference, pageBiases: pageBiases)
        case .program(let program): program
        }
    }
}
