// A lowered network: steps over numbered values, with inputs, outputs and states. Numbers only; what ports are called and how
// their values look outside is NetworkPort's.

/// An output of a program.
public struct ProgramOutput: Hashable, Sendable {
    /// The value that the network answers with.
    public var value: Int
    /// The value that a loss sees: what goes into a closing softmax; else the answer itself.
    public var scores: Int

    /// - Parameter scores: nil: the answer itself.
    public init(value: Int, scores: Int? = nil) {
        self.value = value
        self.scores = scores ?? value
    }
}

/// A lowered network: what to compute, in order. Weights are elsewhere, addressed by offset.
public struct Program: Hashable, Sendable {
    /// Shape of each value. Values 0 ..< inputs are the inputs; behind them come the states.
    public var values: [Shape]
    /// Number of inputs, at least 1.
    public var inputs: Int
    /// At least one.
    public var outputs: [ProgramOutput]
    /// What lives between runs. State i is read as value inputs + i, which holds zeros at first and then what the value
    /// `states[i]` was at the end of the run before.
    public var states: [Int]
    public var steps: [Step]
    /// Weights [0, pagedCount) of the flat vector go through the page table.
    public var pagedCount: Int
    /// Weights [pagedCount, weightCount) are the tail: biases and other vectors that stay with the network.
    public var weightCount: Int

    public init(
        values: [Shape], inputs: Int = 1, states: [Int] = [], steps: [Step], outputs: [ProgramOutput],
        pagedCount: Int, weightCount: Int
    ) {
        self.values = values
        self.inputs = inputs
        self.states = states
        self.steps = steps
        self.outputs = outputs
        self.pagedCount = pagedCount
        self.weightCount = weightCount
    }

    /// Values that no step writes: inputs and states.
    public var givenCount: Int { inputs + states.count }
    public func stateShape(_ state: Int) -> Shape { values[inputs + state] }
    /// Floats that live between runs.
    public var stateCount: Int { values[inputs..<givenCount].reduce(0) { $0 + $1.count } }

    public var tailCount: Int { weightCount - pagedCount }
    /// Pages of `pageSize` weights; the last may be padded.
    public func pageCount(pageSize: Int) -> Int {
        pagedCount / pageSize + (pagedCount % pageSize == 0 ? 0 : 1)
    }
}

extension Program {
    /// The same steps with each state as an input more, for those who bring states along, as training does.
    /// - Parameter answersStates: what each state becomes is an output more.
    public func openingStates(answersStates: Bool) -> Program {
        var result = self
        result.inputs = givenCount
        if answersStates { result.outputs += states.map { value in ProgramOutput(value: value) } }
        result.states = []
        return result
    }

    /// The way back: the last inputs are states, which become these values; outputs beyond a number are dropped.
    public func closingStates(_ states: [Int], outputs count: Int) -> Program {
        guard !states.isEmpty else { return self }
        precondition(self.states.isEmpty && states.count < inputs, "a program with open states")
        var result = self
        result.inputs -= states.count
        result.states = states
        result.outputs = Array(outputs.prefix(count))
        return result
    }
}

/// For networks with one input and one output. Who uses it for others has not asked (`hasSinglePorts`).
extension Program {
    /// Whether there is exactly one input and one output.
    public var hasSinglePorts: Bool { inputs == 1 && outputs.count == 1 }

    /// For those who work with one input and one output only.
    /// - Throws: `InputError` about a network of a file where there are others.
    package func requireSinglePorts(network: String, file: String) throws(InputError) {
        guard hasSinglePorts else {
            throw InputError(
                file: file, field: "network \(network)",
                problem: "it has \(inputs) inputs and \(outputs.count) outputs, one of each is possible here",
                remedy: "choose a network with one input and one output")
        }
    }

    /// Shape of the only input.
    public var inputShape: Shape {
        precondition(inputs == 1, "a network of several inputs")
        return values[0]
    }
    /// Number of classes, or of numbers in the only answer.
    public var outputCount: Int { values[output].count }
    /// The value that is the only answer.
    public var output: Int {
        get { only.value }
        set { outputs = [ProgramOutput(value: newValue, scores: only.scores)] }
    }
    /// The value with the scores of the only answer.
    public var logits: Int {
        get { only.scores }
        set { outputs = [ProgramOutput(value: only.value, scores: newValue)] }
    }

    private var only: ProgramOutput {
        precondition(outputs.count == 1, "a network of several outputs")
        return outputs[0]
    }
}

extension Program {
    /// For each value the last step that reads it; 0 where none does. Answers, their scores and what becomes a state are
    /// read behind the last step.
    package func lastUses() -> [Int] {
        var lastUse = [Int](repeating: 0, count: values.count)
        for (index, step) in steps.enumerated() {
            if step.readsInput { lastUse[Int(step.input)] = index }
            if step.secondInput != Step.none16 { lastUse[Int(step.secondInput)] = index }
        }
        for value in finalValues { lastUse[value] = steps.count }
        return lastUse
    }

    /// Values that are wanted when all steps are done.
    package var finalValues: [Int] { outputs.flatMap { [$0.value, $0.scores] } + states }
}
