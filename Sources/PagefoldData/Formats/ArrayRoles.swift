// Which array of an archive is meant where no name is given: samples or labels, for training or for testing.
import PagefoldCore

/// What an array of an archive is for.
struct ArrayRole: Equatable, Sendable {
    /// Part of a data set.
    enum Part: CaseIterable, Sendable { case training, validation, test }
    enum Content: CaseIterable, Sendable { case samples, labels }

    var part: Part?
    var content: Content

    /// Reads `train_x`, `x_train`, `X`, `test-labels` and the like; nil for other names.
    init?(_ name: String) {
        var part: Part?
        var content: Content?
        let words = name.lowercased().split { "_-. /".contains($0) }
        guard !words.isEmpty, words.count <= 2 else { return nil }
        for word in words {
            switch word {
            case "train", "training": part = .training
            case "val", "valid", "validation": part = .validation
            case "test", "testing": part = .test
            case "x", "data", "samples", "images", "inputs", "input", "features": content = .samples
            case "y", "labels", "label", "targets", "target", "classes": content = .labels
            default: return nil
            }
        }
        guard let content, words.count == 1 || part != nil else { return nil }
        (self.part, self.content) = (part, content)
    }

    init(_ part: Part?, _ content: Content) { (self.part, self.content) = (part, content) }
}

extension [String] {
    /// The one name of that role; where no name says a part, the one of that content alone. Nil where there is none, or several.
    func name(of role: ArrayRole) -> String? {
        let roles = map { ArrayRole($0) }
        func only(_ wanted: ArrayRole) -> String? {
            let places = indices.filter { roles[$0] == wanted }
            return places.count == 1 ? self[places[0]] : nil
        }
        if let name = only(role) { return name }
        guard roles.allSatisfy({ $0?.part == nil }) else { return nil }
        return only(ArrayRole(nil, role.content))
    }
}
