// The command line's root. Each subcommand is a file of its own.

import ArgumentParser
import PagefoldCore

@main
struct Pagefold: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pagefold",
        abstract: "Folds the weights of many trained networks onto one small pool of memory.",
        discussion: """
            Describe your networks in a job file (docs/job-file.md), then:
              pagefold check pagefold.yaml     what would go wrong, what the budget leaves, how long it takes
              pagefold pack pagefold.yaml      one fold file within a budget of bytes
              pagefold eval pagefold.fold --job pagefold.yaml
              pagefold run pagefold.fold NETWORK sample.npy
              pagefold add pagefold.fold more.yaml     one network more, the others untouched
              pagefold report RECORDS          plots of what pack --json printed
            To see all of it on generated data, without any download: pagefold demo
            """,
        version: pagefoldVersion,
        subcommands: [
            Demo.self, Init.self, Check.self, Train.self, Pack.self, Eval.self, Info.self, Export.self,
            Run.self,
            List.self,
            Add.self,
            Remove.self, Bench.self,
            SweepCommand.self, MakeReport.self, SweepRunCommand.self,
        ])
}

/// Options that every working command has.
struct CommonOptions: ParsableArguments {
    @Flag(help: "Print one JSON document instead of text.")
    var json = false

    @Option(help: "Threads to work with; results do not depend on it. Default: all processors.")
    var threads: Int?

    func validate() throws {
        if let threads, !(1...256).contains(threads) {
            throw ValidationError("--threads must be in 1…256.")
        }
    }
}
