// Names of classes: their order, and which number a name is. Where the names come from is the readers' business.
import PagefoldCore

/// The names of a data set's classes, in the order of their numbers.
struct ClassNames: Sendable, Equatable {
    let names: [String]
    /// Whether the data may have the numbers of the names instead.
    private let mayBeNumbers: Bool

    /// Names that were found in data: in the order of their numbers where all are whole numbers, else alphabetical (by
    /// Unicode, the same on every machine).
    init(found: some Sequence<String>) {
        names = Set(found).map { (Int($0), $0) }.naturallySorted()
        mayBeNumbers = false
    }

    /// Names that the job gives.
    init(given: [String], mayBeNumbers: Bool = true) {
        names = given
        // 01 beside 1, 2, 3 is the name of a class, or a mistake.
        self.mayBeNumbers = mayBeNumbers && !given.contains { Int($0) != nil }
    }

    /// The number of each of `found`. They must be among the names, or be numbers of classes, all of them.
    /// - Parameter what: what has the names, in errors: "the folders", "the labels".
    func numbers(of found: [String], what: String, file: String) throws(InputError) -> [String: Int32] {
        var result: [String: Int32] = [:]
        var unknown: [String] = []
        let places = Dictionary(names.enumerated().map { ($1, Int32($0)) }) { first, _ in first }
        for name in found {
            if let number = places[name] { result[name] = number } else { unknown.append(name) }
        }
        if unknown.isEmpty { return result }
        // Folders 00000, 00001 … beside names that say what each number is.
        if result.isEmpty, mayBeNumbers {
            for name in found {
                if let number = Int32(name), number >= 0, Int(number) < names.count { result[name] = number }
            }
            if result.count == Set(found).count { return result }
        }
        throw InputError(
            file: file, field: "classes",
            problem:
                "\(what) have \(ClassNames.list(unknown)), which the classes do not: \(ClassNames.list(names))",
            remedy: "let the names agree: those of the job's 'classes', else those of the training samples")
    }

    /// The first few of many names.
    static func list(_ names: [String]) -> String {
        names.count <= 12
            ? names.joined(separator: ", ") : names.prefix(10).joined(separator: ", ") + " … (\(names.count))"
    }
}

extension [(number: Int?, name: String)] {
    /// Numbers by size where all are numbers, else texts by their bytes.
    fileprivate func naturallySorted() -> [String] {
        let areNumbers = allSatisfy { $0.number != nil }
        return sorted { a, b in
            if areNumbers, let first = a.number, let second = b.number, first != second {
                return first < second
            }
            return a.name.utf8.lexicographicallyPrecedes(b.name.utf8)
        }.map(\.name)
    }
}
