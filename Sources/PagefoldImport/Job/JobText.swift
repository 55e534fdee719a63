// From the bytes of a job file to a YAML tree: encodings, and the parser's errors with their line. What stands in the
// tree is JobParsing's.

import Foundation
import PagefoldCore
import Yams

enum JobText {
    /// UTF-8, or UTF-16 with a byte-order mark, as Windows may save it.
    /// - Throws: `InputError` naming the line of the first byte that is neither.
    static func decoded(_ data: Data, file: String) throws(InputError) -> String {
        for (mark, encoding) in [
            ([0xff, 0xfe], String.Encoding.utf16LittleEndian), ([0xfe, 0xff], .utf16BigEndian),
        ] as [([UInt8], String.Encoding)] where data.starts(with: mark) {
            if let text = String(data: data.dropFirst(2), encoding: encoding) { return text }
        }
        if let text = String(validating: data, as: UTF8.self) { return text }
        let line = firstDamagedLine(data)
        throw InputError(
            file: file, at: TextPlace(line: line, column: 1), field: "job file", problem: "it is not UTF-8",
            remedy: "save it as UTF-8")
    }

    private static func firstDamagedLine(_ data: Data) -> Int {
        let lines = data.split(separator: 10, omittingEmptySubsequences: false)
        return (lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0) + 1
    }

    /// - Parameter yaml: may begin with a byte-order mark.
    /// - Throws: `InputError` naming line and column of what is no YAML.
    static func tree(_ yaml: String, file: String) throws(InputError) -> Node {
        let text = yaml.unicodeScalars.first == "\u{FEFF}" ? String(yaml.unicodeScalars.dropFirst()) : yaml
        let node: Node?
        do { node = try Yams.compose(yaml: text) } catch { throw told(error, text, file: file) }
        guard let node, node.scalar?.string.isEmpty != true else {
            throw InputError(
                file: file, at: TextPlace(line: 1, column: 1), field: "job file", problem: "it is empty",
                remedy: "name networks and a budget, see docs/job-file.md")
        }
        return node
    }

    private static func told(_ error: any Error, _ text: String, file: String) -> InputError {
        func fail(_ place: TextPlace?, _ problem: String, _ remedy: String) -> InputError {
            InputError(
                file: file, at: place, field: "YAML", problem: problem.replacing("\n", with: " "),
                remedy: remedy)
        }
        guard let error = error as? YamlError else { return fail(nil, "\(error)", "correct the syntax") }
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let place = TextPlace(line: mark.line, column: mark.column)
            if let tab = tab(in: text, at: place) {
                return fail(tab, "a tab stands among the spaces before a key", "indent with spaces alone")
            }
            let begun = context.map { ", \($0.text) from \($0.mark.line):\($0.mark.column)" } ?? ""
            return fail(place, problem + begun, "correct the syntax: indentation, colons, brackets, quotes")
        case .duplicatedKeysInMapping(let keys, let context):
            let key = keys.first ?? ""
            return fail(
                TextPlace(line: context.mark.line, column: context.mark.column),
                "the key \(key) stands twice in one place", "leave one out")
        case .reader(let problem, let offset, _, let yaml):
            let before = yaml.prefix(max(offset ?? 0, 0))
            let line = before.reduce(1) { $0 + ($1.isNewline ? 1 : 0) }
            return fail(
                TextPlace(line: line, column: 1), problem, "save the file as plain text in UTF-8")
        default: return fail(nil, "\(error)", "correct the syntax")
        }
    }

    /// A tab in the indentation of the line, or of the one before, with which parsers begin to stumble.
    private static func tab(in text: String, at place: TextPlace) -> TextPlace? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for number in [place.line, place.line - 1] where lines.indices.contains(number - 1) {
            let indentation = lines[number - 1].prefix { $0 == " " || $0 == "\t" }
            guard let tab = indentation.firstIndex(of: "\t") else { continue }
            return TextPlace(
                line: number, column: indentation.distance(from: indentation.startIndex, to: tab) + 1)
        }
        return nil
    }
}
