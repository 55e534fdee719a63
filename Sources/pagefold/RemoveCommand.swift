// `pagefold remove`: a fold file without one of its networks.

import ArgumentParser
import PagefoldCore
import PagefoldPacking
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

    struct Record: Codable {
        var output: String
        var bytesBefore: Int
        var bytes: Int
        var networks: [String]
        var frames: Int
        var freeFrames: Int
    }

    func run() throws {
        let file = try FoldFile(path: fold)
        let content = try removed(from: file)
        let bytes = content.encoded()
        try AtomicFile.write(bytes, to: output ?? fold)
        let record = Record(
            output: output ?? fold, bytesBefore: file.reader.fileSize, bytes: bytes.count,
            networks: content.networks.map(\.text.name), frames: content.frameCount,
            freeFrames: content.freeFrames.count)
        if json { return try printJSON(record) }
        print(
            """
            \(record.output): \(grouped(record.bytesBefore)) bytes before, \(grouped(record.bytes)) after, \
            \(record.freeFrames) of \(record.frames) frames free
            \(record.networks.joined(separator: ", "))
            """)
    }

    private func removed(from file: FoldFile) throws(InputError) -> Fold {
        do {
            let content = try file.fold().removing(network)
            return compact ? content.compacted() : content
        } catch {
            throw error.inFold(fold, job: "")
        }
    }
}
