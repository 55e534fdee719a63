// Evaluates the parts of a foreign graph that are fixed once it is trained. What a node means is its reader's; here
// values are remembered, loops end, and small files do not grow into much memory.

import PagefoldCore
import PagefoldData

/// How a constant is computed. A reader turns its nodes into these; element-wise functions need no case of their own.
enum ConstantOperation<Reference> {
    case value(ConstantTensor)
    /// Numbers as listed; the last of them (0 without any) fills the rest of the shape.
    case filled(ElementType, shape: [Int], listed: [Double])
    case same(Reference)
    /// The same, but only where it is a single number.
    case single(Reference)
    case converted(Reference, ElementType)
    case unary(Reference, (Double) -> Double)
    /// Of equal shapes, or of a tensor and a single number.
    case binary(Reference, Reference, (Double, Double) -> Double)
}

/// What the evaluator asks of a foreign graph.
protocol ConstantSource<Reference> {
    associatedtype Reference: Hashable

    /// What computes a value; nil where it depends on the input or on an operation that is not known.
    /// - Throws: `InputError` for a node that is damaged.
    func constantOperation(_ reference: Reference) throws(InputError) -> ConstantOperation<Reference>?

    /// An error about one node, in the words of the format.
    func error(_ reference: Reference, _ problem: String, _ remedy: String) -> InputError
}

/// Finds and remembers the constants of one graph.
final class ConstantEvaluator<Source: ConstantSource> {
    private let source: Source
    private var known: [Source.Reference: ConstantTensor?] = [:]
    /// Nodes between the use that was asked for and the one being evaluated.
    private var depth = 0
    private var made = NumberLimit(ConstantLimits.made)

    init(_ source: Source) { self.source = source }

    /// The value; nil where it depends on the input or on an operation that is not known.
    func value(_ reference: Source.Reference) throws(InputError) -> ConstantTensor? {
        if let value = known[reference] { return value }
        guard depth < ConstantLimits.depth else { return nil }
        // Stands while the value is being found, so that a loop in the graph ends.
        known[reference] = .some(nil)
        depth += 1
        defer { depth -= 1 }
        let found = try evaluate(reference)
        known[reference] = .some(found)
        return found
    }

    private func evaluate(_ reference: Source.Reference) throws(InputError) -> ConstantTensor? {
        switch try source.constantOperation(reference) {
        case .value(let tensor): return tensor
        case .filled(let type, let shape, let listed):
            guard let count = NumericArray.elementCount(of: shape), listed.count <= count else {
                throw source.error(
                    reference, "\(listed.count) numbers for a shape \(shape)",
                    "the file is damaged; copy it again")
            }
            try take(count - listed.count, reference)
            let fill = [Double](repeating: listed.last ?? 0, count: count - listed.count)
            return ConstantTensor(elementType: type, shape: shape, values: listed + fill)
        case .same(let input): return try value(input)
        case .single(let input):
            let value = try value(input)
            return value?.values.count == 1 ? value : nil
        case .converted(let input, let type): return try value(input)?.converted(to: type)
        case .unary(let input, let function): return try value(input)?.mapped(function)
        case .binary(let left, let right, let function):
            guard let left = try value(left), let right = try value(right) else { return nil }
            try take(max(left.values.count, right.values.count), reference)
            return left.combined(with: right, function)
        case nil: return nil
        }
    }

    private func take(_ numbers: Int, _ reference: Source.Reference) throws(InputError) {
        guard made.take(numbers) else {
            throw source.error(
                reference, "the graph's constants grow beyond \(made.limit) numbers",
                "the file is damaged; copy it again, or keep such tensors as variables")
        }
    }
}

private enum ConstantLimits {
    /// Longest chain of nodes from a use to its constant.
    static let depth = 64
    /// Numbers, in all, that constants stored as "one value, many times" and arithmetic may make out of few bytes.
    static let made = 1 << 24
}

/// Counts numbers that an import makes, so that a small file cannot ask for unbounded memory.
struct NumberLimit {
    let limit: Int
    private var taken = 0

    init(_ limit: Int) { self.limit = limit }

    /// Counts so many more; false where that would pass the limit.
    mutating func take(_ count: Int) -> Bool {
        guard count <= limit - taken else { return false }
        taken += count
        return true
    }
}
