// The ends of an ONNX graph: inputs with their types and quantisation, states, outputs with what they mean.

import Foundation
import PagefoldCore
import PagefoldData
import PagefoldGraph

extension ONNXTranslation {
    /// The whole way: inputs, nodes, outputs.
    /// - Throws: one error that names all that is in the way.
    mutating func network() throws(InputError) -> Network {
        let wanted = try wantedOutputs()
        let handles = try begin(wanted)
        var ports: [(name: String, value: ONNXValue)] = []
        for name in wanted {
            if let value = found(name) { ports.append((name, value)) }
        }
        guard problems.isEmpty else { throw problems.error(file) }
        for (input, handle) in handles {
            translation.node = input
            guard let name = options.states[input], let value = found(name) else { continue }
            record(input) { (own) throws(TranslationProblem) in
                let value = try own.wholeNumbers(try own.settled(value)).value
                try own.translation.setState(handle, to: value)
            }
        }
        let states = Set(options.states.values)
        let outer = ports.filter { !states.contains($0.name) }
        guard !outer.isEmpty else {
            throw InputError(
                file: file, field: "outputs", problem: "all are states", remedy: "leave one out of states:")
        }
        for (name, value) in outer {
            translation.node = name
            record(name) { (own) throws(TranslationProblem) in
                try own.output(name, value, isOnly: outer.count == 1)
            }
        }
        guard problems.isEmpty else { throw problems.error(file) }
        return try translation.finish()
    }

    /// The outputs of a model whose inputs are all known.
    mutating func constants() throws(InputError) -> [ConstantTensor] {
        isConstant = true
        let wanted = try wantedOutputs()
        _ = try begin(wanted)
        let values = wanted.map { found($0) }
        guard problems.isEmpty else { throw problems.error(file) }
        var constants: [ConstantTensor] = []
        for (name, value) in zip(wanted, values) {
            guard let constant = value?.constant else {
                throw InputError(
                    file: file, field: "output \(name)", problem: "it is not known from the inputs",
                    remedy: "bind all inputs")
            }
            constants.append(constant)
        }
        return constants
    }

    /// Makes the inputs and runs the nodes; what stands in the way is among the problems.
    /// - Returns: handles of states, by the name of the input.
    private mutating func begin(_ wanted: [String]) throws(InputError) -> [(String, Int)] {
        let all = wanted + options.states.values.sorted()
        let handles = try inputs(for: all)
        do throws(TranslationProblem) {
            try run(model.graph, for: all)
        } catch { problems.add("the graph", "", error) }
        return handles
    }

    /// Runs something and takes its problem down under a name.
    private mutating func record(
        _ name: String, _ body: (inout ONNXTranslation) throws(TranslationProblem) -> Void
    ) {
        do throws(TranslationProblem) { try body(&self) } catch { problems.add(name, "", error) }
    }

    /// A value by its name; nil where it was refused, which is among the problems then.
    private mutating func found(_ name: String) -> ONNXValue? {
        do throws(TranslationProblem) {
            if case .value(let value) = try operand(name) { return value }
        } catch { problems.add("output \(name)", "", error) }
        return nil
    }

    // MARK: Outputs

    /// Names of the values that the network answers with.
    private func wantedOutputs() throws(InputError) -> [String] {
        guard let text = options.output else {
            let names = model.graph.outputs.map(\.name)
            guard !names.isEmpty, Set(names).count == names.count, !names.contains("") else {
                throw InputError(
                    file: file, field: "outputs",
                    problem: names.isEmpty ? "there are none" : "one has no name of its own",
                    remedy: "the file is damaged; copy it again, or name a value with output:")
            }
            return names
        }
        if let single = try? output(text) { return [single] }
        // Several, parted by commas.
        var chosen: [String] = []
        for part in text.split(separator: ",") {
            chosen.append(try output(part.trimmingCharacters(in: .whitespaces)))
        }
        return chosen.isEmpty ? [try output(text)] : chosen
    }

    /// The value that a user names as an output: by its name, or by the node that computes it.
    private func output(_ chosen: String) throws(InputError) -> String {
        if model.graph.nodes.contains(where: { $0.outputs.contains(chosen) }) { return chosen }
        if let node = model.graph.nodes.first(where: { $0.name == chosen }),
            let output = node.outputs.first(where: { !$0.isEmpty })
        {
            return output
        }
        throw InputError(
            file: file, field: "output \(chosen)", problem: "there is no value and no node of that name",
            remedy:
                "name an output (\(model.graph.outputs.map(\.name).joined(separator: ", "))) or a value before it"
        )
    }

