// Operations of two arrays, at least one of which the network computes: which steps they become, and in which order their
// numbers lie.

import PagefoldCore
import PagefoldData
import PagefoldGraph

extension Translation {
    mutating func computedBinary(
        _ function: BinaryFunction, _ a: TranslatedValue, _ b: TranslatedValue
    ) throws(TranslationProblem) -> TranslatedValue {
        switch function {
        case .greater: return try computedBinary(.less, b, a)
        case .lessOrEqual: return try unary(.not, try computedBinary(.less, b, a))
        case .greaterOrEqual: return try unary(.not, try computedBinary(.less, a, b))
        case .notEqual, .xor: return try unary(.not, try computedBinary(.equal, a, b))
        case .and: return try computedBinary(.multiply, a, b)
        case .or: return try computedBinary(.maximum, a, b)
        case .squaredDifference: return try unary(.square, try computedBinary(.subtract, a, b))
        case .modulo:
            let quotient = try unary(.floor, .computed(try broadcasting(.divide, a, b)))
            return try binary(.subtract, a, try binary(.multiply, quotient, b))
        case .remainder:
            let quotient = try cast(
                try cast(.computed(try broadcasting(.divide, a, b)), to: .f32), to: .i32)
            return try binary(.subtract, a, try binary(.multiply, quotient, b))
        case .add, .subtract, .multiply, .divide, .maximum, .minimum, .power, .less, .equal, .mask: break
        }
        // A product with the reciprocal may fall short of a whole number.
        let isExact = function == .divide && a.elementType.isInteger && b.elementType.isInteger
        if isExact { return .computed(try broadcasting(.divide, a, b)) }
        if let number = Self.single(b, within: a), let result = try withNumber(function, a, number) {
            return result
        }
        if let number = Self.single(a, within: b), let result = try withNumber(number, function, b) {
            return result
        }
        if case .computed(let value) = a, let tensor = b.constant,
            let result = try withChannels(function, value, tensor)
        {
            return result
        }
        if case .computed(let value) = b, let tensor = a.constant, function == .add || function == .multiply,
            let result = try withChannels(function, value, tensor)
        {
            return result
        }
        return .computed(try broadcasting(function.operation, a, b))
    }

    /// The only number of a constant that does not add axes to the other operand.
    private static func single(_ x: TranslatedValue, within other: TranslatedValue) -> Double? {
        guard let tensor = x.constant, tensor.values.count == 1, tensor.shape.count <= other.sizes.count,
            other.constant == nil
        else { return nil }
        return tensor.values[0]
    }

    /// An array and a number.
    private mutating func withNumber(
        _ function: BinaryFunction, _ x: TranslatedValue, _ number: Double
    ) throws(TranslationProblem) -> TranslatedValue? {
        switch function {
        case .add: try unary(.affine(factor: 1, term: number), x)
        case .subtract: try unary(.affine(factor: 1, term: -number), x)
        case .multiply: try unary(.affine(factor: number, term: 0), x)
        case .divide where number != 0: try unary(.affine(factor: 1 / number, term: 0), x)
        case .maximum: try unary(.clip(low: number, high: .infinity), x)
        case .minimum: try unary(.clip(low: -.infinity, high: number), x)
        case .power: try unary(.power(number), x)
        default: nil
        }
    }

    /// A number and an array.
    private mutating func withNumber(
        _ number: Double, _ function: BinaryFunction, _ x: TranslatedValue
    ) throws(TranslationProblem) -> TranslatedValue? {
        switch function {
        case .add, .multiply, .maximum, .minimum: try withNumber(function, x, number)
        case .subtract: try unary(.affine(factor: -1, term: number), x)
        case .divide: try unary(.affine(factor: number, term: 0), try unary(.reciprocal, x))
        default: nil
        }
    }

    /// A feature map and one number for each channel: a normalisation or a bias, which lowering takes into the weights
    /// of the layer before.
    private mutating func withChannels(
        _ function: BinaryFunction, _ x: ComputedValue, _ tensor: ConstantTensor
    ) throws(TranslationProblem) -> TranslatedValue? {
        guard let numbers = perChannel(tensor, of: x), numbers.allSatisfy(\.isFinite) else { return nil }
        var result = x
        switch function {
        case .add:
            result.node = try append(.bias, [x.node], [try parameter(.bias, [numbers.count], numbers)])
        case .subtract:
            result.node = try append(
                .bias, [x.node], [try parameter(.bias, [numbers.count], numbers.map { -$0 })])
        case .multiply: result.node = try scaled(x.node, numbers)
        case .divide:
            guard numbers.allSatisfy({ $0 != 0 }) else { return nil }
            result.node = try scaled(x.node, numbers.map { 1 / $0 })
        default: return nil
        }
        return .computed(result)
    }

    private mutating func scaled(_ node: Int, _ factors: [Double]) throws(TranslationProblem) -> Int {
        let zeros = [Double](repeating: 0, count: factors.count)
        let ones = [Double](repeating: 1, count: factors.count)
        return try append(
            .batchNormalisation(epsilon: 0), [node],
            [
                try parameter(.gamma, [factors.count], factors), try parameter(.beta, [zeros.count], zeros),
                try parameter(.mean, [zeros.count], zeros), try parameter(.variance, [ones.count], ones),
            ])
    }

