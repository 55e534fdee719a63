// A network's flat weight vector seen through its page table and its overrides. Nothing is copied: a cursor walks from
// page to page and steps aside for blocks that the network has for itself.

/// A page table in place: for each page a frame, or the number of frames plus the index of an exclusive page.
public struct PageTableView: @unchecked Sendable {  // Immutable bytes, kept alive by the owner of the file.
    public let start: UnsafeRawPointer
    /// Bytes of an entry, 2 or 4.
    public let entryWidth: Int
    public let count: Int

    public init(start: UnsafeRawPointer, entryWidth: Int, count: Int) {
        self.start = start
        self.entryWidth = entryWidth
        self.count = count
    }

    /// - Parameter page: below `count`; the caller has checked that.
    public subscript(page: Int) -> Int {
        entryWidth == 2
            ? Int(UInt16(littleEndian: start.loadUnaligned(fromByteOffset: 2 * page, as: UInt16.self)))
            : Int(UInt32(littleEndian: start.loadUnaligned(fromByteOffset: 4 * page, as: UInt32.self)))
    }
}

/// Where the weights of one network lie.
public struct WeightView: @unchecked Sendable {  // As above.
    /// [frames][pageSize]
    public let pool: UnsafePointer<Float>
    public let frameCount: Int
    public let pageSize: Int
    /// [exclusive pages][pageSize]
    public var exclusivePages: UnsafePointer<Float>
    public let pageTable: PageTableView
    /// Weights below this number go through the page table.
    public let pagedCount: Int
    public let overrides: OverrideView?
    public let tail: UnsafePointer<Float>

    public init(
        pool: UnsafePointer<Float>, frameCount: Int, pageSize: Int, exclusivePages: UnsafePointer<Float>,
        pageTable: PageTableView, pagedCount: Int, overrides: OverrideView? = nil,
        tail: UnsafePointer<Float>
    ) {
        self.pool = pool
        self.frameCount = frameCount
        self.pageSize = pageSize
        self.exclusivePages = exclusivePages
        self.pageTable = pageTable
        self.pagedCount = pagedCount
        self.overrides = overrides
        self.tail = tail
    }

    /// A flat vector that no page table cuts.
    public init(flat: UnsafePointer<Float>) {
        self.init(
            pool: flat, frameCount: 0, pageSize: 1, exclusivePages: flat,
            pageTable: PageTableView(start: flat, entryWidth: 2, count: 0), pagedCount: 0, tail: flat)
    }

    /// Where a page lies.
    public func page(_ index: Int) -> UnsafePointer<Float> {
        let entry = pageTable[index]
        return entry < frameCount
            ? pool + entry * pageSize : exclusivePages + (entry - frameCount) * pageSize
    }

    /// Begins to read at an offset of the flat vector. The offset may be the end of it.
    func cursor(at offset: Int) -> WeightCursor { WeightCursor(self, offset) }
}

/// Reads weights in flat order, in runs that lie together in memory: up to the end of a page, of an override, of the
/// paged weights.
struct WeightCursor {
    private let weights: WeightView
    private var pointer: UnsafePointer<Float>
    /// Weights that are left of the run.
    private var left = 0
    /// Offset in the flat vector at which the next run begins.
    private var position: Int
    /// The page in which the last run lay, and the offset at which it ends.
    private var page: Int
    private var pageEnd: Int
    /// The override that comes next, and the offset at which it begins: `Int.max` when there is none.
    private var override: Int
    private var overrideStart: Int

    init(_ weights: WeightView, _ offset: Int) {
        self.weights = weights
        pointer = weights.tail
        position = offset
        page = offset / weights.pageSize
        pageEnd = (page + 1) * weights.pageSize
        override = weights.overrides.map { $0.first(from: offset / $0.blockSize) } ?? 0
        overrideStart = weights.start(ofOverride: override)
    }

    mutating func next() -> Float {
        if left == 0 { beginRun() }
        let value = pointer.pointee
        pointer += 1
        left -= 1
        return value
    }

    private mutating func beginRun() {
        guard position < weights.pagedCount else {
            pointer = weights.tail + (position - weights.pagedCount)
            left = .max
            return
        }
        if position == pageEnd {
            page += 1
            pageEnd += weights.pageSize
        }
        pointer = weights.page(page) + (position + weights.pageSize - pageEnd)
        left = min(pageEnd, weights.pagedCount) - position
        if pageEnd > overrideStart { meetOverride() }
        position += left
    }

    /// Cuts the run of this page before the next override, or makes it the run of that override, which ends in the
    /// same page.
    private mutating func meetOverride() {
        guard position >= overrideStart, let overrides = weights.overrides else {
            left = min(left, overrideStart - position)
            return
        }
        pointer = overrides.values + override * overrides.blockSize + (position - overrideStart)
        left = min(left, overrideStart + overrides.blockSize - position)
        override += 1
        overrideStart = weights.start(ofOverride: override)
    }
}

extension WeightView {
    fileprivate func start(ofOverride index: Int) -> Int {
        guard let overrides, index < overrides.count else { return .max }
        return overrides.block(index) * overrides.blockSize
    }
}
