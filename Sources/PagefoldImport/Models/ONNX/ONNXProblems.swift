// All that is in the way of an import, for one message. Nodes with the same problem are named together.

import PagefoldCore

/// Problems of nodes, in the order in which they were found.
struct ONNXProblems {
    private struct Group {
        var operation: String
        var problem: TranslationProblem
        var places: [String]
    }
    private var groups: [Group] = []

    var isEmpty: Bool { groups.isEmpty }

    /// - Parameters:
    ///   - place: the node's name.
    ///   - operation: its operator; empty for what is no node.
    mutating func add(_ place: String, _ operation: String, _ problem: TranslationProblem) {
        let same = groups.firstIndex {
            $0.operation == operation && $0.problem.text == problem.text && $0.problem.remedy == problem.remedy
        }
        if let same {
            if !groups[same].places.contains(place) { groups[same].places.append(place) }
        } else {
            groups.append(Group(operation: operation, problem: problem, places: [place]))
        }
    }

    /// One error about all of them. Precondition: there are some.
    func error(_ file: String) -> InputError {
        func name(_ group: Group) -> String {
            guard !group.operation.isEmpty else { return group.places.joined(separator: ", ") }
            let noun = group.places.count == 1 ? "node" : "nodes"
            return "\(noun) \(group.places.joined(separator: ", ")) (\(group.operation))"
        }
        if groups.count == 1 {
            return InputError(
                file: file, field: name(groups[0]), problem: groups[0].problem.text,
                remedy: groups[0].problem.remedy)
        }
        let count = groups.reduce(0) { $0 + $1.places.count }
        let remedies = groups.reduce(into: [String]()) { list, group in
            if !list.contains(group.problem.remedy) { list.append(group.problem.remedy) }
        }
        guard remedies.count > 1 else {
            return InputError(
                file: file, field: "\(count) nodes",
                problem: groups.map { "\(name($0)): \($0.problem.text)" }.joined(separator: "; "),
                remedy: remedies[0])
        }
        return InputError(
            file: file, field: "\(count) nodes",
            problem: groups.map { "\(name($0)): \($0.problem.text) (\($0.problem.remedy))" }.joined(separator: "; "),
            remedy: "do what stands behind each")
    }
}
