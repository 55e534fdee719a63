// What lives from one run to the next: variables by name, variable tensors of operators, and memories of SVDF. Reads and
// writes keep their order: what is read behind a write is what was written.

import PagefoldCore
import PagefoldData
import PagefoldGraph

/// A variable of the graph while that is translated.
struct TFLiteVariable {
    /// What it holds before the first run; nil: zeros.
    var initial: ConstantTensor?
    /// The network's state; nil as long as nothing has read it.
    var state: Int?
    /// What it holds now; nil before the first read and write.
    var current: TFLiteValue?
}

extension TFLiteTranslation {
    // MARK: Variables by name

    mutating func variableHandle(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        TFLiteValue(variable: "\(try op.options.text(0))/\(try op.options.text(1))")
    }

    private mutating func variable(_ op: TFLiteOperator) throws(TranslationProblem) -> String {
        guard let name = try operand(op, 0).variable else {
            throw TranslationProblem("its input is no variable")
        }
        return name
    }

    mutating func readVariable(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        let name = try variable(op)
        guard let output = op.outputs.first, output >= 0 else {
            throw TranslationProblem("gives its value to nobody")
        }
        let tensor = frame.graph.tensors[output]
        // Its numbers have been within the range of their tensor since they were assigned.
        return try read(name, sizes: tensor.sizes, range: tensor.range ?? .all)
    }

    mutating func assignVariable(_ op: TFLiteOperator) throws(TranslationProblem) -> [TFLiteValue] {
        let (name, value) = (try variable(op), try operand(op, 1))
        guard isInitialising else {
            variables[name, default: TFLiteVariable()].current = value
            return []
        }
        guard let constant = value.value.constant else {
            throw TranslationProblem("gives a variable a first value that is not fixed")
        }
        variables[name, default: TFLiteVariable()].initial = constant
        return []
    }

    /// What a variable holds now.
    /// - Parameter sizes: where its first value does not say.
    private mutating func read(
        _ name: String, sizes: [Int], range: TFLiteRange
    ) throws(TranslationProblem) -> TFLiteValue {
        var variable = variables[name] ?? TFLiteVariable()
        if let current = variable.current { return current }
        if isInitialising, let initial = variable.initial { return TFLiteValue(.constant(initial)) }
        let sizes = variable.initial?.shape ?? sizes
        // Frames of feature maps lie as convolutions read them: channels first.
        let isMap = (3...4).contains(sizes.count)
        let memory = isMap ? [sizes.count - 1] + Array(0..<sizes.count - 1) : nil
        let (state, zero) = try translation.state(sizes: sizes, memory: memory)
        variable.state = state
        var value = TFLiteValue(zero, range: range)
        // A state begins with zeros; one that begins otherwise is kept as a difference.
        if let initial = variable.nonzero {
            value.value = try translation.binary(.add, zero, .constant(initial))
            value.range = range.union(TFLiteRange(initial.values))
        }
        variable.current = value
        variables[name] = variable
        return value
    }

    /// What all variables are in the next run. After the last operator.
    mutating func keepVariables() throws(TranslationProblem) {
        for name in variables.keys.sorted() {
            guard let variable = variables[name], let state = variable.state, let current = variable.current
            else {
                continue
            }
            translation.node = name
            var value = current.value
            if let initial = variable.nonzero {
                value = try translation.binary(.subtract, value, .constant(initial))
            }
            try translation.setState(state, to: value)
        }
    }

    // MARK: Variable tensors

    /// What a recurrent operator remembers; nil where it begins with zeros in every run.
    mutating func memory(
        _ op: TFLiteOperator, _ place: Int, _ units: Int
    ) throws(TranslationProblem) -> TranslatedValue? {
        guard let tensor = reference(op, place) else { return nil }
        let value: TranslatedValue
        if frame.values[tensor] != nil || constants.hasNumbers(frame.graph.tensors[tensor]) {
            value = try self.value(of: tensor).value
        } else {
            value = try read(memoryName(tensor), sizes: [units], range: .all).value
        }
        guard value.sizes.reduce(1, *) == units else {
            throw TranslationProblem("remembers \(value.sizes), \(units) numbers are due")
        }
        return try translation.reshape(value, to: [units])
    }

