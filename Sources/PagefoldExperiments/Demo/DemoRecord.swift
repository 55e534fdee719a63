// What `pagefold demo` found, and a sample to try `pagefold run` with.

import Foundation
import PagefoldCore
import PagefoldDemo
import PagefoldEngine
import PagefoldGraph
import PagefoldRuntime

/// A drawn digit in a file of its own, for `pagefold run`.
struct DemoSample {
    let path: String
    let values: [Float]
    /// One sample: [1, height, width].
    let shape: [Int]
    let className: String

    /// The first test sample that the packed network gets right; nil when there is none.
    init?(_ network: DemoNetwork, _ answers: [Int], besides output: String) {
        let test = network.test
        guard let index = answers.indices.first(where: { answers[$0] == Int(test.label($0)) }) else {
            return nil
        }
        path = FilePath.withoutSuffix(output) + "-\(network.text.name).npy"
        values = test.sample(index)
        shape = [test.shape.channels, test.shape.height, test.shape.width]
        className = network.task.classes[answers[index]]
    }
}

/// The figures of a demo.
public struct DemoRecord: Hashable, Sendable, Encodable {
    /// One of the demo's networks.
    public struct Network: Hashable, Sendable, Encodable {
        public var name: String
        public var input: String
        public var weights: Int
        public var originalBytes: Int
        /// Share of the test samples that the network gets right with its own weights, and from the pool.
        public var original: Double
        public var packed: Double
        /// Share of the test samples that get the same class from both.
        public var agreement: Double
        /// Runs in place from the mapped file, and how many gave the class of the evaluation.
        public var runs: Int
        public var agreeing: Int
        /// Median time of a run in place after a switch, and of the same run once more.
        public var microseconds: Double
        public var repeatedMicroseconds: Double

        enum CodingKeys: String, CodingKey {
            case name = "name", input = "input", weights = "weights", originalBytes = "originalBytes"
            case original = "original", packed = "packed", agreement = "agreement", runs = "runs"
            case agreeing = "agreeing", microseconds = "microseconds"
            case repeatedMicroseconds = "repeatedMicroseconds"
        }

        init(_ network: DemoNetwork, _ answers: DemoAnswers, _ runs: DemoRuns.Network) {
            let labels = network.test.labels.map { Int($0) }
            func equalShare(_ a: [Int], _ b: [Int]) -> Double {
                Double(zip(a, b).filter { $0 == $1 }.count) / Double(max(a.count, 1))
            }
            name = network.text.name
            input = "\(network.task.shape)"
            weights = network.lowered.weights.count
            originalBytes = 4 * weights
            original = equalShare(answers.original, labels)
            packed = equalShare(answers.packed, labels)
            agreement = equalShare(answers.packed, answers.original)
            self.runs = runs.runs
            agreeing = runs.agreeing
            microseconds = runs.microseconds
            repeatedMicroseconds = runs.repeatedMicroseconds
        }
    }
    /// The command line.
    public var command: [String] = []
    public var output: String
    /// Size of the fold file.
    public var bytes: Int
    public var originalBytes: Int
    public var frames: Int
    public var pageSize: Int
    public var format: String
    public var bestStep: Int
    public var steps: Int
    public var networks: [Network] = []
    public var switchNanoseconds = 0.0
    /// Bytes of weights that switching copies: sessions read them where the file is mapped.
    public var switchCopiedBytes = 0
    public var sample: String?
    public var sampleClass: String?
    public var trainingSeconds = 0.0
    public var packingSeconds = 0.0
    public var seconds = 0.0
    /// Largest resident memory of the process, bytes.
    public var peakMemory = 0

    enum CodingKeys: String, CodingKey {
        case command = "command", output = "output", bytes = "bytes", originalBytes = "originalBytes"
        case frames = "frames", pageSize = "pageSize", format = "format", bestStep = "bestStep"
        case steps = "steps", networks = "networks", switchNanoseconds = "switchNanoseconds"
        case switchCopiedBytes = "switchCopiedBytes", sample = "sample", sampleClass = "sampleClass"
        case trainingSeconds = "trainingSeconds", packingSeconds = "packingSeconds", seconds = "seconds"
        case peakMemory = "peakMemory"
    }
}
