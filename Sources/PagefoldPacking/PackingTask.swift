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
    /// What its outputs are for.
    public var objective: any Objective
    /// Factor of its loss in the joint objective, and of its Fisher in the matching.
    public var importance: Float
    /// Accuracy of the original on samples that it has not seen, 0 … 1, where it was trained on the validation samples
    /// too (`Measure.baseline`). Memorised
    /// samples inflate the original; to chase that would cost the other networks.
    public var unseenAccuracy: Double?
    /// The values that states become in the fold file, where the network's last inputs are states there
    /// (`Program.openingStates`). Outputs that `text` does not name are what they become.
    public var states: [Int]
    /// Samples of a training step; nil: as many as the settings say.
    public var batch: Int?
    /// What its tail and its patches will be stored as, which training sees (`PackingSettings.choosingTails`).
    public var tailFormat = NumberFormat.float32
    /// What was noticed while the samples were read, such as files that were left out: for those who warn.
    public var remarks: [String] = []

    public init(
        network: LoweredNetwork, text: NetworkText, training: any SampleSource, validation: any SampleSource,
        objective: any Objective = Classification(), importance: Float = 1, unseenAccuracy: Double? = nil,
        states: [Int] = []
    ) {
        self.network = network
        self.text = text
        self.training = training
        self.validation = validation
        self.objective = objective
        self.importance = importance
        self.unseenAccuracy = unseenAccuracy
        self.states = states
    }

    /// Checks that data and network fit.
    /// - Throws: `InputError` naming the network and the data set.
    public func validated() throws(InputError) -> PackingTask {
        try network.checkSound()
        try network.check(training, for: objective, field: "training samples")
        try network.check(validation, for: objective, field: "validation samples")
        if let unseenAccuracy, !(0...1).contains(unseenAccuracy) {
            throw InputError(
                .network(network.name), field: "unseen_accuracy", problem: "\(unseenAccuracy)",
                remedy: "give a share between 0 and 1")
        }
        return self
    }
}

extension PackingTask {
    /// With an objective that knows the spread of the original's outputs, as training and its looks use it.
    public func prepared(by engine: Engine, _ settings: PackingSettings) -> PackingTask {
        guard objective.usesSpreads else { return self }
        var result = self
        result.objective = objective.scaled(
            by: engine.spreads(
                of: NetworkPlan(program: network.program),
                weights: FloatBuffer(network.program.effectiveWeights(network.weights)), samples: training,
                indices: spread(settings.fisherSamples, of: training.count)))
        return result
    }

    /// As joint training sees it.
    /// - Parameter teacher: flat weights to distil from.
    func trained(plan: NetworkPlan, teacher: [Float]) -> TrainedNetwork {
        TrainedNetwork(
            plan: plan, samples: training, objective: objective, teacher: FloatBuffer(teacher),
            importance: importance, tailFormat: tailFormat, batch: batch)
    }

    /// As the fold file has it.
    var foldedProgram: Program { network.program.closingStates(states, outputs: text.outputs.count) }

    /// Biases and other vectors of the network, [tailCount].
    var tail: [Float] { Array(network.weights[network.program.pagedCount...]) }
}

extension LoweredNetwork {
    /// Checks that program and weights belong together, are finite and can be run in blocks.
    /// - Throws: `InputError` naming the network.
    public func checkSound() throws(InputError) {
        guard weights.count == program.weightCount, (try? program.validate()) != nil else {
            throw InputError(
                .network(name), field: "program", problem: "it does not fit its weights",
                remedy: "lower the network again")
        }
        if let problem = NetworkPlan.problem(with: program) {
            throw InputError(
                .network(name), field: "values", problem: problem, remedy: "use a smaller network")
        }
        if let index = weights.firstIndex(where: { !$0.isFinite }) {
            throw InputError(
                .network(name), field: "weight \(index)", problem: "is \(weights[index])",
                remedy: "import a network whose training did not diverge")
        }
    }

    /// Checks that samples and their labels fit the network and its objective.
    /// - Throws: `InputError` naming the network and `field`, which says what the samples are for.
    public func check(
        _ source: any SampleSource, for objective: any Objective = Classification(), field: String
    ) throws(InputError) {
        // A sample of a network with several inputs has them one behind the other.
        let inputs = program.values[..<program.inputs]
        let input =
            inputs.count == 1 ? inputs[0] : Shape(channels: inputs.reduce(0) { $0 + $1.count })
        guard source.count > 0 else {
            throw InputError(
                .network(name), field: field, problem: "there are none",
                remedy: "name more data, or a smaller validation split")
        }
        guard source.shape.count == input.count, source.shape == input || source.shape.spatial == 1 else {
            throw InputError(
                .network(name), field: field,
                problem: "a sample is \(source.shape), the network takes \(input)",
                remedy: "add the transform that makes them fit")
        }
        if let problem = objective.problem(with: source, of: program) {
            throw InputError(
                .network(name), field: field, problem: problem,
                remedy: "correct the labels or name the file that belongs to this network")
        }
    }
}
