// Median time of one training step (forward, backward, Adam) of each of the ten published networks, and of a round of
// all ten in one step. The peers' scripts (../shared/peers) do the same work: batch 100, cross-entropy, Adam.
// usage: train-round [THREADS [REPETITIONS]]        prints JSON

import Foundation
import PagefoldCore
import PagefoldEngine
import PagefoldGraph
import PagefoldPacking

struct Shapes {
    let name: String
    let input: Shape
    /// (kernel height, kernel width, outputs)
    let convolutions: [(Int, Int, Int)]
    let dense: [Int]
    let sigmoid: Bool

    func network() throws -> Network {
        var layers = [String]()
        for (height, width, outputs) in convolutions {
            layers += ["convolution \(outputs) \(height)x\(width)", "leaky_relu 0.2", "max_pool 2x2"]
        }
        layers.append("flatten")
        for (index, outputs) in dense.enumerated() {
            layers.append("dense \(outputs)")
            if index < dense.count - 1 { layers.append(sigmoid ? "sigmoid" : "leaky_relu 0.2") }
        }
        return try Network(name: name, input: input, layers: layers + ["softmax"], seed: 1)
    }
}

let small = [(3, 3, 16), (3, 3, 32), (3, 3, 52)]
let networks = [
    Shapes(
        name: "cifar10", input: Shape(channels: 3, height: 32, width: 32), convolutions: small,
        dense: [128, 128, 10], sigmoid: true),
    Shapes(
        name: "mnist", input: Shape(channels: 1, height: 28, width: 28),
        convolutions: [(3, 3, 16), (3, 3, 32), (3, 3, 48)], dense: [256, 128, 10], sigmoid: false),
    Shapes(
        name: "fmnist", input: Shape(channels: 1, height: 28, width: 28),
        convolutions: [(3, 3, 24), (3, 3, 32), (3, 3, 52)], dense: [256, 128, 10], sigmoid: false),
    Shapes(
        name: "gtsrb", input: Shape(channels: 1, height: 32, width: 32), convolutions: small,
        dense: [128, 128, 43], sigmoid: false),
    Shapes(
        name: "svhn", input: Shape(channels: 3, height: 32, width: 32), convolutions: small,
        dense: [128, 128, 10], sigmoid: true),
    Shapes(
        name: "obs", input: Shape(channels: 1, height: 45, width: 80),
        convolutions: [(12, 24, 8), (3, 3, 32), (3, 3, 32)], dense: [128, 128, 4], sigmoid: false),
    Shapes(
        name: "gsc", input: Shape(channels: 1, height: 61, width: 13),
        convolutions: [(12, 6, 14), (6, 3, 28)], dense: [128, 128, 35], sigmoid: false),
    Shapes(
        name: "esc10", input: Shape(channels: 2, height: 60, width: 41),
        convolutions: [(12, 6, 8), (3, 3, 16), (3, 3, 32)], dense: [128, 64, 10], sigmoid: true),
    Shapes(
        name: "us8k", input: Shape(channels: 2, height: 60, width: 41),
        convolutions: [(3, 3, 8), (3, 3, 16), (3, 3, 32)], dense: [124, 10], sigmoid: false),
    Shapes(
        name: "hhar", input: Shape(channels: 1, height: 20, width: 120),
        convolutions: [(3, 3, 8), (3, 3, 32), (2, 3, 64)], dense: [60, 6], sigmoid: true),
]

func source(_ shape: Shape, classes: Int) -> SampleArray {
    var random = RandomSource(seed: 7)
    return SampleArray(
        shape: shape, samples: (0..<200 * shape.count).map { _ in random.uniform(-1, 1) },
        labels: (0..<200).map { _ in Int32(random.below(classes)) })
}

func medianMilliseconds(_ shapes: [Shapes], _ engine: Engine, _ repetitions: Int) throws -> Double {
    let lowered = try shapes.map { try $0.network().lowered(for: .inference) }
    let frames = FrameTable(pageSize: 512, pagedCounts: lowered.map(\.program.pagedCount))
    var pool = [Float]()
    for network in lowered {
        let pages = (network.program.pagedCount + 511) / 512
        pool += network.weights[..<network.program.pagedCount]
        pool += [Float](repeating: 0, count: pages * 512 - network.program.pagedCount)
    }
    let training = JointTraining(
        networks: zip(shapes, lowered).map {
            TrainedNetwork(
                plan: NetworkPlan(program: $1.program),
                samples: source($0.input, classes: $0.dense.last ?? 1),
                teacher: nil)
        },
        frames: frames, pool: pool, tails: lowered.map { Array($0.weights[$0.program.pagedCount...]) },
        settings: TrainingSettings(), engine: engine)
    var times = [Double]()
    for repetition in 0..<repetitions + 5 {
        let start = DispatchTime.now().uptimeNanoseconds
        _ = training.advance()
        if repetition >= 5 { times.append(Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6) }
    }
    return times.sorted()[times.count / 2]
}

let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
let engine = Engine(threads: arguments.first ?? 2)
let repetitions = arguments.dropFirst().first ?? 25
var lines = [String]()
var sum = 0.0
for shapes in networks {
    let time = try medianMilliseconds([shapes], engine, repetitions)
    sum += time
    lines.append("  \"\(shapes.name)\": \(String(format: "%.3f", time))")
}
let together = try medianMilliseconds(networks, engine, repetitions)
lines.append("  \"sum\": \(String(format: "%.3f", sum))")
lines.append("  \"together\": \(String(format: "%.3f", together))")
lines.append("  \"threads\": \(engine.workers.threads)")
lines.append("  \"unit\": \"ms for one training step at batch 100\"")
print("{\n\(lines.joined(separator: ",\n"))\n}")
