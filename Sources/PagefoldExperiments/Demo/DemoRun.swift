// The main job on five generated tasks, from nothing: train, pack, evaluate, run, switch. What `pagefold demo` does;
// what each stage does is DemoStages.

import Foundation
public import PagefoldCore
import PagefoldData
import PagefoldFold
import PagefoldDemo
public import PagefoldEngine
import PagefoldGraph
public import PagefoldImport
public import PagefoldPacking
import PagefoldRuntime

/// The demo: needs no data and no network.
public struct DemoRun: Sendable {
    /// What the demo tells while it works.
    public enum Event: Sendable {
        /// Samples of a task are drawn and a network is trained on them; the number of the task in `DemoTask.all`.
        case begun(task: Int)
        case training(PackingEvent)
        /// The networks are packed: float32 bytes of their weights, and those that the fold file may have.
        case packing(originalBytes: Int, budget: Int)
        case packed(PackingEvent)
        /// The fold file is opened and its networks are run.
        case running
    }

    /// Joint training steps, where nobody chooses.
    public static let usualSteps = 1_500

    /// The fold file to write. A sample to try `pagefold run` with is written beside it.
    public var output: String
    public var budget: Budget
    public var steps: Int
    /// Of everything random: samples, weights, batches.
    public var seed: UInt64
    public var engine: Engine

    public init(
        output: String, budget: Budget = .ratio(16), steps: Int = usualSteps, seed: UInt64 = 1,
        engine: Engine = .onAllProcessors()
    ) {
        self.output = output
        self.budget = budget
        self.steps = steps
        self.seed = seed
        self.engine = engine
    }

    /// - Returns: a record without a command line.
    /// - Throws: `InputError` where nothing can be written, or the budget is too small.
    public func run(report: @escaping (Event) -> Void) throws(InputError) -> DemoRecord {
        try FoldOutput.check(output)
        let clock = ContinuousClock()
        let started = clock.now
        var networks = [DemoNetwork]()
        for (index, task) in DemoTask.all.enumerated() {
            report(.begun(task: index))
            networks.append(try train(task, number: index) { report(.training($0)) })
        }
        let trained = clock.now

        let originalBytes = networks.reduce(0) { $0 + 4 * $1.lowered.weights.count }
        let limit = budget.bytes(originalBytes: originalBytes)
        report(.packing(originalBytes: originalBytes, budget: limit))
        let packed = try pack(networks, budget: limit) { report(.packed($0)) }.packing
        let bytes = packed.fold.encoded()
        try AtomicFile.write(bytes, to: output)
        let packedAt = clock.now

        report(.running)
        let file = try FoldFile(path: output)
        var record = DemoRecord(
            output: output, bytes: bytes.count, originalBytes: originalBytes,
            frames: packed.fold.frameCount, pageSize: packed.fold.pageSize,
            format: "\(packed.fold.formats.pool)", bestStep: packed.best.step, steps: steps)
        let answers = evaluate(networks, packed.fold)
        let runs = try runInPlace(file, networks, answers)
        for (index, network) in networks.enumerated() {
            record.networks.append(DemoRecord.Network(network, answers[index], runs.networks[index]))
        }
        record.switchNanoseconds = runs.switchNanoseconds
        if let sample = DemoSample(networks[0], answers[0].packed, besides: output) {
            try AtomicFile.write(NumPyFile.write(sample.values, shape: sample.shape), to: sample.path)
            record.sample = sample.path
            record.sampleClass = sample.className
        }
        record.trainingSeconds = (trained - started).seconds
        record.packingSeconds = (packedAt - trained).seconds
        record.seconds = (clock.now - started).seconds
        record.peakMemory = peakMemory()
        return record
    }
}
