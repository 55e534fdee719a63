// Names of values while a graph is translated: a frame for the model's graph, one for each function and branch inside it.

/// What a name stands for.
enum ONNXSlot {
    case value(ONNXValue)
    /// Decoded when it is first read.
    case stored(ONNXTensorProto)
    case sparse(ONNXSparseTensorProto)
    /// An optional input of a function that its caller left out.
    case absent
    /// What computes it was refused, and has been named.
    case refused
}

/// One frame.
struct ONNXScope {
    var slots: [String: ONNXSlot] = [:]
    /// Whether names outside can be seen: not from a function.
    let seesOutside: Bool
    let operatorSets: [String: Int]
    /// Those of the function's caller.
    let attributes: [String: ONNXAttribute]
    /// Where it stands, for the names of nodes: empty, or ended by "/".
    let path: String

    init(
        _ graph: ONNXGraph, seesOutside: Bool = false, operatorSets: [String: Int],
        attributes: [String: ONNXAttribute] = [:], path: String = ""
    ) {
        self.seesOutside = seesOutside
        self.operatorSets = operatorSets
        self.attributes = attributes
        self.path = path
        for (name, tensor) in graph.initialisers { slots[name] = .stored(tensor) }
        for (name, tensor) in graph.sparseInitialisers { slots[name] = .sparse(tensor) }
    }
}
