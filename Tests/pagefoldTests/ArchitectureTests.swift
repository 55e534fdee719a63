// The ways of a weight, a sample and a page, as ARCHITECTURE.md tells them: short, and of functions that are there.

import Foundation
import Testing

@Suite struct ArchitectureTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Every word of all sources.
    private static func words() throws -> Set<Substring> {
        let folder = root.appendingPathComponent("Sources")
        var words = Set<Substring>()
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        for case let file as URL in files! where ["swift", "h", "c"].contains(file.pathExtension) {
            let text = try String(contentsOf: file, encoding: .utf8)
            words.formUnion(text.split { !($0.isLetter || $0.isNumber || $0 == "_") })
        }
        return words
    }

    @Test func theWaysNameWhatIsThere() throws {
        let text = try String(
            contentsOf: Self.root.appendingPathComponent("ARCHITECTURE.md"), encoding: .utf8)
        let ways = text.components(separatedBy: "\n## ").filter { $0.hasPrefix("The way of one ") }
        #expect(ways.count == 3)
        let words = try Self.words()
        for way in ways {
            let steps = way.split(separator: "\n").filter { $0.first?.isNumber == true }
            #expect((10...20).contains(steps.count))
            for (index, code) in way.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            where index % 2 == 1 {
                for name in code.prefix(while: { $0 != "(" }).split(separator: ".") {
                    #expect(words.contains(name), "\(name) of `\(code)` is nowhere in Sources")
                }
            }
        }
    }
}
