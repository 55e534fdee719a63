// Values that do not depend on the input: constants, trained variables, and simple arithmetic over them. Not an
// evaluator of graphs: what it does not know is simply not constant.

import Foundation
import PagefoldCore

/// Evaluates the parts of a graph that are fixed once it is trained.
final class TensorFlow1Constants {
    private let graph: TensorFlow1Graph
    private let checkpoint: CheckpointBundle
    private var known: [TensorFlow1Reference: CheckpointTensor?] = [:]

    /// Longest chain of nodes from a use to its constant.
    private static let depthLimit = 64
    /// Numbers, in all, that constants stored as "one value, many times" and arithmetic may make out of few bytes.
    private static let madeLimit = 1 << 24
    private var made = 0

    init(graph: TensorFlow1Graph, checkpoint: CheckpointBundle) {
        self.graph = graph
        self.checkpoint = checkpoint
    }

    /// The value, or nil where it depends on a placeholder or on an operation not known here.
    func value(_ reference: TensorFlow1Reference) throws(InputError) -> CheckpointTensor? {
        try value(reference, depth: 0)
    }

    /// The value if it is a single number.
    func scalar(_ reference: TensorFlow1Reference) throws(InputError) -> Double? {
        guard let tensor = try value(reference), tensor.values.count == 1 else { return nil }
        return tensor.values.first
    }

    /// The value as integers.
    func integers(_ reference: TensorFlow1Reference) throws(InputError) -> [Int]? {
        try value(reference)?.values.map { Int(exactly: $0) ?? Int.min }
    }

    /// The variable or constant that a weight comes from: what its parameter is called.
    func origin(_ reference: TensorFlow1Reference) throws(InputError) -> String {
        var at = reference
        for _ in 0..<Self.depthLimit where Self.passing.contains(graph.op(at)) {
            at = try graph.input(at, 0)
        }
        return graph[at].name
    }

    /// Operations whose first output is their first input.
    static let passing: Set = [
        "Identity", "StopGradient", "PreventGradient", "Snapshot", "CheckNumerics", "ReadVariableOp",
        "Switch",
        "RefSwitch", "Enter", "Exit",
    ]

    private func value(_ reference: TensorFlow1Reference, depth: Int) throws(InputError) -> CheckpointTensor?
    {
        if let value = known[reference] { return value }
        guard depth < Self.depthLimit else { return nil }
        // Stands while the value is being found, so that a loop in the graph ends.
        known[reference] = .some(nil)
        let found = try evaluate(reference, depth: depth)
        known[reference] = .some(found)
        return found
    }

    private func evaluate(_ reference: TensorFlow1Reference, depth: Int) throws(InputError)
        -> CheckpointTensor?
    {
        let op = graph.op(reference)
        switch op {
        case "Const":
            return try constant(reference)
        case "Variable", "VariableV2", "VarHandleOp":
            let shared = graph.text(reference, "shared_name")
            let name = graph[reference].name
            return try checkpoint.tensor(!checkpoint.has(name) && checkpoint.has(shared) ? shared : name)
        case "PlaceholderWithDefault":
            let value = try value(try graph.input(reference, 0), depth: depth + 1)
            return value?.values.count == 1 ? value : nil
        case "Cast":
            guard var value = try value(try graph.input(reference, 0), depth: depth + 1) else { return nil }
            let target = graph[reference].attr["DstT"]?.type ?? 0
            if target == 3 || target == 9 { value.values = value.values.map { $0.rounded(.towardZero) } }
            return value
        case "Neg", "Sqrt", "Rsqrt":
            guard var value = try value(try graph.input(reference, 0), depth: depth + 1) else { return nil }
            value.values = value.values.map {
                op == "Neg" ? -$0 : op == "Sqrt" ? $0.squareRoot() : 1 / $0.squareRoot()
            }
            return value
        case "Add", "AddV2", "Sub", "Mul", "RealDiv":
            guard let left = try value(try graph.input(reference, 0), depth: depth + 1),
                let right = try value(try graph.input(reference, 1), depth: depth + 1)
            else { return nil }
            try count(max(left.values.count, right.values.count), reference)
            return Self.combine(left, right, op)
        default:
            guard Self.passing.contains(op) else { return nil }
            return try value(try graph.input(reference, 0), depth: depth + 1)
        }
    }

    private func count(_ numbers: Int, _ reference: TensorFlow1Reference) throws(InputError) {
        guard numbers <= Self.madeLimit - made else {
            throw graph.error(
                reference, "the graph's constants grow beyond \(Self.madeLimit) numbers",
                "the file is damaged; copy it again, or keep such tensors as variables")
        }
        made += numbers
    }

    /// Element-wise arithmetic of equal shapes, or of a tensor and a single number.
    private static func combine(_ left: CheckpointTensor, _ right: CheckpointTensor, _ op: String)
        -> CheckpointTensor?
    {
        guard left.shape == right.shape || left.values.count == 1 || right.values.count == 1 else {
            return nil
        }
        let wide = left.values.count >= right.values.count ? left : right
        func at(_ tensor: CheckpointTensor, _ i: Int) -> Double {
            tensor.values[tensor.values.count == 1 ? 0 : i]
        }
        let values = wide.values.indices.map { i in
            let (a, b) = (at(left, i), at(right, i))
            return switch op {
            case "Sub": a - b
            case "Mul": a * b
            case "RealDiv": a / b
            default: a + b
            }
        }
        return CheckpointTensor(shape: wide.shape, values: values)
    }

    /// A `Const` node: raw bytes, or a list of numbers whose last one fills the rest.
    private func constant(_ reference: TensorFlow1Reference) throws(InputError) -> CheckpointTensor? {
        guard let tensor = graph[reference].attr["value"]?.tensor,
            let type = CheckpointNumber(rawValue: tensor.dtype)
        else { return nil }
        guard let (shape, count) = tensor.shape.sizes else {
            throw graph.error(
                reference, "the constant's shape is not valid", "the file is damaged; copy it again")
        }
        if !tensor.content.isEmpty {
            guard count.multipliedReportingOverflow(by: type.size) == (tensor.content.count, false) else {
                throw graph.error(
                    reference, "the constant has \(tensor.content.count) bytes for \(count) numbers",
                    "the file is damaged; copy it again")
            }
            return CheckpointTensor(shape: shape, values: tensor.content.withUnsafeBytes { type.values($0) })
        }
        let listed: [Double] =
            switch type {
            case .float32: tensor.floatVal.map { Double($0) }
            case .float64: tensor.doubleVal
            case .int32: tensor.intVal.map { Double($0) }
            case .int64: tensor.int64Val.map { Double($0) }
            case .bool: tensor.boolVal.map { $0 ? 1 : 0 }
            case .bfloat16, .float16: []
            }
        guard listed.count <= count else {
            throw graph.error(
                reference, "\(listed.count) numbers for a shape of \(count)",
                "the file is damaged; copy it again")
        }
        try self.count(count - listed.count, reference)
        let fill = listed.last ?? 0
        return CheckpointTensor(
            shape: shape, values: listed + [Double](repeating: fill, count: count - listed.count))
    }
}
