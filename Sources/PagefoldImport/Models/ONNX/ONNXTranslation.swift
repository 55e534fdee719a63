// From a decoded ONNX file to the nodes of a network: names, frames, functions and branches. What operators mean is in
// the table of ONNXOperator; ports are in ONNXPorts.

import PagefoldCore
import PagefoldGraph

/// Translates one file.
struct ONNXTranslation {
    let model: ONNXModel
    let file: String
    let options: ModelOptions
    /// Values that the caller knows, by name.
    let binding: [String: ConstantTensor]
    private let tensors: ONNXTensors
    var translation: Translation
    var problems = ONNXProblems()
    /// Of the inputs that are asked from outside.
    var inputSizes: [[Int]] = []
    /// Whether nothing is asked from outside: all inputs are bound.
    var isConstant = false
    private var scopes: [ONNXScope]
    /// Nodes and initialisers of all graphs that were entered.
    private var entered = 0

    /// Functions and branches call each other at most so deep, and have so many nodes together.
    private static let mostScopes = 32
    /// Axes of one array.
    static let mostAxes = 32
    private static let mostEntered = 1 << 18

    init(
        _ model: ONNXModel, file: String, name: String, options: ModelOptions,
        binding: [String: ConstantTensor] = [:], external: ONNXExternalFiles? = nil
    ) {
        self.model = model
        self.file = file
        self.options = options
        self.binding = binding
        tensors = ONNXTensors(external: external)
        let outside = external?.size(of: model.graph.initialisers.values) ?? 0
        translation = Translation(
            name: name, bytes: model.bytes.addingReportingOverflow(outside).partialValue)
        scopes = [ONNXScope(model.graph, operatorSets: model.operatorSets)]
        for (name, tensor) in binding { scopes[0].slots[name] = .value(ONNXValue(.constant(tensor))) }
    }

    // MARK: Names

    /// A name as an operand of a node that is being translated.
    enum Operand {
        case value(ONNXValue)
        case absent, refused
    }

    /// Says what a name stands for from now on.
    mutating func define(_ name: String, _ slot: ONNXSlot) { scopes[scopes.count - 1].slots[name] = slot }

    /// The frame that knows a name.
    private func scope(of name: String) -> Int? {
        for index in scopes.indices.reversed() {
            if scopes[index].slots[name] != nil { return index }
            if !scopes[index].seesOutside { return nil }
        }
        return nil
    }

    /// What a name stands for; an initialiser is decoded. One that cannot be is named among the problems.
    mutating func operand(_ name: String) throws(TranslationProblem) -> Operand {
        guard let scope = scope(of: name), let slot = scopes[scope].slots[name] else {
            throw TranslationProblem(
                "no node computes its input \(name)", "the file is damaged; copy it again")
        }
        do throws(TranslationProblem) {
            switch slot {
            case .value(let value): return .value(value)
            case .absent: return .absent
            case .refused: return .refused
            case .stored(let tensor):
                let value = try constant(tensor)
                scopes[scope].slots[name] = .value(value)
                return .value(value)
            case .sparse(let tensor):
                let value = ONNXValue(.constant(try constant(tensor)))
                scopes[scope].slots[name] = .value(value)
                return .value(value)
            }
        } catch {
            problems.add("initialiser \(name)", "", error)
            scopes[scope].slots[name] = .refused
            return .refused
        }
    }

    /// A stored tensor. Those of functions are decoded as often as they are called, so that they count each time.
    mutating func constant(_ tensor: ONNXTensorProto) throws(TranslationProblem) -> ONNXValue {
        try translation.take(try ONNXTensors.count(of: tensor.dims))
        var value = ONNXValue(.constant(try tensors.constant(tensor)))
        if let type = ONNXNumberType(rawValue: tensor.dataType), type.bits < 8 { value.narrowType = type }
        return value
    }

    /// Sizes of an array without numbers, whose others must not grow beyond measure.
    func emptyShape(_ sizes: [Int]) throws(TranslationProblem) -> [Int] {
        guard sizes.allSatisfy({ $0 >= 0 }), Translation.count(sizes.map { max($0, 1) }) != nil else {
            throw TranslationProblem("it makes an array \(sizes)", "the file is damaged; copy it again")
        }
        return sizes
    }

