// Small models of many kinds, for damage: each imports as it is. Not tests themselves.

import PagefoldCore
import PagefoldData
import PagefoldGraph

@testable import PagefoldImport

enum ONNXSmallModels {
    static let all: [(name: String, bytes: [UInt8])] = [
        ("dense", dense), ("convolution", convolution), ("pools", pools), ("residual", residual),
        ("quantised", quantised), ("integers", integers), ("lstm", recurrent("LSTM", 4)),
        ("gru", recurrent("GRU", 3)),
        ("resize", resize), ("attention", attention), ("shapes", shapes), ("function", function),
        ("branch", branch), ("normalisation", normalisation), ("slices", slices), ("transposed", transposed),
        ("lookups", lookups), ("outputs", outputs), ("types", types), ("old", old), ("einsum", einsum),
    ].map { ($0.0, $0.1.bytes) }

    static let dense: ONNXBuilder = {
        var b = ONNXBuilder(opset: 13)
        b.input("x", ["N", 6])
        b.weight("w", [4, 6])
        b.weight("c", [4])
        b.node("Gemm", ["x", "w", "c"], ["h"], ["transB": .int(1), "alpha": .float(0.5)])
        b.node("Relu", ["h"], ["r"])
        b.weight("v", [4, 3])
        b.node("MatMul", ["r", "v"], ["m"])
        b.node("Softmax", ["m"], ["y"], ["axis": .int(-1)])
        b.output("y")
        return b
    }()

    static let convolution: ONNXBuilder = {
        var b = ONNXBuilder(opset: 11)
        b.input("x", [1, 2, 6, 6])
        b.weight("w", [4, 1, 3, 3])
        b.weight("c", [4])
        b.node(
            "Conv", ["x", "w", "c"], ["a"],
            ["group": .int(2), "pads": .ints([1, 0, 1, 2]), "strides": .ints([2, 1])])
        for name in ["g", "t", "m"] { b.weight(name, [4]) }
        b.constant("v", [4], [1, 2, 0.5, 0.25])
        b.node("BatchNormalization", ["a", "g", "t", "m", "v"], ["n"])
        b.node("Clip", ["n", "", "six"], ["k"])
        b.constant("six", [], [6])
        b.node("GlobalAveragePool", ["k"], ["p"])
        b.node("Flatten", ["p"], ["y"])
        b.output("y")
        return b
    }()

    static let pools: ONNXBuilder = {
        var b = ONNXBuilder(opset: 12)
        b.input("x", [1, 2, 7, 5])
        b.node(
            "MaxPool", ["x"], ["a"],
            ["kernel_shape": .ints([3, 2]), "strides": .ints([2, 2]), "ceil_mode": .int(1)])
        b.node(
            "AveragePool", ["x"], ["b"], ["kernel_shape": .ints([3, 3]), "auto_pad": .text("SAME_UPPER")])
        b.node("MaxPool", ["x"], ["d"], ["kernel_shape": .ints([2, 2]), "dilations": .ints([2, 3])])
        b.output("a", "b", "d")
        return b
    }()

    static let residual: ONNXBuilder = {
        var b = ONNXBuilder(opset: 9)
        b.input("x", ["N", 3, 4, 4])
        b.weight("w", [3, 3, 1, 1])
        b.node("Conv", ["x", "w"], ["a"])
        b.node("Sigmoid", ["a"], ["s"])
        b.node("Mul", ["a", "s"], ["m"])
        b.node("Add", ["m", "x"], ["z"])
        b.node("ReduceMean", ["z"], ["g"], ["axes": .ints([2, 3]), "keepdims": .int(1)])
        b.node("HardSigmoid", ["g"], ["h"])
        b.node("Mul", ["z", "h"], ["q"])
        b.node("Transpose", ["q"], ["t"], ["perm": .ints([0, 2, 3, 1])])
        b.constant("shape", [2], [-1, 48], type: .int64)
        b.node("Reshape", ["t", "shape"], ["y"])
        b.output("y")
        return b
    }()

