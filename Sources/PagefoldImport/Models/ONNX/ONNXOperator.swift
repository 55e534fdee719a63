// What the table of operators says of each: how it reads its operands, and its rule. The rules are in files by family.

/// An operator of ONNX, as it is translated.
struct ONNXOperator: Sendable {
    /// What it does with what is known of its operands beside their numbers.
    enum Reading: Sendable {
        /// Reads numbers: clips are computed before, quantised values become the whole numbers of the file.
        case numbers
        /// Moves numbers of its first operand: they stay quantised as they are, within their bounds.
        case moves
        /// Looks itself.
        case raw
    }

    typealias Rule =
        @Sendable (inout ONNXTranslation, ONNXCall) throws(TranslationProblem) -> [ONNXValue]
    typealias SimpleRule =
        @Sendable (inout ONNXTranslation, ONNXCall) throws(TranslationProblem) -> TranslatedValue

    let reading: Reading
    let rule: Rule

    private init(_ reading: Reading, _ rule: @escaping Rule) {
        self.reading = reading
        self.rule = rule
    }

    /// One result.
    /// - Parameter range: what it lies in, whatever the operands.
    static func one(_ range: ONNXBounds = ONNXBounds(), rule: @escaping SimpleRule) -> ONNXOperator {
        ONNXOperator(.numbers) { (onnx, call) throws(TranslationProblem) in
            [ONNXValue(try rule(&onnx, call), range: range)]
        }
    }

    /// Any number of results.
    static func several(_ rule: @escaping Rule) -> ONNXOperator { ONNXOperator(.numbers, rule) }

    static func raw(_ rule: @escaping Rule) -> ONNXOperator { ONNXOperator(.raw, rule) }

    /// Results whose numbers are some of those of the first operand.
    static func moving(_ rule: @escaping Rule) -> ONNXOperator {
        ONNXOperator(.moves) { (onnx, call) throws(TranslationProblem) in
            guard let x = call.optionalValue(0) else { return try rule(&onnx, call) }
            return try rule(&onnx, call).map { result in
                var result = result
                if result.constant == nil {
                    result.range = x.range
                    result.quantisation = x.quantisation
                }
                return result
            }
        }
    }

    static func moving(rule: @escaping SimpleRule) -> ONNXOperator {
        moving { (onnx, call) throws(TranslationProblem) -> [ONNXValue] in
            [ONNXValue(try rule(&onnx, call))]
        }
    }

    /// A function of single numbers.
    static func unary(_ function: UnaryFunction, _ range: ONNXBounds = ONNXBounds()) -> ONNXOperator {
        one(range) { (onnx, call) throws(TranslationProblem) in
            try onnx.translation.unary(function, try call.x())
        }
    }

    /// All operators, by name; those of other domains as `domain.name`.
    static let all: [String: ONNXOperator] = {
        var all: [String: ONNXOperator] = [:]
        for family in [
            ONNXArithmetic.operators, ONNXActivations.operators, ONNXShapes.operators, ONNXMoves.operators,
            ONNXIndexing.operators, ONNXScatter.operators, ONNXCounting.operators, ONNXReductions.operators,
            ONNXProducts.operators, ONNXConvolutions.operators,
            ONNXPools.operators, ONNXNormalisations.operators, ONNXResizing.operators,
            ONNXRecurrence.operators,
            ONNXQuantisers.operators, ONNXQuantisedLayers.operators, ONNXConstants.operators,
        ] { all.merge(family) { first, _ in first } }
        return all
    }()
}
