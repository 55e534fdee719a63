// A network as an ONNX model, so that its users can check it with the tools that they trust. Here are ports, values and
// weights; what each step becomes is in the files beside this one.

public import Foundation
public import PagefoldCore
public import PagefoldGraph
import SwiftProtobuf

extension ONNX {
    /// The operator set that exported models use.
    static let exportedOpset: Int64 = 18

    /// An ONNX model of a network: float32 weights as they are computed with, names of inputs and outputs as they were,
    /// arrays in the order of the ports with the batch, which is open, in front. States are inputs and outputs named
    /// `NAME_in` and `NAME_out`.
    /// - Throws: `InputError` naming the step that ONNX has no words for, or a network too large for one file.
    public static func exported(_ network: LoweredNetwork) throws(InputError) -> Data {
        var export = ONNXExport(network)
        return try export.model()
    }
}

/// A model in the making. Values between nodes are [batch][channels][height][width].
struct ONNXExport {
    let network: LoweredNetwork
    let program: Program
    var graph = ONNXGraphProto()
    private var names: Set<String> = []
    /// What each value of the program is called.
    private(set) var valueNames: [Int: String] = [:]
    /// One-dimensional constants of whole numbers that are there already.
    private var lists: [[Int64]: String] = [:]

    /// - Parameter network: its scales are multiplied into its weights.
    init(_ network: LoweredNetwork) {
        var network = network
        let plain = network.program.absorbingScales(network.weights)
        (network.program, network.weights) = plain
        self.network = network
        program = plain.program
    }

    mutating func model() throws(InputError) -> Data {
        graph.name = network.name
        for port in network.text.inputs + network.text.outputs { names.insert(port.name) }
        for (index, port) in network.text.inputs.enumerated() { addInput(index, port) }
        for state in program.states.indices { addStateInput(state) }
        for (index, step) in program.steps.enumerated() {
            do throws(StepProblem) { try add(step, index) } catch {
                throw InputError(
                    .network(network.name), field: "step \(index) (\(step.opcode.spec.name))",
                    problem: error.text,
                    remedy: "keep the fold file; this network cannot be written as ONNX")
            }
        }
        for (index, port) in network.text.outputs.enumerated() { addOutput(index, port) }
        for state in program.states.indices { addStateOutput(state) }
        var model = ONNXModelProto()
        model.irVersion = 8
        model.producerName = "Pagefold"
        var opset = ONNXOperatorSet()
        opset.version = ONNX.exportedOpset
        model.opsetImport = [opset]
        model.graph = graph
        do { return try model.serializedData() } catch {
            throw InputError(
                .network(network.name), field: "ONNX", problem: "it cannot be written: \(error)",
                remedy: "a file holds 2 GB at most")
        }
    }

    // MARK: Ports

    private mutating func addInput(_ index: Int, _ port: NetworkPort) {
        let shape = program.values[index]
        let axes = port.axes(of: shape)
        graph.input.append(Self.port(port.name, axes.map(\.size)))
        // Axes of one kind side by side, then each kind as one.
        let order = Self.memoryOrder(axes)
        var value = port.name
        if order != Array(axes.indices) {
            value = add("Transpose", [value]) { $0.ints("perm", [0] + order.map { $0 + 1 }) }
        }
        valueNames[index] = reshaped(value, Self.sizes(shape))
    }

    private mutating func addOutput(_ index: Int, _ port: NetworkPort) {
        let output = program.outputs[index]
        let shape = program.values[output.value]
        let axes = port.axes(of: shape)
        let order = Self.memoryOrder(axes)
        // An output that is an input, and two of one name, have names of their own.
        let isTaken =
            graph.input.contains { $0.name == port.name } || graph.output.contains { $0.name == port.name }
        let title = isTaken ? unique("\(port.name)_out") : port.name
        graph.output.append(Self.port(title, axes.map(\.size)))
        let parted = reshaped(name(output.value), order.map { axes[$0].size })
        let back = axes.indices.map { axis in order.firstIndex(of: axis)! + 1 }
        add("Transpose", [parted], named: title) { $0.ints("perm", [0] + back) }
    }

    private mutating func addStateInput(_ state: Int) {
        let shape = program.stateShape(state)
        let name = unique("state\(state)_in")
        graph.input.append(Self.port(name, Self.sizes(shape)))
        valueNames[program.inputs + state] = name
    }

    private mutating func addStateOutput(_ state: Int) {
        let name = unique("state\(state)_out")
        graph.output.append(Self.port(name, Self.sizes(program.stateShape(state))))
        add("Identity", [self.name(program.states[state])], named: name)
    }