    mutating func constant(_ tensor: ONNXSparseTensorProto) throws(TranslationProblem) -> ConstantTensor {
        try translation.take(try ONNXTensors.count(of: tensor.dims))
        return try tensors.constant(tensor)
    }

    /// Whether the network answers with a value.
    func isOutput(_ name: String) -> Bool {
        !name.isEmpty && (model.graph.outputs.contains { $0.name == name } || options.output == name)
    }

    // MARK: What is known of values

    /// The value with its clip computed.
    mutating func settled(_ value: ONNXValue) throws(TranslationProblem) -> ONNXValue {
        guard let clip = value.clip else { return value }
        var result = value
        result.clip = nil
        result.range = value.bounds
        guard !clip.bounds.holds(value.range) else { return result }
        let node = translation.node
        defer { translation.node = node }
        translation.node = clip.node
        let function: UnaryFunction =
            switch (clip.bounds.low, clip.bounds.high) {
            case (0, .infinity): .relu
            case (0, 6): .relu6
            default: .clip(low: clip.bounds.low, high: clip.bounds.high)
            }
        result.value = try translation.unary(function, value.value)
        return result
    }

    /// The value as an operator reads it.
    private mutating func read(
        _ name: String, _ reading: ONNXOperator.Reading
    ) throws(TranslationProblem) -> Operand {
        guard case .value(var value) = try operand(name) else { return try operand(name) }
        if reading == .raw { return .value(value) }
        if value.clip != nil, let scope = scope(of: name) {
            value = try settled(value)
            // Once for all that read it.
            scopes[scope].slots[name] = .value(value)
        }
        let isNumbers = reading == .numbers || value.quantisation.map { !$0.isUniform } ?? false
        return .value(isNumbers ? try wholeNumbers(value) : value)
    }

    // MARK: Graphs

    /// Translates the nodes of a graph that some of its values depend on, in the innermost frame.
    mutating func run(_ graph: ONNXGraph, for wanted: [String]) throws(TranslationProblem) {
        entered += graph.nodes.count + graph.initialisers.count + 1
        guard entered <= Self.mostEntered, scopes.count <= Self.mostScopes else {
            throw TranslationProblem(
                "its functions and branches unfold to too many nodes", "export the model without them")
        }
        let order: [Int]
        do throws(ONNXGraph.Disorder) {
            // Inputs may cut the graph where a node computes them.
            order = try graph.order(for: wanted, known: scopes.count == 1 ? Set(scopes[0].slots.keys) : [])
        } catch {
            switch error {
            case .twice(let name):
                throw TranslationProblem("two nodes compute \(name)", "the file is damaged; copy it again")
            case .loop(let name):
                throw TranslationProblem(
                    "node \(name) depends on itself", "the file is damaged; copy it again")
            }
        }
        var used = Set(wanted)
        for number in order { used.formUnion(graph.nodes[number].inputs + graph.nodes[number].captured) }
        for number in order {
            let node = graph.nodes[number]
            let title = scopes[scopes.count - 1].path + node.title
            translation.node = title
            do throws(TranslationProblem) {
                try apply(node, used: used)
            } catch {
                problems.add(title, node.operatorName, error)
                for output in node.outputs where !output.isEmpty { define(output, .refused) }
            }
        }
    }

