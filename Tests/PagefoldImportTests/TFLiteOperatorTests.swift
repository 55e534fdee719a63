// Every operator with its options: small files that LiteRT answered, and the sixty and more that people have.

import Foundation
import PagefoldCore
import PagefoldData
import PagefoldGraph
import PagefoldTestCases
import Testing

@testable import PagefoldImport

struct TFLiteOperatorTests {
    @Test func goldensAreThere() {
        #expect(TFLiteGoldens.names.count > 200)
        #expect(TFLiteGoldens.files.count > 5)
    }

    /// Floats to a hundred-thousandth of the spread of the answers; quantised files to a few codes, since the network does
    /// not round.
    @Test(arguments: TFLiteGoldens.names)
    func answersAreLiteRTs(_ name: String) throws {
        let limit: Float = name.hasPrefix("quantised") ? 0.03 : 1e-5
        try compare(name) { given, due, _ in
            let spread: Float = max((due.max() ?? 0) - (due.min() ?? 0), 1e-6)
            return largestDifference(given, due) <= limit * spread
        }
    }

    /// Rounded as the file says, answers are LiteRT's codes: at most one beside, and seldom that. Means of four codes end in
    /// a half often, which LiteRT rounds up; 16-bit codes are finer than LiteRT's factors.
    @Test(arguments: TFLiteGoldens.names.filter { $0.hasPrefix("quantised") })
    func roundedAnswersAreLiteRTsCodes(_ name: String) throws {
        let seldom: Float = ["quantised-pools", "quantised-int16"].contains(name) ? 0.5 : 0.05
        try compare(name, ModelOptions(roundsActivations: true)) { given, due, port in
            let step = port.element == .float32 ? 1e-5 : port.scale
            let beside = zip(given, due).count { abs($0 - $1) > 0.01 * step }
            return largestDifference(given, due) <= 1.01 * step
                && Float(beside) <= seldom * Float(given.count)
        }
    }

    /// Runs the samples of a golden and looks at each output.
    private func compare(
        _ name: String, _ options: ModelOptions = ModelOptions(),
        _ isRight: (_ given: [Float], _ due: [Float], _ port: NetworkPort) -> Bool
    ) throws {
        let run = try ForeignRun(try TFLiteGoldens.load(TFLiteGoldens.bytes(name), options))
        var numbers = TFLiteGoldens.numbers(name)[...]
        let samples = Int(numbers.popFirst() ?? 0)
        #expect(samples > 0)
        var inputs: [[Float]] = []
        for (count, port) in zip(run.inputCounts, run.inputPorts) {
            let (scale, zeroPoint) = (port.scale, Float(port.zeroPoint))
            inputs.append(numbers.prefix(samples * count).map { ($0 - zeroPoint) * scale })
            numbers = numbers.dropFirst(samples * count)
        }
        let answers = (0..<samples).map { sample in
            run(zip(inputs, run.inputCounts).map { Array($0[sample * $1..<(sample + 1) * $1]) })
        }
        for output in answers[0].indices {
            let given = answers.flatMap { $0[output] }
            let due = Array(numbers.prefix(given.count))
            numbers = numbers.dropFirst(given.count)
            #expect(isRight(given, due, run.outputPorts[output]), "output \(output)")
        }
        #expect(numbers.isEmpty)
    }

