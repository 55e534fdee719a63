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
    /// The override that comes next, and the offset at which it begins: `Int.max` when there is none.
    private var override: Int
    private var overrideStart: Int

    init(_ weights: WeightView, _ offset: Int) {
        self.weights = weights
        pointer = weights.tail
        position = offset
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
        if let overrides = weights.overrides, position >= overrideStart {
            let inside = position - overrideStart
            pointer = overrides.values + override * overrides.blockSize + inside
            left = overrides.blockSize - inside
            override += 1
            overrideStart = weights.start(ofOverride: override)
        } else {
            let (page, inside) = position.quotientAndRemainder(dividingBy: weights.pageSize)
            pointer = weights.pages[page] + inside
            left = min(weights.pageSize - inside, overrideStart - position)
        }
        left = min(left, weights.pagedCount - position)
        position += left
    }
}

extension WeightView {
    fileprivate func start(ofOverride index: Int) -> Int {
        guard let overrides, index < overrides.count else { return .max }
        return overrides.block(index) * overrides.blockSize
    }
}