    static let quantised: ONNXBuilder = {
        var b = ONNXBuilder(opset: 13)
        b.input("x", [1, 2, 4, 4])
        b.constant("s", [], [0.05])
        b.constant("z", [], [-128], type: .int8)
        b.constant("w", [2, 2, 1, 1], [100, -50, 3, 7], type: .int8)
        b.constant("ws", [2], [0.01, 0.02])
        b.constant("wz", [2], [0, 0], type: .int8)
        b.node("QuantizeLinear", ["x", "s", "z"], ["q"])
        b.node("DequantizeLinear", ["q", "s", "z"], ["d"])
        b.node("DequantizeLinear", ["w", "ws", "wz"], ["k"], ["axis": .int(0)])
        b.node("Conv", ["d", "k"], ["c"])
        b.node("QuantizeLinear", ["c", "s", "z"], ["e"])
        b.node("MaxPool", ["e"], ["p"], ["kernel_shape": .ints([2, 2])])
        b.node("DequantizeLinear", ["p", "s", "z"], ["y"])
        b.output("y")
        return b
    }()

    static let integers: ONNXBuilder = {
        var b = ONNXBuilder(opset: 11)
        b.input("x", [1, 4])
        b.node("DynamicQuantizeLinear", ["x"], ["q", "s", "z"])
        b.constant("w", [4, 3], (0..<12).map { Double($0 * 20 % 255) }, type: .uint8)
        b.constant("wz", [], [128], type: .uint8)
        b.constant("ws", [], [0.01])
        b.node("MatMulInteger", ["q", "w", "z", "wz"], ["i"])
        b.node("Cast", ["i"], ["f"], ["to": .int(1)])
        b.node("Mul", ["s", "ws"], ["t"])
        b.node("Mul", ["f", "t"], ["y"])
        b.output("y")
        return b
    }()

    static func recurrent(_ operation: String, _ gates: Int) -> ONNXBuilder {
        var b = ONNXBuilder(opset: 14)
        b.input("x", [3, 1, 2])
        b.input("h", [2, 1, 2])
        b.weight("w", [2, gates * 2, 2])
        b.weight("r", [2, gates * 2, 2])
        b.weight("b", [2, 2 * gates * 2])
        b.node(
            operation, ["x", "w", "r", "b", "", "h"], ["y", "n"],
            ["hidden_size": .int(2), "direction": .text("bidirectional")])
        b.output("y", "n")
        return b
    }

    static let resize: ONNXBuilder = {
        var b = ONNXBuilder(opset: 13)
        b.input("x", [1, 1, 3, 4])
        b.constant("scales", [4], [1, 1, 2, 2])
        b.node("Resize", ["x", "", "scales"], ["a"], ["mode": .text("linear")])
        b.constant("sizes", [4], [1, 1, 5, 9], type: .int64)
        b.node(
            "Resize", ["x", "", "", "sizes"], ["b"],
            ["mode": .text("cubic"), "coordinate_transformation_mode": .text("align_corners")])
        b.output("a", "b")
        return b
    }()

    static let attention: ONNXBuilder = {
        var b = ONNXBuilder(opset: 13)
        b.input("x", [1, 4, 6])
        for name in ["q", "k", "v"] {
            b.weight("w\(name)", [6, 6])
            b.node("MatMul", ["x", "w\(name)"], [name])
        }
        b.node("Transpose", ["k"], ["kt"], ["perm": .ints([0, 2, 1])])
        b.node("MatMul", ["q", "kt"], ["s"])
        b.constant("scale", [], [0.4])
        b.node("Mul", ["s", "scale"], ["m"])
        b.node("Softmax", ["m"], ["p"])
        b.node("MatMul", ["p", "v"], ["y"])
        b.output("y")
        return b
    }()

