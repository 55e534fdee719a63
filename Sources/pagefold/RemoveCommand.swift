// `pagefold remove`: a fold file without one of its networks.

import ArgumentParser
import PagefoldExperiments
import PagefoldRuntime

struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Takes one network out of a fold file.",
        discussion: """
            The others run as before, bit for bit. Frames that nobody uses any more stay in the file as room for \
            pagefold add, unless --compact drops them.
            """)

    @Argument(help: "The fold file.")
    var fold: String

    @Argument(help: "The network to take out.")
    var network: String

    @Option(name: .shortAndLong, help: "The fold file to write. Default: the same file.")
    var output: String?

    @Flag(help: "Drop frames that no network uses; the others are numbered anew.")
    var compact = false

    @Flag(help: "Print one JSON document instead of text.")
    var json = false

    func run() throws {
        let record = try FoldFile(path: fold).remove(network, compacts: compact, to: output)
        if json { return try printJSON(record) }
        try say(
            """
            \(record.output): \(grouped(record.bytesBefore)) bytes before, \(grouped(record.bytes)) after, \
            \(record.freeFrames) of \(record.frames) frames free
            \(record.networks.joined(separator: ", "))
            """)
    }
}
