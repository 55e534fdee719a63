// What `pagefold demo` tells at its end: a record for machines, a table and next commands for people.

import Foundation
import PagefoldCore
import PagefoldDemo
import PagefoldEngine
import PagefoldGraph

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
        path = (output as NSString).deletingPathExtension + "-\(network.text.name).npy"
        values = test.sample(index)
        shape = [test.shape.channels, test.shape.height, test.shape.width]
        className = network.task.classes[answers[index]]
    }
}

/// The figures of a demo.
struct DemoRecord: Codable {
    struct Network: Codable {
        var name: String
        var input: String
        var weights: Int
        var originalBytes: Int
        /// Share of the test samples that the network gets right with its own weights, and from the pool.
        var original: Double
        var packed: Double
        /// Share of the test samples that get the same class from both.
        var agreement: Double
        /// Runs in place from the mapped file, and how many gave the class of the evaluation.
        var runs: Int
        var agreeing: Int
        /// Median time of a run in place after a switch, and of the same run once more.
        var microseconds: Double
        var repeatedMicroseconds: Double

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
    var command: [String]
    var output: String
    /// Size of the fold file.
    var bytes: Int
    var originalBytes: Int
    var frames: Int
    var pageSize: Int
    var format: String
    var bestStep: Int
    var steps: Int
    var networks: [Network] = []
    var switchNanoseconds = 0.0
    /// Bytes of weights that switching copies: sessions read them where the file is mapped.
    var switchCopiedBytes = 0
    var sample: String?
    var sampleClass: String?
    var trainingSeconds = 0.0
    var packingSeconds = 0.0
    var seconds = 0.0
    /// Largest resident memory of the process, bytes.
    var peakMemory = 0

    var text: String {
        var table = TextTable([
            "network", "input", "weights", "float32 bytes", "test % alone", "test % packed", "difference",
            "µs a run", "once more",
        ])
        for network in networks {
            table.add([
                network.name, network.input, grouped(network.weights), grouped(network.originalBytes),
                percent(network.original), percent(network.packed), points(network.packed - network.original),
                String(format: "%.0f", network.microseconds),
                String(format: "%.0f", network.repeatedMicroseconds),
            ])
        }
        let count = Double(max(networks.count, 1))
        let original = networks.reduce(0) { $0 + $1.original } / count
        let packed = networks.reduce(0) { $0 + $1.packed } / count
        table.add([
            "all", "", grouped(networks.reduce(0) { $0 + $1.weights }), grouped(originalBytes),
            percent(original), percent(packed), points(packed - original), "", "",
        ])
        let ratio = String(format: "%.2f", Double(originalBytes) / Double(max(bytes, 1)))
        let runs = networks.reduce(0) { $0 + $1.runs }
        let agreeing = networks.reduce(0) { $0 + $1.agreeing }
        return """
            \(table.text)

            bytes     \(grouped(originalBytes)) → \(grouped(bytes)), \(ratio)x smaller, with everything counted: \
            \(frames) frames of \(pageSize) weights as \(format),
                      page tables, biases, programs, class names, checksums
            in place  \(agreeing) of \(runs) runs from the mapped file gave the class of the evaluation
            switching \(String(format: "%.0f", switchNanoseconds)) ns to pick another network (median), \
            \(switchCopiedBytes) bytes copied
            time      \(String(format: "%.0f", seconds)) s (training \(String(format: "%.0f", trainingSeconds)) s, \
            packing \(String(format: "%.0f", packingSeconds)) s), at most \(peakMemory >> 20) MiB of memory

            Try next:
            \(nextCommands)
            """
    }

    private var nextCommands: String {
        // As this program was called, so that the commands work without an installation too.
        let here = FileManager.default.currentDirectoryPath + "/"
        let called = command.first ?? "pagefold"
        let program = called.hasPrefix(here) ? String(called.dropFirst(here.count)) : called
        var lines = ["  \(program) info \(output)"]
        if let sample, let sampleClass, let network = networks.first {
            lines.append("  \(program) run \(output) \(network.name) \(sample)    # a drawn \(sampleClass)")
        }
        lines.append("  \(program) pack --help    # your own networks: docs/job-file.md")
        return lines.joined(separator: "\n")
    }
}
