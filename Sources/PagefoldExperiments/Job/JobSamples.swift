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
        let isRaw = part.dataset.accessTransforms.isEmpty && part.dataset.isWhole && port.element != .float32
        if isRaw, let problem = port.problem(withNumbersOf: part.dataset) {
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
    let shape: Shape
    /// For each number of the value, its place in the sample.
    private let places: [Int]

    /// A number n stands for (n − zeroPoint) · scale.
    private let scale: Float
    private let zeroPoint: Float

    /// - Parameter isQuantised: numbers are whole, as the port has them.
    /// - Returns: nil where the samples are as they should be, or have another number of numbers.
    init?(_ part: DatasetPart, port: NetworkPort, shape: Shape, isQuantised: Bool = false) {
        let given = part.shape
        guard given.count == shape.count else { return nil }
        let channelsAreLast = Self.channelsAreLast(port, shape, given, part.dataset.layout)
        let places = port.outsideIndices(of: shape).map { place in
            // The data set has its channels in front.
            channelsAreLast ? place % given.channels * given.spatial + place / given.channels : place
        }
        if !isQuantised, given == shape, places.elementsEqual(0..<shape.count) { return nil }
        self.part = part
        self.shape = shape
        self.places = places
        (scale, zeroPoint) = isQuantised ? (port.scale, Float(port.zeroPoint)) : (1, 0)
    }

    /// Whether the array outside has rows, columns and channels, where the data set has channels, rows and columns.
    /// - Parameters:
    ///   - shape: of the port's value.
    ///   - given: of a sample.
    ///   - layout: of the files that samples come from.
    private static func channelsAreLast(
        _ port: NetworkPort, _ shape: Shape, _ given: Shape, _ layout: Dataset.Layout
    ) -> Bool {
        guard given.channels > 1, given.spatial > 1 else { return false }
        func real(_ sizes: [Int]) -> [Int] { sizes.filter { $0 != 1 } }
        let axes = port.axes(of: shape)
        let outside = real(axes.map(\.size))
        let isFirst = outside == real([given.channels, given.height, given.width])
        let isLast = outside == real([given.height, given.width, given.channels])
        // Sizes that say nothing leave it to the axes of the port; without any of them, the file has the port's order.
        if isFirst && isLast { return axes.last { $0.size != 1 }?.kind == .channels }
        return isFirst == isLast ? layout == .channelsLast : isLast
    }

    var count: Int { part.count }
    func label(_ index: Int) -> Int32 { part.label(index) }

    func copySample(_ index: Int, variant: UInt64?, into target: UnsafeMutableBufferPointer<Float>) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: target.count) { sample in
            part.copySample(index, variant: variant, into: sample)
            for (to, from) in places.enumerated() { target[to] = (sample[from] - zeroPoint) * scale }
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

extension Dataset {
    /// A sample as a port takes it, in CHW order of its value; nil where it has another number of numbers.
    package func sample(_ index: Int, for port: NetworkPort, shape: Shape) -> [Float]? {
        guard self.shape.count == shape.count else { return nil }
        let part = DatasetPart(self)
        let isRaw = accessTransforms.isEmpty && isWhole && port.element != .float32
        let source: any SampleSource = PortSamples(part, port: port, shape: shape, isQuantised: isRaw) ?? part
        return [Float](unsafeUninitializedCapacity: shape.count) { target, count in
            target.initialize(repeating: 0)
            source.copySample(
                index, variant: nil, into: UnsafeMutableBufferPointer(rebasing: target[..<shape.count]))
            count = shape.count
        }
    }

    /// Whether its file has numbers without fractions.
    fileprivate var isWhole: Bool { if case .f32 = samples { false } else { true } }
}

extension NetworkPort {
    /// Why whole numbers of a data set cannot be this port's, or nil.
    fileprivate func problem(withNumbersOf dataset: Dataset) -> String? {
        let range = element.range
        switch dataset.samples {
        case .u8: return element == .int8 ? "its samples are bytes 0…255, its input \(name) is int8" : nil
        case .i32(let numbers):
            guard let number = numbers.first(where: { !range.contains(Int($0)) }) else { return nil }
            return "a sample has \(number), its input \(name) is \(element.name)"
        case .f32: return nil
        }
    }
}
