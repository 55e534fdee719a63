// An ONNX graph and model as they were stored: nodes, initialisers, ports, functions, and the order in which nodes can be
// computed. It computes nothing.

import PagefoldCore
import SwiftProtobuf

/// A graph, or the body of a function.
struct ONNXGraph {
    /// An input or output.
    struct Port {
        let name: String
        /// TensorProto.DataType; nil for what is no tensor.
        let type: Int32?
        /// Nil where even the number of axes is open.
        let axes: [Axis]?
    }

    enum Axis: Hashable {
        case fixed(Int)
        /// With the name that the file gives it, or none.
        case open(String)
    }

    let nodes: [ONNXNode]
    var initialisers: [String: ONNXTensorProto] = [:]
    var sparseInitialisers: [String: ONNXSparseTensorProto] = [:]
    var inputs: [Port] = []
    var outputs: [Port] = []
    /// Types of values inside, where the file has them.
    var values: [String: Port] = [:]

    init(_ stored: ONNXGraphProto) {
        nodes = stored.node.map { ONNXNode($0) }
        for tensor in stored.initializer { initialisers[tensor.name] = tensor }
        for tensor in stored.sparseInitializer { sparseInitialisers[tensor.values.name] = tensor }
        inputs = stored.input.map { Port($0) }
        outputs = stored.output.map { Port($0) }
        for value in stored.valueInfo { values[value.name] = Port(value) }
    }

    /// The body of a function.
    init(_ stored: ONNXFunctionProto) {
        nodes = stored.node.map { ONNXNode($0) }
        inputs = stored.input.map { Port(name: $0, type: nil, axes: nil) }
        outputs = stored.output.map { Port(name: $0, type: nil, axes: nil) }
    }

    /// Values that it reads and that are not its own.
    var captured: [String] {
        var own = Set(initialisers.keys).union(sparseInitialisers.keys).union(inputs.map(\.name))
        for node in nodes { own.formUnion(node.outputs) }
        var found: [String] = []
        for node in nodes { found += (node.inputs + node.captured).filter { !own.contains($0) } }
        return found + outputs.map(\.name).filter { !own.contains($0) }
    }

    /// Why nodes have no order.
    enum Disorder: Error {
        case twice(String)
        case loop(String)
    }

    /// The nodes that some of its values depend on, in an order in which they can be computed.
    /// - Parameter known: values that are given; what computes them is not needed.
    func order(for wanted: [String], known: Set<String>) throws(Disorder) -> [Int] {
        var makers: [String: Int] = [:]
        for (number, node) in nodes.enumerated() {
            for output in node.outputs where !output.isEmpty {
                guard makers.updateValue(number, forKey: output) == nil else { throw .twice(output) }
            }
        }
        func sources(_ number: Int) -> [Int] {
            (nodes[number].inputs + nodes[number].captured).compactMap {
                known.contains($0) ? nil : makers[$0]
            }
        }
        // Depth first, with a stack of its own: a chain may be as long as the file.
        enum Mark { case begun, done }
        var marks: [Mark?] = Array(repeating: nil, count: nodes.count)
        var order: [Int] = []
        var stack: [(node: Int, sources: [Int])] = []
        for name in wanted {
            guard !known.contains(name), let root = makers[name], marks[root] == nil else { continue }
            marks[root] = .begun
            stack.append((root, sources(root)))
            while var top = stack.popLast() {
                guard let source = top.sources.popLast() else {
                    marks[top.node] = .done
                    order.append(top.node)
                    continue
                }
                stack.append(top)
                switch marks[source] {
                case .done?: continue
                case .begun?: throw .loop(nodes[source].title)
                case nil:
                    marks[source] = .begun
                    stack.append((source, sources(source)))
                }
            }
        }
        // The order of the file is kept where it is one: values then live as long as its author meant.
        let sorted = order.sorted()
        var seen = [Bool](repeating: false, count: nodes.count)
        for number in sorted {
            guard sources(number).allSatisfy({ seen[$0] }) else { return order }
            seen[number] = true
        }
        return sorted
    }
}

extension ONNXGraph.Port {
    fileprivate init(_ stored: ONNXValueInfo) {
        name = stored.name
        guard stored.hasType, stored.type.hasTensorType else {
            type = nil
            axes = nil
            return
        }
        let tensor = stored.type.tensorType
        type = tensor.elemType
        axes =
            !tensor.hasShape
            ? nil
            : tensor.shape.dim.map { axis in
                // Some exporters write 0 or −1 for what is open.
                if axis.dimValue > 0, let size = Int(exactly: axis.dimValue) { return .fixed(size) }
                return .open(axis.dimParam)
            }
    }
}

/// A decoded file.
struct ONNXModel {
    /// A function is found by these.
    struct FunctionName: Hashable {
        let domain: String
        let name: String
        let overload: String
    }

    struct Function {
        let body: ONNXGraph
        let operatorSets: [String: Int]
        /// Values of attributes that a caller leaves out.
        let standards: [String: ONNXAttribute]
    }

    let graph: ONNXGraph
    /// The version of each domain's operators.
    let operatorSets: [String: Int]
    let functions: [FunctionName: Function]
    /// Of the file.
    let bytes: Int

    /// Decodes a serialised `ModelProto`.
    init(_ bytes: [UInt8], file: String) throws(InputError) {
        func damaged(_ problem: String) -> InputError {
            InputError(
                file: file, field: "ModelProto", problem: problem,
                remedy: "give the .onnx file that an exporter wrote; if it is one, copy it again")
        }
        do throws(ONNXOutline.Problem) {
            try ONNXOutline.check(bytes)
        } catch {
            switch error {
            case .damaged: throw damaged("the protocol buffer cannot be decoded")
            case .tooManyParts: throw damaged("it has more than \(ONNXOutline.mostParts) parts")
            case .tooDeep: throw damaged("its graphs stand too deep in each other")
            }
        }
        guard let stored = try? ONNXModelProto(serializedBytes: bytes, options: CheckpointBundle.decoding)
        else {
            throw damaged("the protocol buffer cannot be decoded")
        }
        guard stored.hasGraph, !stored.graph.node.isEmpty else { throw damaged("it has no nodes") }
        self.bytes = bytes.count
        graph = ONNXGraph(stored.graph)
        operatorSets = Self.versions(stored.opsetImport)
        var functions: [FunctionName: Function] = [:]
        for function in stored.functions {
            let name = FunctionName(
                domain: Self.domain(function.domain), name: function.name, overload: function.overload)
            var standards: [String: ONNXAttribute] = [:]
            for attribute in function.attributeProto { standards[attribute.name] = ONNXAttribute(attribute) }
            functions[name] = Function(
                body: ONNXGraph(function), operatorSets: Self.versions(function.opsetImport),
                standards: standards)
        }
        self.functions = functions
    }

    /// ONNX's own domain has two names.
    static func domain(_ name: String) -> String { name == "ai.onnx" ? "" : name }

    private static func versions(_ sets: [ONNXOperatorSet]) -> [String: Int] {
        var versions: [String: Int] = [:]
        for set in sets { versions[domain(set.domain)] = Int(clamping: set.version) }
        return versions
    }
}
