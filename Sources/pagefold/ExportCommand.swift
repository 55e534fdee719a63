// `pagefold export`: one network of a fold file as an ONNX model.

import ArgumentParser
import Foundation
import PagefoldCore
import PagefoldFold
import PagefoldGraph
import PagefoldImport

struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes one network of a fold file as an ONNX model.",
        discussion: """
            Weights are gathered from the pages and written as float32; inputs and outputs keep their names, axes stand as in \
            the file that the network came from, the batch is open. States become inputs and outputs, stateN_in and \
            stateN_out. ONNX Runtime gives the answers that the fold file gives (opset 18).
            """)

    @Argument(help: "The fold file.")
    var fold: String

    @Argument(help: "The network; may be left out where there is one.")
    var network: String?

    @Option(name: .shortAndLong, help: "Where to write; NETWORK.onnx otherwise.")
    var output: String?

    func run() throws {
        let content = try ModelContent(path: fold, options: ModelOptions(network: network))
        let lowered = try content.lowered()
        let path = output ?? "\(network ?? lowered.name).onnx"
        try OutputPath.check(path)
        if let kind = try ModelFile(path: OutputPath.target(of: path)).kind, kind != .onnx, kind != .empty {
            throw InputError(
                file: path, field: "--output", problem: "there is \(kind.name)", remedy: "choose another name"
            )
        }
        let bytes = try ONNX.exported(lowered)
        try AtomicFile.write([UInt8](bytes), to: path)
        try say(
            "\(path): \(grouped(bytes.count)) bytes, \(grouped(lowered.weights.count)) weights as float32")
    }
}
