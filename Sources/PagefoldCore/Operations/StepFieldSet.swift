// Which fields of a step an operation uses, and what they are called. The fields' numbers are those of the fold file.

/// Fields of a step: bit i is field i of the format (docs/format.md, "Program").
public struct StepFieldSet: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let activation = StepFieldSet(rawValue: 1 << 0)
    public static let weights = StepFieldSet(rawValue: 1 << 1)
    public static let bias = StepFieldSet(rawValue: 1 << 2)
    public static let scale = StepFieldSet(rawValue: 1 << 3)
    public static let window = StepFieldSet(rawValue: 3 << 4)
    public static let stride = StepFieldSet(rawValue: 3 << 6)
    public static let padding = StepFieldSet(rawValue: 3 << 8)
    public static let firstOperand = StepFieldSet(rawValue: 1 << 10)
    public static let secondOperand = StepFieldSet(rawValue: 1 << 11)
    public static let result = StepFieldSet(rawValue: 1 << 12)
    /// `Step.alpha`.
    public static let number = StepFieldSet(rawValue: 1 << 13)
    public static let dilation = StepFieldSet(rawValue: 3 << 14)
    public static let groups = StepFieldSet(rawValue: 1 << 16)
    public static let mode = StepFieldSet(rawValue: 1 << 17)
    public static let axis = StepFieldSet(rawValue: 1 << 18)
    /// `Step.beta`.
    public static let secondNumber = StepFieldSet(rawValue: 1 << 19)
    public static let start = StepFieldSet(rawValue: 1 << 20)
    public static let pace = StepFieldSet(rawValue: 1 << 21)
    public static let rows = StepFieldSet(rawValue: 1 << 22)

    /// Attributes and their names. What the number is, each operation says itself.
    static let attributes: [(StepFieldSet, String)] = [
        (.window, "window"), (.stride, "stride"), (.padding, "padding"), (.dilation, "dilation"),
        (.groups, "groups"), (.activation, "activation"), (.mode, "mode"), (.axis, "axis"), (.start, "start"),
        (.pace, "pace"), (.rows, "rows"),
    ]
    /// All other fields and their names.
    static let others: [(StepFieldSet, String)] = [
        (.weights, "weight offset"), (.bias, "bias"), (.scale, "scale"), (.secondOperand, "second operand"),
        (.number, "number"), (.secondNumber, "second number"),
    ]

    /// The name of the first field in the set.
    var name: String {
        for (set, name) in Self.attributes + Self.others where !isDisjoint(with: set) { return name }
        return "operand"
    }
}

extension Step {
    /// The fields that have another value than the usual one.
    var fieldsInUse: StepFieldSet {
        var finder = FieldFinder()
        var step = self
        step.visit(&finder, usual: Step(opcode: opcode, input: input, output: output))
        return finder.found.union([.firstOperand, .result])
    }
}

private struct FieldFinder: StepFields {
    var found: StepFieldSet = []
    private var field: UInt32 = 0

    mutating func visit<Number: FixedWidthInteger & UnsignedInteger>(_ value: inout Number, usual: Number) {
        if value != usual { found.insert(StepFieldSet(rawValue: 1 << field)) }
        field += 1
    }
}
