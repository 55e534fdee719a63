// One use of an operator: its operands and its attributes, read with the checks that files from strangers need.

/// An operator applied to values.
struct ONNXCall {
    let node: ONNXNode
    /// Of the operator's domain.
    let version: Int
    /// References to a function's attributes are resolved.
    let attributes: [String: ONNXAttribute]
    /// Nil for an optional operand that is left out.
    var inputs: [ONNXValue?]
    /// For each output, whether something reads it.
    let isWanted: [Bool]

    var operation: String { node.operation }

    // MARK: Operands

    func value(_ index: Int) throws(TranslationProblem) -> ONNXValue {
        guard let value = optionalValue(index) else {
            throw TranslationProblem("it has no input \(index + 1)", "the file is damaged; copy it again")
        }
        return value
    }

    func optionalValue(_ index: Int) -> ONNXValue? { index < inputs.count ? inputs[index] : nil }

    func x(_ index: Int = 0) throws(TranslationProblem) -> TranslatedValue { try value(index).value }

    func optional(_ index: Int) -> TranslatedValue? { optionalValue(index)?.value }

    /// All operands. Precondition of the operators that use it: at least one.
    func all() throws(TranslationProblem) -> [TranslatedValue] {
        var values: [TranslatedValue] = []
        for index in inputs.indices { values.append(try x(index)) }
        guard !values.isEmpty else { _ = try value(0); return [] }
        return values
    }

    /// An operand that has to be known.
    func constant(_ index: Int, _ what: String) throws(TranslationProblem) -> ConstantTensor {
        guard let constant = try x(index).constant else { throw Self.computed(what) }
        return constant
    }

    func optionalConstant(_ index: Int, _ what: String) throws(TranslationProblem) -> ConstantTensor? {
        guard let value = optional(index) else { return nil }
        guard let constant = value.constant else { throw Self.computed(what) }
        return constant
    }

    static func computed(_ what: String) -> TranslationProblem {
        TranslationProblem(
            "\(what) depends on the input",
            "export the model with fixed sizes, or simplify it (onnxsim) before")
    }

    // MARK: Attributes

    func has(_ name: String) -> Bool { attributes[name] != nil }

    func integer(_ name: String, _ standard: Int) throws(TranslationProblem) -> Int {
        switch attributes[name] {
        case nil: return standard
        case .integer(let value)?: return Int(clamping: value)
        case let other?: throw Self.misfit(name, other)
        }
    }

    func flag(_ name: String, _ standard: Bool = false) throws(TranslationProblem) -> Bool {
        try integer(name, standard ? 1 : 0) != 0
    }

    func number(_ name: String, _ standard: Double) throws(TranslationProblem) -> Double {
        switch attributes[name] {
        case nil: return standard
        case .number(let value)?: return value
        case .integer(let value)?: return Double(value)
        case let other?: throw Self.misfit(name, other)
        }
    }

    func text(_ name: String, _ standard: String) throws(TranslationProblem) -> String {
        switch attributes[name] {
        case nil: return standard
        case .text(let value)?: return value
        case let other?: throw Self.misfit(name, other)
        }
    }

    /// Nil where the attribute is left out.
    func integers(_ name: String) throws(TranslationProblem) -> [Int]? {
        switch attributes[name] {
        case nil: return nil
        case .integers(let values)?: return values.map { Int(clamping: $0) }
        case .integer(let value)?: return [Int(clamping: value)]
        case let other?: throw Self.misfit(name, other)
        }
    }

    func numbers(_ name: String) throws(TranslationProblem) -> [Double]? {
        switch attributes[name] {
        case nil: return nil
        case .numbers(let values)?: return values
        case .integers(let values)?: return values.map { Double($0) }
        case let other?: throw Self.misfit(name, other)
        }
    }

    func texts(_ name: String) throws(TranslationProblem) -> [String]? {
        switch attributes[name] {
        case nil: return nil
        case .texts(let values)?: return values
        case .integers(let values)? where values.isEmpty: return []
        case let other?: throw Self.misfit(name, other)
        }
    }

    func graph(_ name: String) throws(TranslationProblem) -> ONNXGraph {
        guard case .graph(let graph)? = attributes[name] else {
            throw TranslationProblem("it has no \(name)", "the file is damaged; copy it again")
        }
        return graph
    }

    private static func misfit(_ name: String, _ value: ONNXAttribute) -> TranslationProblem {
        TranslationProblem("its attribute \(name) is of the wrong kind", "the file is damaged; copy it again")
    }

    /// What is known of an attribute but not computed here.
    func refuse(_ name: String, _ value: String, _ remedy: String = "export the model without it")
        -> TranslationProblem
    {
        TranslationProblem("\(name)=\(value) is not supported", remedy)
    }

    // MARK: Axes

    /// An axis of an array, counted from the end where it is negative.
    static func axis(_ axis: Int, rank: Int) throws(TranslationProblem) -> Int {
        guard axis >= -rank, axis < rank else {
            throw TranslationProblem(
                "axis \(axis) of an array of \(rank) axes", "the file is damaged; copy it again")
        }
        return axis < 0 ? axis + rank : axis
    }

    /// The attribute that names one axis.
    func axis(_ standard: Int, rank: Int) throws(TranslationProblem) -> Int {
        try Self.axis(integer("axis", standard), rank: rank)
    }

    /// Axes, each once.
    static func axes(_ axes: [Int], rank: Int) throws(TranslationProblem) -> [Int] {
        var found: [Int] = []
        for axis in axes {
            let axis = try Self.axis(axis, rank: rank)
            guard !found.contains(axis) else {
                throw TranslationProblem("axes \(axes) name one twice", "the file is damaged; copy it again")
            }
            found.append(axis)
        }
        return found
    }

    /// Axes that an older version has as an attribute and a newer one as an operand; nil where they are left out.
    func axes(_ index: Int, rank: Int) throws(TranslationProblem) -> [Int]? {
        let given: [Int]?
        if let attribute = try integers("axes") {
            given = attribute
        } else {
            given = try optionalConstant(index, "axes")?.places
        }
        guard let given else { return nil }
        return try Self.axes(given, rank: rank)
    }
}

extension ConstantTensor {
    /// Whole numbers as places and sizes: what is beyond 2³⁰, as the end of a slice may be, is cut down to that; fractions
    /// and NaN are 0.
    var places: [Int] {
        values.map { value in
            let bound = Double(1 << 30)
            return Int(exactly: min(max(value, -bound), bound).rounded(.towardZero)) ?? 0
        }
    }

    /// The only number; nil where there are more.
    var single: Double? { values.count == 1 ? values[0] : nil }
}
