// A TensorFlow graph as it was stored: nodes, their inputs by name, their attributes. It does not interpret them.

import PagefoldCore
import SwiftProtobuf

/// One output of a node.
struct TensorFlow1Reference: Hashable {
    var node: Int
    var port = 0
}

/// A decoded graph with access by name; every lookup that fails is an error that names the node.
struct TensorFlow1Graph {
    let file: String
    let nodes: [TF1NodeDef]
    private let numbers: [String: Int]

    /// Decodes a serialised `MetaGraphDef`.
    init(_ bytes: [UInt8], file: String) throws(InputError) {
        self.file = file
        guard let meta = try? TF1MetaGraph(serializedBytes: bytes, options: CheckpointBundle.decoding) else {
            throw InputError(
                file: file, field: "MetaGraphDef", problem: "the protocol buffer cannot be decoded",
                remedy: "give the .meta file that TensorFlow's Saver wrote; if it is one, copy it again")
        }
        nodes = meta.graph.node
        var numbers: [String: Int] = [:]
        for (number, node) in nodes.enumerated() {
            guard numbers.updateValue(number, forKey: node.name) == nil else {
                throw InputError(
                    file: file, field: "node \(node.name)", problem: "two nodes have this name",
                    remedy: "the file is damaged; copy it again")
            }
        }
        guard !nodes.isEmpty else {
            throw InputError(
                file: file, field: "MetaGraphDef", problem: "the graph has no nodes",
                remedy: "save with write_meta_graph=True and give that .meta file")
        }
        self.numbers = numbers
    }

    subscript(reference: TensorFlow1Reference) -> TF1NodeDef { nodes[reference.node] }

    func op(_ reference: TensorFlow1Reference) -> String { nodes[reference.node].op }

    /// The output that a user or an input list names: `NAME` or `NAME:PORT`.
    func reference(_ text: String) -> TensorFlow1Reference? {
        var name = text
        var port = 0
        if let colon = text.lastIndex(of: ":"), let number = Int(text[text.index(after: colon)...]),
            number >= 0
        {
            name = String(text[..<colon])
            port = number
        }
        return numbers[name].map { TensorFlow1Reference(node: $0, port: port) }
    }

    /// The data inputs of a node; control inputs are left out.
    func inputs(_ reference: TensorFlow1Reference) throws(InputError) -> [TensorFlow1Reference] {
        try inputs(reference, control: false)
    }

    /// Data inputs, then control inputs where asked for.
    func inputs(_ reference: TensorFlow1Reference, control: Bool) throws(InputError) -> [TensorFlow1Reference]
    {
        var found: [TensorFlow1Reference] = []
        for text in self[reference].input where control || !text.hasPrefix("^") {
            guard let input = self.reference(text.hasPrefix("^") ? String(text.dropFirst()) : text) else {
                throw error(
                    reference, "its input \(text) does not exist", "the file is damaged; copy it again")
            }
            found.append(input)
        }
        return found
    }

    func input(_ reference: TensorFlow1Reference, _ number: Int) throws(InputError) -> TensorFlow1Reference {
        let all = try inputs(reference)
        guard number < all.count else {
            throw error(reference, "it has only \(all.count) inputs", "the file is damaged; copy it again")
        }
        return all[number]
    }

    /// For each node, the nodes that read it. Inputs that do not exist are left out.
    func consumers() -> [[Int]] {
        var readers = [[Int]](repeating: [], count: nodes.count)
        for (number, node) in nodes.enumerated() {
            for text in node.input {
                if let input = reference(text) { readers[input.node].append(number) }
            }
        }
        return readers
    }

    // MARK: Attributes, with TensorFlow's defaults where the file leaves them out

    func integers(_ reference: TensorFlow1Reference, _ key: String) -> [Int] {
        self[reference].attr[key]?.list.i.map { Int($0) } ?? []
    }

    func text(_ reference: TensorFlow1Reference, _ key: String) -> String {
        self[reference].attr[key].map { String(decoding: $0.s, as: UTF8.self) } ?? ""
    }

    func flag(_ reference: TensorFlow1Reference, _ key: String, default value: Bool = false) -> Bool {
        self[reference].attr[key]?.b ?? value
    }

    func number(_ reference: TensorFlow1Reference, _ key: String, default value: Float) -> Float {
        self[reference].attr[key]?.f ?? value
    }

    /// The sizes of a stored shape; −1 for an open one; nil for an unknown rank.
    func shape(_ reference: TensorFlow1Reference) -> [Int]? {
        guard let shape = self[reference].attr["shape"]?.shape, !shape.unknownRank, !shape.dim.isEmpty else {
            return nil
        }
        return shape.dim.map { Int($0.size) }
    }

    /// An error about one node.
    func error(_ reference: TensorFlow1Reference, _ problem: String, _ remedy: String) -> InputError {
        let node = self[reference]
        return InputError(
            file: file, field: "node \(node.name) (\(node.op))", problem: problem, remedy: remedy)
    }
}