    private mutating func output(
        _ name: String, _ value: ONNXValue, isOnly: Bool
    ) throws(TranslationProblem) {
        var value = try settled(value)
        var port = NetworkPort(name: name, meaning: meaning(name, value, isOnly: isOnly))
        port.labels = labels(name)
        if let quantisation = value.quantisation {
            if !setQuantisation(quantisation, of: &port) { value = try wholeNumbers(value) }
        } else if value.value.elementType.isInteger {
            port.element = Self.element(value.value.elementType)
        }
        try translation.output(value.value, port)
    }

    /// What an output is for, by its shape and by what computes it.
    private func meaning(_ name: String, _ value: ONNXValue, isOnly: Bool) -> NetworkPort.Meaning {
        let sides = value.sizes.filter { $0 != 1 }
        guard isOnly, sides.count <= 1, !value.value.elementType.isInteger || value.quantisation != nil else {
            guard isOnly, asksSame(value.sizes) else { return .raw }
            return .reconstruction
        }
        if endsInSoftmax(name) { return sides.isEmpty ? .numbers : .classes }
        if asksSame(value.sizes), !sides.isEmpty { return .reconstruction }
        return sides.isEmpty ? .numbers : .classes
    }

    /// Whether the only input has these sizes.
    private func asksSame(_ sizes: [Int]) -> Bool { inputSizes.count == 1 && inputSizes[0] == sizes }

    /// Names of classes, where the node that gives the output has them.
    private func labels(_ name: String) -> [String] {
        guard let node = model.graph.nodes.first(where: { $0.outputs.contains(name) }),
            node.operation == "ZipMap",
            case .texts(let labels)? = node.attributes["classlabels_strings"]
        else { return [] }
        return labels
    }

    private func endsInSoftmax(_ name: String) -> Bool {
        var name = name
        let passing: Set = [
            "Identity", "QuantizeLinear", "DequantizeLinear", "Reshape", "Squeeze", "Flatten", "Cast",
            "ZipMap",
        ]
        for _ in 0..<16 {
            guard let node = model.graph.nodes.first(where: { $0.outputs.contains(name) }) else {
                return false
            }
            if node.operation == "Softmax" || node.operation == "QLinearSoftmax" { return true }
            guard passing.contains(node.operation), let input = node.inputs.first else { return false }
            name = input
        }
        return false
    }

    // MARK: Inputs

    /// Makes the inputs that some values depend on.
    private mutating func inputs(for wanted: [String]) throws(InputError) -> [(String, Int)] {
        let graph = model.graph
        var known = Set(binding.keys)
        var ports = graph.inputs.filter { graph.initialisers[$0.name] == nil && !known.contains($0.name) }
        if let chosen = options.input {
            let name = try inputName(chosen)
            if !ports.contains(where: { $0.name == name }) {
                ports.append(graph.values[name] ?? ONNXGraph.Port(name: name, type: 1, axes: nil))
            }
            known.insert(name)
        }
        let order = (try? graph.order(for: wanted, known: known)) ?? Array(graph.nodes.indices)
        var used = Set(wanted)
        // Which nodes read a value as their first input.
        var readers: [String: [Int]] = [:]
        for number in order {
            used.formUnion(graph.nodes[number].inputs + graph.nodes[number].captured)
            if let first = graph.nodes[number].inputs.first { readers[first, default: []].append(number) }
        }
        ports = ports.filter { used.contains($0.name) }
        let names = ports.map(\.name)
        guard Set(names).count == names.count, !names.contains("") else {
            throw InputError(
                file: file, field: "inputs", problem: "one has no name of its own",
                remedy: "the file is damaged; copy it again")
        }
        guard !ports.isEmpty || isConstant else {
            throw InputError(
                file: file, field: "inputs", problem: "nothing is computed from an input",
                remedy: "give a network that has an input, or name another output")
        }
        let sizes = ONNXSizes(ports, options)
        var handles: [(String, Int)] = []
        for port in ports {
            do throws(TranslationProblem) {
                let type = try Self.type(of: port)
                let own = try sizes.sizes(of: port, isOnly: ports.count == 1)
                if options.states[port.name] != nil {
                    let (handle, value) = try translation.state(sizes: own)
                    handles.append((port.name, handle))
                    define(port.name, .value(ONNXValue(value)))
                } else {
                    define(port.name, .value(try input(port.name, type, own, readers)))
                    inputSizes.append(own)
                }
            } catch {
                problems.add("input \(port.name)", "", error)
                define(port.name, .refused)
            }
        }
        if let missing = options.states.keys.sorted().first(where: { name in
            !ports.contains { $0.name == name }
        }) {
            throw InputError(
                file: file, field: "states", problem: "there is no input \(missing)",
                remedy: "name inputs: \(ports.map(\.name).joined(separator: ", "))")
        }
        return handles
    }

