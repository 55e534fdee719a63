// The pages of all networks side by side, in the stride that the SIMD kernels read.
// Not public: callers speak of (network, page); only the matching counts pages through all networks.

import PagefoldCore

/// Pages of all networks, numbered through: page `p` of network `k` is `firstPage[k] + p`.
struct PageStore: Sendable {
    /// Values of one step in Double.
    static let lanes = 8
    /// The stride of a page is a multiple of this, as the kernel asks.
    static let alignment = 16

    let pageSize: Int
    let stride: Int
    let count: Int
    /// First page of each network, and the page count at the end.
    let firstPage: [Int]
    /// Network of each page.
    let networkOf: [Int]
    /// `[count][stride]`; 0 beyond the page size.
    let weights: [Float]
    let fisher: [Float]
    /// Fisher sum of each page.
    let fisherSum: [Double]

    init(_ networks: [PagedWeights]) throws(InputError) {
        guard let first = networks.first else {
            throw InputError(
                .part("matching"), field: "networks", problem: "none given", remedy: "give at least one")
        }
        for network in networks where network.pageSize != first.pageSize {
            throw InputError(
                .network(network.name), field: "page size",
                problem: "\(network.pageSize) differs from \(first.pageSize) of \(first.name)",
                remedy: "cut all networks into pages of one size")
        }
        let size = first.pageSize
        let stride = (size + Self.alignment - 1) / Self.alignment * Self.alignment
        var starts = [0]
        for network in networks { starts.append(starts[starts.count - 1] + network.pageCount) }
        let count = starts[starts.count - 1]
        var weights = [Float](repeating: 0, count: count * stride)
        var fisher = weights
        var sums = [Double](repeating: 0, count: count)
        for (index, network) in networks.enumerated() {
            for page in 0..<network.pageCount {
                let target = starts[index] + page
                for i in 0..<size {
                    weights[target * stride + i] = network.weights[page * size + i]
                    fisher[target * stride + i] = network.fisher[page * size + i]
                    sums[target] += Double(network.fisher[page * size + i])
                }
            }
        }
        self.pageSize = size
        self.stride = stride
        self.count = count
        self.firstPage = starts
        self.networkOf = networks.indices.flatMap { Array(repeating: $0, count: networks[$0].pageCount) }
        self.weights = weights
        self.fisher = fisher
        self.fisherSum = sums
    }

    var networkCount: Int { firstPage.count - 1 }

    func pages(of network: Int) -> Range<Int> { firstPage[network]..<firstPage[network + 1] }

    /// Largest pool that is accepted, in weights: 4 GiB of float32.
    static let largestPool = 1 << 30

    /// Refuses a pool of no frames, and one too large to hold in memory, before anything of its size is allocated.
    func checkFrameCount(_ frameCount: Int) throws(InputError) {
        guard frameCount > 0, frameCount <= Self.largestPool / stride else {
            throw InputError(
                .part("matching"), field: "frames", problem: "\(frameCount) frames of \(pageSize) weights",
                remedy: "give 1...\(Self.largestPool / stride) frames")
        }
    }
}
