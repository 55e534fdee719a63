// The one error a user sees. It is not for mistakes of the programmer: those are preconditions.

/// One clear error about something the user gave us: what is wrong with which part of it, and what to do.
public struct InputError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What the user gave us.
    public enum Source: Hashable, Sendable, CustomStringConvertible {
        /// A file, by the path that the user wrote.
        case file(String)
        case commandLine
        /// One option of the command line, by its name.
        case option(String)
        /// Settings as values. Where they were written is for the caller to say (`InputError.naming`).
        case settings
        /// The settings of a preset, by its name.
        case preset(String)
        /// A job as a value, as `settings`.
        case job
        /// A fold as a value, as `settings`.
        case fold
        /// A network with its weights and samples, by its name.
        case network(String)
        /// An argument or a part of the work that has no place of its own, by its name.
        case part(String)

        public var description: String {
            switch self {
            case .file(let name), .option(let name), .network(let name), .part(let name): name
            case .commandLine: "command line"
            case .settings: "settings"
            case .preset(let name): "preset \(name)"
            case .job: "job"
            case .fold: "fold"
            }
        }
    }

    public let source: Source
    /// Where in the source, where that is text.
    public let place: TextPlace?
    /// The part of the source that is wrong: a section, a key, a tensor, a byte offset.
    public let field: String
    /// What is wrong with it.
    public let problem: String
    /// What the user can do about it.
    public let remedy: String

    public init(
        _ source: Source, at place: TextPlace? = nil, field: String, problem: String, remedy: String
    ) {
        self.source = source
        self.place = place
        self.field = field
        self.problem = problem
        self.remedy = remedy
    }

    /// An error about a file.
    /// - Parameter file: its path, as the user wrote it.
    public init(
        file: String, at place: TextPlace? = nil, field: String, problem: String, remedy: String
    ) {
        self.init(.file(file), at: place, field: field, problem: problem, remedy: remedy)
    }

    /// The source as text: a path, or a name such as "command line".
    public var file: String { source.description }

    /// `file:line:column: field: problem; remedy`, without line and column where there are none.
    public var description: String {
        "\(file)\(place.map { ":\($0)" } ?? ""): \(field): \(problem); \(remedy)"
    }

    /// The same error for one who knows which files the values came from.
    /// - Parameters:
    ///   - paths: the files, as the user wrote them, by what was made of them. Other sources stay.
    ///   - place: stands before the field of an error that gets a file, such as "network a: train.".
    ///   - places: of the fields in that file.
    public func naming(
        _ paths: [Source: String], place: String = "", places: FieldPlaces = FieldPlaces()
    ) -> InputError {
        guard let path = paths[source] else { return self }
        return InputError(
            file: path, at: places[place + field], field: place + field, problem: problem, remedy: remedy)
    }
}
