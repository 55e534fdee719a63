// Steps that move numbers or go along axes, as ONNX nodes.

import PagefoldCore

extension ONNXExport {
    /// The type of a value: 1 float, 7 whole numbers of 64 bits.
    mutating func cast(_ x: String, to type: Int) -> String { add("Cast", [x]) { $0.int("to", type) } }

    mutating func function(_ step: Step, _ x: String) throws(StepProblem) -> String {
        guard let function = Function(rawValue: step.mode) else {
            throw StepProblem("there is no such function")
        }
        func gate(_ e: inout ONNXExport, _ inner: String) -> String {
            let one = e.add("Add", [inner, e.number(1)])
            return e.add("Mul", [e.add("Mul", [x, e.number(0.5)]), one])
        }
        switch function {
        case .exponential: return add("Exp", [x])
        case .logarithm: return add("Log", [x])
        case .squareRoot: return add("Sqrt", [x])
        case .reciprocal: return add("Reciprocal", [x])
        case .absolute: return add("Abs", [x])
        case .square: return add("Mul", [x, x])
        case .floor: return add("Floor", [x])
        case .ceiling: return add("Ceil", [x])
        case .round: return add("Round", [x])
        case .sign: return add("Sign", [x])
        case .errorFunction: return add("Erf", [x])
        case .gelu: return gate(&self, add("Erf", [add("Mul", [x, number(0.707_106_78)])]))
        case .geluTanh:
            let cubed = add("Mul", [add("Mul", [add("Mul", [x, x]), x]), number(0.044_715)])
            return gate(&self, add("Tanh", [add("Mul", [add("Add", [x, cubed]), number(0.797_884_56)])]))
        case .silu: return add("Mul", [x, add("Sigmoid", [x])])
        case .hardSwish: return add("HardSwish", [x])
        case .hardSigmoid:
            return add("HardSigmoid", [x]) {
                $0.float("alpha", step.alpha)
                $0.float("beta", step.beta)
            }
        case .elu:
            let elu = add("Elu", [x]) { $0.float("alpha", step.alpha) }
            return step.beta == 1 ? elu : add("Mul", [elu, number(step.beta)])
        case .softplus: return add("Softplus", [x])
        case .softsign: return add("Softsign", [x])
        case .mish: return add("Mul", [x, add("Tanh", [add("Softplus", [x])])])
        case .power: return add("Pow", [x, number(step.alpha)])
        case .affine: return add("Add", [add("Mul", [x, number(step.alpha)]), number(step.beta)])
        }
    }

    /// A constant for each sample of the batch.
    mutating func constant(_ step: Step) -> String {
        let shape = result(step)
        let tensor = floats(weights(step.weights, shape.count), [1] + Self.sizes(shape))
        let batch = add("Gather", [add("Shape", [name(0)]), list([0])]) { $0.int("axis", 0) }
        let sizes = add("Concat", [batch, list(Self.sizes(shape))]) { $0.int("axis", 0) }
        return add("Expand", [tensor, sizes])
    }

    mutating func transpose(_ step: Step, _ x: String) throws(StepProblem) -> String {
        guard let order = AxisPermutation(rawValue: step.mode) else {
            throw StepProblem("there is no such order")
        }
        return add("Transpose", [x]) { $0.ints("perm", [0] + order.axes.map { $0 + 1 }) }
    }

    mutating func slice(_ step: Step, _ x: String) throws(StepProblem) -> String {
        let axis = Int(step.axis)
        guard let border = SliceBorder(rawValue: step.mode) else {
            throw StepProblem("there is no such border")
        }
        let (length, count) = (Self.sizes(operand(step))[axis], Self.sizes(result(step))[axis])
        var places = (0..<count).map { Int(step.start) + $0 * Int(step.pace) }
        var value = x
        if border == .constant {
            // The numbers outside become part of the axis.
            let before = max(0, -(places.min() ?? 0))
            let after = max(0, (places.max() ?? 0) - length + 1)
            if before + after > 0 {
                var pads = [Int](repeating: 0, count: 8)
                pads[axis + 1] = before
                pads[axis + 5] = after
                value = add("Pad", [value, list(pads), number(step.alpha)])
                places = places.map { $0 + before }
            }
            if places == Array(0..<length + before + after) { return value }
        } else {
            places = places.map { border.place($0, of: length) ?? 0 }
        }
        let isRun = zip(places, places.dropFirst()).allSatisfy { $1 == $0 + 1 }
        if isRun, let first = places.first {
            return add("Slice", [value, list([first]), list([first + count]), list([axis + 1])])
        }
        return add("Gather", [value, list(places)]) { $0.int("axis", axis + 1) }
    }

    mutating func reduce(_ step: Step, _ x: String) throws(StepProblem) -> String {
        let axis = Int(step.axis) + 1
        let operation: String
        switch Reduction(rawValue: step.mode) {
        case .sum: operation = "ReduceSum"
        case .mean: operation = "ReduceMean"
        case .maximum: operation = "ReduceMax"
        case .minimum: operation = "ReduceMin"
        case .product: operation = "ReduceProd"
        case .argMax, .argMin:
            let isLargest = step.mode == Reduction.argMax.rawValue
            let places = add(isLargest ? "ArgMax" : "ArgMin", [x]) { $0.int("axis", axis) }
            return cast(places, to: 1)
        case nil: throw StepProblem("there is no such reduction")
        }
        return add(operation, [x, list([axis])]) { $0.int("keepdims", 1) }
    }

    /// Two gathers and what lies between them.
    mutating func resize(_ step: Step, _ x: String) throws(StepProblem) -> String {
        let axis = Int(step.axis)
        let (length, count) = (Self.sizes(operand(step))[axis], Self.sizes(result(step))[axis])
        let places = (0..<count).map { ResizedPlace(step, $0, length: length) }
        let low = add("Gather", [x, list(places.map(\.low))]) { $0.int("axis", axis + 1) }
        guard places.contains(where: { $0.share != 0 }) else { return low }
        let high = add("Gather", [x, list(places.map(\.high))]) { $0.int("axis", axis + 1) }
        var sizes = [1, 1, 1]
        sizes[axis] = count
        let shares = floats(places.map(\.share), sizes, "shares")
        return add("Add", [low, add("Mul", [add("Sub", [high, low]), shares])])
    }

    mutating func embedding(_ step: Step, _ x: String) -> String {
        let (shape, rows) = (result(step), Int(step.rows))
        let flat = reshaped(x, [shape.channels])
        let inside = add("Clip", [flat, number(0), number(Float(rows - 1))])
        let table = floats(weights(step.weights, rows * shape.height), [rows, shape.height], "table")
        let found = add("Gather", [table, cast(inside, to: 7)]) { $0.int("axis", 0) }
        return reshaped(found, Self.sizes(shape))
    }
}
