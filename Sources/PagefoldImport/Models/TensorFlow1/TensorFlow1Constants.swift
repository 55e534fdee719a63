// Values that do not depend on the input, as TensorFlow's nodes compute them: constants, trained variables, and simple
// arithmetic over them. What it does not know is simply not constant.

import Foundation
import PagefoldCore
import PagefoldData

/// The constants of a TensorFlow 1 graph.
final class TensorFlow1Constants {
    private let graph: TensorFlow1Graph
    private let evaluator: ConstantEvaluator<TensorFlow1ConstantSource>

    init(graph: TensorFlow1Graph, checkpoint: CheckpointBundle) {
        self.graph = graph
        evaluator = ConstantEvaluator(TensorFlow1ConstantSource(graph: graph, checkpoint: checkpoint))
    }

    /// The value, or nil where it depends on a placeholder or on an operation not known here.
    func value(_ reference: TensorFlow1Reference) throws(InputError) -> ConstantTensor? {
        try evaluator.value(reference)
    }

    /// The value if it is a single number.
    func scalar(_ reference: TensorFlow1Reference) throws(InputError) -> Double? {
        guard let tensor = try value(reference), tensor.values.count == 1 else { return nil }
        return tensor.values.first
    }

    /// The value as integers.
    func integers(_ reference: TensorFlow1Reference) throws(InputError) -> [Int]? {
        try value(reference)?.integers
    }

    /// The variable or constant that a weight comes from: what its parameter is called.
    func origin(_ reference: TensorFlow1Reference) throws(InputError) -> String {
        var at = reference
        for _ in 0..<64 where Self.passing.contains(graph.op(at)) { at = try graph.input(at, 0) }
        return graph[at].name
    }

    /// Operations whose first output is their first input.
    static let passing: Set = [
        "Identity", "StopGradient", "PreventGradient", "Snapshot", "CheckNumerics", "ReadVariableOp",
        "Switch",
        "RefSwitch", "Enter", "Exit",
    ]
}

/// Which TensorFlow node is which constant.
private struct TensorFlow1ConstantSource: ConstantSource {
    let graph: TensorFlow1Graph
    let checkpoint: CheckpointBundle

    func error(_ reference: TensorFlow1Reference, _ problem: String, _ remedy: String) -> InputError {
        graph.error(reference, problem, remedy)
    }

    func constantOperation(
        _ reference: TensorFlow1Reference
    ) throws(InputError) -> ConstantOperation<TensorFlow1Reference>? {
        func input(_ number: Int) throws(InputError) -> TensorFlow1Reference {
            try graph.input(reference, number)
        }
        let op = graph.op(reference)
        switch op {
        case "Const": return try constant(reference)
        case "Variable", "VariableV2", "VarHandleOp":
            let shared = graph.text(reference, "shared_name")
            let name = graph[reference].name
            return .value(
                try checkpoint.tensor(!checkpoint.has(name) && checkpoint.has(shared) ? shared : name))
        case "PlaceholderWithDefault": return .single(try input(0))
        case "Cast":
            let target = graph[reference].attr["DstT"]?.type ?? 0
            guard let type = ElementType(tensorFlow: target) else { return .same(try input(0)) }
            return .converted(try input(0), type)
        case "Neg": return .unary(try input(0)) { -$0 }
        case "Sqrt": return .unary(try input(0)) { $0.squareRoot() }
        case "Rsqrt": return .unary(try input(0)) { 1 / $0.squareRoot() }
        case "Add", "AddV2": return .binary(try input(0), try input(1), +)
        case "Sub": return .binary(try input(0), try input(1), -)
        case "Mul": return .binary(try input(0), try input(1), *)
        case "RealDiv": return .binary(try input(0), try input(1), /)
        default: return TensorFlow1Constants.passing.contains(op) ? .same(try input(0)) : nil
        }
    }

    /// A `Const` node: raw bytes, or a list of numbers whose last one fills the rest.
    private func constant(
        _ reference: TensorFlow1Reference
    ) throws(InputError) -> ConstantOperation<TensorFlow1Reference>? {
        guard let tensor = graph[reference].attr["value"]?.tensor,
            let type = ElementType(tensorFlow: tensor.dtype)
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
            let values = tensor.content.withUnsafeBytes { type.numbers($0) }
            return .value(ConstantTensor(elementType: type, shape: shape, values: values))
        }
        let listed: [Double] =
            switch type {
            case .f32: tensor.floatVal.map { Double($0) }
            case .f64: tensor.doubleVal
            case .i32: tensor.intVal.map { Double($0) }
            case .i64: tensor.int64Val.map { Double($0) }
            case .bool: tensor.boolVal.map { $0 ? 1 : 0 }
            default: []
            }
        return .filled(type, shape: shape, listed: listed)
    }
}
