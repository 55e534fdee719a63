// Which operators there are and what reads them; running the operators of a subgraph one after the other.

import PagefoldCore
import PagefoldGraph

extension TFLiteTranslation {
    /// Translates the operators of the frame on which tensors depend. What cannot be translated is noted, and the others
    /// follow all the same, so that one look finds everything.
    mutating func run(for tensors: [Int]) {
        let live = liveOperators(for: tensors)
        for op in frame.graph.operators where live.contains(op.index) { run(op) }
    }

    /// Operators that tensors depend on, and those that change variables.
    func liveOperators(for tensors: [Int]) -> Set<Int> {
        var due = Set(tensors)
        var live: Set<Int> = []
        for op in frame.graph.operators.reversed() {
            let isNeeded = op.outputs.contains { due.contains($0) && frame.values[$0] == nil }
            guard isNeeded || op.changesVariables else { continue }
            live.insert(op.index)
            due.formUnion(op.inputs)
        }
        return live
    }

    private mutating func run(_ op: TFLiteOperator) {
        if let refusal = refusal(of: op) { return note(refusal, op) }
        if op.inputs.contains(where: frame.unknown.contains) { return frame.unknown.formUnion(op.outputs) }
        translation.node = nodeName(op)
        do throws(TranslationProblem) {
            budget -= 1
            guard budget > 0 else { throw Self.endless }
            let results = try results(of: op)
            for (result, tensor) in zip(results, op.outputs) where tensor >= 0 {
                try keep(result, in: tensor)
            }
        } catch { note(error, op) }
    }

    /// Notes a problem, and goes on with what the file says about the results.
    private mutating func note(_ problem: TranslationProblem, _ op: TFLiteOperator) {
        let place = frame.number == 0 ? "\(op.index)" : "\(op.index) of subgraph \(frame.number)"
        problems.append(
            TFLiteProblem(place: place, name: op.name, text: problem.text, remedy: problem.remedy))
        for output in op.outputs where output >= 0 {
            let tensor = frame.graph.tensors[output]
            let isOpen = tensor.sizes.isEmpty || tensor.signature.dropFirst().contains(-1)
            let port = NetworkPort(name: "unknown \(problems.count) \(output)")
            if !isOpen, !op.inputs.contains(where: frame.unknown.contains),
                let value = try? translation.input(port, sizes: tensor.sizes)
            {
                frame.values[output] = TFLiteValue(value)
            } else {
                frame.unknown.insert(output)
            }
        }
    }

    /// What the nodes of an operator are called: its first result, up to the first of several names.
    private func nodeName(_ op: TFLiteOperator) -> String {
        let name = op.outputs.first.flatMap { $0 >= 0 ? frame.graph.tensors[$0].name : nil } ?? ""
        let first = name.prefix { $0 != ";" }
        return first.isEmpty ? "\(op.name) \(op.index)" : String(first)
    }

    /// Why an operator is not read at all; nil for one that is.
    private func refusal(of op: TFLiteOperator) -> TranslationProblem? {
        let isCustom = op.code == TFLiteCode.custom.rawValue
        if isCustom ? Self.isTransposedConvolutionWithBias(op) : TFLiteCode(rawValue: op.code) != nil {
            return nil
        }
        func names(_ tensors: [Int]) -> String {
            let computed = tensors.filter { $0 >= 0 && !constants.hasNumbers(frame.graph.tensors[$0]) }
            return computed.prefix(4).map { frame.graph.tensors[$0].name }.joined(separator: ",")
        }
        return TranslationProblem(
            isCustom
                ? "custom operators are not read: their meaning is not in the file"
                : "this operator is not read",
            "leave it outside: end before it with output: \(names(op.inputs)), or begin behind it with input: "
                + names(op.outputs))
    }

