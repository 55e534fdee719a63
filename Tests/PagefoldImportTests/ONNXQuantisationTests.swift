// Quantised ONNX files: clips where quantisers hide ReLUs, ports of whole numbers, integer layers.

import Foundation
import PagefoldCore
import PagefoldGraph
import Testing

@testable import PagefoldImport

struct ONNXQuantisationTests {
    /// x → something → QuantizeLinear → DequantizeLinear → y, with int8, this scale and zero point.
    private static func pair(
        scale: Double, zeroPoint: Double, type: ONNXNumberType = .int8,
        before: [ONNXNodeProto] = [], after: [ONNXNodeProto] = []
    ) -> ONNXBuilder {
        var builder = ONNXBuilder(opset: 21)
        builder.input("x", [1, 5])
        builder.constant("s", [], [scale])
        builder.constant("z", [], [zeroPoint], type: type)
        for node in before { builder.graph.node.append(node) }
        builder.node("QuantizeLinear", [before.last?.output[0] ?? "x", "s", "z"], ["q"])
        builder.node("DequantizeLinear", ["q", "s", "z"], ["d"])
        for node in after { builder.graph.node.append(node) }
        builder.output(after.last?.output[0] ?? "d")
        return builder
    }

    private static func operations(_ builder: ONNXBuilder) throws -> [PagefoldGraph.Operation] {
        try builder.network().nodes.dropFirst().map(\.operation)
    }

    private static let x: [Double] = [-3, -0.5, 0.25, 2, 30]

