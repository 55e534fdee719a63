// Inputs and outputs of a TFLite network: which tensors they are, and what they are called. What they hold is
// TFLiteDeclaration's.

import PagefoldCore
import PagefoldGraph

/// The ports of one subgraph.
struct TFLitePorts {
    struct Port {
        var tensor: Int
        var name: String
    }

    let model: TFLiteModel
    let options: ModelOptions
    let subgraph: Int
    private(set) var inputs: [Port]
    private(set) var outputs: [Port]

    var graph: TFLiteSubgraph { model.subgraphs[subgraph] }

    private static let most = 1024

    /// - Throws: `InputError` for names in the options that nothing has, and for graphs without an output.
    init(_ model: TFLiteModel, options: ModelOptions) throws(InputError) {
        self.model = model
        self.options = options
        let subgraph = try Self.subgraph(model, options.network)
        self.subgraph = subgraph
        let graph = model.subgraphs[subgraph]
        let signature = model.signatures.first { $0.subgraph == subgraph }
        let names = (inputs: signature?.inputs ?? [:], outputs: signature?.outputs ?? [:])
        inputs = Self.named(graph.inputs, graph, names.inputs, isInput: true)
        let ends =
            try options.output.map { name throws(InputError) in
                try Self.tensors(name, "output", graph, names.outputs, model.file)
            } ?? graph.outputs
        let tensors = TFLiteTail(graph, model).cut(from: ends)
        outputs = Self.named(tensors, graph, names.outputs, isInput: false)
        guard !outputs.isEmpty, outputs.count <= Self.most, inputs.count <= Self.most else {
            throw InputError(
                file: model.file, field: "outputs",
                problem: "there are \(outputs.count), and \(inputs.count) inputs",
                remedy: "name a tensor with output:")
        }
        if let name = options.input {
            // What computes it is left outside, and so are inputs that only that reads.
            let begun = try Self.tensors(name, "input", graph, names.inputs, model.file)
            let due = Self.needed(for: tensors, graph, from: Set(begun))
            let others = graph.inputs.filter { !begun.contains($0) && due.contains($0) }
            inputs = Self.named(begun + others, graph, names.inputs, isInput: true)
        }
    }

    /// Tensors that outputs depend on, back to those where it begins.
    private static func needed(
        for outputs: [Int], _ graph: TFLiteSubgraph, from begun: Set<Int>
    ) -> Set<Int> {
        var due = Set(outputs)
        for op in graph.operators.reversed()
        where op.changesVariables || op.outputs.contains(where: { due.contains($0) && !begun.contains($0) }) {
            due.formUnion(op.inputs)
        }
        return due
    }

    // MARK: Names

    private static func subgraph(_ model: TFLiteModel, _ name: String?) throws(InputError) -> Int {
        guard let name else { return 0 }
        if let signature = model.signatures.first(where: { $0.key == name }) { return signature.subgraph }
        if let index = model.subgraphs.firstIndex(where: { $0.name == name }) { return index }
        let known = model.signatures.map(\.key) + model.subgraphs.map(\.name).filter { !$0.isEmpty }
        throw InputError(
            file: model.file, field: "network \(name)", problem: "there is none of that name",
            remedy: Spelling.remedy(for: name, among: known, verb: "choose") + ", or leave it out")
    }

    /// Tensors by a name, or by several with commas between them.
    private static func tensors(
        _ text: String, _ field: String, _ graph: TFLiteSubgraph, _ signature: [Int: String], _ file: String
    ) throws(InputError) -> [Int] {
        func tensor(_ name: String) -> Int? {
            signature.keys.sorted().first { signature[$0] == name }
                ?? graph.tensors.firstIndex { $0.name == name }
                ?? graph.tensors.firstIndex { $0.name.split(separator: ";").contains { $0 == name } }
        }
        if let whole = tensor(text) { return [whole] }
        var result: [Int] = []
        for part in text.split(separator: ",") {
            let name = String(part.drop { $0 == " " })
            guard let found = tensor(name) else {
                let ends = (graph.inputs + graph.outputs).prefix(8).map { graph.tensors[$0].name }
                throw InputError(
                    file: file, field: "\(field) \(name)", problem: "no tensor has that name",
                    remedy: "name one of its tensors, such as \(ends.joined(separator: ", "))")
            }
            if !result.contains(found) { result.append(found) }
        }
        return result
    }

    /// Every port gets a name of its own.
    private static func named(
        _ tensors: [Int], _ graph: TFLiteSubgraph, _ signature: [Int: String], isInput: Bool
    ) -> [Port] {
        var used: Set<String> = []
        return tensors.enumerated().map { index, tensor in
            var name = signature[tensor] ?? graph.tensors[tensor].name
            if name.isEmpty { name = NetworkPort.usualName(index, isInput: isInput) }
            let base = name
            var number = 2
            while !used.insert(name).inserted {
                name = "\(base)/\(number)"
                number += 1
            }
            return Port(tensor: tensor, name: name)
        }
    }
}

/// Operators at the end of a graph that pick boxes or sort scores: they are left outside, and what they read becomes the
/// network's outputs.
struct TFLiteTail {
    private let graph: TFLiteSubgraph
    private let model: TFLiteModel

    init(_ graph: TFLiteSubgraph, _ model: TFLiteModel) {
        self.graph = graph
        self.model = model
    }

    private static let codes = ["NON_MAX_SUPPRESSION_V4", "NON_MAX_SUPPRESSION_V5", "TOPK_V2", "WHERE"]

    private static func isDecoder(_ op: TFLiteOperator) -> Bool {
        codes.contains(op.name)
            || op.code == TFLiteCode.custom.rawValue
                && ["PostProcess", "NonMaxSuppression"].contains { op.customName.contains($0) }
    }

    /// Outputs in front of the tail.
    func cut(from outputs: [Int]) -> [Int] {
        var known: Set<Int> = []
        for (index, tensor) in graph.tensors.enumerated() where tensor.buffer > 0 && !tensor.isVariable {
            if model.buffers.indices.contains(tensor.buffer), !model.buffers[tensor.buffer].isEmpty {
                known.insert(index)
            }
        }
        // Tensors behind a decoder, and what decoders and those behind them read from in front.
        var behind: Set<Int> = []
        var read: [Int] = []
        for op in graph.operators {
            if !op.inputs.isEmpty, op.inputs.allSatisfy({ $0 < 0 || known.contains($0) }) {
                known.formUnion(op.outputs)
            }
            guard Self.isDecoder(op) || op.inputs.contains(where: behind.contains) else { continue }
            for tensor in op.inputs
            where tensor >= 0 && !known.contains(tensor) && !behind.contains(tensor) && !read.contains(tensor)
            {
                read.append(tensor)
            }
            behind.formUnion(op.outputs)
        }
        guard let first = outputs.firstIndex(where: behind.contains), read.count <= outputs.count + 16 else {
            return outputs
        }
        let before = outputs[..<first].filter { !behind.contains($0) }
        let after = outputs[first...].filter { !behind.contains($0) }
        return before + read.filter { !outputs.contains($0) } + after
    }
}
