// Commands in the documents: each subcommand and option that they show is one of the command's own.

import Foundation
import Testing

@Suite struct DocumentedOptionTests {
    /// Lines of fenced blocks that begin with `pagefold`, put together where a backslash ends them, without comments.
    static func commands() throws -> [(page: String, words: [String])] {
        let root = GuideWalkTests.root
        var pages = ["README.md", "CONTRIBUTING.md", "Benchmarks/records/README.md"]
        pages += try FileManager.default.contentsOfDirectory(atPath: root.path + "/docs")
            .filter { $0.hasSuffix(".md") }.map { "docs/" + $0 }
        var found: [(page: String, words: [String])] = []
        for page in pages.sorted() {
            let text = try String(contentsOf: root.appendingPathComponent(page), encoding: .utf8)
            var isInside = false
            for line in text.replacing(/\\\n */, with: " ").split(separator: "\n") {
                if line.hasPrefix("```") { isInside.toggle() }
                guard isInside, let match = line.firstMatch(of: /^(\$ )?(\.build\/release\/)?pagefold (.*)$/)
                else {
                    continue
                }
                let command = match.3.split(separator: " #")[0].split(separator: " > ")[0]
                found.append((page, command.split(separator: " ").map(String.init)))
            }
        }
        return found
    }

    @Test func everyOptionIsThere() throws {
        let commands = try Self.commands()
        #expect(commands.count > 40)
        var helps: [String: String] = [:]
        for (page, words) in commands {
            // `bench` has subcommands of its own.
            let path = Array(words.prefix(words.first == "bench" ? 2 : 1))
            let name = path.joined(separator: " ")
            if helps[name] == nil {
                let outcome = try Tool.run(path + ["--help"])
                #expect(outcome.status == 0, "\(page): pagefold \(name)")
                // Subcommands are named: the help of one that is not known would be the command's.
                helps[name] = outcome.output.contains("USAGE: pagefold \(name) ") ? outcome.output : ""
            }
            let help = try #require(helps[name])
            #expect(!help.isEmpty, "\(page): there is no pagefold \(name)")
            for option in words where option.hasPrefix("-") {
                let option = option.split(separator: "=")[0]
                #expect(
                    help.contains("\(option) ") || help.contains("\(option),") || help.contains("\(option)]"),
                    "\(page): pagefold \(name) has no \(option)")
            }
        }
    }
}
