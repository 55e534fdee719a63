// A network's flat weight vector seen through its page table. Nothing is copied: a cursor walks from page to page.

/// Where the weights of one network lie.
public struct WeightView {
    /// One pointer for each page, to `pageSize` weights.
    let pages: UnsafePointer<UnsafePointer<Float>>
    let pageSize: Int
    let pagedCount: Int
    let tail: UnsafePointer<Float>

    public init(
        pages: UnsafePointer<UnsafePointer<Float>>, pageSize: Int, pagedCount: Int, tail: UnsafePointer<Float>
    ) {
        self.pages = pages
        self.pageSize = pageSize
        self.pagedCount = pagedCount
        self.tail = tail
    }

    /// Begins to read at an offset of the flat vector. The offset may be the end of it.
    func cursor(at offset: Int) -> WeightCursor { WeightCursor(self, offset) }
}

/// Reads weights in flat order.
struct WeightCursor {
    private let weights: WeightView
    private var pointer: UnsafePointer<Float>
    private var left: Int
    private var page: Int

    init(_ weights: WeightView, _ offset: Int) {
        self.weights = weights
        if offset < weights.pagedCount {
            page = offset / weights.pageSize
            let inside = offset % weights.pageSize
            pointer = weights.pages[page] + inside
            left = min(weights.pageSize - inside, weights.pagedCount - offset)
        } else {
            page = -1
            pointer = weights.tail + (offset - weights.pagedCount)
            left = .max
        }
    }

    mutating func next() -> Float {
        if left == 0 { turnPage() }
        let value = pointer.pointee
        pointer += 1
        left -= 1
        return value
    }

    private mutating func turnPage() {
        page += 1
        let start = page * weights.pageSize
        if start < weights.pagedCount {
            pointer = weights.pages[page]
            left = min(weights.pageSize, weights.pagedCount - start)
        } else {
            pointer = weights.tail
            left = .max
        }
    }
}
