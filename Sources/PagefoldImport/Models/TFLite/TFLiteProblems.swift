// What keeps a TFLite file from being imported: every operator in the way, in one error.

import PagefoldCore

/// Why one operator could not be translated.
struct TFLiteProblem {
    /// Its place: "12", or "subgraph 2: 12".
    var place: String
    var name: String
    var text: String
    var remedy: String
}

extension [TFLiteProblem] {
    /// One error that names all operators, those with the same reason together.
    /// Precondition: there is at least one.
    func error(_ file: String) -> InputError {
        if count == 1 {
            return InputError(
                file: file, field: "operator \(self[0].place) (\(self[0].name))", problem: self[0].text,
                remedy: self[0].remedy)
        }
        var groups: [(name: String, text: String, places: [String])] = []
        var remedies: [String] = []
        for problem in self {
            if let group = groups.firstIndex(where: { $0.name == problem.name && $0.text == problem.text }) {
                groups[group].places.append(problem.place)
            } else {
                groups.append((problem.name, problem.text, [problem.place]))
            }
            if !remedies.contains(problem.remedy) { remedies.append(problem.remedy) }
        }
        let list = groups.map { group in
            let places = group.places
            let joined =
                places.count == 1
                ? "operator \(places[0])"
                : "operators \(places.dropLast().joined(separator: ", ")) and \(places[places.count - 1])"
            return "\(joined) (\(group.name)): \(group.text)"
        }
        return InputError(
            file: file, field: "operators",
            problem: "\(count) of them are in the way: \(list.joined(separator: "; "))",
            remedy: remedies.prefix(3).joined(separator: "; or "))
    }
}
