// The options of an operator, by the numbers of their fields, and what several operators share: padding, fused activations.

/// The options of one operator; all of them may be missing.
struct TFLiteOptions: Sendable {
    /// Which table it is: a number of the schema, 0 for none.
    let kind: Int
    let table: FlatTable?

    func int(_ field: Int, _ fallback: Int = 0) throws(TranslationProblem) -> Int {
        let fallback = Int32(clamping: fallback)
        return Int(
            try read { table throws(FlatBufferDamage) in try table.number(field, fallback) } ?? fallback)
    }

    /// A number of one byte: a choice.
    func choice(_ field: Int) throws(TranslationProblem) -> Int {
        Int(try read { table throws(FlatBufferDamage) in try table.number(field, Int8(0)) } ?? 0)
    }

    func flag(_ field: Int, _ fallback: Bool = false) throws(TranslationProblem) -> Bool {
        try read { table throws(FlatBufferDamage) in try table.flag(field, fallback) } ?? fallback
    }

    func float(_ field: Int) throws(TranslationProblem) -> Double {
        Double(try read { table throws(FlatBufferDamage) in try table.float(field) } ?? 0)
    }

    func text(_ field: Int) throws(TranslationProblem) -> String {
        try read { table throws(FlatBufferDamage) in
            var limit = NumberLimit(1 << 16)
            return try table.text(field, &limit)
        } ?? ""
    }

    /// A short list; nil where it is missing.
    func ints(_ field: Int) throws(TranslationProblem) -> [Int]? {
        try read { table throws(FlatBufferDamage) in
            var limit = NumberLimit(1 << 16)
            return try table.numbers(field, Int32.self, &limit)?.map { Int($0) }
        }
    }

    private func read<Value>(
        _ body: (FlatTable) throws(FlatBufferDamage) -> Value?
    ) throws(TranslationProblem) -> Value? {
        guard let table else { return nil }
        do { return try body(table) } catch {
            throw TranslationProblem("the file is damaged: \(error.text)", "copy or download it again")
        }
    }

    // MARK: What several operators share

    /// Whether windows are padded so that a stride of 1 keeps the size.
    func isSame(_ field: Int) throws(TranslationProblem) -> Bool {
        switch try choice(field) {
        case 0: return true
        case 1: return false
        case let other: throw TranslationProblem("its padding is number \(other)")
        }
    }

    /// The function that is applied to the result.
    func fused(_ field: Int) throws(TranslationProblem) -> TFLiteFused {
        let number = try choice(field)
        guard let fused = TFLiteFused(rawValue: number) else {
            throw TranslationProblem("its fused activation is number \(number)")
        }
        return fused
    }
}

/// A function that is applied to an operator's result within it.
enum TFLiteFused: Int, Sendable {
    case none = 0, relu, reluN1To1, relu6, tanh
}
