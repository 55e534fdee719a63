// `pagefold report`: run records in, one HTML page out.

import ArgumentParser
import Foundation
import PagefoldCore
import PagefoldFold
import PagefoldImport
import PagefoldPacking
import PagefoldReport

struct MakeReport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Turns records of packing runs into one HTML page of plots and numbers.",
        discussion: """
            Records are what pack --json, eval --json and sweep print (docs/report.md). Runs that differ by their seed \
            alone are drawn as one, with their spread. The page loads nothing and opens in any browser.
            """)

    @Argument(help: "Record files, or folders of them.")
    var records: [String]

    @Option(name: .shortAndLong, help: "The page to write.")
    var output = "report.html"

    @Option(help: "The page's heading.")
    var title = "Packing report"

    @Flag(help: "Print one JSON document instead of text.")
    var json = false

    struct Record: Encodable {
        var output: String
        var bytes: Int
        var runs: Int
        /// Groups of runs that differ by their seed alone.
        var groups: Int
        var figures: Int
        /// Files in the folders that hold JSON of another kind.
        var skipped: [String]

        enum CodingKeys: String, CodingKey {
            case output = "output", bytes = "bytes", runs = "runs", groups = "groups", figures = "figures"
            case skipped = "skipped"
        }
    }

    func run() throws {
        try OutputPath.check(output)
        let there = try ModelFile(path: try OutputPath.target(of: output)).kind
        guard there == nil || there == .webPage || there == .empty else {
            throw InputError(
                file: output, field: "--output",
                problem: "there is \(there?.name ?? ""), which would be replaced",
                remedy: "choose another name with --output")
        }
        let collection = try RecordCollection(paths: records)
        let report = Report(runs: collection.runs, title: title)
        let bytes = [UInt8](report.html.utf8)
        try AtomicFile.write(bytes, to: output)
        let record = Record(
            output: output, bytes: bytes.count, runs: report.runCount, groups: report.groupCount,
            figures: report.figureCount, skipped: collection.skipped)
        if json { return try printJSON(record) }
        for file in record.skipped {
            warn("\(file): no record of packing, left out")
        }
        try say(
            """
            \(output): \(record.figures) figures of \(record.runs) runs in \(record.groups) groups, \
            \(grouped(bytes.count)) bytes
            """)
    }
}
