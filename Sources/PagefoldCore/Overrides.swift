// Blocks of weights that a network has for itself within pages that it shares: as values, and in place over the bytes
// of a fold file. How they are met on a walk through the weights stands in WeightView.

/// Small blocks of one network's paged weights that come from the network's own list, whatever its page table says.
public struct Overrides: Hashable, Sendable {
    /// Weights in a block; divides the page size, so that a block lies in one page.
    public var blockSize: Int
    /// The blocks that are overridden, strictly rising. Block b is the weights [b · blockSize, (b + 1) · blockSize) of
    /// the flat vector and begins within the paged weights.
    public var blocks: [Int]
    /// [blocks][blockSize]. What lies beyond the paged weights has no meaning.
    public var values: [Float]

    public init(blockSize: Int, blocks: [Int], values: [Float]) {
        self.blockSize = blockSize
        self.blocks = blocks
        self.values = values
    }

    /// Copies what a file holds.
    public init(_ view: OverrideView) {
        self.init(
            blockSize: view.blockSize, blocks: (0..<view.count).map(view.block),
            values: view.format.frameFormat.values(at: view.values, count: view.count * view.blockSize))
    }

    /// Bytes of a section with `count` blocks, for a network of `pagedCount` paged weights.
    public static func byteCount(
        count: Int, blockSize: Int, pagedCount: Int, format: VectorFormat = .float32
    ) -> Int {
        let numbers = count * numberWidth(blockSize: blockSize, pagedCount: pagedCount)
        return 8 + (numbers + 3) / 4 * 4 + format.width * count * blockSize
    }

    /// Bytes of the number of a block: two where the number of the network's last block fits.
    static func numberWidth(blockSize: Int, pagedCount: Int) -> Int {
        (pagedCount - 1) / blockSize <= Int(UInt16.max) ? 2 : 4
    }
}

/// The overrides of one network in place.
public struct OverrideView: @unchecked Sendable {  // Immutable bytes, kept alive by the owner of the file.
    /// Weights in a block; divides the page size.
    public let blockSize: Int
    /// Blocks that are overridden, at least one.
    public let count: Int
    /// [count][blockSize], numbers of `format`, in the file's bytes.
    public let values: UnsafeRawPointer
    public let format: VectorFormat
    /// The numbers of the blocks, rising; of `numberWidth` bytes each.
    public let numbers: UnsafeRawBufferPointer
    public let numberWidth: Int

    /// Which block of the flat vector the override is for. Rises strictly with `index`.
    public func block(_ index: Int) -> Int {
        numberWidth == 2
            ? Int(numbers.number(index * 2, UInt16.self)) : Int(numbers.number(index * 4, UInt32.self))
    }

    /// The first override of this block or of one behind it; `count` when there is none.
    func first(from block: Int) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self.block(middle) < block { low = middle + 1 } else { high = middle }
        }
        return low
    }

    init(
        decoding section: UnsafeRawBufferPointer, format: VectorFormat, pagedCount: Int, pageSize: Int,
        network: Int
    ) throws(FoldError) {
        func fail(_ problem: String) -> FoldError { FoldError("overrides", network: network, problem) }
        guard section.count >= 8 else { throw fail("cut short") }
        let size = Int(section.number(0, UInt32.self))
        let count = Int(section.number(4, UInt32.self))
        guard size > 0, size <= Int(Int32.max), count <= Int(Int32.max), pageSize % size == 0 else {
            throw fail("blocks of \(size) weights do not divide a page of \(pageSize)")
        }
        let blockCount = pagedCount / size + (pagedCount % size == 0 ? 0 : 1)
        guard count > 0, count <= blockCount else { throw fail("\(count) of \(blockCount) blocks") }
        // The first condition keeps the second from overflowing.
        guard count <= section.count / format.width / size,
            section.count
                == Overrides.byteCount(count: count, blockSize: size, pagedCount: pagedCount, format: format)
        else { throw fail("\(section.count) bytes for \(count) blocks of \(size) weights") }

        blockSize = size
        self.count = count
        numberWidth = Overrides.numberWidth(blockSize: size, pagedCount: pagedCount)
        numbers = UnsafeRawBufferPointer(rebasing: section[8..<8 + count * numberWidth])
        self.format = format
        values = UnsafeRawBufferPointer(rebasing: section.suffix(format.width * count * size)).baseAddress!
        for index in 0..<count {
            guard block(index) < blockCount else {
                throw fail("block \(block(index)) is not one of the \(blockCount)")
            }
            guard index == 0 || block(index) > block(index - 1) else {
                throw fail("block \(block(index)) stands behind block \(block(index - 1))")
            }
        }
        try SectionDirectory.requireFinite(
            values, count: count * size, format, .overrides, network: network)
    }
}
