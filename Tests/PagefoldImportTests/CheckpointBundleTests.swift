// Checkpoints read on their own: tables, number types, what is refused. Graphs are not involved.

import PagefoldCore
import PagefoldData
import SwiftProtobuf
import Testing

@testable import PagefoldImport

struct CheckpointBundleTests {
    private static func bundle() throws -> CheckpointBundle {
        try CheckpointBundle(CheckpointFiles(prefix: "\(TensorFlow1Goldens.folder)/residual"))
    }

    @Test func namesAndShapesAreThere() throws {
        let bundle = try Self.bundle()
        #expect(bundle.names == ["v1", "v2", "v3", "v4", "v5", "v6"])
        #expect(try bundle.tensor("v1").shape == [3, 3, 3, 4])
        #expect(try bundle.tensor("v1").values.count == 108)
        #expect(throws: InputError.self) { try bundle.tensor("v7") }
    }

    private static let encoded: [(ElementType, [UInt8], Double)] = [
        (.f32, [0x00, 0x00, 0xC0, 0xBF], -1.5),
        (.f64, [0, 0, 0, 0, 0, 0, 0xF8, 0x3F], 1.5),
        (.i32, [0xFE, 0xFF, 0xFF, 0xFF], -2),
        (.i64, [3, 0, 0, 0, 0, 0, 0, 0], 3),
        (.bool, [1], 1),
        (.u8, [200], 200),
        (.i8, [200], -56),
        (.u16, [0xFE, 0xFF], 65534),
        (.i16, [0xFE, 0xFF], -2),
        (.u32, [0xFE, 0xFF, 0xFF, 0xFF], 4_294_967_294),
        (.u64, [0, 0, 0, 0, 0, 0, 0, 0x80], 0x1p63),
        (.bf16, [0xC0, 0xBF], -1.5),
        (.f16, [0x00, 0xBE], -1.5),
        (.f16, [0x01, 0x00], 0x1p-24),
        (.f16, [0xFF, 0x7B], 65504),
        (.f16, [0x00, 0xFC], -.infinity),
    ]

    @Test(arguments: encoded)
    func numbers(_ type: ElementType, _ bytes: [UInt8], _ expected: Double) {
        #expect(bytes.withUnsafeBytes { type.numbers($0) } == [expected])
        #expect(bytes.reversed().withUnsafeBytes { type.numbers($0, bigEndian: true) } == [expected])
    }

    /// An index of one tensor, made here, whose entry tests can spoil.
    private static func index(_ change: (inout TF1BundleEntry) -> Void, data: [UInt8], twice: Bool = false)
        throws -> [UInt8]
    {
        var header = TF1BundleHeader()
        header.numShards = 1
        var entry = TF1BundleEntry()
        entry.dtype = 1
        entry.shape.dim = [.with { $0.size = 2 }]
        entry.size = 8
        entry.crc32C = data.prefix(8).withUnsafeBytes { CRC32C.checksum($0) }.maskedForCheckpoint
        change(&entry)
        let entries = [("", try header.serializedBytes() as [UInt8]), ("w", try entry.serializedBytes())]
        return CheckpointWriter.table(entries + (twice ? [entries[1]] : []))
    }

    private static let data: [UInt8] = [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0]

    @Test func aTableMadeHereIsRead() throws {
        let files = CheckpointFiles(index: try Self.index({ _ in }, data: Self.data), data: Self.data)
        #expect(
            try CheckpointBundle(files).tensor("w")
                == ConstantTensor(elementType: .f32, shape: [2], values: [1, -2]))
    }

    private typealias Spoil = @Sendable (inout TF1BundleEntry) -> Void
    private static let spoiled: [(problem: String, change: Spoil)] = [
        ("its shape does not match", { $0.size = 12 }),
        ("its shape does not match", { $0.shape.dim = [.with { $0.size = -2 }] }),
        (
            "its shape does not match",
            { $0.shape.dim = [.with { $0.size = 1 << 62 }, .with { $0.size = 4 }] }
        ),
        ("its shape does not match", { $0.shape.dim = [.with { $0.size = 1 << 62 }] }),
        ("lie outside", { $0.offset = 4 }),
        ("lie outside", { $0.offset = -4 }),
        ("lie outside", { $0.offset = .max }),
        ("data file 7 of 1", { $0.shardID = 7 }),
        ("data file -1 of 1", { $0.shardID = -1 }),
        ("the checksum does not match", { $0.crc32C ^= 1 }),
        ("tensors of type 7", { $0.dtype = 7 }),
        ("partitioned", { $0.slices = [TF1TensorSlice()] }),
    ]

    @Test(arguments: spoiled.indices)
    func spoiledEntriesAreRefused(_ number: Int) throws {
        let (problem, change) = Self.spoiled[number]
        let files = CheckpointFiles(index: try Self.index(change, data: Self.data), data: Self.data)
        let bundle = try CheckpointBundle(files)
        let error = #expect(throws: InputError.self) { try bundle.tensor("w") }
        #expect(error?.description.contains(problem) == true, "\(error?.description ?? "no error")")
    }

    @Test(arguments: [[0, 0, 0xC0, 0x7F], [0, 0, 0x80, 0xFF]] as [[UInt8]])
    func weightsThatAreNoNumbersAreNamed(_ number: [UInt8]) throws {
        let data = number + Self.data.suffix(4)
        let bundle = try CheckpointBundle(
            CheckpointFiles(index: try Self.index({ _ in }, data: data), data: data))
        let error = #expect(throws: InputError.self) { try bundle.tensor("w") }
        #expect(error?.field == "w")
        #expect(error?.problem == "the tensor holds NaN or infinity")
    }

    @Test func aTensorListedTwiceIsRefused() throws {
        let index = try Self.index({ _ in }, data: Self.data, twice: true)
        #expect(throws: InputError.self) {
            try CheckpointBundle(CheckpointFiles(index: index, data: Self.data))
        }
    }
}