    /// One operation of two arrays whose missing sides are repeated. The larger one keeps its order of memory.
    mutating func broadcasting(
        _ operation: Operation, _ a: TranslatedValue, _ b: TranslatedValue
    ) throws(TranslationProblem) -> ComputedValue {
        guard let sizes = Self.broadcastSizes(a.sizes, b.sizes), Self.count(sizes) != nil else {
            throw TranslationProblem("its operands are \(a.sizes) and \(b.sizes), whose sides differ")
        }
        func full(_ x: TranslatedValue) -> [Int] {
            [Int](repeating: 1, count: sizes.count - x.sizes.count) + x.sizes
        }
        var (a, b) = (try reshape(a, to: full(a)), try reshape(b, to: full(b)))
        let axes = Self.memoryAxes(of: a, b, sizes)
        var sides = Self.sides(a.sizes, b.sizes, sizes, axes)
        if sides.count > 3 {
            // The smaller one is repeated before.
            let isLeftSmaller = a.sizes.reduce(1, *) < b.sizes.reduce(1, *)
            if isLeftSmaller { a = try broadcast(a, to: sizes) } else { b = try broadcast(b, to: sizes) }
            sides = Self.sides(a.sizes, b.sizes, sizes, axes)
            if sides.count > 3 {
                if isLeftSmaller { b = try broadcast(b, to: sizes) } else { a = try broadcast(a, to: sizes) }
                sides = Self.sides(a.sizes, b.sizes, sizes, axes)
            }
        }
        let (left, right) = try shapesOfOperands(a, b, sides, axes)
        let (x, y) = (try operand(a, axes, left), try operand(b, axes, right))
        return ComputedValue(node: try append(operation, [x, y]), layout: AxisLayout(sizes, memory: axes))
    }

    /// All axes in the order of memory of the larger operand that the network computes.
    private static func memoryAxes(of a: TranslatedValue, _ b: TranslatedValue, _ sizes: [Int]) -> [Int] {
        var best: ComputedValue?
        for case .computed(let value) in [a, b] where value.count > best?.count ?? 0 { best = value }
        // Where axes lack on it, or none lies side by side, the order is row-major.
        guard let best, best.sizes == sizes, let axes = best.layout.memoryAxes else {
            return Array(sizes.indices)
        }
        return axes + sizes.indices.filter { !axes.contains($0) }
    }

    /// Neighbouring axes that both operands have, or only one of them, become one side.
    private static func sides(_ a: [Int], _ b: [Int], _ sizes: [Int], _ axes: [Int]) -> [(
        size: Int, a: Bool, b: Bool
    )] {
        var sides: [(size: Int, a: Bool, b: Bool)] = []
        for axis in axes where sizes[axis] != 1 {
            let (inA, inB) = (a[axis] != 1, b[axis] != 1)
            if let last = sides.last, last.a == inA, last.b == inB {
                sides[sides.count - 1].size *= sizes[axis]
            } else {
                sides.append((sizes[axis], inA, inB))
            }
        }
        return sides
    }

    /// The shapes under which the operands meet: that of the larger one's node where it will do.
    private func shapesOfOperands(
        _ a: TranslatedValue, _ b: TranslatedValue, _ sides: [(size: Int, a: Bool, b: Bool)], _ axes: [Int]
    ) throws(TranslationProblem) -> (Shape, Shape) {
        for (x, isLeft) in [(a, true), (b, false)] {
            guard case .computed(let value) = x, value.layout.isOrdered(as: axes),
                sides.allSatisfy({ isLeft ? $0.a : $0.b })
            else { continue }
            // Each side of the node's shape must lie within one side of the operands, or be whole ones of one kind.
            let shape = shapes[value.node]
            var rest = sides
            var kept: [Bool] = []
            var fits = true
            for size in [shape.channels, shape.height, shape.width] {
                var due = size
                var isKept: Bool?
                while due > 1, let next = rest.first {
                    let other = isLeft ? next.b : next.a
                    guard isKept == nil || isKept == other else { break }
                    isKept = other
                    if due % next.size == 0 {
                        due /= next.size
                        rest.removeFirst()
                    } else if next.size % due == 0 {
                        rest[0].size /= due
                        due = 1
                    } else {
                        break
                    }
                }
                fits = fits && due == 1
                kept.append(isKept ?? true)
            }
            guard fits, rest.isEmpty else { continue }
            let other = Shape(
                channels: kept[0] ? shape.channels : 1, height: kept[1] ? shape.height : 1,
                width: kept[2] ? shape.width : 1)
            return isLeft ? (shape, other) : (other, shape)
        }
        func shape(_ has: ((size: Int, a: Bool, b: Bool)) -> Bool) -> Shape {
            let sizes = sides.map { has($0) ? $0.size : 1 } + [1, 1, 1]
            return Shape(channels: sizes[0], height: sizes[1], width: sizes[2])
        }
        return (shape { $0.a }, shape { $0.b })
    }

    /// A node that holds an operand in this order of memory, under this shape.
    private mutating func operand(
        _ x: TranslatedValue, _ axes: [Int], _ shape: Shape
    ) throws(TranslationProblem) -> Int {
        switch x {
        case .constant(let tensor):
            return try constantNode(tensor, layout: AxisLayout(tensor.shape, memory: axes), shape: shape).node
        case .computed(let value): return try shaped(try ordered(value, axes).node, as: shape)
        }
    }
}

extension BinaryFunction {
    /// Precondition: one that is an operation itself.
    fileprivate var operation: Operation {
        switch self {
        case .add: .add
        case .subtract: .subtract
        case .multiply: .multiply
        case .divide: .divide
        case .maximum: .maximum
        case .minimum: .minimum
        case .power: .power
        case .less: .less
        case .equal: .equal
        case .mask: .mask
        default: preconditionFailure("made of others")
        }
    }
}
