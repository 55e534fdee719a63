// Recurrent steps as ONNX nodes. A step gives more than ONNX does, the cell of every moment; that is refused where somebody
// reads it.

import PagefoldCore

extension ONNXExport {
    mutating func recurrent(_ step: Step, _ x: String, _ second: String) throws(StepProblem) -> String {
        guard let form = RecurrentForm(mode: step.mode) else { throw StepProblem("there is no such layer") }
        let (input, shape) = (operand(step), result(step))
        let units = shape.height / form.results
        let (moments, features) = (input.channels, input.height)
        let sequence = add("Transpose", [reshaped(x, [moments, features])]) { $0.ints("perm", [1, 0, 2]) }
        let rows = gateRows(
            form, units, weights(step.weights, form.gates * units * (features + units)), features + units)
        var operands = [
            sequence,
            floats(rows.flatMap { $0.prefix(features) }, [1, rows.count, features], "input_weight"),
            floats(rows.flatMap { $0.suffix(units) }, [1, rows.count, units], "recurrent_weight"),
            biases(step, form, units), "",
        ]
        if step.secondInput != Step.none16 {
            for state in 0..<form.states {
                let flat = reshaped(second, [form.states, units])
                let part = add("Slice", [flat, list([state]), list([state + 1]), list([1])])
                operands.append(add("Transpose", [part]) { $0.ints("perm", [1, 0, 2]) })
            }
        }
        while operands.last == "" { operands.removeLast() }
        let operation = form.cell == .lstm ? "LSTM" : form.cell == .plain ? "RNN" : "GRU"
        let places = form.cell == .lstm ? 3 : 2
        var node = ONNXNodeProto()
        node.opType = operation
        node.name = unique("\(operation)_\(graph.node.count)")
        node.input = operands
        let (all, cell) = (unique("\(operation.lowercased())_y"), unique("\(operation.lowercased())_c"))
        node.output = [all] + (places == 3 ? ["", cell] : [])
        node.int("hidden_size", units)
        node.text("direction", form.isReversed ? "reverse" : "forward")
        if form.cell == .gru { node.int("linear_before_reset", 1) }
        graph.node.append(node)
        // [moments][1][batch][units] becomes [batch][moments][units].
        let turned = add("Transpose", [all]) { $0.ints("perm", [2, 0, 3, 1]) }
        guard form.results == 2 else { return turned }
        // Of what stands behind h, ONNX has LSTM's c of the last moment alone.
        try checkReaders(step, units, form)
        let zeros = add("Mul", [turned, number(0)])
        guard form.cell == .lstm else { return add("Concat", [turned, zeros]) { $0.int("axis", 2) } }
        let last = reshaped(add("Transpose", [cell]) { $0.ints("perm", [1, 0, 2]) }, [1, units, 1])
        var cells = last
        if moments > 1 {
            let rest = add("Slice", [zeros, list([0]), list([moments - 1]), list([1])])
            cells = add("Concat", form.isReversed ? [last, rest] : [rest, last]) { $0.int("axis", 1) }
        }
        return add("Concat", [turned, cells]) { $0.int("axis", 2) }
    }

    /// Rows of weights in ONNX's order of gates: i, o, f, c of LSTM, z, r, h of GRU.
    private func gateOrder(_ form: RecurrentForm) -> [Int] {
        switch form.cell {
        case .plain: [0]
        case .lstm: [0, 3, 1, 2]
        case .gru, .gruResetFirst: [1, 0, 2]
        }
    }

    private func gateRows(
        _ form: RecurrentForm, _ units: Int, _ weights: ArraySlice<Float>, _ length: Int
    ) -> [ArraySlice<Float>] {
        gateOrder(form).flatMap { gate in
            (0..<units).map { unit in
                let start = weights.startIndex + (gate * units + unit) * length
                return weights[start..<start + length]
            }
        }
    }

    /// [2 · gates · units]: those of the inputs, then those of the state.
    private mutating func biases(_ step: Step, _ form: RecurrentForm, _ units: Int) -> String {
        guard step.bias != Step.none32 else { return "" }
        let all = Array(weights(step.bias, form.biases * units))
        let order = gateOrder(form)
        let first = order.flatMap { Array(all[$0 * units..<($0 + 1) * units]) }
        var second = [Float](repeating: 0, count: first.count)
        // GRU's candidate has a bias of its own for what r multiplies.
        if form.cell == .gru { second.replaceSubrange(2 * units..<3 * units, with: all[(3 * units)...]) }
        return floats(first + second, [1, 2 * first.count], "bias")
    }

    /// Whether readers look only at what ONNX gives: h, and everything at the last moment.
    private func checkReaders(_ step: Step, _ units: Int, _ form: RecurrentForm) throws(StepProblem) {
        let value = step.output
        let last = form.isReversed ? 0 : operand(step).channels - 1
        let isLooked = program.finalValues.contains(Int(value))
        let isRead = program.steps.contains { reader in
            guard reader.input == value || reader.secondInput == value else { return false }
            guard reader.opcode == .slice, reader.pace == 1, reader.start >= 0 else { return true }
            let shape = result(reader)
            let isState = reader.axis == 1 && Int(reader.start) + shape.height <= units
            let isLast = reader.axis == 0 && Int(reader.start) == last && shape.channels == 1
            return !(isState || isLast && form.cell == .lstm)
        }
        if isLooked || isRead {
            throw StepProblem("the cells of all moments are read, which ONNX does not give")
        }
    }
}
