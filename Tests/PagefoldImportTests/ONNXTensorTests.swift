// Tensors of ONNX files: every number type, typed and raw, sparse, and beside the file.

import Foundation
import PagefoldCore
import PagefoldGraph
import Testing

@testable import PagefoldImport

struct ONNXTensorTests {
    private static func decoded(_ tensor: ONNXTensorProto) throws(TranslationProblem) -> ConstantTensor {
        try ONNXTensors(external: nil).constant(tensor)
    }

    private static func raw(_ type: ONNXNumberType, _ dims: [Int], _ bytes: [UInt8]) -> ONNXTensorProto {
        var tensor = ONNXBuilder.tensor("t", dims, [], type: type)
        tensor.rawData = Data(bytes)
        return tensor
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let type: ONNXNumberType
        let typed: [Double]
        let raw: [UInt8]
        let values: [Double]
        var testDescription: String { "\(type)" }
    }

    static let cases: [Case] = [
        Case(type: .float, typed: [1.5, -2], raw: [0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0], values: [1.5, -2]),
        Case(
            type: .double, typed: [1.5, -2], raw: [0, 0, 0, 0, 0, 0, 0xF8, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0xC0],
            values: [1.5, -2]),
        Case(type: .int8, typed: [-128, 127], raw: [0x80, 0x7F], values: [-128, 127]),
        Case(type: .uint8, typed: [255, 1], raw: [0xFF, 1], values: [255, 1]),
        Case(type: .int16, typed: [-2, 300], raw: [0xFE, 0xFF, 0x2C, 1], values: [-2, 300]),
        Case(type: .uint16, typed: [65_535, 1], raw: [0xFF, 0xFF, 1, 0], values: [65_535, 1]),
        Case(
            type: .int32, typed: [-1, 70_000], raw: [0xFF, 0xFF, 0xFF, 0xFF, 0x70, 0x11, 1, 0],
            values: [-1, 70_000]),
        Case(
            type: .uint32, typed: [4_294_967_295, 1], raw: [0xFF, 0xFF, 0xFF, 0xFF, 1, 0, 0, 0],
            values: [4_294_967_295, 1]),
        Case(
            type: .int64, typed: [-1, 5],
            raw: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 5, 0, 0, 0, 0, 0, 0, 0], values: [-1, 5]),
        Case(
            type: .uint64, typed: [0x1p40, 5], raw: [0, 0, 0, 0, 0, 1, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0],
            values: [0x1p40, 5]),
        Case(type: .bool, typed: [1, 0], raw: [1, 0], values: [1, 0]),
        // 1.5 and −2 as bits.
        Case(type: .float16, typed: [0x3E00, 0xC000], raw: [0, 0x3E, 0, 0xC0], values: [1.5, -2]),
        Case(type: .bfloat16, typed: [0x3FC0, 0xC000], raw: [0xC0, 0x3F, 0, 0xC0], values: [1.5, -2]),
        // The first number is in the lower bits.
        Case(type: .int4, typed: [0x7F], raw: [0x7F], values: [-1, 7]),
        Case(type: .uint4, typed: [0x7F], raw: [0x7F], values: [15, 7]),
        Case(type: .int2, typed: [0b1110], raw: [0b1110], values: [-2, -1]),
        Case(type: .uint2, typed: [0b1110], raw: [0b1110], values: [2, 3]),
    ]

    @Test(arguments: cases) func everyTypeIsRead(_ test: Case) throws {
        let typed = try Self.decoded(ONNXBuilder.tensor("t", [2], test.typed, type: test.type))
        let raw = try Self.decoded(Self.raw(test.type, [1, 2], test.raw))
        #expect(typed == ConstantTensor(elementType: test.type.element, shape: [2], values: test.values))
        #expect(raw == ConstantTensor(elementType: test.type.element, shape: [1, 2], values: test.values))
        // One byte less or more is damage.
        for wrong in [Array(test.raw.dropLast()), test.raw + [0]] where !wrong.isEmpty {
            #expect(throws: TranslationProblem.self) { try Self.decoded(Self.raw(test.type, [1, 2], wrong)) }
        }
        #expect(throws: TranslationProblem.self) {
            try Self.decoded(ONNXBuilder.tensor("t", [9], test.typed, type: test.type))
        }
    }

    @Test func everyTypeHasACase() {
        #expect(Set(Self.cases.map(\.type.rawValue)).count == 17)
        for number in Int32(0)...30 {
            #expect(!ONNXNumberType.name(number).isEmpty)
            if let type = ONNXNumberType(rawValue: number) {
                #expect(Self.cases.contains { $0.type == type })
            }
        }
    }

    @Test func anOddNumberOfSmallOnesEndsInAHalfByte() throws {
        let tensor = try Self.decoded(Self.raw(.int4, [3], [0x21, 0x0F]))
        #expect(tensor.values == [1, 2, -1])
        let empty = try Self.decoded(ONNXBuilder.tensor("t", [0, 3], []))
        #expect(empty.values.isEmpty && empty.shape == [0, 3])
    }

    @Test(arguments: [
        [-1], [1 << 40], [1 << 33, 1 << 33], [0, 1 << 62, 1 << 62], Array(repeating: 1, count: 40),
    ])
    func shapesThatCannotBeAreRefused(_ dims: [Int]) {
        #expect(throws: TranslationProblem.self) { try Self.decoded(ONNXBuilder.tensor("t", dims, [1])) }
    }

    @Test(arguments: [(8, "string"), (14, "complex64"), (17, "float8e4m3fn"), (99, "type 99")])
    func otherTypesAreNamed(_ number: Int32, _ name: String) throws {
        var tensor = ONNXBuilder.tensor("t", [1], [1])
        tensor.dataType = number
        let problem = try #require(throws: TranslationProblem.self) { try Self.decoded(tensor) }
        #expect(problem.text.contains(name))
    }

    // MARK: Sparse

    private static func sparse(_ dims: [Int], _ indices: ONNXTensorProto) -> ONNXSparseTensorProto {
        var sparse = ONNXSparseTensorProto()
        sparse.values = ONNXBuilder.tensor("w", [2], [5, 7])
        sparse.indices = indices
        sparse.dims = dims.map { Int64($0) }
        return sparse
    }

    @Test func sparseTensorsAreFilledUp() throws {
        let tensors = ONNXTensors(external: nil)
        let flat = Self.sparse([2, 3], ONNXBuilder.tensor("i", [2], [1, 5], type: .int64))
        #expect(try tensors.constant(flat).values == [0, 5, 0, 0, 0, 7])
        let pairs = Self.sparse([2, 3], ONNXBuilder.tensor("i", [2, 2], [0, 2, 1, 0], type: .int64))
        #expect(try tensors.constant(pairs).values == [0, 0, 5, 7, 0, 0])
        for wrong in [
            ONNXBuilder.tensor("i", [2], [1, 6], type: .int64),
            ONNXBuilder.tensor("i", [2], [-1, 0], type: .int64),
            ONNXBuilder.tensor("i", [2, 2], [0, 3, 1, 0], type: .int64),
            ONNXBuilder.tensor("i", [1], [1], type: .int64),
            ONNXBuilder.tensor("i", [2, 3], [0, 0, 0, 0, 0, 0], type: .int64),
        ] {
            #expect(throws: TranslationProblem.self) { try tensors.constant(Self.sparse([2, 3], wrong)) }
        }
        let index = ONNXBuilder.tensor("i", [2], [1, 5], type: .int64)
        #expect(throws: TranslationProblem.self) {
            try tensors.constant(Self.sparse([1 << 20, 1 << 20], index))
        }
        var builder = ONNXBuilder()
        builder.input("x", [1, 2])
        builder.graph.sparseInitializer = [Self.sparse([2, 3], index)]
        builder.node("MatMul", ["x", "w"], ["y"])
        builder.output("y")
        #expect(try builder.answers([1, 2]) == [[0, 5, 14]])
    }

    // MARK: Beside the file

    /// A dense layer whose weight lies in another file.
    private static func model(_ entries: [(String, String)]) -> ONNXBuilder {
        var builder = ONNXBuilder()
        builder.input("x", [1, 2])
        var weight = ONNXBuilder.tensor("w", [2, 1], [])
        weight.dataLocation = 1
        weight.externalData = entries.map { key, value in
            var entry = ONNXEntry()
            entry.key = key
            entry.value = value
            return entry
        }
        builder.graph.initializer.append(weight)
        builder.node("MatMul", ["x", "w"], ["y"])
        builder.output("y")
        return builder
    }

    private static func floats(_ numbers: [Float]) -> [UInt8] {
        numbers.flatMap { number in
            (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> (8 * UInt32($0))) }
        }
    }

    @Test func dataBesideTheFileIsRead() throws {
        let folder = try ModelFolder()
        _ = try folder.write([9] + Self.floats([3, 4]), as: "w.bin")
        let builder = Self.model([("location", "w.bin"), ("offset", "1"), ("length", "8")])
        let path = try folder.write(builder.bytes, as: "m.onnx")
        let lowered = try ModelContent(path: path).lowered()
        #expect(lowered.weights == [3, 4])
        // Without a length it is as long as the numbers are.
        let short = Self.model([("location", "./w.bin"), ("offset", "1")])
        #expect(throws: Never.self) { try short.network(external: ONNXExternalFiles(model: path)) }
        // In memory there is no folder.
        let error = try #require(throws: InputError.self) { try builder.network() }
        #expect(error.field == "initialiser w" && error.problem.contains("another file"))
    }

    @Test(arguments: [
        ([("location", "../w.bin")], "outside"), ([("location", "/etc/hostname")], "outside"),
        ([("location", "a/../../w.bin")], "outside"), ([("location", "gone.bin")], "not there"),
        ([("location", "link.bin")], "link out"), ([("offset", "0")], "without a name"),
        ([("location", "w.bin"), ("offset", "-1")], "-1"),
        ([("location", "w.bin"), ("offset", "4")], "8 bytes"),
        ([("location", "w.bin"), ("length", "4")], "8 bytes"),
        ([("location", "w.bin"), ("offset", "9223372036854775807")], "8 bytes"),
        ([("location", "w.bin"), ("offset", "x")], "\"x\""), ([("location", ".")], "not there"),
    ])
    func nothingElseIsOpened(_ entries: [(String, String)], _ words: String) throws {
        let outer = try ModelFolder()
        let secret = try outer.write(Self.floats([1, 2]), as: "w.bin")
        let folder = try ModelFolder()
        _ = try folder.write(Self.floats([1, 2]), as: "w.bin")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/link.bin", withDestinationPath: secret)
        let path = try folder.write(Self.model(entries).bytes, as: "m.onnx")
        let error = try #require(throws: InputError.self) { try ModelContent(path: path) }
        #expect(error.field == "initialiser w")
        #expect(error.problem.contains(words), "\(error.problem)")
    }

    /// Caches keep files under other names and links to them side by side.
    @Test func linksWithinTheModelsOwnFolderAreFollowed() throws {
        let store = try ModelFolder()
        let model = try store.write(Self.model([("location", "w.bin")]).bytes, as: "1a2b")
        let data = try store.write(Self.floats([1, 2]), as: "3c4d")
        let folder = try ModelFolder()
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/m.onnx", withDestinationPath: model)
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/w.bin", withDestinationPath: data)
        #expect(try ModelContent(path: folder.path + "/m.onnx").lowered().weights == [1, 2])
    }
}
