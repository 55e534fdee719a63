// What a model file says of itself, whether or not it can be imported.

public import PagefoldCore

/// A model file as its own format describes it.
public struct ModelDescription: Sendable {
    /// An input or output of the file.
    public struct Port: Sendable {
        public var name: String
        /// The type of its numbers, in the format's own word.
        public var element: String
        /// With the batch; nil where the file leaves a size open.
        public var sizes: [Int?]

        public init(name: String, element: String, sizes: [Int?]) {
            self.name = name
            self.element = element
            self.sizes = sizes
        }
    }
    /// The format with its version, and the program that wrote the file, where it says so.
    public var format: String
    public var inputs: [Port]
    public var outputs: [Port]
    /// How often each operation is there, in the format's own words.
    public var operations: [String: Int]
    /// Numbers of all constants of fractions, such as weights.
    public var weights: Int

    public init(
        format: String, inputs: [Port], outputs: [Port], operations: [String: Int], weights: Int
    ) {
        self.format = format
        self.inputs = inputs
        self.outputs = outputs
        self.operations = operations
        self.weights = weights
    }

    /// Describes a model file of any format whose reader can.
    /// - Returns: nil where the format has no description.
    /// - Throws: `InputError` for a damaged file, and for one of a kind that no reader takes.
    public static func of(_ file: ModelFile) throws(InputError) -> ModelDescription? {
        guard let reader = ModelReaders.all.first(where: { $0.recognises(file) }) else { throw file.refusal }
        return try reader.describe(file)
    }
}