    private mutating func apply(_ node: ONNXNode, used: Set<String>) throws(TranslationProblem) {
        let frame = scopes[scopes.count - 1]
        var attributes: [String: ONNXAttribute] = [:]
        for (name, value) in node.attributes {
            if case .reference(let outer) = value {
                attributes[name] = frame.attributes[outer]
            } else {
                attributes[name] = value
            }
        }
        let function = model.functions[
            ONNXModel.FunctionName(domain: node.domain, name: node.operation, overload: node.overload)]
        let isBranch = node.operatorName == "If"
        let known = ONNXOperator.all[node.operatorName]
        guard function != nil || isBranch || known != nil else { throw ONNXRefusals.problem(node) }
        if let function {
            try call(function, node, attributes, path: frame.path + node.title + "/")
            return
        }
        var call = ONNXCall(
            node: node, version: frame.operatorSets[node.domain] ?? model.operatorSets[node.domain] ?? 1,
            attributes: attributes, inputs: [],
            isWanted: node.outputs.map { !$0.isEmpty && used.contains($0) })
        for name in node.inputs {
            guard !name.isEmpty else {
                call.inputs.append(nil)
                continue
            }
            switch try read(name, known?.reading ?? .numbers) {
            case .value(let value): call.inputs.append(value)
            case .absent: call.inputs.append(nil)
            case .refused:
                for output in node.outputs where !output.isEmpty { define(output, .refused) }
                return
            }
        }
        if isBranch {
            try branch(call, path: frame.path + node.title + "/")
        } else if let known {
            let results = try known.rule(&self, call)
            guard results.allSatisfy({ $0.sizes.count <= Self.mostAxes }) else {
                throw TranslationProblem(
                    "it makes an array of too many axes", "the file is damaged; copy it again")
            }
            for (index, output) in node.outputs.enumerated() where !output.isEmpty {
                if index < results.count {
                    define(output, .value(results[index]))
                } else if call.isWanted[index] {
                    throw TranslationProblem(
                        "its output \(index + 1) is not supported", "export the model without it")
                }
            }
        }
    }

    // MARK: Functions and branches

    private mutating func call(
        _ function: ONNXModel.Function, _ node: ONNXNode, _ attributes: [String: ONNXAttribute], path: String
    ) throws(TranslationProblem) {
        var scope = ONNXScope(
            function.body, operatorSets: function.operatorSets,
            attributes: attributes.merging(function.standards) { given, _ in given }, path: path)
        for (index, formal) in function.body.inputs.enumerated() {
            let name = index < node.inputs.count ? node.inputs[index] : ""
            guard !name.isEmpty else {
                scope.slots[formal.name] = .absent
                continue
            }
            switch try operand(name) {
            case .value(let value): scope.slots[formal.name] = .value(value)
            case .absent: scope.slots[formal.name] = .absent
            case .refused: scope.slots[formal.name] = .refused
            }
        }
        try enter(scope, function.body, node.outputs)
    }

    private mutating func branch(_ call: ONNXCall, path: String) throws(TranslationProblem) {
        let condition = try call.constant(0, "its condition")
        guard let isTrue = condition.single else {
            throw TranslationProblem("its condition is no single value", "the file is damaged; copy it again")
        }
        let graph = try call.graph(isTrue != 0 ? "then_branch" : "else_branch")
        let frame = scopes[scopes.count - 1]
        let scope = ONNXScope(
            graph, seesOutside: true, operatorSets: frame.operatorSets, attributes: frame.attributes,
            path: path)
        try enter(scope, graph, call.node.outputs)
    }

    /// Translates a graph in a frame of its own and gives its outputs to the frame around it.
    private mutating func enter(
        _ scope: ONNXScope, _ graph: ONNXGraph, _ outputs: [String]
    ) throws(TranslationProblem) {
        guard outputs.count <= graph.outputs.count else {
            throw TranslationProblem(
                "it has more outputs than its graph", "the file is damaged; copy it again")
        }
        let wanted = zip(outputs, graph.outputs).filter { !$0.0.isEmpty }
        let depth = scopes.count
        scopes.append(scope)
        // Whatever happens inside, the frame goes.
        defer { scopes.removeLast(scopes.count - depth) }
        try run(graph, for: wanted.map(\.1.name))
        var results: [(String, ONNXSlot)] = []
        for (output, port) in wanted {
            switch try operand(port.name) {
            case .value(let value): results.append((output, .value(value)))
            case .absent: results.append((output, .absent))
            case .refused: results.append((output, .refused))
            }
        }
        for (output, slot) in results { scopes[depth - 1].slots[output] = slot }
    }
}
