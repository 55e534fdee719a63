// Wrong graphs and wrong lists of layers: the error names the node or the layer, and nothing traps.

import PagefoldCore
import PagefoldGraph
import PagefoldTestCases
import Testing

struct WrongNode: Sendable, CustomStringConvertible {
    let description: String
    let told: String
    let make: @Sendable (inout Network) -> Void
}

@Suite struct GraphErrorTests {
    /// Nodes: 1 convolution, 2 batch normalisation, 3 pool, 4 dense, 5 softmax.
    private static var right: Network {
        var builder = NetworkBuilder("right", input: Shape(channels: 2, height: 6, width: 6))
        builder.add(.convolution(outputs: 4, window: Window(height: 3, width: 3)))
        builder.add(.batchNormalisation(epsilon: 1e-3))
        builder.add(.maxPool(Window(height: 2, width: 2, strideHeight: 2, strideWidth: 2)))
        builder.add(.dense(outputs: 3))
        builder.add(.softmax)
        return builder.network
    }

    static let wrongs: [WrongNode] = [
        WrongNode(description: "reads ahead", told: "node1") { $0.nodes[1].inputs = [3] },
        WrongNode(description: "reads before the start", told: "node1") { $0.nodes[1].inputs = [-1] },
        WrongNode(description: "reads nothing", told: "node3") { $0.nodes[3].inputs = [] },
        WrongNode(description: "reads two", told: "node3") { $0.nodes[3].inputs = [1, 2] },
        WrongNode(description: "a second input of another shape", told: "node4") {
            $0.nodes[3] = Node(name: "node3", operation: .input(Shape(channels: 4)))
        },
        WrongNode(description: "weights missing", told: "node4") { $0.nodes[4].parameters = [] },
        WrongNode(description: "one vector missing", told: "node2") { $0.nodes[2].parameters.removeLast() },
        WrongNode(description: "gamma too short", told: "node2") {
            $0.nodes[2].parameters[0].shape = [3]
            $0.nodes[2].parameters[0].values.removeLast()
        },
        WrongNode(description: "too many parameters", told: "node5") {
            $0.nodes[5].parameters = $0.nodes[4].parameters
        },
        WrongNode(description: "bias too short", told: "node1") {
            $0.nodes[1].parameters[1].shape = [2]
            $0.nodes[1].parameters[1].values.removeLast(2)
        },
        WrongNode(description: "fewer values than the shape says", told: "node1") {
            $0.nodes[1].parameters[0].values.removeLast()
        },
        WrongNode(description: "not a number", told: "weight 7 is nan") {
            $0.nodes[1].parameters[0].values[7] = .nan
        },
        WrongNode(description: "dilation beyond a byte", told: "node1") {
            let window = Window(height: 1, width: 1)
            $0.nodes[1].operation = .convolution(outputs: 4, window: window, dilationHeight: 300)
        },
        WrongNode(description: "groups that do not divide", told: "node1") {
            $0.nodes[1].operation = .convolution(outputs: 4, window: Window(height: 3, width: 3), groups: 3)
        },
        WrongNode(description: "groups 0", told: "node1") {
            $0.nodes[1].operation = .convolution(outputs: 4, window: Window(height: 3, width: 3), groups: 0)
        },
        WrongNode(description: "window beyond the image", told: "node1") {
            $0.nodes[1].operation = .convolution(outputs: 4, window: Window(height: 7, width: 3))
        },
        WrongNode(description: "stride 0", told: "node3") {
            $0.nodes[3].operation = .maxPool(Window(height: 2, width: 2, strideHeight: 0))
        },
        WrongNode(description: "padding as large as the window", told: "node3") {
            let padding = Padding(top: 2)
            $0.nodes[3].operation = .maxPool(Window(height: 2, width: 2, padding: padding))
        },
        WrongNode(description: "no outputs", told: "node4") { $0.nodes[4].operation = .dense(outputs: 0) },
        WrongNode(description: "too many outputs", told: "node4") {
            $0.nodes[4].operation = .dense(outputs: 1 << 40)
        },
        WrongNode(description: "negative slope", told: "node3") {
            $0.nodes[3].operation = .activation(.leakyRelu, alpha: -0.1)
        },
        WrongNode(description: "dropout of everything", told: "node3") {
            $0.nodes[3].operation = .dropout(rate: 1)
        },
        WrongNode(description: "epsilon below 0", told: "node2") {
            $0.nodes[2].operation = .batchNormalisation(epsilon: -1)
        },
        WrongNode(description: "reshape to another count", told: "node3") {
            $0.nodes[3].operation = .reshape(Shape(channels: 65))
        },
        WrongNode(description: "reshape beyond all numbers", told: "node3") {
            $0.nodes[3].operation = .reshape(Shape(channels: .max, height: .max, width: .max))
        },
        WrongNode(description: "adds different shapes", told: "node5") {
            $0.nodes[5] = Node(name: "node5", operation: .add, inputs: [3, 4])
        },
        WrongNode(description: "multiplies different shapes", told: "whose sides differ") {
            $0.nodes[5] = Node(name: "node5", operation: .multiply, inputs: [3, 4])
        },
        WrongNode(description: "joins different sizes", told: "node5") {
            $0.nodes[5] = Node(name: "node5", operation: .concatenate, inputs: [3, 2])
        },
        WrongNode(description: "joins along another axis", told: "differ in more than one axis") {
            $0.nodes[5] = Node(name: "node5", operation: .concatenateAlong(axis: 1), inputs: [3, 0])
        },
        WrongNode(description: "joins along no axis", told: "no axis 3") {
            $0.nodes[5] = Node(name: "node5", operation: .concatenateAlong(axis: 3), inputs: [4, 4])
        },
        WrongNode(description: "subtracts from nothing", told: "subtract does not read 1 values") {
            $0.nodes[5].operation = .subtract
        },
        WrongNode(description: "a function with a number in vain", told: "its function does not use") {
            $0.nodes[5].operation = .function(.gelu, alpha: 1)
        },
        WrongNode(description: "a factor that is no number", told: "not finite") {
            $0.nodes[5].operation = .function(.affine, alpha: 1, beta: .nan)
        },
        WrongNode(description: "a softmax along no axis", told: "no axis 4") {
            $0.nodes[5].operation = .softmaxAlong(axis: 4)
        },
        WrongNode(description: "bounds the wrong way round", told: "bounds 2.0 … 1.0") {
            $0.nodes[5].operation = .activation(.clip, alpha: 2, beta: 1)
        },
        WrongNode(description: "an upper bound of a ReLU", told: "second number that it does not use") {
            $0.nodes[5].operation = .activation(.relu, beta: 1)
        },
        WrongNode(description: "slopes missing", told: "has 0 parameters, needs 1") {
            $0.nodes[5].operation = .parametricRelu
        },
        WrongNode(description: "a constant that reads", told: "node5") {
            $0.nodes[5].operation = .constant(Shape(channels: 2))
        },
        WrongNode(description: "a constant without numbers", told: "has 0 parameters, needs 1") {
            $0.nodes[5] = Node(name: "node5", operation: .constant(Shape(channels: 2)))
        },
        WrongNode(description: "a constant of nothing", told: "empty or too large") {
            $0.nodes[5] = Node(name: "node5", operation: .constant(Shape(channels: 0)))
        },
        WrongNode(description: "no nodes", told: "graph") { $0.nodes = [] },
        WrongNode(description: "no input", told: "graph") { $0.nodes.removeFirst() },
    ]

