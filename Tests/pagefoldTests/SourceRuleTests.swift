// Rules of CONTRIBUTING.md about files that a program can check: their names, their length, their first line.

import Foundation
import Testing

@Suite struct SourceRuleTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Paths of the files under a folder, from the root, with one of these endings; generated ones are not meant.
    private static func files(under folder: String, _ endings: [String]) throws -> [String] {
        let paths = try FileManager.default.subpathsOfDirectory(
            atPath: root.appendingPathComponent(folder).path)
        return paths.filter { path in
            endings.contains { path.hasSuffix(".\($0)") } && !path.hasSuffix(".pb.swift")
        }.map { "\(folder)/\($0)" }.sorted()
    }

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The names that occur more than once.
    private static func repeated(_ names: [String]) -> [String] {
        Dictionary(grouping: names) { $0 }.filter { $0.value.count > 1 }.keys.sorted()
    }

    /// `swift test --filter` takes a part of a suite's or a file's name.
    @Test func testFilesAndSuitesHaveNamesOfTheirOwn() throws {
        let paths = try Self.files(under: "Tests", ["swift"])
        #expect(paths.count > 50)
        #expect(Self.repeated(paths.map { ($0 as NSString).lastPathComponent }) == [])
        let suites = try paths.flatMap { path in
            try Self.text(path).matches(of: /(?:struct|class|enum) (\w+Tests)\b/).map { String($0.1) }
        }
        #expect(suites.count > 50)
        #expect(Self.repeated(suites) == [])
    }

    @Test(arguments: ["Sources", "Tests"]) func filesAreShortAndSayWhatTheyAre(folder: String) throws {
        let paths = try Self.files(under: folder, ["swift", "c", "h"])
        #expect(paths.count > 50)
        for path in paths {
            let text = try Self.text(path)
            let lines = text.utf8.count { $0 == UInt8(ascii: "\n") }
            #expect(lines <= 400, "\(path) has \(lines) lines: one idea a file, at most 400")
            #expect(text.hasPrefix("//") || text.hasPrefix("/*"), "\(path) does not open with a comment")
        }
    }
}
