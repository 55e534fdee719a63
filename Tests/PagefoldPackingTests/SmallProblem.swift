// Two small networks with generated samples: a packing job that takes a fraction of a second. Not a test itself.

import Foundation
import PagefoldCore
import PagefoldEngine
import PagefoldGraph
import PagefoldTestCases

@testable import PagefoldPacking

enum SmallProblem {
    static let pageSize = 24

    static func tasks(pageBiases: Bool = false) throws -> [PackingTask] {
        var image = NetworkBuilder("image", input: Shape(channels: 2, height: 6, width: 7), seed: 1)
        image.add(.convolution(outputs: 6, window: Window(height: 3, width: 3)))
        image.add(.activation(.leakyRelu, alpha: 0.2))
        image.add(.maxPool(Window(height: 2, width: 2, strideHeight: 2, strideWidth: 2)))
        image.add(.reshape(Shape(channels: 24)))
        image.add(.dense(outputs: 3))
        image.add(.softmax)
        var vector = NetworkBuilder("vector", input: Shape(channels: 10), seed: 2)
        vector.add(.dense(outputs: 16))
        vector.add(.activation(.relu))
        vector.add(.dense(outputs: 4))
        return try [(image.network, 3), (vector.network, 4)].map { network, classes in
            let lowered = try network.lowered(for: .inference, pageBiases: pageBiases)
            let shape = lowered.program.inputShape
            return PackingTask(
                network: lowered, text: NetworkText(name: network.name),
                training: samples(shape, classes: classes, count: 70, seed: 3),
                validation: samples(shape, classes: classes, count: 30, seed: 4))
        }
    }

    /// Classes as directions with noise.
    static func samples(_ shape: Shape, classes: Int, count: Int, seed: UInt64) -> SampleArray {
        var random = RandomSource(seed: seed)
        let labels = (0..<count).map { Int32($0 % classes) }
        let samples = labels.flatMap { label in
            (0..<shape.count).map { i in
                (i % classes == Int(label) ? 1 : 0) + random.uniform(-0.8, 0.8)
            }
        }
        return SampleArray(shape: shape, samples: samples, labels: labels)
    }

    static func settings(budget: Int = 2_600) -> PackingSettings {
        var settings = PackingSettings(budget: budget)
        settings.pageSize = pageSize
        settings.fisherSamples = 50
        settings.evaluateEvery = 4
        settings.validationSamples = 30
        settings.training.steps = 14
        settings.training.batch = 37
        settings.training.warmUp = 3
        settings.training.learningRate = 3e-2
        return settings
    }

    static func pack(
        _ tasks: [PackingTask]? = nil, settings: PackingSettings = SmallProblem.settings(), threads: Int = 2,
        checkpoint: String? = nil, fingerprint: String = "",
        report: @escaping (PackingEvent) -> Void = { _ in }
    ) throws -> PackingResult {
        try Packer(settings: settings, engine: Engine(threads: threads), report: report)
            .pack(try tasks ?? SmallProblem.tasks(), checkpoint: checkpoint, fingerprint: fingerprint)
    }
}

/// A folder that lasts as long as the test.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "pagefold-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func callAsFunction(_ name: String) -> String { path + "/" + name }
}

/// Bytes of a file.
func contents(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }
