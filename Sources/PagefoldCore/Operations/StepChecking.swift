// Whether a step can be run among its values without leaving them or the weights, and where its parameters lie.

/// A parameter of a step in the network's flat vector.
public struct StepParameter: Hashable, Sendable {
    public let role: ParameterRole
    public let range: Range<Int>
    /// Rows, one for each output channel; 1 for what is no matrix.
    public let rows: Int
}

extension Program {
    /// A step of this program among its shapes.
    public func shapes(of step: Step) -> StepShapes {
        StepShapes(
            step: step, x: values[Int(step.input)],
            second: step.secondInput == Step.none16 ? nil : values[Int(step.secondInput)],
            y: values[Int(step.output)])
    }

    /// The parameters that a step reads, in order, without its scales.
    public func parameters(of step: Step) -> [StepParameter] {
        var start = step.weights == Step.none32 ? 0 : Int(step.weights)
        var result = [StepParameter]()
        for parameter in step.opcode.spec.parameters(shapes(of: step)) {
            let count = parameter.count ?? 0
            let rows = parameter.role == .weight ? parameter.shape[0] : 1
            if parameter.role != .bias {
                result.append(StepParameter(role: parameter.role, range: start..<start + count, rows: rows))
                start += count
            } else if step.bias != Step.none32 {
                let first = Int(step.bias)
                result.append(StepParameter(role: .bias, range: first..<first + count, rows: rows))
            }
        }
        return result
    }

    /// Multiply-adds of one sample's forward pass.
    public var multiplyAdds: Int { steps.reduce(0) { $0 + $1.opcode.spec.multiplyAdds(shapes(of: $1)) } }
}

extension Step {
    /// What is wrong with this step among these values, or nil. Its first operand and its result are there.
    func problem(values: [Shape], weightCount: Int, written: [Bool]) -> String? {
        let spec = opcode.spec
        let unused = fieldsInUse.subtracting(spec.fields.union([.firstOperand, .result]))
        guard unused.isEmpty else { return "has a \(unused.name) that it does not use" }
        var second: Shape?
        if spec.fields.contains(.secondOperand)
            && (secondInput != Step.none16 || spec.operands.lowerBound > 1)
        {
            guard Int(secondInput) < values.count, written[Int(secondInput)] else {
                return "its second operand is not computed yet"
            }
            second = values[Int(secondInput)]
        }
        let shapes = StepShapes(step: self, x: values[Int(input)], second: second, y: values[Int(output)])
        do throws(StepProblem) {
            let due = try spec.shape(shapes)
            guard due == shapes.y else {
                return "its result is \(shapes.y), \(due) is due (channels × height × width)"
            }
        } catch { return error.text }
        return problem(parameters: spec.parameters(shapes), weightCount: weightCount)
    }

    /// Whether the weights hold all that the step reads.
    private func problem(parameters: [ParameterSpec], weightCount: Int) -> String? {
        func lacks(_ offset: UInt32, _ count: Int?) -> Bool {
            guard let count, let offset = Int(exactly: offset) else { return true }
            return offset > weightCount || count > weightCount - offset
        }
        var total: Int? = 0
        for parameter in parameters {
            if parameter.role == .bias {
                guard bias == Step.none32 && parameter.isOptional || !lacks(bias, parameter.count) else {
                    return "its bias lies outside the weights"
                }
                continue
            }
            if parameter.role == .weight, scale != Step.none32, lacks(scale, parameter.shape[0]) {
                return "its scale lies outside the weights"
            }
            total = total.flatMap { total in
                parameter.count.flatMap {
                    let (sum, isTooLarge) = total.addingReportingOverflow($0)
                    return isTooLarge ? nil : sum
                }
            }
        }
        return total != 0 && lacks(weights, total) ? "its weights lie outside" : nil
    }
}
