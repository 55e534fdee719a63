// From a TFLite graph to a network: values of tensors, operands, results. What an operator means is in the files beside this
// one, by family; which operators there are is in TFLiteOperations.

import PagefoldCore
import PagefoldData
import PagefoldGraph

/// What a tensor holds while its graph is translated.
struct TFLiteValue {
    var value: TranslatedValue
    var range = TFLiteRange.all
    /// A function that its operator has still to apply.
    var fused = TFLiteFused.none
    /// Name of the variable that it stands for; its value is nothing then.
    var variable: String?

    init(_ value: TranslatedValue, range: TFLiteRange = .all, fused: TFLiteFused = .none) {
        self.value = value
        self.range = range
        self.fused = fused
    }

    init(variable: String) {
        self.init(.constant(ConstantTensor(elementType: .f32, shape: [0], values: [])))
        self.variable = variable
    }

    var sizes: [Int] { value.sizes }
}

/// One subgraph at work.
struct TFLiteFrame {
    let number: Int
    let graph: TFLiteSubgraph
    /// By tensor.
    var values: [Int: TFLiteValue] = [:]
    /// Tensors whose operator could not be translated, and what is computed from them.
    var unknown: Set<Int> = []
    /// Operators that read a tensor, and the one that makes it.
    let readers: [Int: [Int]]
    let makers: [Int: Int]
    /// Values that SPACE_TO_BATCH_ND cut into phases, held whole.
    var phases: [Int: TFLitePhases] = [:]
    /// Values in front of zeros that only convolutions read.
    var padded: [Int: TFLitePadded] = [:]

    init(number: Int, graph: TFLiteSubgraph) {
        self.number = number
        self.graph = graph
        var readers: [Int: [Int]] = [:]
        var makers: [Int: Int] = [:]
        for (index, op) in graph.operators.enumerated() {
            for tensor in Set(op.inputs) where tensor >= 0 { readers[tensor, default: []].append(index) }
            for tensor in op.outputs where tensor >= 0 { makers[tensor] = index }
        }
        self.readers = readers
        self.makers = makers
    }
}

/// The translation of one file.
struct TFLiteTranslation {
    let model: TFLiteModel
    var translation: Translation
    var frame: TFLiteFrame
    var constants: TFLiteConstants
    var problems: [TFLiteProblem] = []
    var variables: [String: TFLiteVariable] = [:]
    /// Whether what runs gives variables their first values.
    var isInitialising = false
    /// Subgraphs around the one at work.
    var depth = 0
    /// Axes of an array at most.
    static let mostAxes = 32
    /// Operators that may still be looked at: branches and loops can run the same subgraph again and again.
    var budget = 1 << 20
    static let endless = TranslationProblem(
        "its subgraphs run without end", "the file is damaged; copy it again")
    /// Whether the result is only looked at: loops within are not followed.
    var isTrial = false

    /// Whether quantised activations are rounded, as `ModelOptions` says.
    let roundsActivations: Bool

    init(model: TFLiteModel, subgraph: Int, name: String, roundsActivations: Bool = false) {
        self.model = model
        self.roundsActivations = roundsActivations
        translation = Translation(name: name, bytes: model.bytes.count)
        frame = TFLiteFrame(number: subgraph, graph: model.subgraphs[subgraph])
        constants = TFLiteConstants(model)
    }

    // MARK: Operands

    /// The tensor at a place of an operator's inputs; nil where it is left out.
    func reference(_ op: TFLiteOperator, _ place: Int) -> Int? {
        op.inputs.indices.contains(place) && op.inputs[place] >= 0 ? op.inputs[place] : nil
    }

    func tensor(_ op: TFLiteOperator, _ place: Int) -> TFLiteTensor? {
        reference(op, place).map { frame.graph.tensors[$0] }
    }

    /// What a tensor holds.
    mutating func value(of tensor: Int) throws(TranslationProblem) -> TFLiteValue {
        if let value = frame.values[tensor] { return value }
        guard let constant = try constants.value(frame.graph.tensors[tensor]) else {
            throw TranslationProblem(
                "it reads tensor \(tensor) (\(frame.graph.tensors[tensor].name)), which nothing has computed",
                "the file is damaged; copy or download it again")
        }
        let value = TFLiteValue(.constant(constant), range: TFLiteRange(constant.values))
        frame.values[tensor] = value
        return value
    }

    mutating func operand(_ op: TFLiteOperator, _ place: Int) throws(TranslationProblem) -> TFLiteValue {
        guard let tensor = reference(op, place) else {
            throw TranslationProblem(
                "its input \(place) is missing", "the file is damaged; copy or download it again")
        }
        return try value(of: tensor)
    }

    /// An operand with numbers in it.
    mutating func filled(_ op: TFLiteOperator, _ place: Int) throws(TranslationProblem) -> TFLiteValue {
        let x = try operand(op, place)
        guard Translation.count(x.sizes) != nil else { throw TranslationProblem("its input is \(x.sizes)") }
        return x
    }

