// The keys of every JSON document that the command line prints or writes: programs read them, so that a name in the code
// may change and a key may not.

import Foundation
import PagefoldTestCases
import Testing

@Suite struct JSONKeyTests {
    /// Paths of all keys of a document, such as `networks[].name`. What settings there are is their own table's.
    private static func keys(_ value: Any, _ path: String = "") -> Set<String> {
        if let list = value as? [Any] {
            return list.reduce(into: []) { $0.formUnion(keys($1, path + "[]")) }
        }
        guard let members = value as? [String: Any] else { return [] }
        return members.reduce(into: []) { result, member in
            let place = path.isEmpty ? member.key : "\(path).\(member.key)"
            result.insert(place)
            if place != "settings" || member.value as? [String: String] == nil {
                result.formUnion(keys(member.value, place))
            }
        }
    }

    /// Document → keys, from the golden file.
    private static func golden() throws -> [String: Set<String>] {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Goldens/json-keys.txt")
        let lines = try String(contentsOf: path, encoding: .utf8).split(separator: "\n")
        return lines.filter { !$0.hasPrefix("#") }.reduce(into: [:]) { result, line in
            let parts = line.split(separator: ":", maxSplits: 1)
            result[String(parts[0])] = Set(parts[1].split(separator: " ").map(String.init))
        }
    }

    @Test func noKeyHasChanged() throws {
        let tiny = try TinyJob()
        let folder = tiny.folder
        var found = [String: Set<String>]()
        func note(_ name: String, _ text: String) throws {
            found[name] = Self.keys(try JSONSerialization.jsonObject(with: Data(text.utf8)))
        }
        func run(_ name: String, _ arguments: String...) throws {
            let outcome = try Tool.run(name.split(separator: " ").map(String.init) + arguments + ["--json"])
            try note(name, outcome.output)
        }
        let new = try tiny.newcomer()
        let all = folder + "/all.yaml"
        let entry = try String(contentsOfFile: new, encoding: .utf8).split(separator: "networks:\n")[1]
        try (String(contentsOfFile: tiny.job, encoding: .utf8) + "\n" + entry)
            .write(toFile: all, atomically: true, encoding: .utf8)
        #expect(try Tool.run("train", new).status == 0)
        try run("train", tiny.job)
        try run(
            "pack", tiny.job, "--set", "separation=loss", "--set", "block=4", "--set", "exclusive=0.1",
            "--set", "format=float32", "--set", "budget=2236")
        try run("info", tiny.fold)
        try run("list", tiny.fold)
        // A budget search has more to tell.
        let searched = found["pack"]
        try run("pack", tiny.job)
        found["pack"]?.formUnion(searched ?? [])
        try run("eval", tiny.fold, "--job", tiny.job)
        try run("run", tiny.fold, "a", folder + "/a-images.idx")
        let model = folder + "/a.onnx"
        #expect(try Tool.run("export", tiny.fold, "a", "-o", model).status == 0)
        for command in ["info", "run"] {
            let rest = command == "run" ? [folder + "/a-images.idx"] : []
            let outcome = try Tool.run([command, model] + rest + ["--json"])
            try note("\(command) model", outcome.output)
        }
        let grown = folder + "/grown.fold"
        try run("add", tiny.fold, all, "--max-loss", "5", "--budget", "2x", "-o", grown)
        try run("remove", grown, "c")
        try run("bench run", tiny.fold, "--runs", "10", "--pages", "8")
        try run("bench switch", tiny.fold, "--runs", "5", "--repeats", "1")
        try run("bench memory", tiny.fold)
        try run("bench soak", tiny.fold, "--runs", "200", "--threads", "1")
        let runs = folder + "/runs"
        try run("sweep", tiny.job, "--vary", "page=4,16", "--test", "-o", runs)
        try note("sweep record", String(contentsOfFile: runs + "/page-16.json", encoding: .utf8))
        try note("sweep failure", String(contentsOfFile: runs + "/page-4.json", encoding: .utf8))
        try run("report", runs + "/page-16.json", "-o", folder + "/page.html")

        let golden = try Self.golden()
        #expect(Set(golden.keys) == Set(found.keys))
        for (name, keys) in golden {
            let now = found[name] ?? []
            #expect(keys.subtracting(now) == [], "\(name): missing")
            #expect(now.subtracting(keys) == [], "\(name): new")
        }
    }
}