    /// The value that the user names as the input: by its name, or by the node that computes it.
    private func inputName(_ chosen: String) throws(InputError) -> String {
        let graph = model.graph
        if graph.inputs.contains(where: { $0.name == chosen })
            || graph.nodes.contains(where: { $0.outputs.contains(chosen) })
        {
            return chosen
        }
        if let output = graph.nodes.first(where: { $0.name == chosen })?.outputs.first { return output }
        throw InputError(
            file: file, field: "input \(chosen)", problem: "there is no value and no node of that name",
            remedy: "name an input (\(graph.inputs.map(\.name).joined(separator: ", "))) or a value behind it"
        )
    }

    private static func type(of port: ONNXGraph.Port) throws(TranslationProblem) -> ONNXNumberType {
        guard let number = port.type, let type = ONNXNumberType(rawValue: number) else {
            throw TranslationProblem(
                "it is \(port.type.map { "of \(ONNXNumberType.name($0))" } ?? "no tensor")",
                "let the application decode it: name a value behind it with input:")
        }
        return type
    }

    private mutating func input(
        _ name: String, _ type: ONNXNumberType, _ sizes: [Int], _ readers: [String: [Int]]
    ) throws(TranslationProblem) -> ONNXValue {
        var port = NetworkPort(name: name, element: Self.element(type.element))
        var quantisation = quantisation(of: name, type, readers)
        if let found = quantisation, !setQuantisation(found, of: &port) { quantisation = nil }
        let value = try translation.input(port, sizes: sizes)
        return ONNXValue(
            quantisation == nil ? Self.typed(value, type.element) : value, quantisation: quantisation)
    }

    /// How an input of whole numbers is read, where its readers say so.
    private mutating func quantisation(
        of name: String, _ type: ONNXNumberType, _ readers: [String: [Int]]
    ) -> ONNXQuantisation? {
        guard type.quantisedRange != nil else { return nil }
        for number in readers[name] ?? [] {
            let node = model.graph.nodes[number]
            guard node.inputs.count >= 2,
                node.operation == "DequantizeLinear" || node.operation.hasPrefix("QLinear")
            else { continue }
            func constant(_ index: Int) -> Double? {
                guard index < node.inputs.count, !node.inputs[index].isEmpty else { return 0 }
                guard model.graph.initialisers[node.inputs[index]] != nil,
                    case .value(let value)? = try? operand(node.inputs[index])
                else { return nil }
                return value.constant?.single
            }
            guard let scale = constant(1), let zeroPoint = constant(2) else { return nil }
            return ONNXQuantisation(scales: [scale], zeroPoints: [zeroPoint], axis: nil, type: type)
        }
        return nil
    }

    // MARK: Numbers outside

    /// What a whole number of the file is outside.
    private static func element(_ type: ElementType) -> NetworkPort.Element {
        switch type {
        case .u8, .bool: .uint8
        case .i8: .int8
        case .i16: .int16
        case .u16, .i32, .u32, .i64, .u64: .int32
        case .f16, .bf16, .f32, .f64: .float32
        }
    }

    /// Lets a port say how its whole numbers are meant; false where a port cannot.
    private func setQuantisation(_ quantisation: ONNXQuantisation, of port: inout NetworkPort) -> Bool {
        let scale = Float(quantisation.scales[0])
        let element = Self.element(quantisation.type.element)
        guard quantisation.isUniform, !quantisation.isDynamic, scale > 0, scale.isFinite,
            let zeroPoint = Int(exactly: quantisation.zeroPoints[0]), element.range.contains(zeroPoint)
        else { return false }
        port.element = element
        port.scale = scale
        port.zeroPoint = zeroPoint
        return true
    }

    /// A computed value under the type that the file gives it.
    static func typed(_ value: TranslatedValue, _ type: ElementType) -> TranslatedValue {
        guard case .computed(var computed) = value else { return value }
        computed.elementType = type
        return .computed(computed)
    }
}
