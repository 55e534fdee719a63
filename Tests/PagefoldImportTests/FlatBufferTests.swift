// The FlatBuffers reader alone, on bytes laid by hand.

import Foundation
import PagefoldCore
import Testing

@testable import PagefoldImport

struct FlatBufferTests {
    /// A table of four fields: a number, a list of numbers, nothing, a list of one table, which is the first table again.
    private static let bytes: [UInt8] =
        [16, 0, 0, 0]  // the table is at 16
        + [12, 0, 16, 0, 4, 0, 8, 0, 0, 0, 12, 0]  // list and table are 12 and 16 long
        + [12, 0, 0, 0]  // the list of fields is 12 bytes back
        + [7, 0, 0, 0]  // field 0
        + [8, 0, 0, 0, 16, 0, 0, 0]  // fields 1 and 3: lists at 32 and 44
        + [2, 0, 0, 0, 5, 0, 0, 0, 254, 255, 255, 255]  // two numbers
        + [1, 0, 0, 0, 224, 255, 255, 255]  // one table, 32 bytes back: offsets have no sign

    private static var limit: NumberLimit { NumberLimit(1000) }

    private static func root(_ bytes: [UInt8]) throws(FlatBufferDamage) -> FlatTable {
        try FlatBuffer(bytes: bytes).root()
    }

    @Test func fieldsAreRead() throws {
        let root = try Self.root(Self.bytes)
        var limit = Self.limit
        #expect(try root.number(0, Int32(0)) == 7)
        #expect(try root.number(0, UInt8(0)) == 7)
        #expect(try root.numbers(1, Int32.self, &limit) == [5, -2])
        #expect(try root.text(1, &limit)?.utf8.count == 2)
        #expect(try root.bytes(1) == 36..<38)
        #expect(try root.tables(3, &limit).count == 1)
    }

    @Test func missingFieldsHaveDefaults() throws {
        let root = try Self.root(Self.bytes)
        var limit = Self.limit
        for field in [2, 4, 1000] {
            #expect(try root.number(field, Int32(-3)) == -3)
            #expect(try root.float(field, 1.5) == 1.5)
            #expect(try root.flag(field, true))
            #expect(try root.table(field) == nil)
            #expect(try root.bytes(field) == nil)
            #expect(try root.text(field, &limit) == nil)
            #expect(try root.numbers(field, Int64.self, &limit) == nil)
            #expect(try root.tables(field, &limit).count == 0)
        }
    }

    @Test func offsetsHaveNoSign() throws {
        var limit = Self.limit
        let tables = try Self.root(Self.bytes).tables(3, &limit)
        let damage = #expect(throws: FlatBufferDamage.self) { _ = try tables.table(0) }
        #expect(damage?.text == "the offset at byte 48 points outside")
    }

    @Test func longListsCountOnce() throws {
        let root = try Self.root(Self.bytes)
        var limit = NumberLimit(3)
        #expect(try root.numbers(1, Int32.self, &limit)?.count == 2)
        #expect(throws: FlatBufferDamage.self) { try root.numbers(1, Int32.self, &limit) }
    }

    /// One byte, or two, or four, replaced; the message names what is wrong.
    @Test(arguments: [
        (0, [200, 0, 0, 0], "the offset at byte 0 points outside"),
        (0, [255, 255, 255, 255], "points outside"),
        (16, [17, 0, 0, 0], "has no fields"), (16, [0, 0, 0, 128], "ends before"),
        (16, [255, 255, 255, 127], "has no fields"), (4, [255, 255], "is cut off"),
        (4, [3, 0], "is cut off"),
        (6, [3, 0], "is cut off"), (6, [255, 255], "is cut off"), (8, [13, 0], "lies outside of it"),
        (8, [3, 0], "lies outside of it"), (8, [255, 255], "lies outside of it"),
        (24, [255, 0, 0, 0], "points outside"), (32, [255, 255, 255, 255], "has 4294967295 elements"),
        (32, [5, 0, 0, 0], "has 5 elements"),
    ])
    func damageIsTold(_ place: Int, _ replaced: [UInt8], _ text: String) throws {
        var bytes = Self.bytes
        bytes.replaceSubrange(place..<place + replaced.count, with: replaced)
        var limit = Self.limit
        let damage = #expect(throws: FlatBufferDamage.self) {
            let root = try Self.root(bytes)
            _ = try root.number(0, Int32(0))
            _ = try root.numbers(1, Int32.self, &limit)
        }
        #expect(damage?.text.contains(text) == true, "\(damage?.text ?? "")")
    }

    @Test func everyPrefixAndEveryByteEnds() {
        func read(_ bytes: [UInt8]) throws(FlatBufferDamage) {
            let root = try Self.root(bytes)
            var limit = Self.limit
            for field in 0..<5 {
                _ = try root.number(field, UInt64(0))
                _ = try root.bytes(field, width: 8)
                _ = try root.text(field, &limit)
                _ = try root.table(field)
                let tables = try root.tables(field, &limit)
                for index in 0..<tables.count { _ = try tables.table(index) }
            }
        }
        for length in Self.bytes.indices {
            #expect(throws: FlatBufferDamage.self) { try read(Array(Self.bytes.prefix(length))) }
        }
        for place in Self.bytes.indices {
            for value in UInt8.min...UInt8.max {
                var bytes = Self.bytes
                bytes[place] = value
                try? read(bytes)
            }
        }
    }
}
