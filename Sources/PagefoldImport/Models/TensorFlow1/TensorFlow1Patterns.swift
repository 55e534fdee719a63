// Operations that TensorFlow 1 graphs spell out in several nodes: softmax, dropout, leaky ReLU, branches on a
// training flag. Each is recognised by its structure, never by names.

import PagefoldCore

struct TensorFlow1Patterns {
    let graph: TensorFlow1Graph
    let constants: TensorFlow1Constants

    /// Nodes looked at while deciding whether a value is a random mask.
    private static let searchLimit = 32

    // MARK: Softmax

    /// The logits of a softmax written as `exp(x − max) / Σ exp(x − max)`, with or without the maximum. Graphs that
    /// sum over the whole batch are accepted: per sample, they differ from a softmax by a factor only.
    func softmaxLogits(_ reference: TensorFlow1Reference) throws(InputError) -> TensorFlow1Reference? {
        guard graph.op(reference) == "RealDiv" else { return nil }
        let inputs = try graph.inputs(reference)
        guard inputs.count == 2, graph.op(inputs[0]) == "Exp", graph.op(inputs[1]) == "Sum" else {
            return nil
        }
        let summed = try graph.input(inputs[1], 0)
        let axes = try constants.integers(try graph.input(inputs[1], 1)) ?? []
        guard graph.op(summed) == "Exp", axes.contains(-1) || axes.contains(1) else { return nil }
        let logits = try shifted(try graph.input(inputs[0], 0))
        return try shifted(try graph.input(summed, 0)) == logits ? logits : nil
    }

    /// `x` of `x − max(x)`, else the value itself.
    private func shifted(_ reference: TensorFlow1Reference) throws(InputError) -> TensorFlow1Reference {
        guard graph.op(reference) == "Sub" else { return reference }
        let x = try graph.input(reference, 0)
        var maximum = try graph.input(reference, 1)
        if graph.op(maximum) == "StopGradient" { maximum = try graph.input(maximum, 0) }
        guard graph.op(maximum) == "Max", try graph.input(maximum, 0) == x else { return reference }
        return x
    }

    // MARK: Dropout

    /// The input of a dropout, and the share it keeps where that is a constant: `x / keep · mask` or
    /// `x · (1 / keep) · mask` with a random mask, or a choice between a scaled `x` and zero.
    func dropout(
        _ reference: TensorFlow1Reference
    ) throws(InputError) -> (input: TensorFlow1Reference, keep: Double?)? {
        let op = graph.op(reference)
        let inputs = try graph.inputs(reference)
        if op == "Mul", inputs.count == 2 {
            for (mask, other) in [(inputs[1], inputs[0]), (inputs[0], inputs[1])]
            where ["Floor", "Cast"].contains(graph.op(mask)) {
                if try isRandom(mask) { return try unscaled(other) }
            }
        }
        if op == "SelectV2" || op == "Select", inputs.count == 3, try isRandom(inputs[0]) {
            return try unscaled(inputs[1])
        }
        return nil
    }

    private func unscaled(
        _ reference: TensorFlow1Reference
    ) throws(InputError) -> (input: TensorFlow1Reference, keep: Double?) {
        let op = graph.op(reference)
        guard op == "RealDiv" || op == "Mul" else { return (reference, nil) }
        let inputs = try graph.inputs(reference)
        guard inputs.count == 2 else { return (reference, nil) }
        if try isSetting(inputs[1]) {
            let scale = try constants.scalar(inputs[1])
            return (inputs[0], op == "Mul" ? scale.map { 1 / $0 } : scale)
        }
        if op == "Mul", try isSetting(inputs[0]) {
            return (inputs[1], try constants.scalar(inputs[0]).map { 1 / $0 })
        }
        return (reference, nil)
    }

    /// Whether all leaves are constants and placeholders of single numbers: a keep probability and the like.
    private func isSetting(_ reference: TensorFlow1Reference) throws(InputError) -> Bool {
        try leaves(reference) { (leaf) throws(InputError) in
            switch graph.op(leaf) {
            case "Const": try constants.scalar(leaf) != nil
            case "Placeholder", "PlaceholderWithDefault": (graph.shape(leaf) ?? []).isEmpty
            default: false
            }
        } ?? false
    }

