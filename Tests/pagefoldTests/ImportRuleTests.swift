// Imports go down only: the table of targets in ARCHITECTURE.md and the sources say the same.

import Foundation
import Testing

@Suite struct ImportRuleTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// What comes with the system or the toolchain.
    private static let system: Set = ["Foundation", "FoundationEssentials", "Synchronization"]

    private struct Target {
        let name: String
        let imports: Set<String>
    }

    /// The rows of the table, in their order; "Core" stands for "PagefoldCore".
    private static func table() throws -> [Target] {
        let text = try String(contentsOf: root.appendingPathComponent("ARCHITECTURE.md"), encoding: .utf8)
        let section = try #require(
            text.components(separatedBy: "\n## ").first { $0.hasPrefix("Targets\n") })
        let sources = try FileManager.default.contentsOfDirectory(
            atPath: root.appendingPathComponent("Sources").path)
        return section.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { row in
            let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            let names = cells[1].replacing(/\(.*?\)/, with: "").split(separator: ",").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            return Target(
                name: cells[0].filter { $0 != "`" },
                imports: Set(
                    names.filter { $0 != "–" }.map {
                        sources.contains("Pagefold\($0)") ? "Pagefold\($0)" : $0
                    }))
        }
    }

    /// What the Swift files of a target import.
    private static func imports(of target: String, in parent: String = "Sources") throws -> Set<String> {
        let folder = root.appendingPathComponent("\(parent)/\(target)")
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        return try paths.filter { $0.hasSuffix(".swift") }.reduce(into: []) { result, path in
            let text = try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
            for match in text.matches(
                of: /(?m)^(?:@\w+ )*(?:(?:public|package|internal) )?import (?:\w+ )?(\w+)/)
            {
                result.insert(String(match.1))
            }
        }
    }

    @Test func theTableNamesEveryTarget() throws {
        let folders = try FileManager.default.contentsOfDirectory(
            atPath: Self.root.appendingPathComponent("Sources").path)
        #expect(Set(try Self.table().map(\.name)) == Set(folders).subtracting(["CZlib"]))
    }

    @Test func theTableIsWhatTheSourcesImport() throws {
        for target in try Self.table() {
            var imports = try Self.imports(of: target.name)
            if target.name != "PagefoldCore" { imports.subtract(Self.system) }
            #expect(imports == target.imports, "\(target.name)")
        }
    }

    /// What is imported and not declared is built in time or not, as it happens.
    @Test func targetsOfTestsDeclareWhatTheyImport() throws {
        let sources = try FileManager.default.contentsOfDirectory(
            atPath: Self.root.appendingPathComponent("Sources").path)
        let ours = Set(sources + ["PagefoldTestCases"])
        let package = try String(
            contentsOf: Self.root.appendingPathComponent("Package.swift"), encoding: .utf8)
        let targets = try FileManager.default.contentsOfDirectory(
            atPath: Self.root.appendingPathComponent("Tests").path
        ).filter { $0.hasSuffix("Tests") || $0 == "PagefoldTestCases" }
        #expect(targets.count > 10)
        for target in targets {
            let declaration = try #require(
                package.components(separatedBy: "arget(").first { $0.contains("name: \"\(target)\"") })
            for module in try Self.imports(of: target, in: "Tests").intersection(ours) {
                #expect(declaration.contains("\"\(module)\""), "\(target) imports \(module)")
            }
        }
    }

    /// The rows are in such an order that each target imports only targets above it.
    @Test func importsGoDownOnly() throws {
        let table = try Self.table()
        for (index, target) in table.enumerated() {
            let below = table[index...].map(\.name).filter(target.imports.contains)
            #expect(below == [], "\(target.name)")
        }
    }

    /// One use without the trait, and SwiftPM fetches a package for all who only run networks; .ci/run looks whether it does.
    @Test func otherPackagesAreBehindTheTrait() throws {
        let package = try String(
            contentsOf: Self.root.appendingPathComponent("Package.swift"), encoding: .utf8)
        let declared = package.matches(of: /\.package\(\s*url: "[^"]*\/([\w-]+)"/).map { String($0.1) }
        let uses = package.matches(
            of: /\.product\(\s*name: "\w+",\s*package: "([\w-]+)"(.*?)\)/.dotMatchesNewlines())
        #expect(declared.count >= 3 && Set(uses.map { String($0.1) }) == Set(declared))
        for use in uses { #expect(use.2.contains(".when(traits: [\"Tools\"]"), "\(use.0)") }
    }

    /// Products that work without the trait: none of their targets leads to a target that another package stands behind.
    @Test func theRuntimeNeedsNoOtherPackage() throws {
        let table = Dictionary(uniqueKeysWithValues: try Self.table().map { ($0.name, $0.imports) })
        for product in ["PagefoldRuntime", "PagefoldPreprocessing", "PagefoldC", "PagefoldCore"] {
            var reached: Set<String> = []
            var next = [product]
            while let target = next.popLast() {
                if reached.insert(target).inserted { next += table[target] ?? [] }
            }
            let foreign = reached.filter { table[$0] == nil }
            #expect(foreign.isSubset(of: ["CZlib"]), "\(product)")
            if product != "PagefoldPreprocessing" {
                #expect(foreign == [] && !reached.contains("CPagefoldPictures"))
            }
        }
    }
}
