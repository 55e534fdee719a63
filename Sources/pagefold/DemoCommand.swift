// `pagefold demo`: the main job on five generated tasks, from nothing: train, pack, evaluate, run, switch.

import ArgumentParser
import Foundation
import PagefoldCore
import PagefoldDemo
import PagefoldEngine
import PagefoldGraph
import PagefoldPacking
import PagefoldRuntime

struct Demo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains five networks on generated data, packs them into one pool and runs them from it.",
        discussion: "Needs no data and no network; about two minutes on two cores. Writes demo.fold.")

    @Option(name: .shortAndLong, help: "The fold file to write.")
    var output = "demo.fold"

    @Option(help: "Bytes for everything, or a ratio.")
    var budget = "4.2x"

    @Option(help: "Joint training steps.")
    var steps = 1_500

    @Option(help: "Seed of everything random.")
    var seed: UInt64 = 1

    @OptionGroup var common: CommonOptions

    struct Record: Codable {
        struct Network: Codable {
            var name: String
            var weights: Int
            var original: Double
            var packed: Double
            var agreement: Double
            var microseconds: Double
        }
        var output: String
        var bytes: Int
        var originalBytes: Int
        var networks: [Network]
        var switchNanoseconds: Double
        var seconds: Double
    }

    func run() throws {
        fatalError("unfinished")
    }
}
