// An original on some samples, and versions of the same network beside it: packed, or as a quantised file computes.

public import PagefoldCore
public import PagefoldEngine
public import PagefoldGraph
import PagefoldImport
import PagefoldPacking

/// The answers of an original to some samples, which every other version of the network is compared with.
public struct Comparison {
    public let original: Measure
    private let program: Program
    private let objective: any Objective
    private let samples: any SampleSource
    private let indices: [Int]
    private let answers: [Answer]
    private let engine: Engine

    /// - Parameters:
    ///   - original: with its states open, as `PackingTask.network`.
    ///   - scales: whether an objective that goes by the spread of outputs gets that of these samples.
    ///   - most: so many of the samples are looked at, evenly spread; nil: all.
    ///   - field: what the samples are for, in errors.
    /// - Throws: `InputError` where network, samples and objective do not fit together.
    public init(
        _ original: LoweredNetwork, objective: any Objective, scales: Bool = true, samples: any SampleSource,
        most: Int? = nil, field: String, engine: Engine
    ) throws(InputError) {
        try original.checkSound()
        try original.check(samples, for: objective, field: field)
        let indices = spread(most ?? samples.count, of: samples.count)
        let plan = NetworkPlan(program: original.program)
        let weights = FloatBuffer(original.program.effectiveWeights(original.weights))
        var objective = objective
        if scales, objective.usesSpreads {
            objective = objective.scaled(
                by: engine.spreads(of: plan, weights: weights, samples: samples, indices: indices))
        }
        answers = engine.answers(
            of: plan, weights: weights, to: samples, indices: indices, objective: objective)
        self.original = objective.measure(answers, original: answers, samples: samples, indices: indices)
        (program, self.objective, self.samples) = (original.program, objective, samples)
        (self.indices, self.engine) = (indices, engine)
    }

    /// Whether the original gives every sample the same answer, whatever is in it. An error of a reconstruction is none.
    public var answersAreEqual: Bool { answers.allSatisfy { $0 == answers[0] } }

    /// Whether a program gives answers of the same shapes.
    public func fits(_ program: Program) -> Bool { program.outputShapes == self.program.outputShapes }

    /// How good another version of the network is on the same samples.
    /// - Parameters:
    ///   - network: with its states open; precondition: it `fits`.
    ///   - own: the same samples as this version takes them, where it takes them in another order; nil: as the original.
    /// - Throws: `InputError` for a network that cannot be run, or takes other samples.
    public func measure(
        _ network: LoweredNetwork, own: (any SampleSource)? = nil
    ) throws(InputError) -> Measure {
        precondition(fits(network.program), "another version of the same network")
        let samples = own ?? samples
        try network.checkSound()
        try network.check(samples, for: objective, field: "samples")
        let others = engine.answers(
            of: NetworkPlan(program: network.program),
            weights: FloatBuffer(network.program.effectiveWeights(network.weights)), to: samples,
            indices: indices, objective: objective)
        return objective.measure(others, original: answers, samples: samples, indices: indices)
    }
}

extension JobNetwork {
    /// What the network's quantised file scores in its own arithmetic: every activation is rounded as the file says. Nil
    /// where the file is not quantised, or quantises by each sample's own range.
    /// - Parameters:
    ///   - comparison: with the network as it is packed, on these samples.
    ///   - part: the samples.
    ///   - answersStates: as for `Program.openingStates`.
    /// - Throws: `InputError` as for the network itself.
    func quantisedMeasure(
        in comparison: Comparison, on part: DatasetPart, answersStates: Bool, jobFile: String
    ) throws(InputError) -> Measure? {
        guard var network = try quantised() else { return nil }
        // Rounding can give an input another order in memory, and states move by rounding too.
        let own = try samples(part, for: network, jobFile: jobFile)
        network.program = network.program.openingStates(answersStates: answersStates)
        return comparison.fits(network.program) ? try comparison.measure(network, own: own) : nil
    }
}

extension JobNetwork {
    /// The network with its activations rounded, closed; nil where that changes nothing.
    private func quantised() throws(InputError) -> LoweredNetwork? {
        guard case .model(let path, var options) = weights else { return nil }
        let plain = try ModelContent(path: path, options: options).lowered()
        options.roundsActivations = true
        let network = try ModelContent(path: path, options: options).lowered()
        return network.program == plain.program ? nil : network
    }

    /// Whether the network's file says how activations are rounded.
    func isQuantised() throws(InputError) -> Bool { try quantised() != nil }
}

extension Program {
    fileprivate var outputShapes: [Shape] { outputs.map { values[$0.value] } }
}
