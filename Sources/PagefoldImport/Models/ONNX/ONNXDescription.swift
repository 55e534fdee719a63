// What an ONNX file says of itself, whether or not it can be imported.

public import PagefoldCore
import PagefoldData

extension ONNX {
    public static func describe(_ file: ModelFile) throws(InputError) -> ModelDescription? {
        try ONNXModel([UInt8](try FileBytes.data(file.path, options: [])), file: file.path).description
    }
}

extension ONNXModel {
    /// Nodes and weights of the main graph; of functions what calls them.
    var description: ModelDescription {
        func port(_ port: ONNXGraph.Port) -> ModelDescription.Port {
            let type = port.type.flatMap { ONNXNumberType(rawValue: $0) }
            return ModelDescription.Port(
                name: port.name, element: type.map { "\($0)" } ?? "unknown",
                sizes: (port.axes ?? []).map { axis in
                    if case .fixed(let size) = axis { size } else { nil }
                })
        }
        var operations: [String: Int] = [:]
        for node in graph.nodes { operations[node.operation, default: 0] += 1 }
        var weights = 0
        for tensor in graph.initialisers.values {
            let isWhole = ONNXNumberType(rawValue: tensor.dataType)?.element.isInteger ?? false
            let sizes = tensor.dims.map { Int(exactly: $0) ?? -1 }
            guard !isWhole || ONNXNumberType(rawValue: tensor.dataType)?.bits ?? 64 <= 8,
                let count = NumericArray.elementCount(of: sizes), count <= 1 << 30
            else { continue }
            let (sum, overflow) = weights.addingReportingOverflow(count)
            weights = overflow ? .max : sum
        }
        let version = operatorSets[""].map { ", opset \($0)" } ?? ""
        return ModelDescription(
            format: "ONNX\(version)",
            inputs: graph.inputs.filter { graph.initialisers[$0.name] == nil }.map(port),
            outputs: graph.outputs.map(port), operations: operations, weights: weights)
    }
}
