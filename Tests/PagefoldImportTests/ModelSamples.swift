// Tiny files of every kind that people give as models, made here, and a folder for them. Not a test itself.

import Foundation
import PagefoldCore
import PagefoldFold
import PagefoldGraph
import Testing

@testable import PagefoldImport

enum ModelSamples {
    struct Sample: Sendable, CustomTestStringConvertible {
        let kind: ModelKind
        let bytes: [UInt8]
        var testDescription: String { "\(kind), \(bytes.count) bytes" }

        init(_ kind: ModelKind, _ bytes: [UInt8]) {
            self.kind = kind
            self.bytes = bytes
        }

        init(_ kind: ModelKind, _ text: String) { self.init(kind, Array(text.utf8)) }
    }

    /// Every kind of file at least once.
    static let all: [Sample] = [
        Sample(.fold, fold(["a"])),
        Sample(
            .onnx, number(1, 8) + field(2, "pytorch") + field(7, node("y", "Relu")) + field(8, number(2, 17))),
        Sample(.onnx, number(1, 3) + field(8, number(2, 7)) + field(7, node("y", "Relu"))),
        Sample(.tfLite, [0x1C, 0, 0, 0] + Array("TFL3".utf8) + [0x14, 0, 0x20, 0]),
        Sample(.onnxRuntime, [0x1C, 0, 0, 0] + Array("ORTM".utf8) + [0x14, 0]),
        Sample(.execuTorch, [0x1C, 0, 0, 0] + Array("ET12".utf8) + [0x14, 0]),
        Sample(.safetensors, [2, 0, 0, 0, 0, 0, 0, 0] + Array("{}".utf8)),
        Sample(.kerasArchive, zip(["metadata.json", "config.json", "model.weights.h5"])),
        Sample(.pyTorch, zip(["archive/data.pkl", "archive/byteorder", "archive/data/0"])),
        Sample(
            .pyTorch, [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]),
        Sample(.pickle, [0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0, 0x2E]),
        Sample(.numPyArchive, zip(["x.npy", "y.npy"])),
        Sample(.numPyArray, [0x93] + Array("NUMPY".utf8) + [1, 0, 0x76, 0]),
        Sample(.zip, zip(["readme.txt"])), Sample(.zip, zip([])),
        Sample(.hdf5, [0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10, 0, 0]),
        Sample(.gzip, [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]),
        Sample(
            .tar, Array("model.onnx".utf8) + [UInt8](repeating: 0, count: 247) + Array("ustar".utf8) + [0]),
        Sample(.gguf, Array("GGUF".utf8) + [3, 0, 0, 0]),
        Sample(.tensorFlowMetaGraph, metaGraph), Sample(.savedModel, number(1, 1) + field(2, metaGraph)),
        Sample(.frozenGraph, graph + field(4, number(1, 27))),
        Sample(.coreML, number(1, 4) + field(2, field(1, "x")) + field(500, [])),
        Sample(.checkpointIndex, CheckpointWriter.table([("w", [1, 2, 3])])),
        Sample(.gitLFSPointer, "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n"),
        Sample(.webPage, "\n<!DOCTYPE html>\n<html></html>"), Sample(.webPage, "<HTML><body></body>"),
        Sample(.json, "{\"class_name\": \"Sequential\"}"), Sample(.json, " [1, 2]"),
        Sample(.yaml, "# layers\nnetworks:\n  - name: a\n"), Sample(.yaml, "\u{FEFF}---\na: b"),
        Sample(.text, "0.25 0.5\n1 2\n"), Sample(.text, "gewöhnlicher Text: ähnlich wie YAML, nicht"),
        Sample(.text, "\n\n"), Sample(.empty, []), Sample(.unknown, [0, 1, 2, 3, 0xFF]),
        Sample(.unknown, [UInt8](repeating: 7, count: 500)),
    ]

    // MARK: Fold files

    /// A fold file of networks with these names, all with the same weights.
    static func fold(_ names: [String]) -> [UInt8] {
        guard
            let network = try? Network(
                name: "a", input: Shape(channels: 2), layers: ["dense 4", "softmax"], seed: 1
            ).lowered(for: .inference)
        else { return [] }
        let networks = names.map {
            FoldedNetwork(
                text: NetworkText(name: $0), program: network.program, pageTable: [0],
                tail: Array(network.weights[network.program.pagedCount...]))
        }
        let pool = Array(network.weights[..<network.program.pagedCount])
        return Fold(pageSize: pool.count, pool: pool, networks: networks).encoded()
    }

    // MARK: Protocol buffers

    private static let graph = field(1, node("x", "Placeholder")) + field(1, node("y", "Relu"))
    private static let metaGraph = field(1, field(5, "1.15.0")) + field(2, graph)

    private static func node(_ name: String, _ op: String) -> [UInt8] { field(1, name) + field(2, op) }

    private static func number(_ field: Int, _ value: UInt8) -> [UInt8] { varint(field << 3) + [value] }

    private static func field(_ number: Int, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

    private static func field(_ number: Int, _ content: [UInt8]) -> [UInt8] {
        varint(number << 3 | 2) + varint(content.count) + content
    }

    private static func varint(_ value: Int) -> [UInt8] {
        value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + varint(value >> 7)
    }

    // MARK: Zip

    /// An archive of empty members.
    private static func zip(_ names: [String]) -> [UInt8] {
        func short(_ value: Int) -> [UInt8] { [UInt8(value & 0xFF), UInt8(value >> 8)] }
        var members: [UInt8] = []
        var directory: [UInt8] = []
        for name in names {
            let size = short(name.utf8.count)
            directory += [0x50, 0x4B, 1, 2] + [UInt8](repeating: 0, count: 24) + size
            directory += [UInt8](repeating: 0, count: 12) + short(members.count) + [0, 0] + Array(name.utf8)
            members +=
                [0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 22) + size + [0, 0] + Array(name.utf8)
        }
        let count = short(names.count)
        return members + directory + [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + count + count
            + short(directory.count) + [0, 0] + short(members.count) + [0, 0, 0, 0]
    }
}

/// A folder that goes with its owner.
final class ModelFolder {
    let path = NSTemporaryDirectory() + "pagefold-model-\(UUID().uuidString)"

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ bytes: [UInt8], as name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
        return "\(path)/\(name)"
    }
}
