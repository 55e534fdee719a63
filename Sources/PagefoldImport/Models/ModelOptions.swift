// What a user says about a model file that the file itself does not say. The same for all formats; a reader takes what
// its format has a use for.

public import PagefoldCore

/// Settings of an import.
public struct ModelOptions: Hashable, Sendable {
    /// Name of the network; nil takes what the file or its path says.
    public var name: String?
    /// Which of the networks of a file that holds several; nil takes the only one.
    public var network: String?
    /// Name of the node that computes the answer; nil finds it by the graph's structure.
    public var output: String?
    /// Name of the node that is the input; nil takes the one that the answer depends on.
    public var input: String?
    /// Sizes of one sample of each input by name, in the file's order and without the batch, where the file leaves them
    /// open; the empty name is the only input.
    public var inputSizes: [String: [Int]]
    /// The layers of a file that has weights alone, as a job file lists them, and the shape of one sample.
    public var layers: [String]
    public var layerInput: Shape?
    /// Inputs that are kept from one run to the next, and the output that each of them is in the next run: states of the
    /// network. They begin with zeros.
    public var states: [String: String]
    /// Whether the activations of a quantised file are rounded to its whole numbers, as its own runtime rounds them:
    /// to tell what the file's own arithmetic answers. Such a network cannot be trained.
    public var roundsActivations: Bool
    /// Rate of dropouts whose rate is fed while training, 0 ..< 1.
    public var dropoutRate: Float

    public init(
        name: String? = nil, network: String? = nil, output: String? = nil, input: String? = nil,
        inputSizes: [String: [Int]] = [:], layers: [String] = [], layerInput: Shape? = nil,
        states: [String: String] = [:], roundsActivations: Bool = false,
        dropoutRate: Float = 0.5
    ) {
        self.name = name
        self.network = network
        self.output = output
        self.input = input
        self.inputSizes = inputSizes
        self.layers = layers
        self.layerInput = layerInput
        self.states = states
        self.roundsActivations = roundsActivations
        self.dropoutRate = dropoutRate
    }

    /// The sizes that the user gave for an input.
    func sizes(of input: String) -> [Int]? { inputSizes[input] ?? inputSizes[""] }
}
