// A network together with its data: what packing and training work on.

public import PagefoldCore
public import PagefoldEngine
public import PagefoldGraph

/// One network to pack: its program and weights, and the samples that say what it is for.
public struct PackingTask: Sendable {
    /// The trained network, lowered for inference (or for training, when it is to be trained from scratch).
    public var network: LoweredNetwork
    public var text: NetworkText
    public var training: any SampleSource
    /// Chooses the best state. Never the test set.
    public var validation: any SampleSource
    /// Factor of its loss in the joint objective, and of its Fisher in the matching.
    public var importance: Float

    public init(
        network: LoweredNetwork, text: NetworkText, training: any SampleSource, validation: any SampleSource,
        importance: Float = 1
    ) {
        self.network = network
        self.text = text
        self.training = training
        self.validation = validation
        self.importance = importance
    }

    /// Checks that data and network fit.
    /// - Throws: `InputError` naming the network and the data set.
    public func validated() throws(InputError) -> PackingTask {
        let input = network.program.inputShape
        let classes = network.program.values[network.program.logits].count
        for (source, field) in [(training, "training samples"), (validation, "validation samples")] {
            guard source.count > 0 else {
                throw InputError(
                    file: network.name, field: field, problem: "there are none",
                    remedy: "name more data, or a smaller validation split")
            }
            guard source.shape.count == input.count, source.shape == input || source.shape.spatial == 1 else {
                throw InputError(
                    file: network.name, field: field,
                    problem: "a sample is \(source.shape), the network takes \(input)",
                    remedy: "add the transform that makes them fit")
            }
            for i in 0..<source.count where source.label(i) >= Int32(classes) || source.label(i) < -1 {
                throw InputError(
                    file: network.name, field: field,
                    problem: "label \(source.label(i)) of sample \(i) is outside 0…\(classes - 1)",
                    remedy: "correct the labels or name the file that belongs to this network")
            }
        }
        if let index = network.weights.firstIndex(where: { !$0.isFinite }) {
            throw InputError(
                file: network.name, field: "weight \(index)", problem: "is \(network.weights[index])",
                remedy: "import a network whose training did not diverge")
        }
        return self
    }
}
