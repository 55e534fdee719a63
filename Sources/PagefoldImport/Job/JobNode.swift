// A place in a YAML file that knows its own name, so that every mistake is told with its line. Not a general YAML
// layer: only what job files need.

import PagefoldCore
import Yams

struct JobNode {
    let node: Node
    let file: String
    /// Such as `networks[2].data.train`.
    let place: String

    func fail(_ problem: String, _ remedy: String = "see docs/job-file.md") -> InputError {
        let line = node.mark.map { "line \($0.line), " } ?? ""
        return InputError(file: file, field: line + place, problem: problem, remedy: remedy)
    }

    func child(_ key: String) -> JobNode? {
        guard let mapping = node.mapping, let value = mapping[Node(key)] else { return nil }
        return JobNode(node: value, file: file, place: place.isEmpty ? key : "\(place).\(key)")
    }

    func required(_ key: String) throws(InputError) -> JobNode {
        guard let value = child(key) else { throw fail("\(key) is missing") }
        return value
    }

    /// - Throws: when the mapping has a key that nobody would read: most often a spelling mistake.
    func check(keys: Set<String>) throws(InputError) {
        guard let mapping = node.mapping else { throw fail("is not a mapping of keys to values") }
        for key in mapping.keys {
            guard let name = key.string, keys.contains(name) else {
                throw fail(
                    "\(key.string ?? "a key") is not known here",
                    "use one of \(keys.sorted().joined(separator: ", "))")
            }
        }
    }

    /// The keys of a mapping.
    func keys() throws(InputError) -> [String] {
        guard let mapping = node.mapping else { throw fail("is not a mapping of keys to values") }
        var names = [String]()
        for key in mapping.keys {
            guard let name = key.string else { throw fail("has a key that is not a text") }
            names.append(name)
        }
        return names
    }

    /// A text, number or flag as it is written.
    func scalar() throws(InputError) -> String {
        guard let text = node.scalar?.string else { throw fail("is not a single value") }
        return text
    }

    func string() throws(InputError) -> String {
        guard let text = node.string else { throw fail("is not a text") }
        return text
    }

    /// A finite number; true and false are 1 and 0.
    func number() throws(InputError) -> Double {
        if let flag = node.bool { return flag ? 1 : 0 }
        guard let text = node.scalar?.string, let number = Double(text.filter { $0 != "_" }), number.isFinite
        else {
            throw fail("is not a finite number")
        }
        return number
    }

    func whole(in range: ClosedRange<Int>) throws(InputError) -> Int {
        guard let whole = Int(exactly: try number()), range.contains(whole) else {
            throw fail("is not a whole number in \(range.lowerBound)…\(range.upperBound)")
        }
        return whole
    }

    func list() throws(InputError) -> [JobNode] {
        guard let sequence = node.sequence else { throw fail("is not a list") }
        return sequence.enumerated().map { JobNode(node: $1, file: file, place: "\(place)[\($0)]") }
    }

    /// A text, or a list of texts.
    func strings() throws(InputError) -> [String] {
        if node.sequence == nil { return [try string()] }
        var texts = [String]()
        for item in try list() { texts.append(try item.string()) }
        return texts
    }
}
