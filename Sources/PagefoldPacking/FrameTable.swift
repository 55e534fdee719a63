// Which pages of which networks live on which frame: the page tables, turned round. It holds no weights.

/// One page of one network.
struct PageReference: Hashable, Sendable {
    let network: Int
    let page: Int
}

/// Users of every frame, in a fixed order.
public struct FrameTable: Sendable {
    public let pageSize: Int
    /// For each network: page → frame.
    let frameOf: [[Int]]
    let users: [[PageReference]]

    public var frameCount: Int { users.count }

    /// - Parameter frameOf: for each network, the frame of each page.
    public init(pageSize: Int, frameCount: Int, frameOf: [[Int]]) {
        self.pageSize = pageSize
        self.frameOf = frameOf
        let frames = max(frameCount, (frameOf.joined().max() ?? -1) + 1)
        var users = [[PageReference]](repeating: [], count: frames)
        for (network, table) in frameOf.enumerated() {
            for (page, frame) in table.enumerated() {
                users[frame].append(PageReference(network: network, page: page))
            }
        }
        self.users = users
    }

    /// Each network on frames of its own: training without sharing.
    public init(pageSize: Int, pagedCounts: [Int]) {
        var next = 0
        let tables = pagedCounts.map { count in
            let pages = (count + pageSize - 1) / pageSize
            defer { next += pages }
            return Array(next..<next + pages)
        }
        self.init(pageSize: pageSize, frameCount: next, frameOf: tables)
    }
}
