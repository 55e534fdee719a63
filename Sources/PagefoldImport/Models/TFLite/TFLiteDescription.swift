// What a TFLite file says of itself, whether or not it can be imported.

public import PagefoldCore
import PagefoldData

extension TFLite {
    public static func describe(_ file: ModelFile) throws(InputError) -> ModelDescription? {
        try TFLiteModel(try FileBytes.readPlain(file.path, cap: .max), file: file.path).description
    }
}

extension TFLiteModel {
    /// Of the first subgraph; operators and weights of all.
    var description: ModelDescription {
        let graph = subgraphs[0]
        let signature = signatures.first { $0.subgraph == 0 }
        func port(_ tensor: Int, _ names: [Int: String]?) -> ModelDescription.Port {
            let described = graph.tensors[tensor]
            let sizes = described.signature.isEmpty ? described.sizes : described.signature
            return ModelDescription.Port(
                name: names?[tensor] ?? described.name, element: "\(described.type)",
                sizes: sizes.map { $0 < 0 ? nil : $0 })
        }
        var operations: [String: Int] = [:]
        var weights = 0
        for graph in subgraphs {
            for op in graph.operators { operations[op.name, default: 0] += 1 }
            for tensor in graph.tensors {
                guard tensor.buffer > 0, tensor.buffer < buffers.count, !buffers[tensor.buffer].isEmpty,
                    let count = NumericArray.elementCount(of: tensor.sizes), count <= 1 << 30
                else { continue }
                let isWhole = tensor.type.element?.isInteger ?? false
                guard tensor.isQuantised || !isWhole && tensor.type != .bool else { continue }
                let (sum, overflow) = weights.addingReportingOverflow(count)
                weights = overflow ? .max : sum
            }
        }
        return ModelDescription(
            format: "TFLite", inputs: graph.inputs.map { port($0, signature?.inputs) },
            outputs: graph.outputs.map { port($0, signature?.outputs) }, operations: operations,
            weights: weights)
    }
}
