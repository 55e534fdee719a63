// ONNX graphs: order, names, functions, branches, open sizes, ports and states.

import Foundation
import PagefoldCore
import PagefoldGraph
import Testing

@testable import PagefoldImport

struct ONNXGraphTests {
    private static func dense(_ sizes: [Any], opset: Int64 = 13) -> ONNXBuilder {
        var builder = ONNXBuilder(opset: opset)
        builder.input("x", sizes)
        builder.constant("w", [2, 3], [1, 2, 3, 4, 5, 6])
        builder.node("MatMul", ["x", "w"], ["y"], name: "layer")
        builder.output("y")
        return builder
    }

    // MARK: Order and names

    @Test func nodesMayStandInAnyOrder() throws {
        var builder = ONNXBuilder()
        builder.input("x", [1, 2])
        builder.node("Neg", ["b"], ["y"])
        builder.node("Exp", ["x"], ["a"])
        builder.node("Neg", ["a"], ["b"])
        builder.output("y")
        #expect(try misfit(builder.answers([0, 1])[0], [1, 2.718281828], relative: 1e-6) == nil)
    }

    @Test func whatNothingNeedsIsLeftOut() throws {
        var builder = Self.dense([1, 2])
        builder.node("NonMaxSuppression", ["x", "x"], ["boxes"])
        builder.input("unused", ["?", "?"])
        builder.node("Loop", ["unused"], ["z"])
        let network = try builder.network()
        #expect(network.inputs.map(\.name) == ["x"])
        #expect(try builder.answers([1, 10]) == [[41, 52, 63]])
    }