    mutating func optional(_ op: TFLiteOperator, _ place: Int) throws(TranslationProblem) -> TFLiteValue? {
        guard let tensor = reference(op, place) else { return nil }
        return try value(of: tensor)
    }

    /// An operand that has to be known while the file is read.
    mutating func constant(
        _ op: TFLiteOperator, _ place: Int, _ what: String
    ) throws(TranslationProblem) -> ConstantTensor {
        guard let constant = try operand(op, place).value.constant else {
            throw TranslationProblem(
                "its \(what) are computed by the network", "convert it with fixed \(what)")
        }
        return constant
    }

    /// Whole numbers: sizes, axes, places.
    mutating func integers(
        _ op: TFLiteOperator, _ place: Int, _ what: String
    ) throws(TranslationProblem) -> [Int] {
        let constant = try constant(op, place, what)
        guard constant.values.count <= 1 << 16 else {
            throw TranslationProblem("its \(what) are \(constant.values.count) numbers")
        }
        let numbers = constant.integers
        // Within 32 bits, so that sums of a few do not overflow anywhere.
        guard
            let wrong = numbers.firstIndex(where: {
                Int32(exactly: $0) == nil || $0 < -(1 << 30) || $0 > 1 << 30
            })
        else { return numbers }
        // "As much as there is" is written as the largest number.
        if constant.values[wrong].magnitude >= 0x1p30, constant.values[wrong].isFinite {
            return constant.values.map { Int(max(-0x1p30, min(0x1p30, $0.rounded(.towardZero)))) }
        }
        throw TranslationProblem("its \(what) are \(constant.values[wrong])")
    }

    mutating func integer(
        _ op: TFLiteOperator, _ place: Int, _ what: String
    ) throws(TranslationProblem) -> Int {
        let numbers = try integers(op, place, what)
        guard numbers.count == 1 else {
            throw TranslationProblem("its \(what) are \(numbers.count) numbers, not one")
        }
        return numbers[0]
    }

    /// An axis, which may be counted from the end.
    func axis(_ axis: Int, rank: Int) throws(TranslationProblem) -> Int {
        guard (-rank..<rank).contains(axis) else {
            throw TranslationProblem("its axis is \(axis) of \(rank)")
        }
        return axis < 0 ? axis + rank : axis
    }

    /// A list of known numbers as a value.
    static func known(_ numbers: [Int], _ type: ElementType = .i32, sizes: [Int]? = nil) -> TFLiteValue {
        let values = numbers.map { Double($0) }
        return TFLiteValue(
            .constant(ConstantTensor(elementType: type, shape: sizes ?? [numbers.count], values: values)),
            range: TFLiteRange(values))
    }

    static func number(_ value: Double, _ type: ElementType = .f32) -> TranslatedValue {
        .constant(ConstantTensor(elementType: type, shape: [], values: [value]))
    }

    // MARK: Results

    /// Keeps the result of an operator: its fused function, and the range of its tensor, become steps where they change
    /// anything.
    mutating func keep(_ result: TFLiteValue, in tensor: Int) throws(TranslationProblem) {
        guard result.sizes.count <= Self.mostAxes else {
            throw TranslationProblem(
                "its result has \(result.sizes.count) axes", "the file is damaged; copy it again")
        }
        frame.values[tensor] =
            result.variable == nil ? try bounded(result, by: frame.graph.tensors[tensor]) : result
    }

    /// A value within the range of a quantised tensor, and with what its operator applies to it.
    mutating func bounded(
        _ result: TFLiteValue, by tensor: TFLiteTensor
    ) throws(TranslationProblem) -> TFLiteValue {
        var result = try clipped(result, by: tensor)
        if roundsActivations, tensor.range != nil, let scale = tensor.scale {
            result.value = try translation.rounded(result.value, to: scale)
        }
        return result
    }

    private mutating func clipped(
        _ result: TFLiteValue, by tensor: TFLiteTensor
    ) throws(TranslationProblem) -> TFLiteValue {
        var result = result
        if result.fused == .tanh {
            result.value = try translation.unary(.tanh, result.value)
            result.range = TFLiteFused.tanh.range
            result.fused = .none
        }
        var bounds = result.fused.range
        result.fused = .none
        if let due = tensor.range, let scale = tensor.scale {
            // What rounds to the last code is inside: a probability of 1 is stored as 255/256.
            let margin = roundsActivations ? 0 : 1.001 * scale
            let reach = TFLiteRange(low: due.low - margin, high: due.high + margin)
            if !reach.contains(result.range.clamped(to: bounds)) { bounds = due.clamped(to: bounds) }
        }
        // Bounds that hold already are no work.
        if result.range.low >= bounds.low { bounds.low = -.infinity }
        if result.range.high <= bounds.high { bounds.high = .infinity }
        guard bounds != .all else { return result }
        result.range = result.range.clamped(to: bounds)
        let function: UnaryFunction =
            switch (bounds.low, bounds.high) {
            case (0, .infinity): .relu
            case (0, 6): .relu6
            default: .clip(low: bounds.low, high: bounds.high)
            }
        result.value = try translation.unary(function, result.value)
        return result
    }
}
