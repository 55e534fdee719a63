// Operators that are known and not translated, with what to do about each. Others are refused by name alone.

enum ONNXRefusals {
    /// What stands in the way of a node whose operator is not in the table.
    static func problem(_ node: ONNXNode) -> TranslationProblem {
        if let known = known[node.operatorName] { return known }
        if node.domain.isEmpty {
            return TranslationProblem("this operation is not supported", outside)
        }
        return TranslationProblem(
            "operations of the domain \(node.domain) are not supported",
            node.domain == "com.microsoft" || node.domain.hasPrefix("com.microsoft.nchwc")
                ? "give the model as it was before ONNX Runtime optimised it, or " + outside : outside)
    }

    private static let outside =
        "leave it to the application: name a value before it with output:, or one behind it with input:"

    private static let known: [String: TranslationProblem] = {
        var all: [String: TranslationProblem] = [:]
        func add(_ names: [String], _ text: String, _ remedy: String) {
            for name in names { all[name] = TranslationProblem(text, remedy) }
        }
        add(
            ["Loop", "Scan"], "a loop is not supported",
            "export the model with its steps unrolled, or with LSTM, GRU or RNN")
        add(
            ["NonMaxSuppression", "Unique", "StringNormalizer"], "its result has no fixed size",
            outside)
        add(
            [
                "SequenceConstruct", "SequenceAt", "SequenceInsert", "SequenceEmpty", "SequenceErase",
                "SequenceLength",
                "SequenceMap", "SplitToSequence", "ConcatFromSequence", "Optional", "OptionalGetElement",
                "OptionalHasElement",
            ],
            "sequences and optional values are not supported", "export the model with tensors alone")
        add(
            [
                "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial",
                "Bernoulli",
            ],
            "random numbers are not supported", "export the model for inference")
        add(
            ["Attention", "RotaryEmbedding", "com.microsoft.Attention", "com.microsoft.MultiHeadAttention"],
            "attention as one node is not supported",
            "export it as matrix products, with an opset below 23 (torch.onnx.export: opset_version=17)")
        add(
            ["DFT", "STFT", "MelWeightMatrix"], "spectra are not computed here",
            "compute them before: name the value behind it with input:")
        return all
    }()
}
