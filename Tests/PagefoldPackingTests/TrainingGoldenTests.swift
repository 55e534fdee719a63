// Training and Fisher information as PyTorch computes them (Goldens/make_training_golden.py, make_fisher_golden.py).

import Foundation
import PagefoldCore
import PagefoldEngine
import PagefoldGraph
import PagefoldTestCases
import Testing

@testable import PagefoldPacking

struct Tensor: Decodable {
    var name: String?
    var shape: [Int]
    var values: [Double]
    var floats: [Float] { values.map { Float($0) } }
}

func golden<Value: Decodable>(_ name: String) throws -> Value {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
        "Goldens/\(name)")
    return try JSONDecoder().decode(Value.self, from: try Data(contentsOf: path))
}

/// The network of a golden: the operations after the input, parameters in pairs of weight and bias.
private func network(
    _ input: Shape, _ operations: [PagefoldGraph.Operation], _ parameters: [Tensor]
) throws -> LoweredNetwork {
    var rest = parameters[...]
    var nodes = [Node(name: "input", operation: .input(input))]
    for (index, operation) in operations.enumerated() {
        var own = [Parameter]()
        switch operation {
        case .convolution, .dense:
            for role in [ParameterRole.weight, .bias] {
                let tensor = rest.removeFirst()
                own.append(
                    Parameter(name: tensor.name!, role: role, shape: tensor.shape, values: tensor.floats))
            }
        default: break
        }
        nodes.append(Node(name: "\(index)", operation: operation, inputs: [index], parameters: own))
    }
    return try Network(name: "golden", nodes: nodes).lowered(for: .training)
}

private let three = Window(height: 3, width: 3)
private let halving = Window(height: 2, width: 2, strideHeight: 2, strideWidth: 2)

@Suite struct TrainingGoldenTests {
    private struct File: Decodable {
        struct Bytes: Decodable {
            var shape: [Int]
            var base64: String
        }
        struct Adam: Decodable {
            var learningRate: Float
            var steps: Int
        }
        var adam: Adam
        var losses: [Double]
        var finalLoss: Double
        var labels: [Int32]
        var data: Bytes
        var parameters: [Tensor]
        var finalParameters: [Tensor]
    }

    @Test(arguments: [1, 2])
    func tenStepsOfAdamAgreeWithPyTorch(threads: Int) throws {
        let file: File = try golden("training_golden.json")
        let lowered = try network(
            Shape(channels: 2, height: 20, width: 12),
            [
                .convolution(outputs: 6, window: three), .activation(.leakyRelu, alpha: 0.2),
                .maxPool(halving),
                .convolution(outputs: 8, window: three), .activation(.leakyRelu, alpha: 0.2),
                .maxPool(halving),
                .reshape(Shape(channels: 24)), .dense(outputs: 16), .activation(.sigmoid), .dense(outputs: 4),
            ], file.parameters)
        let bytes = try #require(Data(base64Encoded: file.data.base64))
        let source = SampleArray(
            shape: lowered.program.inputShape, samples: bytes.map { (Float($0) - 128) / 64 },
            labels: file.labels)
        var settings = TrainingSettings()
        settings.steps = file.adam.steps + 1
        settings.batch = 100
        settings.warmUp = 0
        let paged = lowered.program.pagedCount
        let frames = FrameTable(pageSize: 100, pagedCounts: [paged])
        let training = JointTraining(
            networks: [
                TrainedNetwork(
                    plan: NetworkPlan(program: lowered.program), samples: source, teacher: nil, importance: 1,
                    fromScratch: true)
            ],
            frames: frames, pool: lowered.filledPages(pageSize: 100),
            tails: [Array(lowered.weights[paged...])], settings: settings,
            engine: Engine(threads: threads))
        for step in 0..<file.adam.steps {
            // The golden's learning rate is constant; the schedule's is not.
            let scale = file.adam.learningRate / settings.learningRate(at: step)
            let loss = training.advance(learningRateScale: scale)[0]
            #expect(abs(Double(loss) - file.losses[step]) < 3e-6, "step \(step)")
        }
        for (span, due) in zip(
            lowered.spans.sorted { $0.node * 2 + $0.parameter < $1.node * 2 + $1.parameter },
            file.finalParameters)
        {
            let flat = training.weights.flat[0].values[span.offset..<span.offset + span.count]
            #expect(relativeDifference(Array(flat), due.values) < 2e-5, "\(due.name ?? "")")
        }
        #expect(abs(Double(training.advance()[0]) - file.finalLoss) < 3e-6)
    }
}

@Suite struct FisherGoldenTests {
    private struct File: Decodable {
        var inputs: Tensor
        var parameters: [Tensor]
        var trueFisher: [Tensor]
        var publishedFisher: [Tensor]
    }

    @Test(arguments: FisherKind.allCases, [1, 3])
    func diagonalsAgreeWithPyTorch(kind: FisherKind, threads: Int) throws {
        let file: File = try golden("fisher_golden.json")
        let lowered = try network(
            Shape(channels: 2, height: 6, width: 5),
            [
                .convolution(outputs: 3, window: three), .activation(.leakyRelu, alpha: 0.2),
                .maxPool(halving),
                .reshape(Shape(channels: 6)), .dense(outputs: 4), .softmax,
            ], file.parameters)
        // Each sample three times over: the mean stays, and more than one block is needed.
        let samples = file.inputs.floats
        let source = SampleArray(
            shape: lowered.program.inputShape, samples: samples + samples + samples,
            labels: [Int32](repeating: -1, count: 18))
        let fisher = Engine(threads: threads).fisher(
            of: NetworkPlan(program: lowered.program), weights: lowered.weights, samples: source,
            indices: Array(0..<18), kind: kind)
        let expected = kind == .expected ? file.trueFisher : file.publishedFisher
        for (span, due) in zip(
            lowered.spans.sorted { $0.node * 2 + $0.parameter < $1.node * 2 + $1.parameter }, expected)
        {
            let scale = due.values.max() ?? 1
            for (value, right) in zip(fisher[span.offset..<span.offset + span.count], due.values) {
                // Relative to the tensor's largest: small ones lose digits where classes cancel.
                #expect(abs(Double(value) - right) < 2e-5 * scale, "\(due.name ?? "")")
            }
        }
        #expect(fisher.allSatisfy { $0 >= 0 })
    }
}