    /// Dilation as converters write it costs one transpose, as channels come last, and no phases.
    @Test(arguments: ["dilation", "dilation-depthwise", "dilation-line"])
    func phasesBecomeDilation(_ name: String) throws {
        let network = try TFLiteGoldens.load(TFLiteGoldens.bytes(name))
        let convolutions = network.nodes.filter {
            if case .convolution(_, _, let height, let width, _) = $0.operation { return height * width > 1 }
            return false
        }
        #expect(convolutions.count == 1)
        #expect(
            network.nodes.count { if case .transpose = $0.operation { true } else { false } } <= 1)
    }

    /// Zeros around a map are a convolution's own padding, unless something else reads them too.
    @Test(arguments: [("conv-padded", 0), ("depthwise-padded", 0), ("conv-padded-read", 2)])
    func zerosBecomePadding(_ name: String, _ count: Int) throws {
        let nodes = try TFLiteGoldens.load(TFLiteGoldens.bytes(name)).nodes
        #expect(nodes.count { if case .slice = $0.operation { true } else { false } } == count)
    }

    /// Channels that come last, ranges of inputs and states between convolutions cost no transposes.
    @Test(arguments: [
        "conv-same", "quantised-hidden-relu", "quantised-depthwise", "quantised-pools", "svdf-rank",
        "conv-padded",
    ])
    func layoutsAreFree(_ name: String) throws {
        let nodes = try TFLiteGoldens.load(TFLiteGoldens.bytes(name)).nodes
        #expect(nodes.allSatisfy { if case .transpose = $0.operation { false } else { true } })
    }

    /// Loops that are a recurrent layer become one; others are written out.
    @Test(arguments: [
        ("loop-gru", 1), ("loop-gru-last", 1), ("loop-lstm", 1), ("loop-lstm-square", 1), ("loop-other", 0),
    ])
    func loopsBecomeLayers(_ name: String, _ count: Int) throws {
        let nodes = try TFLiteGoldens.load(TFLiteGoldens.bytes(name)).nodes
        #expect(nodes.count { if case .recurrent = $0.operation { true } else { false } } == count)
        #expect(nodes.count { if case .dense = $0.operation { true } else { false } } == 5 * (1 - count))
    }

    /// A quantised convolution ends in one clip: the hidden ReLU. One whose ReLU6 says the same ends in that.
    @Test func aQuantisedRangeBecomesOneStep() throws {
        func ends(_ name: String) throws -> [String] {
            try TFLiteGoldens.load(TFLiteGoldens.bytes(name)).nodes.compactMap {
                guard case .activation(let activation, let low, let high) = $0.operation else { return nil }
                return "\(activation) \(low) \(high)"
            }
        }
        let input = "clip \(Float(0.02 * -118)) \(Float(0.02 * 137))"
        #expect(try ends("quantised-hidden-relu") == [input, "clip 0.0 \(Float(0.05 * 255))"])
        #expect(try ends("quantised-conv-relu6") == [input, "relu6 0.0 0.0"])
        // Pools, padding and means of what was clipped need nothing, up to the last, whose range is smaller.
        #expect(try ends("quantised-pools").count == 2)
    }
}

/// Skipped where ../shared is missing.
@Suite(.enabled(if: !TFLiteGoldens.shared("real").isEmpty, "no shared models here"))
struct SharedTFLiteTests {
    @Test(arguments: TFLiteGoldens.shared("corpus") + TFLiteGoldens.shared("real"))
    func allFilesImport(_ path: String) throws {
        _ = try ModelContent(path: path).lowered()
    }

    /// Inputs and outputs as the runtimes gave them; streams step by step.
    @Test(arguments: TFLiteGoldens.shared("real"))
    func realNetworksAnswerAsTheyDid(_ path: String) throws {
        guard case .network(let network) = try ModelContent(path: path) else {
            Issue.record("no graph")
            return
        }
        let name = String(path.split(separator: "/").last?.dropLast(7) ?? "")
        let folder = path.split(separator: "/").dropLast().map { "/" + $0 }.joined()
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/io/\(name).npz")))
        let archive = try NumPyArchive(bytes, file: name)
        let due = try archive.array(named: "y0")
        let x = try samples(bytes, name)
        let (scale, shift) = (try archive.array(named: "scale")[0], try archive.array(named: "shift")[0])
        let run = try ForeignRun(network)
        let size = run.inputCounts[0]
        let numbers = x.map { $0 * Float(scale) + Float(shift) }
        // A stream is run whole; of images a few are enough.
        let samples = network.states.isEmpty ? min(x.count / size, 16) : x.count / size
        let given = (0..<samples).flatMap { run([Array(numbers[$0 * size..<($0 + 1) * size])])[0] }
        let wanted = Array(due.floats[..<given.count])
        let isQuantised = ["objects", "sounds", "vad", "wake-hey-jarvis", "wand", "yes-no"].contains(name)
        if isQuantised {
            #expect(correlation(given, wanted) >= 0.99)
        } else {
            let spread = (wanted.max() ?? 0) - (wanted.min() ?? 0)
            #expect(largestDifference(given, wanted) <= 1e-4 * spread)
        }
    }

    /// The array x; float16, which no data set has, is read here.
    private func samples(_ bytes: [UInt8], _ name: String) throws -> [Float] {
        let archive = try ZipArchive(bytes, file: name)
        let member = try #require(archive.members.first { $0.name == "x.npy" })
        let content = try archive.content(of: member)
        guard String(decoding: content.prefix(128), as: UTF8.self).contains("'<f2'") else {
            return try NumPyFile.read(content, file: name).floats
        }
        let start = 10 + Int(content[8]) + Int(content[9]) << 8
        return content.withUnsafeBytes {
            ElementType.f16.numbers(UnsafeRawBufferPointer(rebasing: $0[start...])).map { Float($0) }
        }
    }

    private func correlation(_ a: [Float], _ b: [Float]) -> Double {
        let (x, y) = (a.map { Double($0) }, b.map { Double($0) })
        let (meanX, meanY) = (x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count))
        var (xx, yy, xy) = (0.0, 0.0, 0.0)
        for (p, q) in zip(x, y) {
            xx += (p - meanX) * (p - meanX)
            yy += (q - meanY) * (q - meanY)
            xy += (p - meanX) * (q - meanY)
        }
        return xy / (xx * yy).squareRoot()
    }
}
