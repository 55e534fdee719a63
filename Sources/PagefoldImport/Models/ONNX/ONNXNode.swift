// One node of an ONNX graph with its attributes as values. It does not know what operators mean.

/// The value of an attribute.
enum ONNXAttribute {
    case number(Double)
    case integer(Int64)
    case text(String)
    case tensor(ONNXTensorProto)
    case sparse(ONNXSparseTensorProto)
    case graph(ONNXGraph)
    case numbers([Double])
    case integers([Int64])
    case texts([String])
    /// The attribute of that name of the function around it.
    case reference(String)
    /// A kind of value that no operator here has a use for.
    case other

    init(_ stored: ONNXAttributeProto) {
        func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self) }
        if !stored.refAttrName.isEmpty {
            self = .reference(stored.refAttrName)
            return
        }
        // Without a type, as the first version wrote attributes, the field that is there tells it.
        let type =
            stored.type != 0
            ? stored.type
            : stored.hasF
                ? 1
                : stored.hasI
                    ? 2
                    : stored.hasS
                        ? 3
                        : stored.hasT
                            ? 4
                            : stored.hasG
                                ? 5
                                : !stored.floats.isEmpty ? 6 : !stored.strings.isEmpty ? 8 : 7
        self =
            switch type {
            case 1: .number(Double(stored.f))
            case 2: .integer(stored.i)
            case 3: .text(text(stored.s))
            case 4: .tensor(stored.t)
            case 5: .graph(ONNXGraph(stored.g))
            case 6: .numbers(stored.floats.map { Double($0) })
            case 7: .integers(stored.ints)
            case 8: .texts(stored.strings.map { text($0) })
            case 11: .sparse(stored.sparseTensor)
            default: .other
            }
    }
}

/// A node as it was stored.
struct ONNXNode {
    let name: String
    let operation: String
    /// Empty for the operators of ONNX itself.
    let domain: String
    let overload: String
    /// Names of values; empty for an optional one that is left out.
    let inputs: [String]
    let outputs: [String]
    let attributes: [String: ONNXAttribute]
    /// Values that graphs among its attributes read from outside.
    let captured: [String]

    init(_ stored: ONNXNodeProto) {
        name = stored.name
        operation = stored.opType
        domain = ONNXModel.domain(stored.domain)
        overload = stored.overload
        inputs = stored.input
        outputs = stored.output
        var attributes: [String: ONNXAttribute] = [:]
        var captured: [String] = []
        for attribute in stored.attribute {
            let value = ONNXAttribute(attribute)
            attributes[attribute.name] = value
            if case .graph(let graph) = value { captured += graph.captured }
        }
        self.attributes = attributes
        self.captured = captured
    }

    /// What messages call the operator.
    var operatorName: String { domain.isEmpty ? operation : "\(domain).\(operation)" }

    /// What messages call the node: many have no name, all have an output.
    var title: String { name.isEmpty ? outputs.first { !$0.isEmpty } ?? "" : name }
}