    @Test func damagedGraphsAreRefused() throws {
        var twice = Self.dense([1, 2])
        twice.node("Neg", ["x"], ["y"])
        #expect(
            try #require(throws: InputError.self) { try twice.network() }.problem.contains(
                "two nodes compute y"))
        var loop = ONNXBuilder()
        loop.input("x", [1, 2])
        loop.node("Add", ["x", "b"], ["a"])
        loop.node("Neg", ["a"], ["b"])
        loop.output("b")
        #expect(
            try #require(throws: InputError.self) { try loop.network() }.problem.contains("depends on itself")
        )
        var missing = Self.dense([1, 2])
        missing.node("Add", ["y", "nothing"], ["z"])
        missing.graph.output = []
        missing.output("z")
        #expect(
            try #require(throws: InputError.self) { try missing.network() }.problem.contains(
                "no node computes its input nothing"))
        var none = ONNXBuilder()
        none.input("x", [1])
        none.output("x")
        #expect(throws: InputError.self) { try none.network() }
        var silent = Self.dense([1, 2])
        silent.graph.output = []
        #expect(throws: InputError.self) { try silent.network() }
        var constant = ONNXBuilder()
        constant.constant("w", [1], [1])
        constant.node("Neg", ["w"], ["y"])
        constant.output("y")
        #expect(try #require(throws: InputError.self) { try constant.network() }.field == "inputs")
    }

    /// As files before version 4 of the format have it.
    @Test func initialisersMayBeInputsToo() throws {
        var builder = Self.dense([1, 2], opset: 7)
        builder.input("w", [2, 3])
        #expect(try builder.network().inputs.map(\.name) == ["x"])
        #expect(try builder.answers([1, 10]) == [[41, 52, 63]])
    }

    @Test(arguments: [
        ("value", ONNXBuilder.Attribute.tensor(ONNXBuilder.tensor("", [2], [3, 4])), [3.0, 4]),
        ("value_float", .float(2.5), [2.5]), ("value_floats", .floats([1, 2]), [1, 2]),
        ("value_int", .int(-7), [-7]), ("value_ints", .ints([8, 9]), [8, 9]),
    ])
    func constantsHaveManyForms(_ name: String, _ value: ONNXBuilder.Attribute, _ due: [Double]) throws {
        #expect(try onnxResult("Constant", opset: 13, [], [name: value])[0].values == due)
        #expect(throws: InputError.self) {
            try onnxResult("Constant", opset: 13, [], ["value_string": .text("a")])
        }
        #expect(throws: InputError.self) { try onnxResult("Constant", opset: 13, []) }
    }

    // MARK: Functions and branches

    @Test func functionsAreEntered() throws {
        let names = try ONNXSmallModels.function.network().nodes.map(\.name)
        // −leaky(−leaky(x, 0.25), 0.5) for x = −4, 4: −1 → 1 → 1 → −1; 4 → −4 → −2 → 2.
        #expect(try ONNXSmallModels.function.answers([-4, 4, 0, -8]) == [[-1, 2, 0, -2]])
        #expect(names.contains { $0.contains("twice/") })
    }

    @Test func optionalInputsOfFunctionsMayLack() throws {
        var builder = ONNXBuilder(opset: 13)
        builder.domains["local"] = 1
        builder.function(
            "Bounded", ["a", "low", "high"], ["b"], [ONNXBuilder.node("Clip", ["a", "low", "high"], ["b"])])
        builder.input("x", [1, 3])
        builder.constant("top", [], [2])
        builder.node("Bounded", ["x", "", "top"], ["m"], domain: "local")
        builder.node("Bounded", ["m"], ["y"], domain: "local")
        builder.output("y")
        #expect(try builder.answers([-5, 1, 9]) == [[-5, 1, 2]])
    }

    @Test func aFunctionDoesNotSeeItsCaller() throws {
        var builder = ONNXBuilder()
        builder.domains["local"] = 1
        builder.function("Bad", ["a"], ["b"], [ONNXBuilder.node("Add", ["a", "x"], ["b"])])
        builder.input("x", [1, 2])
        builder.node("Bad", ["x"], ["y"], domain: "local", name: "call")
        builder.output("y")
        let error = try #require(throws: InputError.self) { try builder.network() }
        #expect(error.field == "node call/b (Add)", "\(error)")
    }

    @Test func aBranchIsTakenByItsCondition() throws {
        #expect(
            try misfit(ONNXSmallModels.branch.answers([0, 1, 2, -1])[0], [0, 0.761594, 0.964028, -0.761594])
                == nil)
        var other = ONNXSmallModels.branch
        other.graph.initializer[0].int32Data = [0]
        #expect(try other.answers([0, 0, 0, 0]) == [[1, 1, 1, 1]])
        var computed = ONNXSmallModels.branch
        computed.node("ReduceMax", ["x"], ["top"], ["keepdims": .int(0)])
        computed.graph.node[0].input = ["top"]
        let error = try #require(throws: InputError.self) { try computed.network() }
        #expect(error.field == "node y (If)" && error.problem.contains("condition depends on the input"))
    }

    // MARK: Sizes

    @Test func theFirstOpenAxisIsTheBatch() throws {
        for sizes: [Any] in [["N", 2], [-1, 2], [0, 2], ["unk__6", 2]] {
            #expect(try Self.dense(sizes).answers([1, 10]) == [[41, 52, 63]])
        }
        // A batch by name goes before, and is the same everywhere.
        var builder = ONNXBuilder()
        builder.input("x", ["steps", "batch", 3])
        builder.input("z", ["batch", 3])
        builder.node("Add", ["x", "z"], ["y"])
        builder.output("y")
        let network = try builder.network(ModelOptions(inputSizes: ["x": [4, 3]]))
        #expect(network.inputs.map { $0.axes?.map(\.size) } == [[4, 1, 3], [3]])
    }

    @Test func otherOpenAxesAreAskedFor() throws {
        var builder = ONNXBuilder()
        builder.input("x", ["N", 3, "height", "?"])
        builder.node("Relu", ["x"], ["y"])
        builder.output("y")
        let error = try #require(throws: InputError.self) { try builder.network() }
        #expect(error.field == "input x")
        #expect(error.problem == "axis 2 (height) and axis 3 (?) are open: its sizes are [N, 3, height, ?]")
        #expect(error.remedy == "say the sizes of one sample: input_shape: [3, …, …]")
        for given in [[3, 4, 5], [1, 3, 4, 5]] {
            let network = try builder.network(ModelOptions(inputSizes: ["": given]))
            #expect(network.inputs[0].axes?.map(\.size) == [3, 4, 5])
        }
        for wrong in [[3, 4], [2, 4, 5], [3, 4, 0], [3, 1 << 40, 1 << 40]] {
            #expect(throws: InputError.self) { try builder.network(ModelOptions(inputSizes: ["": wrong])) }
        }
        var rank = ONNXBuilder()
        rank.input("x", [])
        rank.graph.input[0].type.tensorType.clearShape()
        rank.node("Relu", ["x"], ["y"])
        rank.output("y")
        #expect(
            try #require(throws: InputError.self) { try rank.network() }.problem.contains("number of axes"))
        #expect(try rank.network(ModelOptions(inputSizes: ["": [3]])).inputs[0].axes?.map(\.size) == [3])
    }

    @Test func oneNameIsOneSize() throws {
        var builder = ONNXBuilder()
        builder.input("x", [1, "time"])
        builder.input("z", [1, "time"])
        builder.node("Add", ["x", "z"], ["y"])
        builder.output("y")
        let network = try builder.network(ModelOptions(inputSizes: ["x": [7]]))
        #expect(network.inputs.map { $0.axes?.map(\.size) } == [[7], [7]])
        let error = try #require(throws: InputError.self) { try builder.network() }
        #expect(error.problem.contains("input x") && error.problem.contains("input z"))
    }

    // MARK: Ports

    @Test func outputsAreForWhatTheyLookLike() throws {
        func meanings(_ operation: String, _ sizes: [Any], _ weight: [Int]?) throws -> [NetworkPort.Meaning] {
            var builder = ONNXBuilder(opset: 13)
            builder.input("x", sizes)
            if let weight {
                builder.weight("w", weight)
                builder.node("MatMul", ["x", "w"], ["m"])
            }
            builder.node(operation, [weight == nil ? "x" : "m"], ["y"])
            builder.output("y")
            return try builder.network().outputs.map(\.port.meaning)
        }
        #expect(try meanings("Relu", ["N", 4], [4, 3]) == [.classes])
        #expect(try meanings("Relu", ["N", 4], [4, 1]) == [.numbers])
        #expect(try meanings("Relu", ["N", 4], [4, 4]) == [.reconstruction])
        #expect(try meanings("Softmax", ["N", 4], [4, 4]) == [.classes])
        #expect(try meanings("Relu", ["N", 5, 4], [4, 3]) == [.raw])
        #expect(try meanings("Relu", ["N", 5, 4], nil) == [.reconstruction])
        #expect(try ONNXSmallModels.pools.network().outputs.map(\.port.meaning) == [.raw, .raw, .raw])
        #expect(try ONNXSmallModels.outputs.network().outputs.map(\.port.name) == ["y", "next", "same"])
    }

    @Test func inputAndOutputMayBeNamed() throws {
        var builder = ONNXBuilder(opset: 13)
        builder.input("file", ["bytes"], type: .uint8)
        builder.node("DecodeImage", ["file"], ["image"], domain: "vendor.codec", name: "decode")
        builder.node("Relu", ["image"], ["a"], name: "first")
        builder.node("Neg", ["a"], ["b"], name: "second")
        builder.node("NonMaxSuppression", ["b", "b"], ["y"])
        builder.output("y")
        #expect(throws: InputError.self) { try builder.network() }
        let options = ModelOptions(output: "b", input: "image", inputSizes: ["": [1, 2]])
        #expect(try builder.answers([-1, 2], options: options) == [[0, -2]])
        builder.graph.valueInfo = [ONNXBuilder.port("image", [1, 3])]
        #expect(
            try builder.answers([-1, 2, 3], options: ModelOptions(output: "second", input: "decode")) == [
                [0, -2, -3]
            ])
        for wrong in [ModelOptions(output: "nothing"), ModelOptions(output: "b", input: "nothing")] {
            #expect(throws: InputError.self) { try builder.network(wrong) }
        }
    }

    @Test func explicitStatesStayPortsOrBecomeStates() throws {
        var builder = ONNXBuilder(opset: 14)
        builder.input("x", [1, 1, 2])
        builder.input("h", [1, 1, 3])
        builder.weight("w", [1, 9, 2])
        builder.weight("r", [1, 9, 3])
        builder.node("GRU", ["x", "w", "r", "", "", "h"], ["y", "n"], ["hidden_size": .int(3)])
        builder.output("y", "n")
        let open = try builder.network()
        #expect(open.inputs.map(\.name) == ["x", "h"] && open.outputs.map(\.port.name) == ["y", "n"])
        let closed = try builder.network(ModelOptions(states: ["h": "n"]))
        #expect(closed.inputs.map(\.name) == ["x"] && closed.outputs.map(\.port.name) == ["y"])
        #expect(closed.states.count == 1)
        let (stepped, kept) = (try PortRun(open), try PortRun(closed))
        var state = [0.0, 0, 0]
        for step in 0..<4 {
            let x = ONNXBuilder.numbers(2, seed: UInt64(step))
            let answer = stepped([x, state])
            #expect(misfit(kept([x])[0], answer[0], relative: 1e-6) == nil)
            state = answer[1]
        }
        for wrong in [["h": "nothing"], ["nothing": "n"], ["x": "n"]] {
            #expect(throws: InputError.self) { try builder.network(ModelOptions(states: wrong)) }
        }
    }

    @Test func numbersOutsideHaveTheTypeOfTheFile() throws {
        for (type, element) in [
            (ONNXNumberType.uint8, NetworkPort.Element.uint8), (.int8, .int8), (.int16, .int16),
            (.int32, .int32),
            (.int64, .int32), (.float16, .float32), (.double, .float32), (.float, .float32),
        ] {
            var builder = ONNXBuilder(opset: 13)
            builder.input("x", [1, 3], type: type)
            builder.node("Cast", ["x"], ["f"], ["to": .int(1)])
            builder.constant("half", [], [0.5])
            builder.node("Mul", ["f", "half"], ["y"])
            builder.output("y")
            let network = try builder.network()
            #expect(network.inputs[0].element == element && network.inputs[0].scale == 1)
            #expect(try builder.answers([4, 2, 10]) == [[2, 1, 5]])
        }
        var text = ONNXBuilder()
        text.input("x", [1, 3])
        text.graph.input[0].type.tensorType.elemType = 8
        text.node("Relu", ["x"], ["y"])
        text.output("y")
        #expect(try #require(throws: InputError.self) { try text.network() }.problem.contains("string"))
        text.graph.input[0].clearType()
        #expect(try #require(throws: InputError.self) { try text.network() }.problem.contains("no tensor"))
    }
}
