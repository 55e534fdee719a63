// `pagefold list`: the networks of a fold file, one a line. What shares what is `pagefold info`'s.

import ArgumentParser
import PagefoldCore
import PagefoldRuntime

struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the networks of a fold file.")

    @Argument(help: "The fold file.")
    var fold: String

    @Flag(help: "Print one JSON document instead of text.")
    var json = false

    func run() throws {
        let networks = try Info.record(FoldFile(path: fold)).networks
        if json { return try printJSON(networks) }
        var table = TextTable([
            "network", "input", "weights", "shared", "exclusive", "patches", "own bytes", "preprocessing",
            "classes",
        ])
        for network in networks {
            table.add([
                network.name, network.input, grouped(network.weights), "\(network.sharedPages)",
                "\(network.pages - network.sharedPages)", "\(network.patches?.count ?? 0)",
                grouped(network.ownBytes), network.preprocessing, Self.short(network.classes),
            ])
        }
        try say(table.text)
        if let ports = PortRecord.table(networks) { try say("\n\(ports.text)") }
    }

    /// All names where they fit on the line, else how it goes on.
    private static func short(_ classes: [String]) -> String {
        let text = classes.joined(separator: ", ")
        return text.count <= 48 ? text : "\(text.prefix(40))… (\(classes.count))"
    }
}