    static let shapes: ONNXBuilder = {
        var b = ONNXBuilder(opset: 13)
        b.input("x", ["batch", 2, 3, 4])
        b.node("Shape", ["x"], ["s"])
        b.constant("zero", [], [0], type: .int64)
        b.node("Gather", ["s", "zero"], ["n"])
        b.constant("axes", [1], [0], type: .int64)
        b.node("Unsqueeze", ["n", "axes"], ["u"])
        b.constant("rest", [1], [-1], type: .int64)
        b.node("Concat", ["u", "rest"], ["t"], ["axis": .int(0)])
        b.node("Reshape", ["x", "t"], ["r"])
        b.node("ConstantOfShape", ["t2"], ["ones"], ["value": .tensor(ONNXBuilder.tensor("", [1], [2]))])
        b.constant("t2", [1], [24], type: .int64)
        b.node("Mul", ["r", "ones"], ["y"])
        b.output("y")
        return b
    }()

    static let function: ONNXBuilder = {
        var b = ONNXBuilder(opset: 17)
        b.domains["local"] = 1
        b.function(
            "Act", ["a", "extra"], ["c"], standards: ["alpha": .float(0.25)],
            [
                ONNXBuilder.node("LeakyRelu", ["a"], ["b"], ["alpha": .reference("alpha")]),
                ONNXBuilder.node("Neg", ["b"], ["c"]),
            ])
        b.function(
            "Twice", ["a"], ["c"],
            [
                ONNXBuilder.node("Act", ["a"], ["b"], domain: "local"),
                ONNXBuilder.node("Act", ["b"], ["c"], ["alpha": .float(0.5)], domain: "local"),
            ])
        b.input("x", [1, 4])
        b.node("Twice", ["x"], ["y"], domain: "local", name: "twice")
        b.output("y")
        return b
    }()

    static let branch: ONNXBuilder = {
        var b = ONNXBuilder(opset: 13)
        b.input("x", [1, 4])
        func side(_ operation: String) -> ONNXGraphProto {
            var side = ONNXBuilder()
            side.node(operation, ["x"], ["inner"])
            side.output("inner")
            return side.graph
        }
        b.constant("one", [], [1], type: .bool)
        b.node(
            "If", ["one"], ["y"], ["then_branch": .graph(side("Tanh")), "else_branch": .graph(side("Exp"))])
        b.output("y")
        return b
    }()

    static let normalisation: ONNXBuilder = {
        var b = ONNXBuilder(opset: 18)
        b.input("x", [1, 4, 2, 3])
        b.weight("s", [4])
        b.weight("t", [4])
        b.node("InstanceNormalization", ["x", "s", "t"], ["a"])
        b.weight("u", [3])
        b.node("LayerNormalization", ["a", "u", ""], ["b"])
        b.node("GroupNormalization", ["b", "g", "h"], ["c"], ["num_groups": .int(2)])
        b.weight("g", [2])
        b.weight("h", [2])
        b.node("LRN", ["c"], ["d"], ["size": .int(3)])
        b.node("LpNormalization", ["d"], ["y"], ["axis": .int(1)])
        b.output("y")
        return b
    }()

    static let slices: ONNXBuilder = {
        var b = ONNXBuilder(opset: 13)
        b.input("x", [1, 6, 5])
        b.constant("starts", [2], [4, 0], type: .int64)
        b.constant("ends", [2], [-9_000_000_000, 9_000_000_000], type: .int64)
        b.constant("axes", [2], [1, 2], type: .int64)
        b.constant("steps", [2], [-2, 3], type: .int64)
        b.node("Slice", ["x", "starts", "ends", "axes", "steps"], ["a"])
        b.constant("parts", [2], [1, 1], type: .int64)
        b.node("Split", ["a", "parts"], ["b", "c"], ["axis": .int(2)])
        b.constant("pads", [6], [0, 1, 0, 0, 2, 1], type: .int64)
        b.node("Pad", ["b", "pads"], ["d"], ["mode": .text("edge")])
        b.constant("times", [3], [1, 1, 2], type: .int64)
        b.node("Tile", ["d", "times"], ["e"])
        b.constant("where", [2, 1], [0, 3], type: .int64)
        b.node("Transpose", ["e"], ["f"], ["perm": .ints([1, 0, 2])])
        b.node("ScatterND", ["f", "where", "new"], ["y"])
        b.weight("new", [2, 1, 4])
        b.output("y", "c")
        return b
    }()

