// The one error a user sees. It is not for mistakes of the programmer: those are preconditions.

/// One clear error about something the user gave us: which file, which field of it, what is wrong, what to do.
public struct InputError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The path, or a name such as "command line".
    public let file: String
    /// The part of the file that is wrong: a section, a key, a tensor, a byte offset.
    public let field: String
    /// What is wrong with it.
    public let problem: String
    /// What the user can do about it.
    public let remedy: String

    public init(file: String, field: String, problem: String, remedy: String) {
        self.file = file
        self.field = field
        self.problem = problem
        self.remedy = remedy
    }

    public var description: String { "\(file): \(field): \(problem); \(remedy)" }
}
