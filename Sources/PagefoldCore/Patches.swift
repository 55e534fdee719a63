// Patches: small runs of weights that replace part of a shared page for one network. As values, and in place over the
// bytes of a fold file. WeightView applies them on its walk through the weights.

/// The patches of one network: runs of its paged weights that come from a list of its own, not from the page table.
public struct Patches: Hashable, Sendable {
    /// Weights in a patch. It divides the page size, so that a patch lies in one page.
    public var size: Int
    /// Which runs are patched, strictly rising. Patch i is the weights [i · size, (i + 1) · size) of the flat vector and
    /// begins within the paged weights.
    public var indices: [Int]
    /// [indices][size]. What lies beyond the paged weights has no meaning.
    public var values: [Float]

    public init(size: Int, indices: [Int], values: [Float]) {
        self.size = size
        self.indices = indices
        self.values = values
    }

    /// Copies what a file holds.
    public init(_ view: PatchView) {
        self.init(
            size: view.size, indices: (0..<view.count).map(view.index),
            values: view.format.values(at: view.values, count: view.count * view.size))
    }

    /// Bytes of a section with `count` patches, for a network of `pagedCount` paged weights.
    public static func byteCount(
        count: Int, size: Int, pagedCount: Int, format: NumberFormat = .float32
    ) -> Int {
        let numbers = count * indexWidth(size: size, pagedCount: pagedCount)
        return 8 + (numbers + 3) / 4 * 4 + format.width * count * size
    }

    /// Bytes of the index of a patch: two where the network's largest index fits.
    static func indexWidth(size: Int, pagedCount: Int) -> Int {
        (pagedCount - 1) / size <= Int(UInt16.max) ? 2 : 4
    }
}

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
            ? Int(indices.number(number * 2, UInt16.self)) : Int(indices.number(number * 4, UInt32.self))
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
        let size = Int(section.number(0, UInt32.self))
        let count = Int(section.number(4, UInt32.self))
        guard size > 0, size <= Int(Int32.max), count <= Int(Int32.max), pageSize % size == 0 else {
            throw fail("patches of \(size) weights do not divide a page of \(pageSize)")
        }
        let most = pagedCount / size + (pagedCount % size == 0 ? 0 : 1)
        guard count > 0, count <= most else { throw fail("\(count) of \(most) patches") }
        // The first condition keeps the second from overflowing.
        guard count <= section.count / format.width / size,
            section.count
                == Patches.byteCount(count: count, size: size, pagedCount: pagedCount, format: format)
        else { throw fail("\(section.count) bytes for \(count) patches of \(size) weights") }

        self.size = size
        self.count = count
        indexWidth = Patches.indexWidth(size: size, pagedCount: pagedCount)
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
