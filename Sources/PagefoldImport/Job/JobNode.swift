// A place in a YAML file that knows its own name, so that every mistake is told with its line. Not a general YAML
// layer: only what job files need.

import PagefoldCore
import Yams

/// What is remembered while a job file is read.
final class JobNotes {
    /// Of all fields that were asked for.
    var places = FieldPlaces()
    /// Merges so far: aliases let a short text stand for a very long one.
    fileprivate var merges = 0
    fileprivate static let mostMerges = 1_000
}

struct JobNode {
    let node: Node
    let file: String
    /// Such as `network digits: data.train`.
    let place: String
    private let notes: JobNotes
    /// Of the key, or of the value where there is none.
    let position: TextPlace?
    /// What stands between the place and a key.
    private let joint: String
    /// Keys and values, merged ones behind its own; nil where this is no mapping.
    private let pairs: [(key: Node, value: Node)]?

    /// - Parameters:
    ///   - position: nil: of the node itself.
    ///   - joint: what stands between the place and a key in names of fields.
    init(
        node: Node, file: String, place: String, notes: JobNotes, at position: TextPlace? = nil,
        joint: String = "."
    ) {
        self.node = node
        self.file = file
        self.place = place
        self.notes = notes
        self.position = position ?? node.place
        self.joint = joint
        pairs = node.mapping.map { notes.pairs(of: $0, depth: 0) }
        if let position = self.position { notes.places.note(place, at: position) }
    }

    /// The same node under another name.
    func named(_ place: String, joint: String) -> JobNode {
        JobNode(node: node, file: file, place: place, notes: notes, at: position, joint: joint)
    }

    func fail(_ problem: String, _ remedy: String = "see docs/job-file.md") -> InputError {
        fail(at: position, problem, remedy)
    }

    private func fail(at position: TextPlace?, _ problem: String, _ remedy: String) -> InputError {
        InputError(
            file: file, at: position, field: place.isEmpty ? "job file" : place, problem: problem,
            remedy: remedy)
    }

    /// An error about a field of this file, with its place.
    func placing(_ error: InputError) -> InputError {
        InputError(
            file: file, at: notes.places[error.field], field: error.field, problem: error.problem,
            remedy: error.remedy)
    }

    var isMapping: Bool { pairs != nil }

    private func name(_ key: String) -> String { place.isEmpty ? key : "\(place)\(joint)\(key)" }

    private func value(_ pair: (key: Node, value: Node), _ key: String) -> JobNode {
        JobNode(node: pair.value, file: file, place: name(key), notes: notes, at: pair.key.place)
    }

    func child(_ key: String) -> JobNode? {
        pairs?.first { $0.key.string == key }.map { value($0, key) }
    }

    /// All keys that are texts, with their values.
    func children() throws(InputError) -> [(key: String, value: JobNode)] {
        guard let pairs else { throw noMapping }
        var result: [(key: String, value: JobNode)] = []
        for pair in pairs {
            guard let key = pair.key.string else {
                throw fail(
                    at: pair.key.place, "has a key that is not a text", "write a name before the colon")
            }
            result.append((key, value(pair, key)))
        }
        return result
    }

    /// The keys of a mapping.
    func keys() throws(InputError) -> [String] { try children().map(\.key) }

    func required(_ key: String) throws(InputError) -> JobNode {
        guard pairs != nil else { throw noMapping }
        guard let value = child(key) else {
            throw fail("\(key) is missing", "add \(key): …, see docs/job-file.md")
        }
        return value
    }

    private var noMapping: InputError {
        fail("is not a mapping of keys to values", "write key: value, a line each")
    }

    /// - Throws: when the mapping has a key that nobody would read: most often a spelling mistake.
    func check(keys: Set<String>) throws(InputError) {
        guard let pairs else { throw noMapping }
        for pair in pairs {
            guard let name = pair.key.string, keys.contains(name) else {
                let name = pair.key.string
                throw fail(
                    at: pair.key.place, "\(name ?? "a key") is not known here",
                    Spelling.remedy(for: name ?? "", among: keys.sorted()))
            }
        }
    }

    /// A text, number or flag as it is written.
    func scalar() throws(InputError) -> String {
        guard let text = node.scalar?.string else { throw fail("is not a single value", "write one value") }
        return text
    }

    func string() throws(InputError) -> String {
        guard let text = node.string else { throw fail("is not a text", "write one text") }
        return text
    }

    /// A finite number; true and false are 1 and 0.
    func number() throws(InputError) -> Double {
        if let flag = node.bool { return flag ? 1 : 0 }
        guard let text = node.scalar?.string, let number = Double(text.filter { $0 != "_" }), number.isFinite
        else {
            throw fail("is not a finite number", "write a number, as 3 or 0.5")
        }
        return number
    }

    func whole(in range: ClosedRange<Int>) throws(InputError) -> Int {
        let bounds = "\(range.lowerBound)…\(range.upperBound)"
        guard let whole = Int(exactly: try number()), range.contains(whole) else {
            throw fail("is not a whole number in \(bounds)", "write a whole number in \(bounds)")
        }
        return whole
    }

    /// A share between two bounds, both of them left out.
    func share() throws(InputError) -> Double {
        let share = try number()
        guard share > 0, share < 1 else {
            throw fail("is not a share between 0 and 1", "write a number above 0 and below 1, as 0.1")
        }
        return share
    }

    func list() throws(InputError) -> [JobNode] {
        guard let sequence = node.sequence else {
            throw fail("is not a list", "write - before each entry, or [a, b]")
        }
        return sequence.enumerated().map {
            JobNode(node: $1, file: file, place: "\(place)[\($0)]", notes: notes)
        }
    }

    /// A text, or a list of texts.
    func strings() throws(InputError) -> [String] {
        if node.sequence == nil { return [try string()] }
        var texts = [String]()
        for item in try list() { texts.append(try item.string()) }
        return texts
    }
}

extension JobNotes {
    /// With what `<<` names: a mapping, or several of which the first counts most. What cannot be merged stays a key.
    fileprivate func pairs(of mapping: Node.Mapping, depth: Int) -> [(key: Node, value: Node)] {
        var own: [(key: Node, value: Node)] = []
        var merged: [Node.Mapping] = []
        for (key, value) in mapping {
            let sources = value.mapping.map { [$0] } ?? value.sequence.map { $0.compactMap(\.mapping) } ?? []
            let isMerge = key.scalar.map { $0.string == "<<" && $0.style == .plain } == true
            let isWhole = sources.count == (value.sequence?.count ?? 1)
            guard isMerge, isWhole, depth < 16, merges + sources.count <= JobNotes.mostMerges else {
                own.append((key, value))
                continue
            }
            merges += sources.count
            merged += sources
        }
        guard !merged.isEmpty else { return own }
        var names = Set(own.map(\.key.string))
        for source in merged {
            for pair in pairs(of: source, depth: depth + 1) where names.insert(pair.key.string).inserted {
                own.append(pair)
            }
        }
        return own
    }
}

extension Node {
    /// Where it begins.
    var place: TextPlace? { mark.map { TextPlace(line: $0.line, column: $0.column) } }
}
