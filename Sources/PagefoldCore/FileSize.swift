// Numbers of a file as sizes in memory. A number of 32 bits may be larger than an Int of 32 bits, and a product larger than
// any Int: both are found out here, so that no content of a file makes arithmetic trap.

/// A size that follows from numbers of a file: nil as soon as a sum or a product does not fit. Tests compute with Int32
/// what firmware computes with Int.
struct FileSize<Word: FixedWidthInteger & SignedInteger> {
    /// At least 0.
    let value: Word?

    init(_ value: Word?) { self.value = value }

    static func + (left: FileSize, right: Word) -> FileSize {
        left.combined(right) { $0.addingReportingOverflow($1) }
    }

    static func + (left: FileSize, right: FileSize) -> FileSize {
        FileSize(right.value.flatMap { (left + $0).value })
    }

    static func * (left: FileSize, right: Word) -> FileSize {
        left.combined(right) { $0.multipliedReportingOverflow(by: $1) }
    }

    /// The next multiple of a number.
    func rounded(upTo multiple: Word) -> FileSize {
        FileSize((self + (multiple - 1)).value.map { $0 / multiple * multiple })
    }

    private func combined(
        _ right: Word, _ operation: (Word, Word) -> (partialValue: Word, overflow: Bool)
    ) -> FileSize {
        guard let value else { return self }
        let (result, overflow) = operation(value, right)
        return FileSize(overflow ? nil : result)
    }
}

extension UnsafeRawBufferPointer {
    /// A little-endian number at an offset that the caller has checked.
    func number<Number: FixedWidthInteger>(_ offset: Int, _: Number.Type) -> Number {
        Number(littleEndian: loadUnaligned(fromByteOffset: offset, as: Number.self))
    }

    /// A u32 at an offset that the caller has checked, as a count or an index.
    /// - Parameter limit: below 2³¹, so that the number is an Int of 32 bits too.
    /// - Returns: nil for a larger number.
    func count(_ offset: Int, atMost limit: Int) -> Int? {
        let number = number(offset, UInt32.self)
        return number <= UInt32(limit) ? Int(number) : nil
    }
}
