// `pagefold init`: a first job file from folders of models and samples.

import ArgumentParser
import Foundation
import PagefoldCore
import PagefoldEngine
import PagefoldExperiments

struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes a first job file from folders of model files and samples.",
        discussion: """
            Every model that can be imported becomes a network of the job. Samples belong to it by name, by sizes, and \
            by what the original answers: where labels are there, usual transforms are tried on training samples, and \
            the best are written down with what they score. What is guessed and what is open is said in comments. Test \
            samples are named, not looked at.
            """)

    @Argument(help: "Folders with model files and samples.")
    var folders: [String]

    @Option(name: .shortAndLong, help: "The job file to write. One that is there is not replaced.")
    var output = "pagefold.yaml"

    @Option(help: "Threads to work with. Default: all processors.")
    var threads: Int?

    func run() throws {
        guard !FileManager.default.fileExists(atPath: output) else {
            throw InputError(
                file: output, field: "--output", problem: "it is there already",
                remedy: "choose another name with --output, or remove it")
        }
        let progress = ProgressLine(names: [])
        let draft = try JobDraft(folders, engine: threads.map { Engine(threads: $0) } ?? .onAllProcessors()) {
            progress.line("looking at \($0)")
        }
        let folder = FilePath.folder(of: output)
        do {
            try Data(draft.text(in: folder).utf8).write(
                to: URL(fileURLWithPath: output), options: .withoutOverwriting)
        } catch {
            throw InputError(
                file: output, field: "--output", problem: "it cannot be written",
                remedy: "choose a folder that is there and may be written to")
        }
        var lines = ["\(output): \(draft.found) networks with samples"]
        if draft.open > 0 { lines.append("\(draft.open) without: name their samples") }
        if draft.notImported > 0 { lines.append("\(draft.notImported) models that cannot be imported") }
        print(lines.joined(separator: ", "))
        print("next: read the comments in \(output), then: pagefold check \(output)")
    }
}
