// Which pages of which networks live on which frame: the page tables, turned round. It holds no weights.

/// One page of one network.
public struct PageReference: Hashable, Sendable {
    public let network: Int
    public let page: Int

    public init(network: Int, page: Int) {
        self.network = network
        self.page = page
    }
}

/// Users of every frame, in a fixed order. Exclusive pages are frames too, after the shared ones, used by one network
/// each: training treats them alike.
public struct FrameTable: Sendable {
    public let pageSize: Int
    /// Frames of the pool; those after them hold exclusive pages.
    public let sharedCount: Int
    /// For each network: page → frame.
    public let frameOf: [[Int]]
    public let users: [[PageReference]]

    public var frameCount: Int { users.count }

    /// - Parameters:
    ///   - frameCount: frames of the pool.
    ///   - frameOf: for each network, the frame of each page; numbers from `frameCount` on are exclusive pages.
    public init(pageSize: Int, frameCount: Int, frameOf: [[Int]]) {
        self.init(pageSize: pageSize, frameCount: frameCount, frameOf: frameOf, total: 0)
    }

    /// - Parameter total: frames and exclusive pages, where page tables do not name all of them.
    public init(pageSize: Int, frameCount: Int, frameOf: [[Int]], total: Int) {
        self.pageSize = pageSize
        self.frameOf = frameOf
        sharedCount = frameCount
        let frames = max(frameCount, (frameOf.joined().max() ?? -1) + 1, total)
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

    /// The page table of a network as a fold has it, and the frames of its exclusive pages in the order of the table.
    /// Several pages of the network may be on one of them.
    public func folded(_ network: Int) -> (pageTable: [Int], exclusiveFrames: [Int]) {
        var exclusive = [Int]()
        var places = [Int: Int]()
        let table = frameOf[network].map { frame in
            if frame < sharedCount { return frame }
            if let place = places[frame] { return place }
            exclusive.append(frame)
            places[frame] = sharedCount + exclusive.count - 1
            return sharedCount + exclusive.count - 1
        }
        return (table, exclusive)
    }
}

/// Which patches each network has: runs of weights that it keeps to itself although their page is on a shared frame.
public struct PatchTable: Hashable, Sendable, Codable {
    /// Weights in a patch; it divides the page size.
    public var size: Int
    /// For each network the indices of its patches, rising: patch i is weights [i·size, (i+1)·size).
    public var indices: [[Int]]

    public init(size: Int, indices: [[Int]]) {
        self.size = size
        self.indices = indices
    }

    public static func none(networks: Int) -> PatchTable {
        PatchTable(size: 1, indices: Array(repeating: [], count: networks))
    }
}

/// What joint training reads and leaves as it is.
public struct FrozenParts: Sendable {
    public var frames: Set<Int>
    /// Networks whose tails and patches stay.
    public var networks: Set<Int>

    public init(frames: Set<Int> = [], networks: Set<Int> = []) {
        self.frames = frames
        self.networks = networks
    }
}
