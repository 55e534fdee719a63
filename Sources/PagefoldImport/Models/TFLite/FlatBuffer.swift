// FlatBuffers, read where they lie: tables, lists, texts. Every offset and length is checked before it is followed. It knows
// no schema.

/// What makes bytes no FlatBuffer.
struct FlatBufferDamage: Error {
    let text: String
}

/// The bytes of a FlatBuffer.
struct FlatBuffer: Sendable {
    let bytes: [UInt8]

    /// The table that everything else hangs on.
    func root() throws(FlatBufferDamage) -> FlatTable {
        try FlatTable(self, at: try target(of: 0))
    }

    /// Where the offset that stands at `place` points to.
    fileprivate func target(of place: Int) throws(FlatBufferDamage) -> Int {
        let offset = try number(UInt32.self, at: place)
        guard let offset = Int(exactly: offset), offset <= bytes.count - place else {
            throw FlatBufferDamage(text: "the offset at byte \(place) points outside")
        }
        return place + offset
    }

    fileprivate func number<Number: FixedWidthInteger>(
        _: Number.Type, at place: Int
    ) throws(FlatBufferDamage) -> Number {
        let width = MemoryLayout<Number>.size
        guard place >= 0, width <= bytes.count, place <= bytes.count - width else {
            throw FlatBufferDamage(text: "it ends before byte \(place)")
        }
        return bytes.withUnsafeBytes {
            Number(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: Number.self))
        }
    }

    /// The elements of a list whose length stands at `place`: where the first begins, and how many there are.
    fileprivate func list(at place: Int, width: Int) throws(FlatBufferDamage) -> (start: Int, count: Int) {
        let count = try number(UInt32.self, at: place)
        let start = place + 4
        guard let count = Int(exactly: count), count <= (bytes.count - start) / width else {
            throw FlatBufferDamage(text: "the list at byte \(place) has \(count) elements")
        }
        return (start, count)
    }
}

/// A table: fields by number, each of which may be missing.
struct FlatTable: Sendable {
    private let buffer: FlatBuffer
    private let start: Int
    /// Bytes of the table itself, without what its offsets point to.
    private let size: Int
    /// Where the places of fields are listed, and how many.
    private let fields: Int
    private let fieldCount: Int

    fileprivate init(_ buffer: FlatBuffer, at start: Int) throws(FlatBufferDamage) {
        // In front of the table stands how far back its list of fields is.
        let (list, overflow) = start.subtractingReportingOverflow(
            Int(try buffer.number(Int32.self, at: start)))
        guard !overflow, list >= 0 else {
            throw FlatBufferDamage(text: "the table at byte \(start) has no fields")
        }
        let listSize = Int(try buffer.number(UInt16.self, at: list))
        size = Int(try buffer.number(UInt16.self, at: list + 2))
        guard listSize >= 4, listSize <= buffer.bytes.count - list, size >= 4,
            size <= buffer.bytes.count - start
        else { throw FlatBufferDamage(text: "the table at byte \(start) is cut off") }
        self.buffer = buffer
        self.start = start
        fields = list + 4
        fieldCount = (listSize - 4) / 2
    }

    /// Where a field stands; nil where it is missing.
    private func place(_ field: Int, width: Int) throws(FlatBufferDamage) -> Int? {
        guard field < fieldCount else { return nil }
        let offset = Int(try buffer.number(UInt16.self, at: fields + 2 * field))
        guard offset != 0 else { return nil }
        guard offset >= 4, offset <= size - width else {
            throw FlatBufferDamage(text: "field \(field) of the table at byte \(start) lies outside of it")
        }
        return start + offset
    }

    // MARK: Fields

    /// A number; `fallback` where it is missing.
    func number<Number: FixedWidthInteger>(
        _ field: Int, _ fallback: Number
    ) throws(FlatBufferDamage) -> Number {
        guard let place = try place(field, width: MemoryLayout<Number>.size) else { return fallback }
        return try buffer.number(Number.self, at: place)
    }

    func float(_ field: Int, _ fallback: Float = 0) throws(FlatBufferDamage) -> Float {
        Float(bitPattern: try number(field, fallback.bitPattern))
    }

    func flag(_ field: Int, _ fallback: Bool = false) throws(FlatBufferDamage) -> Bool {
        try number(field, UInt8(fallback ? 1 : 0)) != 0
    }

    func table(_ field: Int) throws(FlatBufferDamage) -> FlatTable? {
        guard let place = try place(field, width: 4) else { return nil }
        return try FlatTable(buffer, at: try buffer.target(of: place))
    }

    /// What a list of numbers takes in the file; nil where it is missing.
    func bytes(_ field: Int, width: Int = 1) throws(FlatBufferDamage) -> Range<Int>? {
        guard let place = try place(field, width: 4) else { return nil }
        let list = try buffer.list(at: try buffer.target(of: place), width: width)
        return list.start..<list.start + list.count * width
    }

    /// A list of numbers; nil where it is missing.
    /// - Parameter limit: counts them, because many tables of a small file can name the same list.
    func numbers<Number: FixedWidthInteger>(
        _ field: Int, _: Number.Type, _ limit: inout NumberLimit
    ) throws(FlatBufferDamage) -> [Number]? {
        let width = MemoryLayout<Number>.size
        guard let range = try bytes(field, width: width) else { return nil }
        try Self.take(range.count / width, &limit)
        var result: [Number] = []
        result.reserveCapacity(range.count / width)
        for place in stride(from: range.lowerBound, to: range.upperBound, by: width) {
            result.append(try buffer.number(Number.self, at: place))
        }
        return result
    }

    /// A text; nil where it is missing.
    func text(_ field: Int, _ limit: inout NumberLimit) throws(FlatBufferDamage) -> String? {
        guard let range = try bytes(field) else { return nil }
        try Self.take(range.count, &limit)
        return String(decoding: buffer.bytes[range], as: UTF8.self)
    }

    /// A list of tables; empty where it is missing.
    func tables(_ field: Int, _ limit: inout NumberLimit) throws(FlatBufferDamage) -> FlatTables {
        guard let range = try bytes(field, width: 4) else {
            return FlatTables(buffer: buffer, start: 0, count: 0)
        }
        try Self.take(range.count / 4, &limit)
        return FlatTables(buffer: buffer, start: range.lowerBound, count: range.count / 4)
    }

    private static func take(_ count: Int, _ limit: inout NumberLimit) throws(FlatBufferDamage) {
        guard limit.take(count) else {
            throw FlatBufferDamage(text: "its lists are longer than the file, all together")
        }
    }
}

/// A list of tables.
struct FlatTables: Sendable {
    fileprivate let buffer: FlatBuffer
    fileprivate let start: Int
    let count: Int

    /// Precondition: `index` is in `0 ..< count`.
    func table(_ index: Int) throws(FlatBufferDamage) -> FlatTable {
        try FlatTable(buffer, at: try buffer.target(of: start + 4 * index))
    }
}
