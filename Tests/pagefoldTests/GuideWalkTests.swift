// docs/pack-your-own.md as its readers meet it: every command in its blocks runs, in order, and prints what the page shows.

import Foundation
import PagefoldTestCases
import Testing

@Suite struct GuideWalkTests {
    /// A command of the page and the lines that the page shows below it.
    struct Shown {
        var command: String
        var lines: [String] = []
    }

    static let root: URL = {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        return root
    }()

    /// The page's fenced blocks, each with the word behind its fence.
    static func blocks() throws -> [(language: String, lines: [String])] {
        let page = try String(
            contentsOf: root.appendingPathComponent("docs/pack-your-own.md"), encoding: .utf8)
        var blocks: [(language: String, lines: [String])] = []
        var isInside = false
        for line in page.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("```") {
                isInside.toggle()
                if isInside { blocks.append((String(line.dropFirst(3)), [])) }
            } else if isInside {
                blocks[blocks.count - 1].lines.append(line)
            }
        }
        return blocks
    }

    /// The commands of all plain blocks.
    static func commands() throws -> [Shown] {
        var commands: [Shown] = []
        for block in try blocks() where block.language.isEmpty {
            #expect(
                block.lines.first?.hasPrefix("$ ") == true, "a block begins with no command: \(block.lines)")
            for line in block.lines {
                if line.hasPrefix("$ ") {
                    commands.append(Shown(command: String(line.dropFirst(2))))
                } else if !commands.isEmpty {
                    commands[commands.count - 1].lines.append(line)
                }
            }
        }
        return commands
    }

    /// What a line says on every machine: without numbers, which depend on its instruction set and speed.
    static func plain(_ line: String) -> String {
        var text = line.replacing("(kept so far)", with: "")
        text = text.replacing(/─+/, with: "─")
        text = text.replacing(/[+−-]?[0-9]+([.,][0-9]+)*/, with: "#").replacing(" –", with: " #")
        text = text.replacing(/# (s|minutes?|hours?|days?)\b/, with: "# s")
        // How many pages or networks are on how many frames, and how long a map of frames is, follows from the format.
        text = text.replacing(/(# with #,? ?)+/, with: "# with # ")
        return text.split(separator: " ").joined(separator: " ")
    }

    /// Lines that come only where a machine takes longer than seconds.
    static func isPastime(_ line: String) -> Bool {
        line.contains(/█|░|trial of [a-z]+[0-9]+: step |… [0-9]/)
    }

    /// What of the page is not printed so, or nil. The page leaves lines out at `…`, and nowhere else.
    static func missing(_ shown: [String], in output: String) -> String? {
        var printed = output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if printed.last == "" { printed.removeLast() }
        printed = printed.filter { !isPastime($0) }.map(plain)
        var place = 0
        let pieces = shown.split(separator: "…", omittingEmptySubsequences: false).map(Array.init)
        for (index, piece) in pieces.enumerated() {
            let lines = piece.map(plain)
            let starts = index == 0 ? [0] : Array(place...max(place, printed.count - lines.count))
            guard
                let start = starts.first(where: {
                    printed.dropFirst($0).starts(with: lines)
                        && (index < pieces.count - 1 || $0 + lines.count == printed.count)
                })
            else { return piece.isEmpty ? "and no more" : piece.joined(separator: "\n") }
            place = start + lines.count
        }
        return nil
    }

    static func run(_ command: String, in folder: String) throws -> (status: Int32, output: String) {
        let place = folder + ".out"
        try Data().write(to: URL(fileURLWithPath: place))
        defer { try? FileManager.default.removeItem(atPath: place) }
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: place))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        var environment = ProcessInfo.processInfo.environment
        let tools = URL(fileURLWithPath: Tool.path).deletingLastPathComponent().path
        environment["PATH"] = "\(tools):\(environment["PATH"] ?? "/usr/bin:/bin")"
        environment["PAGEFOLD"] = root.path
        process.environment = environment
        process.standardOutput = handle
        process.standardError = handle
        try process.run()
        process.waitUntilExit()
        let output = String(decoding: try Data(contentsOf: URL(fileURLWithPath: place)), as: UTF8.self)
        return (process.terminationStatus, output)
    }

    @Test func everyCommandDoesWhatThePageShows() throws {
        let folder = NSTemporaryDirectory() + "pagefold-walk-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let commands = try Self.commands()
        for shown in commands {
            let outcome = try Self.run(shown.command, in: folder)
            try #require(outcome.status == 0, "\(shown.command): \(outcome.output)")
            let missing = Self.missing(shown.lines, in: outcome.output)
            #expect(
                missing == nil,
                "\(shown.command) does not print the line\n\(missing ?? "")\n\(outcome.output)")
        }
        for word in ["init", "check", "pack", "info", "run", "report"] {
            #expect(
                commands.contains { $0.command.hasPrefix("pagefold \(word) ") }, "the page has no \(word)")
        }
    }

    /// The block that builds is not run here: the test was built by the same package.
    @Test func onlyTheBuildIsLeftOut() throws {
        let builds = try Self.blocks().filter { $0.language == "sh" }
        #expect(builds.count == 1)
        #expect(builds.first?.lines.contains { $0.hasPrefix("swift build -c release") } == true)
        #expect(builds.first?.lines.contains { $0.contains("pagefold ") && !$0.hasPrefix("cd ") } == false)
    }

    @Test func linesThatDifferAreFound() {
        let output =
            "a 1\nb 2.50 %  (kept so far)\nc\n██░ 3/9  loss 1\ntrial of int8: step 3 of 9\nFisher … 2 s\nd –\n"
        #expect(Self.missing(["a 7", "b 99 %", "c", "d 4"], in: output) == nil)
        #expect(Self.missing(["a 7", "…", "d 4"], in: output) == nil)
        #expect(Self.missing(["…", "c", "…"], in: output) == nil)
        #expect(Self.missing(["a 7", "…", "c", "…"], in: output) == nil)
        #expect(Self.missing(["…", "c", "d 5"], in: output) == nil)
        #expect(Self.missing(["a 7", "c", "d 4"], in: output) == "a 7\nc\nd 4")
        #expect(Self.missing(["…", "e"], in: output) == "e")
        #expect(Self.missing(["…", "c"], in: output) == "c")
        #expect(Self.missing(["about 8 s, it"], in: "about 3 minutes, it") == nil)
        #expect(Self.missing(["a 7"], in: output) != nil)
        #expect(Self.missing([], in: output) != nil)
    }
}
