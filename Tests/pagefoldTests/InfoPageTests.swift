// `pagefold info`: the memory that a whole fold asks for, and the page of one fold.

import Foundation
import PagefoldRuntime
import Testing

@Suite struct InfoPageTests {
    @Test func memoryIsWhatSessionsAskFor() throws {
        try BenchTests.withFold { path in
            let outcome = try Tool.run("info", path, "--json")
            let record = try #require(
                try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
            let file = try FoldFile(path: path)
            let networks = try #require(record["networks"] as? [[String: Any]])
            for network in networks {
                let name = try #require(network["name"] as? String)
                #expect(network["arenaBytes"] as? Int == (try file.arenaBytes(name)))
            }
            let memory = try #require(record["memory"] as? [String: Any])
            func bytes(_ key: String) -> Int { memory[key] as? Int ?? -1 }
            let arenas = try file.networkNames.map { try file.arenaBytes($0) }
            #expect(bytes("arena") == arenas.max() && memory["largest"] as? String == "wide")
            #expect(bytes("flash") == record["bytes"] as? Int && bytes("states") == 0)
            // One exclusive page of 16 weights.
            #expect(bytes("exclusivePages") == 64 && bytes("mostExclusivePages") == 64)
            #expect(bytes("shared") == bytes("flash") - 64)
            #expect(bytes("ramInPlace") == bytes("arena"))
            #expect(bytes("ramWhole") == bytes("arena") + bytes("flash"))
            #expect(bytes("ramCached") == bytes("ramWhole"))
            let text = try Tool.run("info", path).output
            #expect(text.contains("RAM, weights read in flash") && text.contains("(wide)"))
        }
    }

    @Test func thePageIsWritten() throws {
        try BenchTests.withFold { path in
            let page = path + ".html"
            let outcome = try Tool.run("info", path, "--html", page)
            #expect(outcome.status == 0 && outcome.errors.contains(page))
            let html = try String(contentsOfFile: page, encoding: .utf8)
            for word in ["<!DOCTYPE html>", "small.fold", "narrow", "Who shares with whom", "0 x0 2"] {
                #expect(html.contains(word), "\(word)")
            }
            // What is not written is told.
            let lost = try Tool.run("info", path, "--html", "/no/such/folder/page.html")
            #expect(lost.status == 1 && lost.errors.contains("/no/such/folder"))
        }
    }

    @Test func aModelFileHasNoPage() throws {
        try BenchTests.withFold { path in
            let model = path + ".onnx"
            #expect(try Tool.run("export", path, "wide", "-o", model).status == 0)
            let outcome = try Tool.run("info", model, "--html", path + ".html")
            #expect(outcome.status == 1 && outcome.errors.contains("has no frames"))
        }
    }

    /// An original asks for the arena that its session will need, scratch of the kernels included.
    @Test func anOriginalTellsItsArena() throws {
        try BenchTests.withFold { path in
            let model = path + ".onnx"
            #expect(try Tool.run("export", path, "narrow", "-o", model).status == 0)
            let outcome = try Tool.run("info", model, "--json")
            let record = try #require(
                try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
            let imported = try #require(record["imported"] as? [String: Any])
            #expect(imported["arenaBytes"] as? Int == (try FoldFile(path: path).arenaBytes("narrow")))
        }
    }
}
