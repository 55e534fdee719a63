// What the TFLite tests share: small files with LiteRT's answers (Goldens/make_tflite_goldens.py), shared models, and running
// a network on arrays in the file's order.

import Foundation
import PagefoldCore
import PagefoldTestCases
import PagefoldData
import PagefoldGraph

@testable import PagefoldImport

enum TFLiteGoldens {
    struct Case: Sendable {
        let bytes: [UInt8]
        let numbers: [Float]
    }

    private static let all: (names: [String], cases: [String: Case]) = {
        func array(_ name: String) throws -> NumericArray {
            try NumPyArchive(try Goldens.bytes("tflite.npz"), file: "tflite.npz").array(named: name)
        }
        guard let names = try? array("names"), let sizes = try? array("sizes"),
            let models = try? array("models"),
            let numbers = try? array("numbers"), case .u8(let text) = names.payload,
            case .u8(let bytes) = models.payload
        else { return ([], [:]) }
        var (cases, file, number) = ([String: Case](), 0, 0)
        let list = String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
        let floats = numbers.floats
        for (index, name) in list.enumerated() {
            let (size, count) = (Int(sizes[2 * index]), Int(sizes[2 * index + 1]))
            cases[name] = Case(
                bytes: Array(bytes[file..<file + size]), numbers: Array(floats[number..<number + count]))
            file += size
            number += count
        }
        return (list, cases)
    }()

    /// Files with answers.
    static let names = all.names.filter { !$0.hasPrefix("file-") }
    /// Those that tests read in other ways.
    static let files = all.names.filter { $0.hasPrefix("file-") }

    static func bytes(_ name: String) -> [UInt8] { all.cases[name]?.bytes ?? [] }
    static func numbers(_ name: String) -> [Float] { all.cases[name]?.numbers ?? [] }

    static func load(
        _ bytes: [UInt8], _ options: ModelOptions = ModelOptions()
    ) throws(InputError) -> Network {
        try TFLite.load(bytes, file: "memory.tflite", name: "golden", options: options)
    }

    // MARK: Shared models

    /// TFLite files below a folder of `../shared/models`.
    static func shared(_ folder: String) -> [String] {
        guard let datasets = SharedData.folder else { return [] }
        let path = datasets.dropLast("/datasets".count) + "/models/" + folder
        let names = (try? FileManager.default.contentsOfDirectory(atPath: String(path))) ?? []
        return names.filter { $0.hasSuffix(".tflite") }.sorted().map { "\(path)/\($0)" }
    }
}

/// A lowered network on arrays as its file orders them.
struct ForeignRun {
    private let network: LoweredNetwork
    private let run: ModelRun

    init(_ network: Network) throws(InputError) {
        self.network = try network.lowered(for: .inference)
        run = ModelRun(self.network)
    }

    var inputCounts: [Int] { network.program.values[..<network.program.inputs].map(\.count) }
    var inputPorts: [NetworkPort] { network.text.inputs }
    var outputPorts: [NetworkPort] { network.text.outputs }

    /// - Parameter inputs: row-major in the file's axes; whole numbers of quantised ports have been turned into others.
    func callAsFunction(_ inputs: [[Float]]) -> [[Float]] {
        run.answer(to: inputs)
    }
}
