// A job of two small networks on generated samples, for tests of all that begins with a job file.

import Foundation

/// A folder with generated samples and a job of two small networks.
public final class TinyJob {
    public let folder: String
    public var job: String { folder + "/tiny.yaml" }
    public var fold: String { folder + "/tiny.fold" }
    public var checkpoint: String { fold + ".checkpoint" }

    public init(steps: Int = 30) throws {
        folder = NSTemporaryDirectory() + "pagefold-job-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, seed) in [("a", UInt64(1)), ("b", 2)] {
            try writeImages(name, count: 120, seed: seed)
        }
        let networks = [("a", "dense 12"), ("b", "dense 9")].map { name, layer in
            """
              - name: \(name)
                input: [1, 6, 5]
                layers: [flatten, \(layer), relu, dense 3, softmax]
                classes: [left, middle, right]
                train: {steps: 40, batch: 20, evaluate_every: 20, learning_rate: 0.01}
                data:
                  train: {samples: \(name)-images.idx, labels: \(name)-labels.idx}
                  test: {samples: \(name)-images.idx, labels: \(name)-labels.idx}
                  validation: 0.2
                  transforms: [scale: 255]
            """
        }
        try """
        budget: 2736
        page: 16
        steps: \(steps)
        batch: 20
        evaluate_every: 3
        fisher_samples: 40
        networks:
        \(networks.joined(separator: "\n"))
        """.write(toFile: job, atomically: true, encoding: .utf8)
    }

    /// A job of one network more, on the samples of another.
    /// - Returns: the path of the job file.
    public func newcomer(_ name: String = "c", data: String = "a") throws -> String {
        let path = folder + "/\(name).yaml"
        try """
        steps: 30
        batch: 20
        evaluate_every: 10
        fisher_samples: 40
        networks:
          - name: \(name)
            input: [1, 6, 5]
            layers: [flatten, dense 11, relu, dense 3, softmax]
            train: {steps: 40, batch: 20, evaluate_every: 20, learning_rate: 0.01}
            data:
              train: {samples: \(data)-images.idx, labels: \(data)-labels.idx}
              validation: 0.2
              transforms: [scale: 255]
        """.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    public func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// Images whose bright column says their class, as IDX.
    private func writeImages(_ name: String, count: Int, seed: UInt64) throws {
        var state = seed
        var pixels: [UInt8] = []
        var labels: [UInt8] = []
        for index in 0..<count {
            let label = index % 3
            labels.append(UInt8(label))
            for pixel in 0..<30 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let noise = UInt8(truncatingIfNeeded: state >> 56) / 3
                pixels.append(pixel % 5 == label + 1 ? 150 + noise : noise)
            }
        }
        func number(_ value: Int) -> [UInt8] {
            [UInt8(value >> 24), UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
        }
        let images = [0, 0, 8, 3] + number(count) + number(6) + number(5) + pixels
        try Data(images).write(to: URL(fileURLWithPath: "\(folder)/\(name)-images.idx"))
        try Data([0, 0, 8, 1] + number(count) + labels).write(
            to: URL(fileURLWithPath: "\(folder)/\(name)-labels.idx"))
    }
}
