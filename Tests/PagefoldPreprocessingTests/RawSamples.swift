// Networks with preprocessing in a fold file, raw samples in files, and what a data set makes of them. Not a test itself.

import Foundation
import PagefoldCore
import PagefoldData
import PagefoldFold
import PagefoldGraph
import PagefoldPreprocessing
import PagefoldRuntime
import PagefoldTestCases

/// A temporary folder with files of samples and fold files.
final class RawSamples {
    let path = FileManager.default.temporaryDirectory.path + "/pagefold-raw-\(UUID().uuidString)"

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// - Returns: the path of the file.
    @discardableResult func write(_ bytes: [UInt8], _ name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
        return "\(path)/\(name)"
    }

    /// The preprocessing of a network that was written to a fold file.
    func preprocessing(_ transforms: String, _ shape: Shape) throws -> Preprocessing {
        try preprocessing(NetworkPort(name: "x", preprocessing: transforms), shape)
    }

    func preprocessing(_ port: NetworkPort, _ shape: Shape) throws -> Preprocessing {
        try fold([("net", port, shape)]).preprocessing(of: "net")
    }

    /// A fold file of networks with one dense layer each.
    func fold(_ networks: [(name: String, port: NetworkPort, shape: Shape)]) throws -> FoldFile {
        try fold(
            networks.map { name, port, shape in
                var builder = NetworkBuilder(name, input: shape)
                builder.add(.dense(outputs: 2))
                var text = NetworkText(name: name)
                text.inputs[0] = port
                return (text, builder.network)
            })
    }

    /// A fold file of one network with the inputs `image` and another one, two outputs and states.
    func foldOfPorts(name: String, second: String) throws -> FoldFile {
        let network = PortCase.network()
        var text = try network.lowered(for: .inference).text
        (text.name, text.inputs[1].name) = (name, second)
        return try fold([(text, network)])
    }

    private func fold(_ networks: [(text: NetworkText, network: Network)]) throws -> FoldFile {
        let folded = try networks.map { text, network in
            let network = try network.lowered(for: .inference)
            let pages = (network.program.pagedCount + 15) / 16
            return FoldedNetwork(
                text: text, program: network.program, pageTable: (0..<pages).map { $0 % 4 },
                tail: Array(network.weights[network.program.pagedCount...]))
        }
        let fold = Fold(pageSize: 16, pool: randomNumbers(64, seed: 1), networks: folded)
        return try FoldFile(path: try write(fold.encoded(), "\(UUID().uuidString).fold"))
    }

    /// The samples that training makes of files.
    func trained(
        _ file: String, _ transforms: String, _ change: (inout DatasetDescription) -> Void = { _ in }
    ) throws -> [[Float]] {
        var description = DatasetDescription(
            samples: [file], transforms: try TransformDescription.parse(transforms, file: "job.yaml"))
        change(&description)
        let dataset = try Dataset.load(description, purpose: .training, jobFile: "job.yaml")
        return (0..<dataset.count).map { dataset.sample($0) }
    }

    /// IDX, bytes: the first size counts samples.
    static func idx(_ sizes: [Int], _ bytes: [UInt8]) -> [UInt8] {
        [0, 0, 8, UInt8(sizes.count)]
            + sizes.flatMap { size in [24, 16, 8, 0].map { UInt8(size >> $0 & 255) } } + bytes
    }

    static func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
        randomNumbers(count, seed: seed).map { UInt8(($0 + 1) * 127) }
    }
}