    @Test func aHiddenReluIsAClip() throws {
        // int8 with zero point −128 holds 0 … 25.5.
        let builder = Self.pair(scale: 0.1, zeroPoint: -128)
        #expect(try misfit(builder.answers(Self.x)[0], [0, 0, 0.25, 2, 25.5], relative: 1e-6) == nil)
        let network = try builder.network()
        #expect(network.nodes.count == 2)
        // In the middle of its range it clips both ends.
        #expect(
            try misfit(
                Self.pair(scale: 0.01, zeroPoint: 28).answers(Self.x)[0], [-1.56, -0.5, 0.25, 0.99, 0.99],
                relative: 1e-6) == nil)
        #expect(
            try misfit(
                Self.pair(scale: 0.1, zeroPoint: 5, type: .uint8).answers(Self.x)[0],
                [-0.5, -0.5, 0.25, 2, 25], relative: 1e-6) == nil)
        #expect(
            try misfit(
                Self.pair(scale: 1, zeroPoint: 1, type: .uint4).answers(Self.x)[0], [-1, -0.5, 0.25, 2, 14],
                relative: 1e-6) == nil)
    }

    /// Halves go to the even code, as in ONNX Runtime.
    @Test func roundedActivationsAreWholeCodes() throws {
        var options = ModelOptions()
        options.roundsActivations = true
        let narrow = Self.pair(scale: 0.5, zeroPoint: -128)
        #expect(
            try misfit(narrow.answers(Self.x, options: options)[0], [0, 0, 0, 2, 30], relative: 1e-6) == nil)
        let wide = Self.pair(scale: 0.1, zeroPoint: -128)
        #expect(
            try misfit(wide.answers(Self.x, options: options)[0], [0, 0, 0.2, 2, 25.5], relative: 1e-6) == nil
        )
        // A file without quantisers stays as it is.
        var plain = ONNXBuilder(opset: 21)
        plain.input("x", [1, 5])
        plain.node("Relu", ["x"], ["y"])
        plain.output("y")
        #expect(try plain.network(options).nodes.count == plain.network().nodes.count)
    }

    @Test func aClipBecomesOneWithAnActivation() throws {
        let relu = [ONNXBuilder.node("Relu", ["x"], ["a"])]
        let operations = try Self.operations(Self.pair(scale: 0.1, zeroPoint: -128, before: relu))
        #expect(operations.count == 1)
        guard case .activation(.clip, let low, let high) = operations[0] else {
            Issue.record("\(operations)")
            return
        }
        #expect(low == 0 && abs(high - 25.5) < 1e-5)
        // The same range once more changes nothing, nor does a pool between.
        let again = [
            ONNXBuilder.node("QuantizeLinear", ["d", "s", "z"], ["q2"]),
            ONNXBuilder.node("DequantizeLinear", ["q2", "s", "z"], ["y"]),
        ]
        #expect(try Self.operations(Self.pair(scale: 0.1, zeroPoint: -128, after: again)).count == 1)
    }

    @Test func aClipThatCannotMatterIsLeftOut() throws {
        let sigmoid = [ONNXBuilder.node("Sigmoid", ["x"], ["a"])]
        #expect(
            try Self.operations(Self.pair(scale: 1.0 / 256, zeroPoint: -128, before: sigmoid)) == [
                .activation(.sigmoid)
            ])
        let tanh = [ONNXBuilder.node("Tanh", ["x"], ["a"])]
        #expect(
            try Self.operations(Self.pair(scale: 1.0 / 128, zeroPoint: 0, before: tanh)) == [
                .activation(.tanh)
            ])
        #expect(try Self.operations(Self.pair(scale: 1.0 / 128, zeroPoint: -128, before: tanh)).count == 2)
        // ReLU6 and a range that ends at 6 but for a step.
        let six = [ONNXBuilder.node("Clip", ["x", "zero", "six"], ["a"])]
        var builder = Self.pair(scale: 6.0 / 256, zeroPoint: -128, before: six)
        builder.constant("zero", [], [0])
        builder.constant("six", [], [6])
        #expect(try Self.operations(builder) == [.activation(.relu6)])
    }

    @Test func aValueThatOthersReadIsClippedForItsReaderAlone() throws {
        let both = [ONNXBuilder.node("Sub", ["x", "d"], ["y"])]
        #expect(
            try misfit(
                Self.pair(scale: 0.1, zeroPoint: -128, after: both).answers(Self.x)[0],
                [-3, -0.5, 0, 0, 4.5], relative: 1e-5, absolute: 1e-6) == nil)
    }

    @Test func numbersMoveWhileTheyAreQuantised() throws {
        var builder = ONNXBuilder(opset: 13)
        builder.input("x", [1, 1, 2, 2], type: .uint8)
        builder.constant("s", [], [0.5])
        builder.constant("z", [], [10], type: .uint8)
        builder.constant("pads", [8], [0, 0, 0, 0, 0, 0, 0, 1], type: .int64)
        builder.constant("ten", [], [10], type: .uint8)
        builder.node("MaxPool", ["x"], ["m"], ["kernel_shape": .ints([2, 1])])
        builder.node("Pad", ["m", "pads", "ten"], ["p"])
        builder.node("Transpose", ["p"], ["t"], ["perm": .ints([0, 3, 2, 1])])
        builder.node("DequantizeLinear", ["t", "s", "z"], ["y"])
        builder.output("y")
        // The input is read as whole numbers, for its reader is no DequantizeLinear.
        #expect(try builder.answers([10, 20, 30, 4]) == [[10, 5, 0]])
    }

    @Test func portsHaveTheQuantisationOfTheFile() throws {
        var builder = ONNXBuilder(opset: 13)
        builder.input("x", [1, 3], type: .int8)
        builder.constant("s", [], [0.5])
        builder.constant("z", [], [-3], type: .int8)
        builder.constant("t", [], [0.25])
        builder.constant("u", [], [7], type: .uint8)
        builder.node("DequantizeLinear", ["x", "s", "z"], ["a"])
        builder.node("Neg", ["a"], ["b"])
        builder.node("QuantizeLinear", ["b", "t", "u"], ["y"])
        builder.output("y")
        let network = try builder.network()
        #expect(
            network.inputs[0].element == .int8 && network.inputs[0].scale == 0.5
                && network.inputs[0].zeroPoint == -3)
        let port = network.outputs[0].port
        #expect(port.element == .uint8 && port.scale == 0.25 && port.zeroPoint == 7)
        // −(n + 3) · 0.5 / 0.25 + 7 = 1 − 2 n
        #expect(try builder.answers([-3, 0, -100]) == [[7, 1, 201]])
    }

    @Test func scalesOfChannels() throws {
        var builder = ONNXBuilder(opset: 13)
        builder.input("x", [1, 2, 2])
        builder.constant("s", [2], [0.1, 1])
        builder.constant("z", [2], [-128, 0], type: .int8)
        builder.node("QuantizeLinear", ["x", "s", "z"], ["q"], ["axis": .int(1)])
        builder.node("DequantizeLinear", ["q", "s", "z"], ["y"], ["axis": .int(1)])
        builder.output("y")
        #expect(
            try misfit(builder.answers([-3, 30, -300, 30])[0], [0, 25.5, -128, 30], relative: 1e-6) == nil)
    }

    // MARK: Layers

    @Test func dynamicQuantisationIsLeftOut() throws {
        var builder = ONNXSmallModels.integers
        let weights = (0..<12).map { (Double($0 * 20 % 255) - 128) * 0.01 }
        let x = ONNXBuilder.numbers(4, seed: 3)
        let due = (0..<3).map { column in (0..<4).reduce(0) { $0 + x[$1] * weights[$1 * 3 + column] } }
        #expect(try misfit(builder.answers(x)[0], due, relative: 1e-5) == nil)
        builder.graph.output = []
        builder.output("q")
        #expect(throws: InputError.self) { try builder.network() }
        // The sum without its scale is no number of the file.
        builder.node("Shape", ["q"], ["n"])
        builder.node("Add", ["q", "q"], ["twice"])
        builder.graph.output = []
        builder.output("twice")
        #expect(throws: InputError.self) { try builder.network() }
    }

    @Test func integerConvolutionsAreThoseOfWhatTheyStandFor() throws {
        var builder = ONNXBuilder(opset: 13)
        builder.input("x", [1, 2, 2, 2])
        builder.constant("xs", [], [0.5])
        builder.constant("xz", [], [3], type: .uint8)
        builder.constant("w", [2, 2, 1, 1], [2, 4, 6, 8], type: .int8)
        builder.constant("ws", [2], [0.5, 0.25])
        builder.constant("wz", [2], [0, 4], type: .int8)
        builder.constant("ys", [], [1])
        builder.constant("yz", [], [0], type: .uint8)
        builder.constant("b", [2], [4, -8], type: .int32)
        builder.node("QuantizeLinear", ["x", "xs", "xz"], ["q"])
        builder.node("QLinearConv", ["q", "xs", "xz", "w", "ws", "wz", "ys", "yz", "b"], ["c"])
        builder.node(
            "QLinearAdd", ["c", "ys", "yz", "c", "ys", "yz", "ys", "yz"], ["d"], domain: "com.microsoft")
        builder.node("DequantizeLinear", ["d", "ys", "yz"], ["y"])
        builder.output("y")
        // Channel 0: x₀ + 2 x₁ + 1; channel 1: (x₀ 2 + x₁ 4) · 0.25 − 1; each clipped to 0 … 255, then doubled.
        let x: [Double] = [1, 2, -1, 100, 3, 0, 1, 100]
        func due(_ a: Double, _ b: Double) -> [Double] {
            [a + 2 * b + 1, (a * 2 + b * 4) * 0.25 - 1].map { min(2 * min(max($0, 0), 255), 255) }
        }
        let pairs = (0..<4).map { due(x[$0], x[4 + $0]) }
        #expect(
            try misfit(
                builder.answers(x)[0], pairs.map { $0[0] } + pairs.map { $0[1] }, relative: 1e-5,
                absolute: 1e-5) == nil)
    }

    @Test func weightsOfFourBitsInBlocks() throws {
        var builder = ONNXBuilder(opset: 21)
        builder.input("x", [1, 4])
        builder.constant("w", [4, 2], [0x21, 0xF3, 0x70, 0x08], type: .int4)
        builder.constant("s", [2, 2], [0.5, 1, 2, 0.25])
        builder.node("DequantizeLinear", ["w", "s"], ["d"], ["axis": .int(0), "block_size": .int(2)])
        builder.node("MatMul", ["x", "d"], ["y"])
        builder.output("y")
        // Rows 1 2 · 3 −1 · 0 7 · −8 0.
        #expect(try builder.answers([1, 0, 0, 0]) == [[0.5, 2]])
        #expect(try builder.answers([0, 1, 1, 1]) == [[-14.5, 0.75]])
    }

    @Test func scalesThatCannotBeAreRefused() throws {
        for scale in [0, -1, Double.infinity, .nan] {
            #expect(throws: InputError.self) { try Self.pair(scale: scale, zeroPoint: 0).network() }
        }
        var builder = Self.pair(scale: 1, zeroPoint: 0)
        builder.node("ReduceMax", ["x"], ["s2"])
        builder.graph.node[0].input[1] = "s2"
        let error = try #require(throws: InputError.self) { try builder.network() }
        #expect(error.problem.contains("scale depends on the input"))
    }
}