    /// What an operator gives, one value for each of its outputs.
    private mutating func results(of op: TFLiteOperator) throws(TranslationProblem) -> [TFLiteValue] {
        guard let code = TFLiteCode(rawValue: op.code) else { return [] }
        if let results = try phased(op, code) { return results }
        switch code {
        case .conv2D: return [try convolution(op)]
        case .depthwiseConv2D: return [try depthwiseConvolution(op)]
        case .transposeConv: return [try transposedConvolution(op)]
        case .custom: return [try transposedConvolutionWithBias(op)]
        case .fullyConnected: return [try fullyConnected(op)]
        case .batchMatmul: return [try matrixProduct(op)]
        case .averagePool2D, .maxPool2D, .l2Pool2D: return [try pool(op, code)]

        case .add, .sub, .mul, .div, .maximum, .minimum, .pow, .squaredDifference, .floorDiv, .floorMod,
            .addN,
            .less, .lessEqual, .greater, .greaterEqual, .equal, .notEqual, .logicalAnd, .logicalOr:
            return [try arithmetic(op, code)]
        case .relu, .reluN1To1, .relu6, .relu0To1, .logistic, .tanh, .floor, .exp, .neg, .log, .sqrt, .rsqrt,
            .square,
            .leakyRelu, .abs, .ceil, .elu, .round, .hardSwish, .gelu, .sign, .logicalNot, .fakeQuant:
            return [try function(op, code)]
        case .prelu: return [try parametricRelu(op)]
        case .select, .selectV2: return [try select(op, code)]
        case .cast: return [try cast(op)]
        case .quantize, .dequantize, .densify: return [try requantised(op, code)]

        case .mean, .sum, .reduceProd, .reduceMax, .reduceMin, .reduceAny, .reduceAll:
            return [try reduction(op, code)]
        case .argMax, .argMin: return [try place(op, isMaximum: code == .argMax)]
        case .softmax, .logSoftmax: return [try softmax(op, isLogarithm: code == .logSoftmax)]
        case .l2Normalization: return [try normalisation(op)]
        case .cumsum: return [try cumulativeSum(op)]

        case .reshape: return [try reshape(op)]
        case .squeeze: return [try squeeze(op)]
        case .expandDims: return [try expandDimensions(op)]
        case .transpose: return [try transpose(op)]
        case .concatenation: return [try concatenation(op)]
        case .pack: return [try pack(op)]
        case .unpack: return try unpack(op)
        case .split, .splitV: return try split(op, isEven: code == .split)
        case .slice: return [try slice(op)]
        case .stridedSlice: return [try stridedSlice(op)]
        case .pad, .padv2, .mirrorPad: return try pad(op, code)
        case .tile: return [try tile(op)]
        case .broadcastTo: return [try broadcast(op)]
        case .gather: return [try gather(op)]
        case .gatherND: return [try gatherPlaces(op)]
        case .embeddingLookup: return [try embedding(op)]
        case .reverseV2: return [try reversed(op)]
        case .dynamicUpdateSlice: return [try update(op)]
        case .oneHot: return [try oneHot(op)]
        case .depthToSpace, .spaceToDepth: return [try depthAndSpace(op, isToSpace: code == .depthToSpace)]
        case .spaceToBatchND: return try spaceToBatch(op)
        case .batchToSpaceND: return [try batchToSpace(op)]
        case .resizeBilinear, .resizeNearestNeighbor:
            return [try resize(op, isLinear: code == .resizeBilinear)]

        case .shape, .rank, .fill, .zerosLike, .range, .broadcastArgs: return [try madeNumbers(op, code)]

        case .lstm, .unidirectionalSequenceLstm: return try longShortTermMemory(op, code)
        case .bidirectionalSequenceLstm: return try bidirectionalLongShortTermMemory(op)
        case .rnn, .unidirectionalSequenceRnn: return [try plainRecurrence(op, code)]
        case .bidirectionalSequenceRnn: return try bidirectionalPlainRecurrence(op)
        case .svdf: return [try memoryFilter(op)]

        case .varHandle: return [try variableHandle(op)]
        case .readVariable: return [try readVariable(op)]
        case .assignVariable: return try assignVariable(op)
        case .callOnce: return try callOnce(op)
        case .if: return try branch(op)
        case .while: return try loop(op)
        }
    }
}

extension TFLiteSubgraph {
    /// What it costs to look at all operators.
    var cost: Int { operators.reduce(1) { $0 + 1 + $1.inputs.count } }
}

extension TFLiteOperator {
    /// Whether it has an effect beside its outputs.
    var changesVariables: Bool {
        switch TFLiteCode(rawValue: code) {
        case .assignVariable, .callOnce, .if: true
        default: false
        }
    }
}
