// Tables as samples: separators, quotes, columns, windows, and how each mistake is told.
import Foundation
import PagefoldCore
import Testing

@testable import PagefoldData

@Suite struct TableTests {
    private let folder: SampleFolder

    init() throws { folder = try SampleFolder() }

    private func load(
        _ text: String, classes: [String] = [], _ change: (inout TableLayout) -> Void = { _ in }
    ) throws -> Dataset {
        var description = DatasetDescription(samples: [try folder.write(text, "t.csv")])
        description.classNames = classes
        change(&description.table)
        return try Dataset.load(description, purpose: .training, jobFile: "job.yaml")
    }

    /// The same table in the dialects of programs.
    @Test(arguments: [
        "class,a,b\ncat,1,2.5\ndog,-3,4e1\n", "class,a,b\r\ncat,1,2.5\r\ndog,-3,4e1",
        "class;a;b\ncat;1;2,5\ndog;-3;40\n",
        "class\ta\tb\rcat\t1\t2.5\rdog\t-3\t40\r",
        "\u{FEFF}\"class\",\"a\",\"b\"\n\"cat\", 1 ,2.50\n\n\"dog\",-3,\"40\"\n\n",
    ])
    func dialects(text: String) throws {
        let set = try load(text) { $0.label = "class" }
        #expect(set.classNames == ["cat", "dog"] && set.labels == [0, 1])
        #expect(set.sample(0) == [1, 2.5] && set.sample(1) == [-3, 40])
        #expect(set.shape == Shape(channels: 2, height: 1, width: 1))
        #expect(try load(text, classes: ["fox", "dog", "cat"]) { $0.label = "0" }.labels == [2, 1])
        #expect(try load(text) { ($0.label, $0.columns) = ("class", ["b"]) }.sample(1) == [40])
        #expect(try load(text) { ($0.label, $0.columns) = ("-3", ["2", "a"]) }.sample(0) == [2.5, 1])
    }

    @Test func gzippedAndWithoutHeader() throws {
        let set = try load("2,0.5\n0,1\n-1,2\n") { $0.label = "0" }
        #expect(set.labels == [2, 0, -1] && set.classNames.isEmpty && set.count == 3)
        #expect(try load("0,1\n5,6\n") { $0.hasHeader = true }.count == 1)
        let quoted = try load("id,v\n\"a, \"\"b\"\"\nc\",1\nd,2\n") { $0.label = "id" }
        #expect(quoted.classNames == ["a, \"b\"\nc", "d"])
        #expect(try load("g,v\n1.0,4\n0.0,5\n") { $0.label = "g" }.labels == [1, 0])
    }

    /// Rows 0 … 9; groups a a a a b b b b b a, labels 0 0 0 0 0 0 1 1 1 1.
    private static let windows =
        "who,act,v,w\n"
        + zip("aaaabbbbba", "0000001111").enumerated().map { "\($1.0),\($1.1),\($0),\(10 * $0)" }.joined(
            separator: "\n")

    @Test func windowsCrossNeitherGroupNorLabel() throws {
        let set = try load(Self.windows) {
            ($0.label, $0.group, $0.window, $0.stride) = ("act", "who", 2, 1)
        }
        #expect(set.shape == Shape(channels: 1, height: 2, width: 2))
        let firsts = (0..<set.count).map { Int(set.sample($0)[0]) }
        #expect(firsts == [0, 1, 2, 4, 6, 7])
        #expect(set.labels == [0, 0, 0, 0, 1, 1] && set.groups == [0, 0, 0, 1, 1, 1])
        #expect(set.sample(1) == [1, 10, 2, 20])
        let apart = try load(Self.windows) { ($0.columns, $0.window) = (["v"], 4) }
        #expect((0..<apart.count).map { apart.sample($0) } == [[0, 1, 2, 3], [4, 5, 6, 7]])
        let rows = try load(Self.windows) { ($0.label, $0.group) = ("act", "who") }
        #expect(rows.groups == [0, 0, 0, 0, 1, 1, 1, 1, 1, 0])
    }

    static let mistakes:
        [(text: String, change: @Sendable (inout TableLayout) -> Void, field: String, word: String)] = [
            ("a,b\n1,2\n3,\n", { _ in }, "line 3, column 1 (\"b\")", "is empty"),
            ("a,b\n1,nan\n", { $0.hasHeader = true }, "line 2, column 1 (\"b\")", "nan"),
            ("1,2\n3,0x1\n", { _ in }, "line 2, column 1", "0x1"),
            ("1,2\n3\n", { _ in }, "line 2", "1 cells where line 1 has 2"),
            ("a,b\n1,\"2\n3,4\n", { _ in }, "line 2", "quote"),
            ("a,b\n1,x\n2,y\n", { $0.label = "c" }, "label", "its columns are a, b"),
            ("1,2\n", { $0.label = "7" }, "label", "no header"),
            ("a,b\n1,2\n", { $0.window = 2 }, "window", "at most 1"),
            ("", { _ in }, "rows", "none"),
            ("a,b\n", { $0.hasHeader = true }, "rows", "no rows"),
            ("a,a\n1,2\n", { $0.label = "a" }, "label", "2 columns"),
            ("a\n1\n", { $0.label = "a" }, "columns", "no column is left"),
            ("a,b\n,2\n1,2\n", { $0.label = "a" }, "line 2, column 0 (\"a\")", "empty"),
        ]

    @Test(arguments: mistakes.indices) func mistakesAreTold(index: Int) throws {
        let mistake = Self.mistakes[index]
        let error = try #require(throws: InputError.self) { try load(mistake.text, mistake.change) }
        #expect(error.field == mistake.field && error.problem.contains(mistake.word), "\(error)")
        #expect(!error.remedy.isEmpty)
    }

    @Test func textsMustBeClasses() throws {
        let error = try #require(throws: InputError.self) {
            try load("c,v\ncat,1\nfox,2\n", classes: ["cat", "dog"]) { $0.label = "c" }
        }
        #expect(error.problem.contains("fox"))
        #expect(throws: InputError.self) {
            try load("c,v\n2,1\n", classes: ["cat", "dog"]) { $0.label = "c" }
        }
    }

    @Test func keysOfTablesAreForTables() throws {
        var description = DatasetDescription(samples: [folder.path + "/x.idx"])
        try folder.write(IDX.write([1, 2], shape: [2, 1]), "x.idx")
        description.table.window = 3
        let error = try #require(throws: InputError.self) {
            try Dataset.load(description, purpose: .training, jobFile: "job.yaml")
        }
        #expect(error.field == "window" && error.file == "job.yaml")
    }

    @Test func anyBytesEnd() throws {
        var generator = RandomSource(seed: 3)
        let letters = Array("1,\";\n\r\t ae.-".utf8)
        for _ in 0..<2_000 {
            let bytes = (0..<generator.below(30)).map { _ in letters[generator.below(letters.count)] }
            guard let table = try? TableFile(bytes, hasHeader: nil, file: "t") else { continue }
            for row in table.rows { #expect(row.cells.count == table.columnCount) }
        }
    }
}