    @Test(arguments: wrongs)
    func aWrongGraphIsRefusedByName(wrong: WrongNode) throws {
        var network = Self.right
        wrong.make(&network)
        for mode in [LoweringMode.inference, .training] {
            let error = #expect(throws: InputError.self) { try network.lowered(for: mode) }
            #expect(error?.file == "right")
            #expect(error?.description.contains(wrong.told) == true, "\(error?.description ?? "")")
        }
    }

    @Test func theRightOneIsAccepted() throws { _ = try Self.right.lowered(for: .inference) }
}

@Suite struct LayerListTests {
    private func build(_ layers: [String], input: Shape = Shape(channels: 3, height: 12, width: 10)) throws
        -> Network
    {
        try Network(name: "net", input: input, layers: layers, seed: 1)
    }

    @Test func everyLayerIsKnown() throws {
        let network = try build([
            "convolution 8 3x3 stride 2 padding same", "batch_normalisation", "relu", "residual_begin",
            "convolution 8 3x5 padding same dilation 2 groups 4", "leaky_relu 0.1", "residual_end",
            "max_pool 2x2",
            "convolution 6 1", "relu6", "average_pool 2x2 stride 1 padding 1", "dropout 0.25", "flatten",
            "dense 9",
            "tanh", "dense 5", "sigmoid", "dense 4", "softmax",
        ])
        let shapes = try network.shapes().map(\.description)
        #expect(
            shapes == [
                "3×12×10", "8×6×5", "8×6×5", "8×6×5", "8×6×5", "8×6×5", "8×6×5", "8×3×2", "6×3×2", "6×3×2",
                "6×4×3",
                "6×4×3", "72×1×1", "9×1×1", "9×1×1", "5×1×1", "5×1×1", "4×1×1", "4×1×1",
            ])
        let functions = [
            "prelu", "clip -1 2.5", "silu", "gelu", "elu", "elu 0.5", "hard_swish", "hard_sigmoid",
            "softplus",
        ]
        for function in functions {
            #expect(try build([function]).shapes().last == Shape(channels: 3, height: 12, width: 10))
        }
        #expect(try build(["global_average_pool"]).shapes().last == Shape(channels: 3))
    }

    @Test func freshWeightsFollowFromTheSeed() throws {
        let layers = ["convolution 8 3x3", "dense 10"]
        let input = Shape(channels: 3, height: 12, width: 10)
        let one = try Network(name: "net", input: input, layers: layers, seed: 1)
        #expect(try Network(name: "net", input: input, layers: layers, seed: 1) == one)
        #expect(try Network(name: "net", input: input, layers: layers, seed: 2) != one)
        let weights = one.nodes[2].parameters[0].values
        let variance = weights.reduce(0) { $0 + Double($1 * $1) } / Double(weights.count)
        #expect(abs(variance / (2 / 640.0) - 1) < 0.1, "He et al.: 2 / fan-in")
    }

    @Test(arguments: [
        ("convolutoin 8 3x3", "no known layer"), ("convolution", "output channels"),
        ("convolution 8", "window"),
        ("convolution x 3x3", "output channels"), ("convolution 8 3y3", "window"),
        ("convolution 8 0x3", "window"),
        ("convolution 8 3x3 stride banana", "banana"), ("convolution 8 3x3 stride 0", "stride 0"),
        ("convolution 8 3x3 padding banana", "banana"), ("convolution 8 3x3 groups -1", "groups -1"),
        ("convolution 8 3x3 groups 2", "groups"), ("convolution 8 3x3 dilation 0", "dilation 0"),
        ("convolution 8 3x3 stride", "stride"), ("convolution 8 99x99", "does not fit"), ("dense", "outputs"),
        ("dense 0", "outputs"), ("dense -5", "outputs"), ("dense 99999999999999999999", "outputs"),
        ("dense 5 6", "6"), ("max_pool", "window"), ("max_pool 2x2x2", "window"), ("max_pool 300", "window"),
        ("dropout", "rate"), ("dropout 1", "rate"), ("dropout nan", "rate"), ("leaky_relu -1", "slope"),
        ("leaky_relu inf", "inf"), ("clip 1", "bounds"), ("clip 2 1", "bounds"), ("silu 1", "1"),
        ("batch_normalisation -1", "epsilon"),
        ("residual_end", "residual_begin"), ("residual_begin", "residual_end"), ("residual_begin now", "now"),
        ("relu 5", "5"), ("", "empty"), ("   ", "empty"),
    ])
    func aLayerThatIsNotUnderstoodIsNamed(layer: String, told: String) throws {
        let error = #expect(throws: InputError.self) { try build(["relu", layer]) }
        let description = error?.description ?? ""
        #expect(description.contains(told), "\(description)")
        #expect(description.contains("2") || description.contains("layers"), "\(description)")
    }

    /// Sizes that are each allowed, and together more than any memory.
    @Test func aLayerTooLargeIsRefused() throws {
        let input = Shape(channels: 16, height: 1 << 10, width: 1 << 10)
        let error = #expect(throws: InputError.self) { try build(["dense 1048576"], input: input) }
        #expect(error?.description.contains("1 dense") == true)
        #expect(throws: InputError.self) {
            try build(["convolution 1048576 255x255 padding same"], input: input)
        }
    }

    @Test func aResidualBlockThatChangesShapeIsNamed() throws {
        let error = #expect(throws: InputError.self) {
            try build(["residual_begin", "convolution 8 3x3 padding same", "residual_end"])
        }
        #expect(error?.description.contains("3 add") == true)
    }
}
