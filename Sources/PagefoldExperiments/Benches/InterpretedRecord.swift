// What sessions leave to the interpreter, as records and texts tell it: it is slow, so nobody should have to guess.

public import PagefoldCore
public import PagefoldRuntime

/// One step that a session computes with the interpreter.
public struct InterpretedRecord: Hashable, Sendable, Encodable {
    /// Of the program, counted from 0.
    public var step: Int
    public var operation: String
    public var reason: String

    enum CodingKeys: String, CodingKey { case step = "step", operation = "operation", reason = "reason" }

    public init(_ step: InterpretedStep) {
        self.step = step.index
        operation = step.operation
        reason = step.reason
    }

    /// - Throws: `InputError` when the file holds no network of that name.
    public static func all(_ file: FoldFile, _ name: String) throws(InputError) -> [InterpretedRecord] {
        try file.interpretedSteps(name).map(InterpretedRecord.init)
    }

    /// A line for each step, or one that says that there is none.
    public static func text(_ networks: [(name: String, steps: [InterpretedRecord])]) -> String {
        let lines = networks.flatMap { network in
            network.steps.map {
                "interpreter: \(network.name), step \($0.step) (\($0.operation)): \($0.reason)"
            }
        }
        return lines.isEmpty ? "every step runs in a kernel" : lines.joined(separator: "\n")
    }
}