    static let transposed: ONNXBuilder = {
        var b = ONNXBuilder(opset: 11)
        b.input("x", [1, 2, 3, 3])
        b.weight("w", [2, 4, 2, 2])
        b.node(
            "ConvTranspose", ["x", "w"], ["a"], ["strides": .ints([2, 2]), "output_padding": .ints([1, 0])])
        b.node("DepthToSpace", ["a"], ["b"], ["blocksize": .int(2), "mode": .text("CRD")])
        b.node("PRelu", ["b", "s"], ["y"])
        b.weight("s", [1, 1, 1])
        b.output("y")
        return b
    }()

    static let lookups: ONNXBuilder = {
        var b = ONNXBuilder(opset: 13)
        b.input("x", [1, 3], type: .int64)
        b.weight("table", [5, 4])
        b.node("Gather", ["table", "x"], ["e"])
        b.node("ReduceMax", ["e"], ["m"], ["axes": .ints([1]), "keepdims": .int(0)])
        b.node("ArgMax", ["m"], ["a"], ["axis": .int(1)])
        b.node("GatherElements", ["m", "a"], ["y"], ["axis": .int(1)])
        b.output("y")
        return b
    }()

    static let outputs: ONNXBuilder = {
        var b = ONNXBuilder(opset: 12)
        b.input("x", [1, 4])
        b.input("state", [1, 4])
        b.node("Add", ["x", "state"], ["next"])
        b.node("Celu", ["next"], ["y"], ["alpha": .float(2)])
        b.node("Identity", ["next"], ["same"])
        b.output("y", "next", "same")
        return b
    }()

    static let types: ONNXBuilder = {
        var b = ONNXBuilder(opset: 21)
        b.input("x", [1, 4])
        b.constant("h", [4], [15360, 14336, 48128, 0], type: .float16)
        b.constant("f", [4], [16256, 16128, 49024, 0], type: .bfloat16)
        b.constant("n", [4], [0x21, 0x83], type: .int4)
        b.constant("d", [4], [1, 2, 3, 4], type: .double)
        b.node("Cast", ["h"], ["h2"], ["to": .int(1)])
        b.node("Cast", ["f"], ["f2"], ["to": .int(1)])
        b.node("Cast", ["d"], ["d2"], ["to": .int(1)])
        b.constant("s", [], [0.5])
        b.node("DequantizeLinear", ["n", "s"], ["n2"])
        b.node("Sum", ["x", "h2", "f2", "d2", "n2"], ["y"])
        b.output("y")
        return b
    }()

    static let old: ONNXBuilder = {
        var b = ONNXBuilder(opset: 6)
        b.input("x", [1, 2, 2, 2])
        b.input("c", [2])
        b.weight("c", [2])
        b.node("Add", ["x", "c"], ["a"], ["broadcast": .int(1), "axis": .int(1)])
        b.node("Upsample", ["a"], ["u"], ["scales": .floats([1, 1, 2, 2])])
        b.node("Pad", ["u"], ["p"], ["pads": .ints([0, 0, 1, 1, 0, 0, 0, 0]), "value": .float(1)])
        b.node("Slice", ["p"], ["s"], ["starts": .ints([1]), "ends": .ints([4]), "axes": .ints([2])])
        b.node("Dropout", ["s"], ["d"], ["is_test": .int(1)])
        b.node("Softmax", ["d"], ["y"])
        b.output("y")
        return b
    }()

    static let einsum: ONNXBuilder = {
        var b = ONNXBuilder(opset: 12)
        b.input("x", [1, 3, 4])
        b.weight("w", [4, 2, 3])
        b.node("Einsum", ["x", "w"], ["a"], ["equation": .text("bij,jkl->bikl")])
        b.node("CumSum", ["a", "axis"], ["c"])
        b.constant("axis", [], [1], type: .int64)
        b.node("OneHot", ["i", "depth", "values"], ["o"])
        b.constant("i", [2], [0, 2], type: .int64)
        b.constant("depth", [], [3], type: .int64)
        b.constant("values", [2], [0, 1])
        b.node("Mul", ["c", "o"], ["y"])
        b.output("y")
        return b
    }()
}
