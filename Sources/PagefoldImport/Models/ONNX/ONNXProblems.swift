// All that is in the way of an import, for one message. Nodes with the same problem are named together.

import PagefoldCore

/// Problems of nodes, in the order in which they were found.
struct ONNXProblems {
    private struct Kind: Hashable {
        var operation: String
        var text: String
        var remedy: String
    }
    private struct Group {
        var operation: String
        var problem: TranslationProblem
        var places: [String]
    }
    private var groups: [Group] = []
    private var numbers: [Kind: Int] = [:]
    private var known: Set<[String]> = []
    /// More are counted and not named: a message is for reading.
    private static let mostPlaces = 4096
    private var left = 0

    var isEmpty: Bool { groups.isEmpty }

    /// - Parameters:
    ///   - place: the node's name.
    ///   - operation: its operator; empty for what is no node.
    mutating func add(_ place: String, _ operation: String, _ problem: TranslationProblem) {
        guard known.insert([place, operation, problem.text]).inserted else { return }
        guard known.count <= Self.mostPlaces else {
            left += 1
            return
        }
        let kind = Kind(operation: operation, text: problem.text, remedy: problem.remedy)
        if let number = numbers[kind] {
            groups[number].places.append(place)
        } else {
            numbers[kind] = groups.count
            groups.append(Group(operation: operation, problem: problem, places: [place]))
        }
    }

    /// One error about all of them. Precondition: there are some.
    func error(_ file: String) -> InputError {
        func name(_ group: Group) -> String {
            let places = group.places.joined(separator: ", ")
            guard !group.operation.isEmpty else { return places }
            return "\(group.places.count == 1 ? "node" : "nodes") \(places) (\(group.operation))"
        }
        let remedies = Set(groups.map(\.problem.remedy))
        if groups.count == 1 {
            return InputError(
                file: file, field: name(groups[0]), problem: groups[0].problem.text,
                remedy: groups[0].problem.remedy)
        }
        let all = groups.map { group in
            "\(name(group)): \(group.problem.text)"
                + (remedies.count == 1 ? "" : " (\(group.problem.remedy))")
        }
        return InputError(
            file: file, field: "graph",
            problem: "\(groups.count) things are in the way: " + all.joined(separator: "; ")
                + (left > 0 ? "; and \(left) more" : ""),
            remedy: remedies.count == 1 ? groups[0].problem.remedy : "do what stands behind each of them")
    }
}
