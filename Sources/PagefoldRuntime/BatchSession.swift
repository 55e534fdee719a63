// A network opened for running many samples together. Like Session it reads weights through the page table, but once for
// sixteen samples, layer by layer.

internal import CPagefoldKernels
public import PagefoldCore
internal import PagefoldEngine

/// One network of a fold file with an arena for a block of 16 samples and the weights of one layer: no network is ever
/// whole in memory twice. Not for two threads at the same time: open one for each thread.
public final class BatchSession {
    public let text: NetworkText
    public let program: Program
    private let plan: InferencePlan
    private var weights: SessionWeights
    private let arena: SessionArena
    /// Where the samples of a block begin, or its answers go.
    private let rows: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>

    /// - Parameter arena: as `FoldFile.batchSession`.
    init(file: FoldFile, network index: Int, plan: InferencePlan, arena given: UnsafeMutableRawBufferPointer?)
    {
        text = file.reader.networks[index].text
        program = file.reader.networks[index].program
        self.plan = plan
        weights = SessionWeights(file, index)
        arena = SessionArena(bytes: plan.arenaBytes, given: given)
        rows = .allocate(capacity: blockSize)
        rows.initialize(repeating: nil, count: blockSize)
    }

    deinit { rows.deallocate() }

    // MARK: Two levels of memory

    /// Whether the exclusive pages are in memory.
    public var isLoaded: Bool { weights.isLoaded }

    /// As `Session.load`.
    /// - Throws: `InputError` when networks that are loaded leave no room within the limit, or the file cannot be read.
    public func load() throws(InputError) { try weights.load() }

    /// As `Session.unload`.
    public func unload() { weights.unload() }

    /// As `Session.prefetch`.
    public func prefetch() { weights.prefetch() }

    // MARK: Running

    /// Answers samples that lie one behind the other, of a network with one input and one output. Allocates nothing and takes
    /// no lock.
    /// - Parameters:
    ///   - samples: [samples][channels][height][width], preprocessed as `text.preprocessing` says. Any number of them;
    ///     they are computed in blocks of 16, and a block that is not full takes as long as one that is.
    ///   - answers: [samples][`program.outputCount`], as `Session.output`. Not overlapping the samples.
    public func run(_ samples: UnsafeBufferPointer<Float>, into answers: UnsafeMutableBufferPointer<Float>) {
        let inputs = program.inputShape.count
        let outputs = program.outputCount
        let count = samples.count / inputs
        precondition(
            samples.count == count * inputs && answers.count == count * outputs,
            "a sample has \(inputs) numbers, an answer \(outputs)")
        guard count > 0 else { return }
        withUnsafePointer(to: samples.baseAddress!) { from in
            withUnsafePointer(to: answers.baseAddress!) { run(from, count: count, into: $0) }
        }
    }

    /// Answers samples of any network. Allocates nothing and takes no lock.
    /// - Parameters:
    ///   - samples: for each input [count][channels][height][width].
    ///   - count: samples of each input.
    ///   - answers: for each output [count][numbers]. Not overlapping the samples.
    public func run(
        _ samples: UnsafePointer<UnsafePointer<Float>>, count: Int,
        into answers: UnsafePointer<UnsafeMutablePointer<Float>>
    ) {
        precondition(isLoaded, "a session of cached exclusive pages is loaded before it runs")
        var first = 0
        while first < count {
            let lanes = min(blockSize, count - first)
            var index = 0
            while index < program.inputs {
                let numbers = program.values[index].count
                place(UnsafeMutablePointer(mutating: samples[index]) + first * numbers, lanes, numbers)
                rows.withMemoryRebound(to: UnsafePointer<Float>?.self, capacity: blockSize) {
                    pf_transpose_block(Int32(lanes), numbers, $0, arena.start + plan.inputOffsets[index])
                }
                index += 1
            }
            plan.forward(arena: arena.start) { wanted, target in
                gather(wanted, target)
            }
            index = 0
            while index < program.outputs.count {
                let numbers = program.values[program.outputs[index].value].count
                place(answers[index] + first * numbers, lanes, numbers)
                pf_untranspose_block(Int32(lanes), numbers, arena.start + plan.outputOffsets[index], rows)
                index += 1
            }
            first += lanes
        }
    }

    /// The answers to samples that lie one behind the other.
    /// - Returns: [samples][`program.outputCount`].
    /// - Throws: `InputError` when they are no whole number of samples, or the network has several inputs or outputs.
    public func run(_ samples: [Float]) throws(InputError) -> [Float] {
        try program.requireSinglePorts(network: text.name, file: text.name)
        guard samples.count.isMultiple(of: program.inputShape.count) else {
            throw InputError(
                file: text.name, field: "samples",
                problem: "\(samples.count) numbers, a sample has \(program.inputShape.count)",
                remedy: "give whole samples, one behind the other")
        }
        let count = samples.count / program.inputShape.count * program.outputCount
        return [Float](unsafeUninitializedCapacity: count) { answers, initialized in
            samples.withUnsafeBufferPointer {
                run($0, into: UnsafeMutableBufferPointer(rebasing: answers[..<count]))
            }
            initialized = count
        }
    }

    /// The answers to samples by names of inputs and outputs, each [samples][numbers].
    /// - Throws: `InputError` when an input is missing, unknown or has another number of samples.
    public func run(_ inputs: [String: [Float]]) throws(InputError) -> [String: [Float]] {
        let ordered = try text.ordered(inputs)
        let count = ordered[0].count / program.values[0].count
        for (index, numbers) in ordered.enumerated()
        where numbers.count != count * program.values[index].count {
            throw InputError(
                file: text.name, field: "input \(text.inputs[index].name)",
                problem: "\(numbers.count) numbers for \(count) samples of \(program.values[index])",
                remedy: "give all inputs for the same number of samples")
        }
        // One behind the other, so that all are in place at once.
        let samples = ordered.flatMap { $0 }
        let outputs = program.outputs.map { count * program.values[$0.value].count }
        var answers = [Float](repeating: 0, count: outputs.reduce(0, +))
        samples.withUnsafeBufferPointer { samples in
            answers.withUnsafeMutableBufferPointer { answers in
                guard count > 0, var from = samples.baseAddress, var to = answers.baseAddress else { return }
                var starts = [UnsafePointer<Float>]()
                var ends = [UnsafeMutablePointer<Float>]()
                for numbers in ordered {
                    starts.append(from)
                    from += numbers.count
                }
                for length in outputs {
                    ends.append(to)
                    to += length
                }
                run(starts, count: count, into: ends)
            }
        }
        var result = [String: [Float]]()
        var first = 0
        for (port, length) in zip(text.outputs, outputs) {
            result[port.name] = Array(answers[first..<first + length])
            first += length
        }
        return result
    }

    private func place(_ start: UnsafeMutablePointer<Float>, _ lanes: Int, _ length: Int) {
        var lane = 0
        while lane < lanes {
            rows[lane] = start + lane * length
            lane += 1
        }
    }

    private func gather(_ wanted: WeightRows, _ target: UnsafeMutablePointer<Float>) {
        withUnsafePointer(to: weights.paged) {
            pf_gather_rows(
                $0, Int64(wanted.offset), Int64(wanted.scale ?? -1), Int64(wanted.rows), Int64(wanted.length),
                target)
        }
    }
}
