// A network's flat weight vector seen through its page table and its patches. Nothing is copied: a cursor walks from
// page to page and steps aside for blocks that the network has for itself.

/// A page table in place: for each page a frame, or the number of frames plus the index of an exclusive page.
public struct PageTableView: @unchecked Sendable {  // Immutable bytes, kept alive by the owner of the file.
    public let start: UnsafeRawPointer
    /// Bits of an entry, 1 to `FoldFormat.mostEntryBits`.
    public let entryBits: Int
    public let count: Int
    /// Zero bytes behind the last entry, so that it can be read four bytes at a time.
    public static let slack = 3

    public init(start: UnsafeRawPointer, entryBits: Int, count: Int) {
        self.start = start
        self.entryBits = entryBits
        self.count = count
    }

    /// Bytes of a table with so many entries.
    /// - Returns: nil when no memory could hold it.
    package static func byteCount<Word: FixedWidthInteger & SignedInteger>(entries: Word, entryBits: Word)
        -> Word?
    {
        let bytes = (FileSize(entries) * entryBits).rounded(upTo: 8).value.map { $0 / 8 }
        return (FileSize(bytes) + Word(slack)).value
    }

    /// - Parameter page: below `count`; the caller has checked that.
    public subscript(page: Int) -> Int {
        let bit = page * entryBits
        let word = UInt32(littleEndian: start.loadUnaligned(fromByteOffset: bit / 8, as: UInt32.self))
        return Int(word >> UInt32(bit % 8) & (1 << UInt32(entryBits) - 1))
    }
}

/// Where the weights of one network lie.
public struct WeightView: @unchecked Sendable {  // As above.
    public let pool: FrameView
    public var exclusivePages: FrameView
    public let pageTable: PageTableView
    /// Weights below this number go through the page table.
    public let pagedCount: Int
    public let patches: PatchView?
    /// Numbers of `vectorFormat`.
    public let tail: UnsafeRawPointer
    public let vectorFormat: NumberFormat

    public var frameCount: Int { pool.count }
    public var pageSize: Int { pool.pageSize }

    public init(
        pool: FrameView, exclusivePages: FrameView, pageTable: PageTableView, pagedCount: Int,
        patches: PatchView? = nil, tail: UnsafeRawPointer, vectorFormat: NumberFormat = .float32
    ) {
        self.pool = pool
        self.exclusivePages = exclusivePages
        self.pageTable = pageTable
        self.pagedCount = pagedCount
        self.patches = patches
        self.tail = tail
        self.vectorFormat = vectorFormat
    }

    /// A flat vector that no page table cuts.
    public init(flat: UnsafePointer<Float>) {
        let none = FrameView(section: flat, format: .float32, pageSize: 1, count: 0)
        self.init(
            pool: none, exclusivePages: none, pageTable: PageTableView(start: flat, entryBits: 1, count: 0),
            pagedCount: 0, tail: flat)
    }

    /// Where a page lies.
    package func page(_ index: Int) -> FrameRun {
        let entry = pageTable[index]
        let (frames, frame) =
            entry < pool.count ? (pool, entry) : (exclusivePages, entry - pool.count)
        return FrameRun(
            codes: frames.codes + frame * frames.stride, format: frames.format, quantum: frames.quantum(frame)
        )
    }

    /// Begins to read at an offset of the flat vector. The offset may be the end of it.
    func cursor(at offset: Int) -> WeightCursor { WeightCursor(self, offset) }

    /// Copies the paged weights to `target`, [pagedCount], as float32: what runtimes without paging do at a switch.
    public func copyPaged(to target: UnsafeMutablePointer<Float>) {
        for index in 0..<pageTable.count {
            let count = min(pageSize, pagedCount - index * pageSize)
            page(index).copy(0..<count, to: target + index * pageSize)
        }
        guard let patches else { return }
        let values = vectorRun(patches.values)
        let size = patches.size
        for index in 0..<patches.count {
            let start = patches.index(index) * size
            values.copy(index * size..<index * size + min(size, pagedCount - start), to: target + start)
        }
    }

    /// Copies the `count` weights of the tail.
    public func copyTail(count: Int, to target: UnsafeMutablePointer<Float>) {
        vectorRun(tail).copy(0..<count, to: target)
    }
}

/// Reads weights in flat order, in runs that lie together in memory: up to the end of a page, of an patch, of the
/// paged weights.
struct WeightCursor {
    private let weights: WeightView
    private var run: FrameRun
    /// The next weight of the run.
    private var index = 0
    /// Weights that are left of the run.
    private var left = 0
    /// Offset in the flat vector at which the next run begins.
    private var position: Int
    /// The page in which the last run lay, and the offset at which it ends.
    private var page: Int
    private var pageEnd: Int
    /// The patch that comes next, and the offset at which it begins: `Int.max` when there is none.
    private var patch: Int
    private var patchStart: Int

    init(_ weights: WeightView, _ offset: Int) {
        self.weights = weights
        run = weights.vectorRun(weights.tail)
        position = offset
        page = offset / weights.pageSize
        pageEnd = (page + 1) * weights.pageSize
        patch = weights.patches.map { $0.first(from: offset / $0.size) } ?? 0
        patchStart = weights.start(ofPatch: patch)
    }

    mutating func next() -> Float {
        if left == 0 { beginRun() }
        let value = run.value(index)
        index += 1
        left -= 1
        return value
    }

    private mutating func beginRun() {
        guard position < weights.pagedCount else {
            run = weights.vectorRun(weights.tail)
            index = position - weights.pagedCount
            left = .max
            return
        }
        if position == pageEnd {
            page += 1
            pageEnd += weights.pageSize
        }
        run = weights.page(page)
        index = position + weights.pageSize - pageEnd
        left = min(pageEnd, weights.pagedCount) - position
        if pageEnd > patchStart { meetPatch() }
        position += left
    }

    /// Cuts the run of this page before the next patch, or makes it the run of that patch, which ends in the
    /// same page.
    private mutating func meetPatch() {
        guard position >= patchStart, let patches = weights.patches else {
            left = min(left, patchStart - position)
            return
        }
        run = weights.vectorRun(patches.values)
        index = patch * patches.size + (position - patchStart)
        left = min(left, patchStart + patches.size - position)
        patch += 1
        patchStart = weights.start(ofPatch: patch)
    }
}

extension WeightView {
    fileprivate func vectorRun(_ start: UnsafeRawPointer) -> FrameRun {
        FrameRun(codes: start, format: vectorFormat, quantum: 1)
    }

    fileprivate func start(ofPatch index: Int) -> Int {
        guard let patches, index < patches.count else { return .max }
        return patches.index(index) * patches.size
    }
}
