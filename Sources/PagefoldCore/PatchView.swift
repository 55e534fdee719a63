// Patches: small runs of weights that replace part of a shared page for one network, in place over the bytes of a fold
// file. WeightView applies them on its walk through the weights.

/// The patches of one network in place.
public struct PatchView: @unchecked Sendable {  // Immutable bytes, kept alive by the owner of the file.
    /// Weights in a patch; divides the page size.
    public let size: Int
    /// Patches, at least one.
    public let count: Int
    /// [count][size], numbers of `format`, in the file's bytes.
    public let values: UnsafeRawPointer
    public let format: NumberFormat
    /// The indices of the patches, strictly rising; of `indexWidth` bytes each.
    public let indices: UnsafeRawBufferPointer
    public let indexWidth: Int

    /// The index of a patch: which run of the flat vector it replaces. Rises strictly with `number`.
    public func index(_ number: Int) -> Int {
        indexWidth == 2
            ? Int(indices.number(number * 2, UInt16.self))
            // What is no Int of 32 bits lies beyond every network.
            : Int(clamping: indices.number(number * 4, UInt32.self))
    }

    /// Bytes of the index of a patch: two where the network's largest index fits.
    package static func indexWidth<Word: FixedWidthInteger & SignedInteger>(
        size: Word, pagedCount: Word
    ) -> Word { (pagedCount - 1) / size < 1 << 16 ? 2 : 4 }

    /// Bytes of a section with `count` patches, each number of `width` bytes.
    /// - Returns: nil when no memory could hold it.
    package static func byteCount<Word: FixedWidthInteger & SignedInteger>(
        count: Word, size: Word, pagedCount: Word, width: Word
    ) -> Word? {
        let indices = FileSize(count) * indexWidth(size: size, pagedCount: pagedCount)
        return (indices.rounded(upTo: 4) + FileSize(count) * size * width + 8).value
    }

    /// The number of the first patch with this index or a larger one; `count` when there is none.
    func first(from index: Int) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self.index(middle) < index { low = middle + 1 } else { high = middle }
        }
        return low
    }

    init(
        decoding section: UnsafeRawBufferPointer, format: NumberFormat, pagedCount: Int, pageSize: Int,
        network: Int
    ) throws(FoldError) {
        func fail(_ problem: String) -> FoldError { FoldError("patches", network: network, problem) }
        guard section.count >= 8 else { throw fail("cut short") }
        guard let size = section.count(0, atMost: pageSize), size > 0, pageSize % size == 0 else {
            throw fail(
                "patches of \(section.number(0, UInt32.self)) weights do not divide a page of \(pageSize)")
        }
        let most = pagedCount / size + (pagedCount % size == 0 ? 0 : 1)
        guard let count = section.count(4, atMost: most), count > 0 else {
            throw fail("\(section.number(4, UInt32.self)) of \(most) patches")
        }
        guard
            section.count
                == Self.byteCount(count: count, size: size, pagedCount: pagedCount, width: format.width)
        else { throw fail("\(section.count) bytes for \(count) patches of \(size) weights") }

        self.size = size
        self.count = count
        indexWidth = Self.indexWidth(size: size, pagedCount: pagedCount)
        indices = UnsafeRawBufferPointer(rebasing: section[8..<8 + count * indexWidth])
        self.format = format
        values = UnsafeRawBufferPointer(rebasing: section.suffix(format.width * count * size)).baseAddress!
        for number in 0..<count {
            guard index(number) < most else {
                throw fail("patch \(index(number)) is not one of the \(most)")
            }
            guard number == 0 || index(number) > index(number - 1) else {
                throw fail("patch \(index(number)) stands behind patch \(index(number - 1))")
            }
        }
        try SectionDirectory.requireFinite(
            values, count: count * size, format, .patches, network: network)
    }
}
