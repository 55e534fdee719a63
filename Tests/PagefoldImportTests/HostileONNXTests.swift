// Damaged and hostile ONNX files: whatever is in them, import ends with a network or with one InputError, never with a trap,
// and a small file does not grow beyond measure. PAGEFOLD_MUTATIONS sets how many mutations are tried.

import Foundation
import PagefoldCore
import PagefoldGraph
import SwiftProtobuf
import Testing

@testable import PagefoldImport

struct HostileONNXTests {
    /// Imports and lowers; whether that went well.
    @discardableResult
    private static func tries(_ bytes: [UInt8]) -> Bool {
        do {
            _ = try ONNX.load(bytes, file: "hostile.onnx", name: "hostile").lowered(for: .inference)
            return true
        } catch { return false }
    }

    @Test func allModelsImport() throws {
        for (name, bytes) in ONNXSmallModels.all {
            #expect(throws: Never.self, "\(name)") {
                _ = try ONNX.load(bytes, file: name, name: name).lowered(for: .inference)
            }
        }
        #expect(ONNXSmallModels.all.count >= 20)
    }

    @Test(arguments: ONNXSmallModels.all.map(\.name)) func prefixesEnd(_ name: String) throws {
        let bytes = try #require(ONNXSmallModels.all.first { $0.name == name }).bytes
        // Cuts between top-level fields may leave a whole model.
        let whole = (0..<bytes.count).count { Self.tries(Array(bytes.prefix($0))) }
        #expect(whole < 8)
    }

    @Test(arguments: ONNXSmallModels.all.map(\.name)) func flippedBytesEnd(_ name: String) throws {
        let bytes = try #require(ONNXSmallModels.all.first { $0.name == name }).bytes
        var refused = 0
        for position in bytes.indices {
            for flip: UInt8 in [0x01, 0x80, 0xFF] {
                var damaged = bytes
                damaged[position] ^= flip
                if !Self.tries(damaged) { refused += 1 }
            }
        }
        #expect(refused > bytes.count / 4)
    }

    @Test func mutationsEnd() {
        let count = ProcessInfo.processInfo.environment["PAGEFOLD_MUTATIONS"].flatMap { Int($0) } ?? 10_000
        var random = RandomSource(
            seed: UInt64(ProcessInfo.processInfo.environment["PAGEFOLD_MUTATION_SEED"] ?? "") ?? 1)
        let trees = ONNXSmallModels.all.compactMap { MessageTree($0.bytes, .model) }
        #expect(trees.count == ONNXSmallModels.all.count)
        for (tree, model) in zip(trees, ONNXSmallModels.all) { #expect(tree.bytes == model.bytes) }
        var refused = 0
        for _ in 0..<count {
            var tree = trees[random.below(trees.count)]
            for _ in 0...random.below(3) { tree.mutate(&random) }
            if !Self.tries(tree.bytes) { refused += 1 }
        }
        #expect(refused > count / 10 && refused < count)
    }

    // MARK: Growth

    @Test func manyPartsAreRefusedBeforeTheyAreDecoded() throws {
        // A graph of a million and more nodes without anything, two bytes each.
        var nodes = [UInt8](repeating: 0, count: 2 * ONNXOutline.mostParts + 2)
        for place in stride(from: 0, to: nodes.count, by: 2) { nodes[place] = 0x0A }
        let bytes: [UInt8] = [0x08, 0x08, 0x3A] + Self.varint(nodes.count) + nodes
        let error = try #require(throws: InputError.self) { try ONNX.load(bytes, file: "m", name: "m") }
        #expect(error.problem.contains("parts"))
    }

    @Test func deepGraphsAreRefused() throws {
        var graph = ONNXBuilder().graph
        graph.output = [ONNXBuilder.port("x", [1])]
        // Wrapped by hand: the encoder has a limit of its own.
        var content: [UInt8] = try graph.serializedBytes()
        for _ in 0..<200 {
            let attribute = [UInt8(0x32)] + Self.varint(content.count) + content
            let node = [UInt8(0x2A)] + Self.varint(attribute.count) + attribute
            content = [UInt8(0x0A)] + Self.varint(node.count) + node
        }
        let bytes: [UInt8] = [0x08, 0x08, 0x3A] + Self.varint(content.count) + content
        #expect(!Self.tries(bytes))
    }

    private static func varint(_ value: Int) -> [UInt8] {
        value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + varint(value >> 7)
    }

    @Test(arguments: [
        ("ConstantOfShape", [1 << 20, 1 << 20]), ("ConstantOfShape", [1 << 26, 4]),
        ("ConstantOfShape", [0, 1 << 40, 1 << 40]),
        ("Expand", [1 << 26, 1 << 26]), ("Expand", [1 << 40]), ("Tile", [1 << 30]), ("Tile", [1 << 20]),
    ])
    func smallFilesDoNotGrow(_ operation: String, _ sizes: [Int]) {
        var builder = ONNXBuilder()
        builder.input("x", [1, 4])
        builder.constant("shape", [sizes.count], sizes.map { Double($0) }, type: .int64)
        builder.constant("one", [1], [1])
        builder.node(operation, operation == "ConstantOfShape" ? ["shape"] : ["one", "shape"], ["big"])
        for index in 0..<8 {
            builder.node("Add", ["big", index == 0 ? "x" : "y\(index - 1)"], ["y\(index)"])
        }
        builder.output("y7")
        // A constant of 2²⁰ numbers is small enough to be made; it does not fit the input.
        #expect(!Self.tries(builder.bytes))
    }

    @Test func functionsThatUnfoldWithoutEndAreRefused() throws {
        var builder = ONNXBuilder()
        builder.domains["local"] = 1
        func call(_ name: String, _ count: Int) -> [ONNXNodeProto] {
            (0..<count).map {
                ONNXBuilder.node(
                    name, [$0 == 0 ? "a" : "t\($0 - 1)"], [$0 == count - 1 ? "b" : "t\($0)"], domain: "local")
            }
        }
        for level in 0..<12 { builder.function("F\(level)", ["a"], ["b"], call("F\(level + 1)", 10)) }
        builder.function("F12", ["a"], ["b"], [ONNXBuilder.node("Neg", ["a"], ["b"])])
        builder.input("x", [1, 2])
        builder.node("F0", ["x"], ["y"], domain: "local")
        builder.output("y")
        #expect(!Self.tries(builder.bytes))
        builder.function("Own", ["a"], ["b"], [ONNXBuilder.node("Own", ["a"], ["b"], domain: "local")])
        builder.graph.node[0].opType = "Own"
        let error = try #require(throws: InputError.self) { try builder.network() }
        #expect(error.problem.contains("unfold"))
    }
}