    /// Gives the next run what an operator remembers.
    mutating func remember(
        _ op: TFLiteOperator, _ place: Int, _ value: TranslatedValue
    ) throws(TranslationProblem) {
        guard let tensor = reference(op, place), variables[memoryName(tensor)] != nil else { return }
        variables[memoryName(tensor)]?.current = TFLiteValue(value)
    }

    private func memoryName(_ tensor: Int) -> String { "tensor \(tensor) of subgraph \(frame.number)" }

    /// SVDF (Nakkiran et al. 2015, "Compressing Deep Neural Networks using a Rank-Constrained Topology"): each filter gives
    /// one number a run; the last of them are weighted over time, and ranks added up.
    mutating func memoryFilter(_ op: TFLiteOperator) throws(TranslationProblem) -> TFLiteValue {
        let x = try operand(op, 0).value
        let (feature, time) = (try constant(op, 1, "weights"), try constant(op, 2, "weights"))
        let rank = try op.options.int(0)
        guard x.sizes.count == 2, x.sizes[0] == 1, feature.shape.count == 2, time.shape.count == 2,
            feature.shape[0] == time.shape[0], rank > 0, feature.shape[0] % rank == 0, time.shape[1] > 0
        else {
            throw TranslationProblem("its weights \(feature.shape) and \(time.shape) do not fit \(x.sizes)")
        }
        let (filters, moments) = (time.shape[0], time.shape[1])
        let units = filters / rank
        let (fixed, added) = try split(try bias(op, 3, input: 4, weight: 2), count: units)
        guard added == nil else { throw TranslationProblem("its bias is computed by the network") }

        var newest = TFLiteValue(try translation.dense(x, weight: feature, bias: nil))
        if let tensor = tensor(op, 4) { newest = try bounded(newest, by: tensor) }
        // Filters are the channels of a line of moments.
        var line = try translation.reshape(newest.value, to: [1, filters, 1])
        if moments > 1, let tensor = reference(op, 4) {
            // The oldest number leaves before the newest comes, so that it need not be kept.
            let name = memoryName(tensor)
            let before = try read(name, sizes: [filters, moments - 1], range: .all).value
            guard before.sizes == [filters, moments - 1] else {
                throw TranslationProblem("remembers \(before.sizes)", "the file is damaged; copy it again")
            }
            line = try translation.concatenate(
                [try translation.reshape(before, to: [1, filters, moments - 1]), line], axis: 2)
            let kept = try translation.slice(line, axis: 2, start: 1, count: moments - 1)
            variables[name]?.current = TFLiteValue(
                try translation.reshape(kept, to: [filters, moments - 1]))
        }
        let kernel = ConstantTensor(elementType: .f32, shape: [filters, 1, moments], values: time.values)
        var value = try translation.convolution(
            line, weight: kernel, bias: rank == 1 ? fixed : nil,
            WindowAttributes(strides: [1], padding: .explicit(before: [0], after: [0])),
            groups: filters, channelAxis: 1, spatialAxes: [2])
        if rank > 1 {
            value = try translation.reshape(value, to: [1, units, rank])
            value = try translation.reduce(.sum, value, axes: [2], keepsAxes: false)
            if let fixed { value = try translation.binary(.add, value, .constant(fixed)) }
        }
        return TFLiteValue(
            try translation.reshape(value, to: [1, units]), fused: try op.options.fused(1))
    }
}

extension TFLiteVariable {
    /// Its first value, where that is not zeros.
    fileprivate var nonzero: ConstantTensor? {
        guard let initial, initial.values.contains(where: { $0 != 0 }) else { return nil }
        return initial
    }
}
