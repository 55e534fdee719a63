// Graphs imported from TensorFlow 1 answer as TensorFlow does. Damaged files are tested elsewhere.

import PagefoldCore
import PagefoldGraph
import Testing

@testable import PagefoldImport

struct TensorFlow1Tests {
    private static func load(_ name: String, _ options: ModelOptions = .init()) throws -> Network {
        let path = "\(TensorFlow1Goldens.folder)/\(name)"
        return try TensorFlow1.load(meta: path + ".meta", checkpoint: path, options: options)
    }

    @Test(arguments: ["residual", "mobile", "branches", "flattened"])
    func smallGraphsAnswerAsTensorFlowDoes(_ name: String) throws {
        let network = try Self.load(name)
        let expected = try #require(try TensorFlow1Goldens.answers("answers.json")[name])
        let answers = TensorFlow1Goldens.run(network, node: network.nodes.count - 1, count: expected.count)
        #expect(TensorFlow1Goldens.deviation(answers, expected) < 1e-5)
    }

    @Test func flatInputBecomesTheFeatureMapItIsReshapedTo() throws {
        #expect(
            try Self.load("branches").nodes[0].operation == .input(Shape(channels: 2, height: 5, width: 4)))
    }

    @Test func dropoutKeepsItsConstantRateAndTakesTheGivenOneElsewhere() throws {
        func rates(_ network: Network) -> [Float] {
            network.nodes.compactMap { if case .dropout(let rate) = $0.operation { rate } else { nil } }
        }
        // The graph holds 1 / keep in single precision.
        let constant = rates(try Self.load("mobile"))
        #expect(constant.count == 1 && abs(constant[0] - 0.25) < 1e-6)
        #expect(rates(try Self.load("flattened")) == [])
    }

    @Test func biasesJoinTheLayerTheyFollow() throws {
        let network = try Self.load("residual")
        #expect(network.nodes.allSatisfy { $0.operation != .bias })
        let layers = network.nodes.filter { !$0.parameters.isEmpty }
        #expect(
            layers.map { $0.parameters.map(\.role) } == [
                [.weight, .bias], [.weight, .bias], [.weight, .bias],
            ])
        #expect(layers.map { $0.parameters[0].shape } == [[4, 3, 3, 3], [4, 4, 2, 3], [5, 8]])
        #expect(layers[0].parameters.map(\.name) == ["v1", "v2"])
    }

    @Test func aNamedOutputCutsTheGraph() throws {
        let network = try Self.load("residual", .init(output: "Relu"))
        #expect(network.nodes.map(\.operation).last == .activation(.relu))
        #expect(network.nodes.count == 3)
    }

    @Test(arguments: [
        ("residual", ModelOptions(output: "nowhere"), "there is no node nowhere"),
        ("residual", ModelOptions(input: "nowhere"), "there is no node nowhere"),
        ("flattened", ModelOptions(output: "Reshape"), "the answer is a flattened feature map"),
        ("residual", ModelOptions(output: "image"), "nothing is computed from the input"),
        ("residual", ModelOptions(output: "v1"), "depends on no placeholder"),
        ("mobile", ModelOptions(output: "Mean"), "this operation is not supported"),
    ])
    func whatCannotBeImportedIsSaid(_ name: String, _ options: ModelOptions, _ problem: String) throws {
        let error = #expect(throws: InputError.self) { try Self.load(name, options) }
        #expect(error?.description.contains(problem) == true, "\(error?.description ?? "no error")")
    }

    @Test func missingFilesAreNamed() throws {
        let error = #expect(throws: InputError.self) {
            try TensorFlow1.load(meta: "\(TensorFlow1Goldens.folder)/mobile.meta", checkpoint: "/nowhere/x")
        }
        #expect(error?.file == "/nowhere/x.index")
    }

    // MARK: The published networks

    /// Weights, input and numbers of layers as the WS paper's table gives them.
    private static let published:
        [(name: String, weights: Int, input: Shape, convolutions: Int, dense: Int)] = [
            ("cifar10", 64_670, Shape(channels: 3, height: 32, width: 32), 3, 3),
            ("mnist", 65_402, Shape(channels: 1, height: 28, width: 28), 3, 3),
            ("fmnist", 69_966, Shape(channels: 1, height: 28, width: 28), 3, 3),
            ("gtsrb", 68_639, Shape(channels: 1, height: 32, width: 32), 3, 3),
            ("svhn", 64_670, Shape(channels: 3, height: 32, width: 32), 3, 3),
            ("obs", 72_012, Shape(channels: 1, height: 45, width: 80), 3, 3),
            ("gsc", 65_101, Shape(channels: 1, height: 61, width: 13), 2, 3),
            ("esc10", 65_154, Shape(channels: 2, height: 60, width: 41), 3, 3),
            ("us8k", 66_854, Shape(channels: 2, height: 60, width: 41), 3, 2),
            ("hhar", 65_114, Shape(channels: 1, height: 20, width: 120), 3, 2),
        ]

    @Test(.enabled(if: TensorFlow1Goldens.published != nil), arguments: published.map(\.name))
    func publishedNetworksAreComplete(_ name: String) throws {
        let row = try #require(Self.published.first { $0.name == name })
        let path = try #require(TensorFlow1Goldens.published) + "/\(name)/\(name)"
        let network = try TensorFlow1.load(meta: path + ".meta", checkpoint: path)
        #expect(network.name == name)
        #expect(network.weightCount == row.weights)
        #expect(network.nodes[0].operation == .input(row.input))
        #expect(network.nodes.last?.operation == .softmax)
        var counts: [String: Int] = [:]
        for node in network.nodes {
            counts[String("\(node.operation)".prefix { $0 != "(" }), default: 0] += 1
            #expect(node.parameters.isEmpty || node.parameters.map(\.role) == [.weight, .bias])
        }
        #expect(counts["convolution"] == row.convolutions)
        #expect(counts["maxPool"] == row.convolutions)
        #expect(counts["dense"] == row.dense)
        #expect(counts["dropout"] == row.dense)
        #expect(counts["activation"] == row.convolutions + row.dense - 1)
        #expect(counts["bias"] == nil)

        let expected = try #require(try TensorFlow1Goldens.answers("published.json")[name])
        let logits = TensorFlow1Goldens.run(network, node: network.nodes.count - 2, count: expected.count)
        // TensorFlow computes in single precision: its error grows with the size of the logits.
        let scale = expected.map(abs).max() ?? 0
        #expect(TensorFlow1Goldens.deviation(logits, expected) < 1e-4 + 1e-6 * scale)
    }

    @Test func publishedWeightsAddUp() {
        #expect(Self.published.reduce(0) { $0 + $1.weights } == 667_582)
    }
}