    /// Whether a random number is drawn for the value, through element-wise arithmetic only.
    private func isRandom(_ reference: TensorFlow1Reference) throws(InputError) -> Bool {
        var random = false
        _ = try leaves(reference) { (leaf) throws(InputError) in
            random = random || ["RandomUniform", "StatelessRandomUniform"].contains(graph.op(leaf))
            return true
        }
        return random
    }

    /// Asks about every leaf below element-wise arithmetic; nil if there are too many nodes.
    private func leaves(
        _ reference: TensorFlow1Reference, _ accept: (TensorFlow1Reference) throws(InputError) -> Bool
    ) throws(InputError) -> Bool? {
        let arithmetic: Set = [
            "Add", "AddV2", "Sub", "Mul", "RealDiv", "Floor", "Cast", "GreaterEqual", "Greater", "Less",
            "LessEqual",
            "Identity",
        ]
        var stack = [reference]
        var seen: Set<TensorFlow1Reference> = []
        while let next = stack.popLast() {
            guard seen.insert(next).inserted else { continue }
            guard seen.count <= Self.searchLimit else { return nil }
            if arithmetic.contains(graph.op(next)) {
                stack += try graph.inputs(next)
            } else if try !accept(next) {
                return false
            }
        }
        return true
    }

    // MARK: Activations

    /// `x` and the slope of a leaky ReLU written as `max(x, slope · x)`; the slope is zero for `max(x, 0)`.
    func leakyRelu(
        _ reference: TensorFlow1Reference
    ) throws(InputError) -> (input: TensorFlow1Reference, slope: Double)? {
        guard graph.op(reference) == "Maximum" else { return nil }
        let inputs = try graph.inputs(reference)
        guard inputs.count == 2 else { return nil }
        for (x, other) in [(inputs[0], inputs[1]), (inputs[1], inputs[0])] {
            if let zero = try constants.scalar(other), zero == 0 { return (x, 0) }
            guard graph.op(other) == "Mul" else { continue }
            let factors = try graph.inputs(other)
            guard factors.count == 2, let own = factors.firstIndex(of: x) else { continue }
            if let slope = try constants.scalar(factors[1 - own]), slope > 0, slope < 1 { return (x, slope) }
        }
        return nil
    }

    // MARK: Branches

    /// The input of a `Merge` that is alive when every training flag is false.
    func inferenceBranch(_ merge: TensorFlow1Reference) throws(InputError) -> TensorFlow1Reference {
        var alive: [TensorFlow1Reference] = []
        for input in try graph.inputs(merge) where try isAlive(input) { alive.append(input) }
        guard alive.count == 1 else {
            throw graph.error(
                merge, "it is not clear which of its \(alive.count) open branches is for inference",
                "export the graph with its training flag set to the constant False")
        }
        return alive[0]
    }

    /// Whether no switch above the value, up to the next merge, sends it the other way.
    private func isAlive(_ reference: TensorFlow1Reference) throws(InputError) -> Bool {
        var stack = [reference]
        var seen: Set<TensorFlow1Reference> = []
        while let next = stack.popLast() {
            guard seen.insert(next).inserted else { continue }
            switch graph.op(next) {
            case "Switch", "RefSwitch":
                if let taken = try flag(try graph.input(next, 1)), taken != (next.port == 1) { return false }
            case "Merge": continue
            default: stack += try graph.inputs(next, control: true)
            }
        }
        return true
    }

    /// A condition with every fed flag taken as false, whatever its default; nil if it is not made of flags.
    private func flag(_ reference: TensorFlow1Reference) throws(InputError) -> Bool? {
        var at = reference
        var inverted = false
        for _ in 0..<Self.searchLimit {
            switch graph.op(at) {
            case "Placeholder", "PlaceholderWithDefault": return inverted
            case "LogicalNot": inverted.toggle()
            case "Identity": break
            default: return try constants.scalar(at).map { ($0 != 0) != inverted }
            }
            at = try graph.input(at, 0)
        }
        return nil
    }
}
