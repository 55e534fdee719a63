// Operators that run other subgraphs: initialisation, branches, loops.

import PagefoldCore
import PagefoldGraph

extension TFLiteTranslation {
    /// Runs a subgraph in place of an operator.
    /// - Returns: nothing where what keeps it from being translated has been noted already.
    mutating func call(
        _ number: Int, _ arguments: [TFLiteValue]
    ) throws(TranslationProblem) -> [TFLiteValue]? {
        guard model.subgraphs.indices.contains(number) else {
            throw TranslationProblem(
                "it names subgraph \(number) of \(model.subgraphs.count)",
                "the file is damaged; copy or download it again")
        }
        let graph = model.subgraphs[number]
        guard arguments.count == graph.inputs.count, depth < 16 else {
            throw TranslationProblem(
                "it gives \(arguments.count) values to a subgraph of \(graph.inputs.count)")
        }
        var other = TFLiteFrame(number: number, graph: graph)
        for (tensor, argument) in zip(graph.inputs, arguments) { other.values[tensor] = argument }
        swap(&frame, &other)
        depth += 1
        defer {
            swap(&frame, &other)
            depth -= 1
        }
        run(for: graph.outputs)
        var results: [TFLiteValue] = []
        for tensor in graph.outputs {
            if frame.unknown.contains(tensor) { return nil }
            results.append(try value(of: tensor))
        }
        return results
    }

    mutating func arguments(
        _ op: TFLiteOperator, from first: Int
    ) throws(TranslationProblem) -> [TFLiteValue] {
        var result: [TFLiteValue] = []
        for place in op.inputs.indices.dropFirst(first) { result.append(try operand(op, place)) }
        return result
    }

    mutating func callOnce(_ op: TFLiteOperator) throws(TranslationProblem) -> [TFLiteValue] {
        let before = isInitialising
        isInitialising = true
        defer { isInitialising = before }
        _ = try call(try op.options.int(0), [])
        return []
    }

    mutating func branch(_ op: TFLiteOperator) throws(TranslationProblem) -> [TFLiteValue] {
        guard let condition = try operand(op, 0).value.constant, condition.values.count == 1 else {
            throw TranslationProblem(
                "which branch it takes is computed by the network", "convert one branch alone")
        }
        let number = try op.options.int(condition.values[0] != 0 ? 0 : 1)
        guard let results = try call(number, try arguments(op, from: 1)) else { return noted(op) }
        return results
    }

    /// The results of an operator whose problems have been noted where they are.
    mutating func noted(_ op: TFLiteOperator) -> [TFLiteValue] {
        frame.unknown.formUnion(op.outputs)
        return []
    }
}
