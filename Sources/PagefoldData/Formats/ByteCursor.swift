// A position in the bytes of a file, with checked reads. It knows no format.
package import PagefoldCore

/// Reads integers and runs of bytes from a file's content; every read past the end is an InputError.
package struct ByteCursor {
    let bytes: [UInt8]
    let file: String
    package private(set) var position: Int
    /// First position after the readable bytes.
    let end: Int

    package init(_ bytes: [UInt8], file: String) {
        self.bytes = bytes
        self.file = file
        position = 0
        end = bytes.count
    }

    /// A cursor over `range` alone. Precondition: `range` lies inside the bytes.
    package init(_ bytes: [UInt8], file: String, range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        self.bytes = bytes
        self.file = file
        position = range.lowerBound
        end = range.upperBound
    }

    package var remaining: Int { end - position }

    /// Takes the next `count` bytes and returns where they lie.
    package mutating func take(_ count: Int, field: String) throws(InputError) -> Range<Int> {
        guard count >= 0, count <= remaining else {
            throw InputError(
                file: file, field: field,
                problem: "needs \(count) bytes where \(remaining) are left",
                remedy: "the file is truncated or damaged: fetch or write it again")
        }
        let range = position..<(position + count)
        position += count
        return range
    }

    /// Moves to an absolute position.
    package mutating func move(to target: Int, field: String) throws(InputError) {
        guard target >= 0, target <= end else {
            throw InputError(
                file: file, field: field,
                problem: "points to byte \(target) of \(end)",
                remedy: "the file is truncated or damaged: fetch or write it again")
        }
        position = target
    }

    package mutating func littleEndian<T: FixedWidthInteger & UnsignedInteger>(
        _ type: T.Type, field: String
    ) throws(InputError) -> T {
        let range = try take(MemoryLayout<T>.size, field: field)
        var value: T = 0
        for index in range.reversed() { value = value << 8 | T(bytes[index]) }
        return value
    }

    package mutating func bigEndian<T: FixedWidthInteger & UnsignedInteger>(
        _ type: T.Type, field: String
    ) throws(InputError) -> T {
        let range = try take(MemoryLayout<T>.size, field: field)
        var value: T = 0
        for index in range { value = value << 8 | T(bytes[index]) }
        return value
    }
}

extension [UInt8] {
    /// Whether the bytes hold `pattern` at `offset`.
    package func hasBytes(_ pattern: [UInt8], at offset: Int = 0) -> Bool {
        guard offset >= 0, offset <= count, pattern.count <= count - offset else { return false }
        return self[offset..<(offset + pattern.count)].elementsEqual(pattern)
    }
}
