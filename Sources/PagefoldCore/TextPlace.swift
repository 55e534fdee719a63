// Where something stands in a text file, so that a mistake is told with its line. Reading files is others' business.

/// A line and a column, both from 1; columns count Unicode scalars. Editors jump to `file:line:column`.
public struct TextPlace: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let line: Int
    public let column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    public var description: String { "\(line):\(column)" }

    public static func < (a: TextPlace, b: TextPlace) -> Bool { (a.line, a.column) < (b.line, b.column) }
}

/// The places of all fields of a file, by what errors call them, such as `network digits: data.train`.
public struct FieldPlaces: Hashable, Sendable {
    private var places: [String: TextPlace] = [:]

    /// None: of a value that was never in a file.
    public init() {}

    /// The first place of a field stays.
    public mutating func note(_ field: String, at place: TextPlace) {
        if places[field] == nil { places[field] = place }
    }

    /// From here on the field has another source, such as the command line.
    public mutating func forget(_ field: String) { places[field] = nil }

    /// Of the field, or of the nearest one around it that stands in the file.
    public subscript(field: String) -> TextPlace? {
        var rest = field[...]
        while true {
            if let place = places[String(rest)] { return place }
            guard let end = rest.lastIndex(where: { $0 == "." || $0 == "[" || $0 == ":" }) else { break }
            rest = rest[..<end]
        }
        return nil
    }
}
