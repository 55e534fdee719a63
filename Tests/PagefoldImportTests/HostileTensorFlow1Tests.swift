// Damaged and hostile files: whatever is in them, import ends with a network or with one InputError, never with a
// trap. These tests sample; every bit was tried once in release.

import Foundation
import PagefoldCore
import PagefoldGraph
import Testing

@testable import PagefoldImport

struct HostileTensorFlow1Tests {
    private static func load(meta: [UInt8], index: [UInt8], data: [UInt8]) throws(InputError) -> Network {
        try TensorFlow1.load(
            meta: meta, file: "memory.meta", files: CheckpointFiles(index: index, data: data),
            name: "hostile",
            options: .init())
    }

    private static func golden() throws -> (meta: [UInt8], index: [UInt8], data: [UInt8]) {
        (
            try TensorFlow1Goldens.bytes("flattened.meta"), try TensorFlow1Goldens.bytes("flattened.index"),
            try TensorFlow1Goldens.bytes("flattened.data-00000-of-00001")
        )
    }

    /// A constant of shape [5, (2⁶² + 1) / 5] with four bytes: its size in bytes overflows to just that.
    @Test func aConstantWhoseSizeOverflowsIsRefused() throws {
        let forged =
            "EoMBCjsKAXgSC1BsYWNlaG9sZGVyKhwKBXNoYXBlEhM6ERILCP///////////wESAggFKgsKBWR0eXBlEgIwAQoxCgF3EgVDb25zdCol"
            + "CgV2YWx1ZRIcQhoIARIQEgIIBRIKCM2Zs+bMmbPmDCIEAAAAAAoRCgF5EgZNYXRNdWwaAXgaAXc="
        let meta = [UInt8](try #require(Data(base64Encoded: forged)))
        let (_, index, data) = try Self.golden()
        #expect(throws: InputError.self) { try Self.load(meta: meta, index: index, data: data) }
    }

    @Test func truncationsAreRefused() throws {
        let (meta, index, data) = try Self.golden()
        #expect(throws: Never.self) { try Self.load(meta: meta, index: index, data: data) }
        // Behind the graph come parts that import does not read: a cut between them does no harm.
        for length in stride(from: 0, to: meta.count - 512, by: 97) {
            #expect(throws: InputError.self) {
                try Self.load(meta: Array(meta.prefix(length)), index: index, data: data)
            }
        }
        for length in 0..<index.count {
            #expect(throws: InputError.self) {
                try Self.load(meta: meta, index: Array(index.prefix(length)), data: data)
            }
        }
        for length in stride(from: 0, to: data.count, by: 13) {
            #expect(throws: InputError.self) {
                try Self.load(meta: meta, index: index, data: Array(data.prefix(length)))
            }
        }
    }

    @Test func flippedBitsOfTheDataAreRefused() throws {
        let (meta, index, data) = try Self.golden()
        for position in stride(from: 0, to: data.count, by: 11) {
            var spoiled = data
            spoiled[position] ^= 1 << UInt8(position & 7)
            #expect(throws: InputError.self) { try Self.load(meta: meta, index: index, data: spoiled) }
        }
    }

    @Test func flippedBitsOfTheIndexAreRefusedOrUnused() throws {
        let (meta, index, data) = try Self.golden()
        let whole = try Self.load(meta: meta, index: index, data: data)
        var refused = 0
        for position in index.indices {
            var spoiled = index
            spoiled[position] ^= 1 << UInt8(position & 7)
            do throws(InputError) {
                #expect(try Self.load(meta: meta, index: spoiled, data: data) == whole)
            } catch { refused += 1 }
        }
        #expect(refused > index.count / 2)
    }

    /// Flips inside the data block with its checksum made right again: what a forger would send.
    @Test func forgedIndexesDoNotTrap() throws {
        let (meta, index, data) = try Self.golden()
        let entries = try CheckpointTable(index, file: "golden").entries.map {
            (String(decoding: $0.key, as: UTF8.self), Array($0.value))
        }
        let block = CheckpointWriter.block(entries)
        let whole = try Self.load(meta: meta, index: CheckpointWriter.table(block: block), data: data)
        var refused = 0
        for position in block.indices {
            for bit in [position & 7, (position + 3) & 7] {
                var contents = block
                contents[position] ^= 1 << UInt8(bit)
                do throws(InputError) {
                    let index = CheckpointWriter.table(block: contents)
                    #expect(
                        try Self.load(meta: meta, index: index, data: data).weightCount == whole.weightCount)
                } catch { refused += 1 }
            }
        }
        #expect(refused > block.count)
    }

    @Test func flippedBitsOfTheGraphDoNotTrap() throws {
        let (meta, index, data) = try Self.golden()
        var refused = 0
        for position in stride(from: 0, to: meta.count, by: 23) {
            var spoiled = meta
            spoiled[position] ^= 1 << UInt8(position / 23 & 7)
            do throws(InputError) {
                _ = try Self.load(meta: spoiled, index: index, data: data)
            } catch { refused += 1 }
        }
        #expect(refused > 0)
    }

    @Test(arguments: ["residual", "mobile", "branches"])
    func graphsOfOtherOperationsDoNotTrapEither(_ name: String) throws {
        let meta = try TensorFlow1Goldens.bytes("\(name).meta")
        let index = try TensorFlow1Goldens.bytes("\(name).index")
        let data = try TensorFlow1Goldens.bytes("\(name).data-00000-of-00001")
        for position in stride(from: 5, to: meta.count, by: max(1, meta.count / 60)) {
            var spoiled = meta
            spoiled[position] ^= 1 << UInt8(position & 7)
            do throws(InputError) {
                _ = try Self.load(meta: spoiled, index: index, data: data)
            } catch { #expect(!error.problem.isEmpty) }
        }
    }

    @Test func keysThatGrowByTheirPrefixesAreRefused() throws {
        // A forged block whose entries all share a long prefix would grow to gigabytes of keys.
        let key = [UInt8](repeating: 97, count: 60_000)
        var contents: [UInt8] = [0] + [0xE0, 0xD4, 0x03] + [0] + key
        for _ in 0..<5000 { contents += [0xE0, 0xD4, 0x03, 0, 0] }
        let table = CheckpointWriter.table(block: contents + [0, 0, 0, 0, 1, 0, 0, 0])
        let error = #expect(throws: InputError.self) { try CheckpointTable(table, file: "forged.index") }
        #expect(error?.problem == "the keys take more than 64 MiB")
    }
}
