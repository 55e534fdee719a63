// What a user is told of an ONNX file that cannot be imported: every node in the way, once, with what to do.

import Foundation
import PagefoldCore
import PagefoldGraph
import Testing

@testable import PagefoldImport

struct ONNXRefusalTests {
    private static func refusal(_ builder: ONNXBuilder) throws -> InputError {
        try #require(throws: InputError.self) { try builder.network() }
    }

    @Test func everyNodeInTheWayIsNamed() throws {
        var builder = ONNXBuilder(opset: 13)
        builder.input("x", [1, 2, 4, 4])
        builder.input("open", ["N", "rows", 3])
        builder.node("Det", ["x"], ["a"], name: "det1")
        builder.node("Relu", ["a"], ["after"], name: "zz_after")
        builder.node("Det", ["after"], ["a2"], name: "det2")
        builder.node("Special", ["x"], ["b"], domain: "vendor.ops", name: "special")
        builder.node("Loop", ["x"], ["c"], name: "loop")
        builder.node("Resize", ["x", "", "scales"], ["d"], ["mode": .text("area")], name: "resize")
        builder.constant("scales", [4], [1, 1, 2, 2])
        var bad = ONNXBuilder.tensor("bad", [2], [1, 2])
        bad.dataType = 17
        builder.graph.initializer.append(bad)
        builder.node("Add", ["x", "bad"], ["e"], name: "zz_sum")
        builder.node("Relu", ["open"], ["f"], name: "zz_fine")
        builder.output("a2", "b", "c", "d", "e", "f")
        let error = try Self.refusal(builder)
        #expect(error.field == "graph")
        for words in [
            "nodes det1, det2 (Det): this operation is not supported", "node special (vendor.ops.Special)",
            "node loop (Loop)",
            "node resize (Resize): mode=area is not supported", "initialiser bad: a tensor of float8e4m3fn",
            "input open: axis 1 (rows) is open", "6 things",
        ] { #expect(error.problem.contains(words), "\(words) in \(error.problem)") }
        // What stands behind a refused node is not in the way.
        #expect(!error.problem.contains("zz_"))
    }

    @Test(arguments: [
        ("Scan", "", "loop"), ("NonMaxSuppression", "", "no fixed size"), ("SequenceAt", "", "sequences"),
        ("RandomNormalLike", "", "random"), ("Attention", "", "attention"), ("STFT", "", "spectra"),
        ("Unknown", "", "not supported"), ("NhwcConv", "com.microsoft.nchwc", "com.microsoft.nchwc"),
        ("Custom", "my.domain", "my.domain"),
    ])
    func knownOnesHaveTheirAdvice(_ operation: String, _ domain: String, _ words: String) throws {
        var builder = ONNXBuilder(opset: 23)
        builder.input("x", [1, 2])
        builder.node(operation, ["x"], ["y"], domain: domain, name: "it")
        builder.output("y")
        let error = try Self.refusal(builder)
        #expect(error.field == "node it (\(domain.isEmpty ? "" : domain + ".")\(operation))")
        #expect(error.problem.contains(words), "\(error.problem)")
        #expect(!error.remedy.isEmpty)
    }

    @Test func aNodeWithoutANameIsNamedByItsOutput() throws {
        var builder = ONNXBuilder()
        builder.input("x", [1, 2])
        builder.node("Det", ["x"], ["det_out"])
        builder.output("det_out")
        #expect(try Self.refusal(builder).field == "node det_out (Det)")
    }

    @Test(arguments: [
        ("LSTM", ["clip": ONNXBuilder.Attribute.float(1)], "clip=1"),
        ("LSTM", ["input_forget": .int(1)], "input_forget"),
        ("LSTM", ["activations": .texts(["Relu", "Tanh", "Tanh"])], "activations=Relu, Tanh, Tanh"),
        ("GRU", ["direction": .text("sideways")], "direction=sideways"),
        ("GRU", ["hidden_size": .int(5)], "5"),
    ])
    func attributesAreNamed(
        _ operation: String, _ attributes: [String: ONNXBuilder.Attribute], _ words: String
    ) throws {
        let gates = operation == "LSTM" ? 4 : 3
        var builder = ONNXBuilder(opset: 14)
        builder.input("x", [3, 1, 2])
        builder.weight("w", [1, gates * 2, 2])
        builder.weight("r", [1, gates * 2, 2])
        builder.node(operation, ["x", "w", "r"], ["y"], attributes)
        builder.output("y")
        let problem = try Self.refusal(builder).problem
        #expect(problem.contains(words) || words == "5" && problem.contains("weights"), "\(problem)")
    }

    @Test func weightsMustBeKnown() throws {
        var builder = ONNXBuilder(opset: 13)
        builder.input("x", [1, 2, 4, 4])
        builder.input("w", [3, 2, 1, 1])
        builder.node("Conv", ["x", "w"], ["y"])
        builder.output("y")
        #expect(try Self.refusal(builder).problem.contains("its weight depends on the input"))
    }

    @Test func aMessageHasAnEnd() throws {
        var builder = ONNXBuilder()
        builder.input("x", [1, 2])
        for index in 0..<5000 {
            builder.node("Unknown\(index)", ["x"], ["y\(index)"])
            builder.output("y\(index)")
        }
        let error = try Self.refusal(builder)
        #expect(error.problem.contains("4096 things") && error.problem.hasSuffix("and 904 more"))
    }

    @Test func otherBytesAreNoModel() throws {
        for bytes in [[], [0xFF], [0x08, 8], [0x08, 8, 0x3A, 0]] as [[UInt8]] {
            let error = try #require(throws: InputError.self) {
                try ONNX.load(bytes, file: "m.onnx", name: "m")
            }
            #expect(error.field == "ModelProto")
        }
    }
}
