// Samples of a job as a network takes them: in the order of its ports, and with its states where it has some. Files and
// transforms are PagefoldImport's.

public import PagefoldCore
import PagefoldData
public import PagefoldEngine
public import PagefoldGraph
public import PagefoldImport

extension JobNetwork {
    /// Whether samples are moments of a stream: the network has states, and no labels say that samples are wholes.
    func isStream(_ program: Program, _ part: DatasetPart) -> Bool {
        !program.states.isEmpty && part.dataset.labels == nil
    }

    /// What training and evaluation go by: what the job says, else what the outputs of the network say.
    /// - Parameter program: with its states open.
    public func objective(of program: Program, _ text: NetworkText) -> any Objective {
        // Several outputs, and what states become, have no labels: the packed network answers what the original does.
        guard program.outputs.count == 1 else { return RawOutput() }
        return switch objective ?? text.outputs[0].meaning {
        case .classes: Classification()
        case .reconstruction: Reconstruction()
        case .numbers, .raw: RawOutput()
        }
    }

    /// Samples in the order of the network's first input; of a network with states those of a stream, in their order, each
    /// with the states that the original has come to, or with zeros where samples are wholes.
    /// - Throws: `InputError` where the network has several inputs that are no states.
    public func samples(
        _ part: DatasetPart, for network: LoweredNetwork, jobFile: String
    ) throws(InputError) -> any SampleSource {
        let program = network.program
        guard program.inputs == 1 else {
            throw error(
                of: jobFile, problem: "it has \(program.inputs) inputs",
                remedy: "give a network with one input; others cannot be trained from a job file yet")
        }
        let port = network.text.inputs[0]
        let isRaw = part.dataset.isQuantised(for: port)
        if isRaw, let problem = part.dataset.problem(withNumbersFor: port) {
            throw error(
                "data", of: jobFile, problem: problem,
                remedy: "give the file's own \(port.element.name), or transforms that make its input: "
                    + "(n − \(port.zeroPoint)) · \(port.scale)")
        }
        func ordered(_ part: DatasetPart) -> any SampleSource {
            PortSamples(part, port: port, shape: program.values[0], isQuantised: isRaw) ?? part
        }
        guard !program.states.isEmpty, part.shape.count == program.values[0].count else {
            return ordered(part)
        }
        guard isStream(program, part) else { return SamplesAtRest(ordered(part), states: program.stateCount) }
        return StreamSamples(
            ordered(part.whole), chosen: part.indices, groups: part.dataset.groups, network)
    }
}

/// Samples whose array has the axes of a port, as the port's value lies in memory.
struct PortSamples: SampleSource {
    private let part: DatasetPart
    private let order: PortOrder
    let shape: Shape

    /// - Parameter isQuantised: numbers are whole, as the port has them.
    /// - Returns: nil where the samples are as they should be, or have another number of numbers.
    init?(_ part: DatasetPart, port: NetworkPort, shape: Shape, isQuantised: Bool = false) {
        let layout = part.dataset.layout
        guard let order = PortOrder(of: part.shape, layout, for: port, shape: shape, isQuantised: isQuantised)
        else { return nil }
        (self.part, self.order, self.shape) = (part, order, shape)
    }

    var count: Int { part.count }
    func label(_ index: Int) -> Int32 { part.label(index) }

    func copySample(_ index: Int, variant: UInt64?, into target: UnsafeMutableBufferPointer<Float>) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: target.count) { sample in
            part.copySample(index, variant: variant, into: sample)
            order.apply(UnsafeBufferPointer(sample), to: target)
        }
    }
}

/// Samples of a network with states that begins anew with each: zeros stand behind every sample.
struct SamplesAtRest: SampleSource {
    private let source: any SampleSource
    let shape: Shape

    init(_ source: any SampleSource, states: Int) {
        self.source = source
        shape = Shape(channels: source.shape.count + states)
    }

    var count: Int { source.count }
    func label(_ index: Int) -> Int32 { source.label(index) }

    func copySample(_ index: Int, variant: UInt64?, into target: UnsafeMutableBufferPointer<Float>) {
        let size = source.shape.count
        source.copySample(
            index, variant: variant, into: UnsafeMutableBufferPointer(rebasing: target[..<size]))
        for i in size..<target.count { target[i] = 0 }
    }
}

/// Moments of a stream: each sample is one moment, followed by the states that the original has at it.
struct StreamSamples: SampleSource {
    let shape: Shape
    private let moments: [Float]

    /// - Parameters:
    ///   - source: the whole stream in its order.
    ///   - chosen: the samples that are wanted, by rising place in the stream.
    ///   - groups: where the group changes, a stream begins anew.
    ///   - network: the original, with its states.
    init(_ source: any SampleSource, chosen: [Int], groups: [Int32]?, _ network: LoweredNetwork) {
        let input = network.program.values[0].count
        let size = input + network.program.stateCount
        shape = Shape(channels: size)
        let run = ModelRun(network)
        var moments: [Float] = []
        moments.reserveCapacity(chosen.count * size)
        var moment = [Float](repeating: 0, count: input)
        var next = 0
        for index in 0...(chosen.last ?? 0) where !chosen.isEmpty {
            if index > 0, let groups, groups[index] != groups[index - 1] { run.resetState() }
            moment.withUnsafeMutableBufferPointer { source.copySample(index, variant: nil, into: $0) }
            if chosen[next] == index {
                moments += moment + run.state
                next += 1
            }
            _ = run([moment])
        }
        self.moments = moments
    }

    var count: Int { moments.count / shape.count }
    func label(_ index: Int) -> Int32 { -1 }

    func copySample(_ index: Int, variant: UInt64?, into target: UnsafeMutableBufferPointer<Float>) {
        _ = target.update(fromContentsOf: moments[index * shape.count..<(index + 1) * shape.count])
    }
}