    /// Outside axes in the order in which the value has them: by kind, those of one kind in their order.
    private static func memoryOrder(_ axes: [NetworkPort.Axis]) -> [Int] {
        NetworkPort.Axis.Kind.allCases.flatMap { kind in axes.indices.filter { axes[$0].kind == kind } }
    }

    static func sizes(_ shape: Shape) -> [Int] { [shape.channels, shape.height, shape.width] }

    private static func port(_ name: String, _ sizes: [Int]) -> ONNXValueInfo {
        var port = ONNXValueInfo()
        port.name = name
        port.type.tensorType.elemType = 1
        var batch = ONNXTensorShape.Dimension()
        batch.dimParam = "batch"
        port.type.tensorType.shape.dim =
            [batch]
            + sizes.map {
                var dimension = ONNXTensorShape.Dimension()
                dimension.dimValue = Int64($0)
                return dimension
            }
        return port
    }

    // MARK: Nodes

    func name(_ value: Int) -> String { valueNames[value] ?? "value\(value)" }

    /// Notes under which name the result of a step is found.
    mutating func setResult(_ step: Step, _ name: String) { valueNames[Int(step.output)] = name }

    /// Adds a node and answers the name of its result.
    @discardableResult
    mutating func add(
        _ operation: String, _ inputs: [String], named: String? = nil, outputs: Int = 1, used: Int = 0,
        _ set: (inout ONNXNodeProto) -> Void = { _ in }
    ) -> String {
        var node = ONNXNodeProto()
        node.opType = operation
        node.input = inputs
        let result = named ?? unique(operation.lowercased())
        node.name = unique("\(operation)_\(graph.node.count)")
        node.output = (0..<outputs).map { $0 == used ? result : "" }
        set(&node)
        graph.node.append(node)
        return result
    }

    func result(_ step: Step) -> Shape { program.values[Int(step.output)] }
    func operand(_ step: Step) -> Shape { program.values[Int(step.input)] }

    mutating func unique(_ name: String) -> String {
        var candidate = name
        var number = 2
        while !names.insert(candidate).inserted {
            candidate = "\(name)_\(number)"
            number += 1
        }
        return candidate
    }

    /// The value under other sizes behind the batch.
    mutating func reshaped(_ value: String, _ sizes: [Int]) -> String {
        // 0 keeps the batch. ONNX would read another 0 in the same way, but no size is 0.
        add("Reshape", [value, list([0] + sizes)])
    }

    // MARK: Constants

    /// A list of whole numbers.
    mutating func list(_ numbers: [Int]) -> String {
        let numbers = numbers.map { Int64($0) }
        if let name = lists[numbers] { return name }
        var tensor = ONNXTensorProto()
        tensor.name = unique("list")
        tensor.dataType = 7
        tensor.dims = [Int64(numbers.count)]
        tensor.int64Data = numbers
        graph.initializer.append(tensor)
        lists[numbers] = tensor.name
        return tensor.name
    }

    /// Numbers of a shape.
    mutating func floats(_ numbers: some Collection<Float>, _ sizes: [Int], _ name: String = "constant")
        -> String
    {
        var tensor = ONNXTensorProto()
        tensor.name = unique(name)
        tensor.dataType = 1
        tensor.dims = sizes.map { Int64($0) }
        tensor.rawData = Data(capacity: 4 * numbers.count)
        for number in numbers {
            withUnsafeBytes(of: number.bitPattern.littleEndian) { tensor.rawData.append(contentsOf: $0) }
        }
        graph.initializer.append(tensor)
        return tensor.name
    }

    mutating func number(_ number: Float) -> String { floats([number], []) }

    /// Weights from an offset of the flat vector.
    func weights(_ offset: UInt32, _ count: Int) -> ArraySlice<Float> {
        let start = Int(offset)
        return network.weights[start..<start + count]
    }
}

extension ONNXNodeProto {
    mutating func ints(_ name: String, _ numbers: [Int]) {
        var attribute = ONNXAttributeProto()
        attribute.name = name
        attribute.type = 7
        attribute.ints = numbers.map { Int64($0) }
        self.attribute.append(attribute)
    }

    mutating func int(_ name: String, _ number: Int) {
        var attribute = ONNXAttributeProto()
        attribute.name = name
        attribute.type = 2
        attribute.i = Int64(number)
        self.attribute.append(attribute)
    }

    mutating func float(_ name: String, _ number: Float) {
        var attribute = ONNXAttributeProto()
        attribute.name = name
        attribute.type = 1
        attribute.f = number
        self.attribute.append(attribute)
    }

    mutating func text(_ name: String, _ text: String) {
        var attribute = ONNXAttributeProto()
        attribute.name = name
        attribute.type = 3
        attribute.s = Data(text.utf8)
        self.attribute.append(attribute)
    }
}
