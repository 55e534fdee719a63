// Small ONNX models made in tests. Not tests themselves.

import Foundation
import PagefoldCore
import PagefoldGraph
import SwiftProtobuf

@testable import PagefoldImport

/// A graph, and the model around it.
struct ONNXBuilder {
    var graph = ONNXGraphProto()
    var functions: [ONNXFunctionProto] = []
    var opset: Int64
    var domains: [String: Int64] = [:]

    init(opset: Int64 = 17) { self.opset = opset }

    enum Attribute {
        case int(Int64), float(Float), text(String), ints([Int64]), floats([Float]), texts([String])
        case tensor(ONNXTensorProto), graph(ONNXGraphProto), reference(String)
    }

    /// - Parameter sizes: a name stands for an open axis.
    mutating func input(_ name: String, _ sizes: [Any], type: ONNXNumberType = .float) {
        graph.input.append(Self.port(name, sizes, type: type))
    }

    mutating func output(_ names: String...) {
        for name in names {
            var port = ONNXValueInfo()
            port.name = name
            graph.output.append(port)
        }
    }

    static func port(_ name: String, _ sizes: [Any], type: ONNXNumberType = .float) -> ONNXValueInfo {
        var port = ONNXValueInfo()
        port.name = name
        port.type.tensorType.elemType = type.rawValue
        port.type.tensorType.shape = ONNXTensorShape()
        for size in sizes {
            var axis = ONNXTensorShape.Dimension()
            if let number = size as? Int { axis.dimValue = Int64(number) } else { axis.dimParam = "\(size)" }
            port.type.tensorType.shape.dim.append(axis)
        }
        return port
    }

    static func tensor(
        _ name: String, _ dims: [Int], _ values: [Double], type: ONNXNumberType = .float
    ) -> ONNXTensorProto {
        var tensor = ONNXTensorProto()
        tensor.name = name
        tensor.dims = dims.map { Int64($0) }
        tensor.dataType = type.rawValue
        switch type {
        case .float: tensor.floatData = values.map { Float($0) }
        case .double: tensor.doubleData = values
        case .int64: tensor.int64Data = values.map { Int64($0) }
        case .uint32, .uint64: tensor.uint64Data = values.map { UInt64($0) }
        default: tensor.int32Data = values.map { Int32($0) }
        }
        return tensor
    }

    mutating func constant(_ name: String, _ dims: [Int], _ values: [Double], type: ONNXNumberType = .float) {
        graph.initializer.append(Self.tensor(name, dims, values, type: type))
    }

    /// Numbers that look random and are always the same.
    mutating func weight(_ name: String, _ dims: [Int], scale: Double = 0.5) {
        constant(
            name, dims,
            Self.numbers(dims.reduce(1, *), seed: name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) }, scale))
    }

    static func numbers(_ count: Int, seed: UInt64, _ scale: Double = 1) -> [Double] {
        var state = seed &+ 0x9E37_79B9_7F4A_7C15
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (Double(state >> 33) / Double(UInt64(1) << 31) * 2 - 1) * scale
        }
    }

    static func node(
        _ operation: String, _ inputs: [String], _ outputs: [String], _ attributes: [String: Attribute] = [:],
        domain: String = "", name: String = ""
    ) -> ONNXNodeProto {
        var node = ONNXNodeProto()
        node.opType = operation
        node.input = inputs
        node.output = outputs
        node.domain = domain
        node.name = name
        for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
            node.attribute.append(attribute(name, value))
        }
        return node
    }

    static func attribute(_ name: String, _ value: Attribute) -> ONNXAttributeProto {
        var attribute = ONNXAttributeProto()
        attribute.name = name
        switch value {
        case .float(let number): (attribute.f, attribute.type) = (number, 1)
        case .int(let number): (attribute.i, attribute.type) = (number, 2)
        case .text(let text): (attribute.s, attribute.type) = (Data(text.utf8), 3)
        case .tensor(let tensor): (attribute.t, attribute.type) = (tensor, 4)
        case .graph(let graph): (attribute.g, attribute.type) = (graph, 5)
        case .floats(let numbers): (attribute.floats, attribute.type) = (numbers, 6)
        case .ints(let numbers): (attribute.ints, attribute.type) = (numbers, 7)
        case .texts(let texts): (attribute.strings, attribute.type) = (texts.map { Data($0.utf8) }, 8)
        case .reference(let outer): (attribute.refAttrName, attribute.type) = (outer, 2)
        }
        return attribute
    }

    mutating func node(
        _ operation: String, _ inputs: [String], _ outputs: [String], _ attributes: [String: Attribute] = [:],
        domain: String = "", name: String = ""
    ) {
        graph.node.append(Self.node(operation, inputs, outputs, attributes, domain: domain, name: name))
    }

    mutating func function(
        _ name: String, _ inputs: [String], _ outputs: [String], domain: String = "local",
        standards: [String: Attribute] = [:], _ nodes: [ONNXNodeProto]
    ) {
        var function = ONNXFunctionProto()
        function.name = name
        function.domain = domain
        function.input = inputs
        function.output = outputs
        function.node = nodes
        function.attributeProto = standards.sorted { $0.key < $1.key }.map { Self.attribute($0, $1) }
        functions.append(function)
    }

    var model: ONNXModelProto {
        var model = ONNXModelProto()
        model.irVersion = 8
        model.graph = graph
        model.functions = functions
        for (domain, version) in [("", opset)] + domains.sorted(by: { $0.key < $1.key }) {
            var set = ONNXOperatorSet()
            set.domain = domain
            set.version = version
            model.opsetImport.append(set)
        }
        return model
    }

    var bytes: [UInt8] { (try? model.serializedBytes()) ?? [] }

    // MARK: Use

    func network(
        _ options: ModelOptions = ModelOptions(), external: ONNXExternalFiles? = nil
    ) throws(InputError) -> Network {
        try ONNX.load(bytes, file: "model.onnx", name: "model", options: options, external: external)
    }

    /// Answers to arrays of the inputs, in the order of the ports.
    func answers(_ arrays: [Double]..., options: ModelOptions = ModelOptions()) throws -> [[Double]] {
        try PortRun(try network(options))(arrays)
    }

    /// The outputs where all inputs are known.
    func constants(_ binding: [String: ConstantTensor] = [:]) throws(InputError) -> [ConstantTensor] {
        try ONNX.constants(bytes, file: "model.onnx", binding: binding)
    }
}

/// One operator on constants: the quick way to a result.
func onnxResult(
    _ operation: String, opset: Int64, _ inputs: [ONNXTensorProto?],
    _ attributes: [String: ONNXBuilder.Attribute] = [:],
    outputs: Int = 1, domain: String = ""
) throws -> [ConstantTensor] {
    var builder = ONNXBuilder(opset: opset)
    var names: [String] = []
    for (index, input) in inputs.enumerated() {
        guard var input else {
            names.append("")
            continue
        }
        input.name = "x\(index)"
        names.append(input.name)
        builder.graph.initializer.append(input)
    }
    let results = (0..<outputs).map { "y\($0)" }
    builder.node(operation, names, results, attributes, domain: domain)
    for name in results { builder.output(name) }
    return try builder.constants()
}
