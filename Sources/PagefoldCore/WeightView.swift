// A network's flat weight vector seen through its page table and its overrides. Nothing is copied: a cursor walks from
// page to page and steps aside for blocks that the network has for itself.

/// Where the weights of one network lie.
public struct WeightView {
    /// One pointer for each page, to `pageSize` weights.
    let pages: UnsafePointer<UnsafePointer<Float>>
    let pageSize: Int
    let pagedCount: Int
    let overrides: OverrideView?
    let tail: UnsafePointer<Float>

    public init(
        pages: UnsafePointer<UnsafePointer<Float>>, pageSize: Int, pagedCount: Int,
        overrides: OverrideView? = nil, tail: UnsafePointer<Float>
    ) {
        self.pages = pages
        self.pageSize = pageSize
        self.pagedCount = pagedCount
        self.overrides = overrides
        self.tail = tail
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
        pointer = weights.pages[page] + (position + weights.pageSize - pageEnd)
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
