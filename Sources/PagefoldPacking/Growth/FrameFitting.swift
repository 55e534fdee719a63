// Fits a network to frames of which most cannot move: pages choose frames, the network's own frames take the mean of
// their pages, rows take the scale that suits their frames, in turn. Weights before training; nothing here learns.

import PagefoldCore
import PagefoldEngine

/// The pages of one network on fixed frames and on frames of its own.
///
/// Minimises the second-order loss Σ F (v − a·c)², where v are the weights under the network's channel scales, c what
/// their frames hold and a a factor for each row, by coordinate descent: each of its three steps lowers the sum.
struct FrameFitting {
    /// How far the factor of a row may go: below, what its own frames hold would grow beyond what training moves.
    static let factors: ClosedRange<Float> = 0.1...4
    static let mostRounds = 16

    /// Content of every candidate, [candidates][stride], the fixed frames first.
    private var contents: [Float]
    let fixedCount: Int
    let candidateCount: Int
    /// Candidate of each page.
    private(set) var candidateOf: [Int]
    /// Factor of each row, in the order of `RowLayout.rows`.
    private(set) var factors: [Float]

    /// By how much a frame that cannot move must be better than one of the network's own: its pages are not trained.
    private let fixedCost: Float
    private let pageSize: Int
    private let stride: Int
    private let pageCount: Int
    private let weightCount: Int
    /// [pages][stride]
    private let weights: [Float]
    private var fisher: [Float]
    /// Row of each weight, [weights]; -1 where no factor applies.
    private let rowOf: [Int]
    private let rowCount: Int
    private let workers: Workers

    /// - Parameters:
    ///   - fixed: contents of the frames that cannot move, [frames][pageSize].
    ///   - own: frames that take what their pages want.
    ///   - fixedCost: factor of the loss on fixed frames, where a page has a choice.
    init(
        _ network: PagedWeights, layout: RowLayout, fixed: [Float], own: Int, fixedCost: Float = 1,
        workers: Workers
    ) {
        self.fixedCost = fixedCost
        let size = network.pageSize
        let lanes = PageStore.lanes
        let stride = (size + lanes - 1) / lanes * lanes
        func padded(_ values: [Float], _ pages: Int) -> [Float] {
            var result = [Float](repeating: 0, count: pages * stride)
            for page in 0..<pages {
                for i in 0..<size { result[page * stride + i] = values[page * size + i] }
            }
            return result
        }
        pageSize = size
        self.stride = stride
        self.workers = workers
        pageCount = network.pageCount
        weightCount = network.weightCount
        fixedCount = fixed.count / size
        candidateCount = fixedCount + own
        contents = padded(fixed, fixedCount) + [Float](repeating: 0, count: own * stride)
        weights = padded(network.weights, network.pageCount)
        fisher = padded(network.fisher, network.pageCount)
        candidateOf = [Int](repeating: -1, count: network.pageCount)
        var rows = [Int](repeating: -1, count: network.weightCount)
        for (number, row) in layout.rows.enumerated() where row.scale >= 0 {
            for i in row.range where i < rows.count { rows[i] = number }
        }
        rowOf = rows
        rowCount = layout.rows.count
        factors = [Float](repeating: 1, count: rowCount)
    }

    /// Places every page.
    mutating func run() {
        guard candidateCount > 0 else { return }
        seed()
        for _ in 0..<Self.mostRounds {
            fillOwn()
            fitFactors()
            let before = candidateOf
            choose(among: 0..<candidateCount)
            if candidateOf == before { break }
        }
        fillOwn()
    }

    /// Weights that are taken out of their page: their frame does not hear of them any more.
    mutating func ignore(_ ranges: [Range<Int>]) {
        for i in ranges.joined() where i < weightCount { fisher[place(i)] = 0 }
        fillOwn()
        fitFactors()
    }

    /// Loss of each weight, [weights].
    func losses() -> [Double] {
        (0..<weightCount).map { i in
            let content = contents[candidateOf[i / pageSize] * stride + i % pageSize]
            let distance = Double(weights[place(i)] - factor(i) * content)
            return Double(fisher[place(i)]) * distance * distance
        }
    }

    /// What a candidate holds, [pageSize].
    func content(of candidate: Int) -> ArraySlice<Float> {
        contents[candidate * stride..<candidate * stride + pageSize]
    }

    /// Factor of the row that a weight belongs to.
    func factor(_ weight: Int) -> Float { rowOf[weight] < 0 ? 1 : factors[rowOf[weight]] }

    private func place(_ weight: Int) -> Int { weight / pageSize * stride + weight % pageSize }

    // MARK: Steps

    /// The pages that lose most on fixed frames begin on frames of their own.
    private mutating func seed() {
        let own = candidateCount - fixedCount
        var order = Array(0..<pageCount)
        if fixedCount > 0 {
            choose(among: 0..<fixedCount)
            fitFactors()
            choose(among: 0..<fixedCount)
        }
        let loss = pageLosses()
        order.sort { (loss[$0], $1) > (loss[$1], $0) }
        for (index, page) in order.prefix(own).enumerated() { candidateOf[page] = fixedCount + index }
        if fixedCount == 0 {
            fillOwn()
            choose(among: 0..<candidateCount)
        }
    }

    /// Where there is no frame yet, the loss of a page is that of weights 0.
    private func pageLosses() -> [Double] {
        (0..<pageCount).map { page in
            let candidate = candidateOf[page]
            return (page * pageSize..<min((page + 1) * pageSize, weightCount)).reduce(0.0) { sum, i in
                let content = candidate < 0 ? 0 : contents[candidate * stride + i % pageSize]
                let distance = Double(weights[place(i)] - factor(i) * content)
                return sum + Double(fisher[place(i)]) * distance * distance
            }
        }
    }

    /// Each page takes the candidate that costs it least, the first of equals.
    private mutating func choose(among candidates: Range<Int>) {
        let chosen = FloatBuffer(count: pageCount)
        workers.run(tickets: pageCount) { page, _ in
            chosen.pointer[page] = Float(cheapest(for: page, among: candidates))
        }
        candidateOf = chosen.values.map { Int($0) }
    }

    private func cheapest(for page: Int, among candidates: Range<Int>) -> Int {
        var factor = [Float](repeating: 1, count: stride)
        for i in page * pageSize..<min((page + 1) * pageSize, weightCount) {
            factor[i % pageSize] = self.factor(i)
        }
        var best = candidates.lowerBound
        var least = Float.infinity
        contents.withUnsafeBufferPointer { contents in
            weights.withUnsafeBufferPointer { weights in
                fisher.withUnsafeBufferPointer { fisher in
                    factor.withUnsafeBufferPointer { factor in
                        let v = weights.baseAddress! + page * stride
                        let f = fisher.baseAddress! + page * stride
                        for candidate in candidates {
                            var cost = distance(
                                v, f, factor.baseAddress!, contents.baseAddress! + candidate * stride, stride)
                            if candidate < fixedCount { cost *= fixedCost }
                            if cost < least {
                                least = cost
                                best = candidate
                            }
                        }
                    }
                }
            }
        }
        return best
    }

    /// A frame of its own holds Σ F a v / Σ F a² of its pages; one that nobody has chosen takes over the costliest
    /// page.
    private mutating func fillOwn() {
        guard candidateCount > fixedCount else { return }
        var users = [[Int]](repeating: [], count: candidateCount)
        for (page, candidate) in candidateOf.enumerated() where candidate >= 0 {
            users[candidate].append(page)
        }
        let empty = (fixedCount..<candidateCount).filter { users[$0].isEmpty }
        if !empty.isEmpty {
            let loss = pageLosses()
            let waiting = candidateOf.indices.filter { loss[$0] > 0 }
                .sorted { (loss[$0], $1) > (loss[$1], $0) }
            for (candidate, page) in zip(empty, waiting) {
                users[candidateOf[page]].removeAll { $0 == page }
                users[candidate] = [page]
                candidateOf[page] = candidate
            }
        }
        for candidate in fixedCount..<candidateCount where !users[candidate].isEmpty {
            for i in 0..<pageSize {
                var sum = 0.0
                var weighted = 0.0
                var plain = 0.0
                for page in users[candidate] where page * pageSize + i < weightCount {
                    let a = Double(factor(page * pageSize + i))
                    let f = Double(fisher[page * stride + i])
                    sum += f * a * a
                    weighted += f * a * Double(weights[page * stride + i])
                    plain += Double(weights[page * stride + i]) / a
                }
                let mean = sum > 1e-30 ? weighted / sum : plain / Double(users[candidate].count)
                contents[candidate * stride + i] = Float(mean)
            }
        }
    }

    /// The factor of a row is Σ F v c / Σ F c², the least squares, within bounds.
    private mutating func fitFactors() {
        var product = [Double](repeating: 0, count: rowCount)
        var square = product
        for i in 0..<weightCount where rowOf[i] >= 0 {
            let content = Double(contents[candidateOf[i / pageSize] * stride + i % pageSize])
            let f = Double(fisher[place(i)])
            product[rowOf[i]] += f * Double(weights[place(i)]) * content
            square[rowOf[i]] += f * content * content
        }
        for row in 0..<rowCount where square[row] > 1e-30 {
            let bounds = Self.factors
            factors[row] = min(max(Float(product[row] / square[row]), bounds.lowerBound), bounds.upperBound)
        }
    }
}

/// Σ F (v − a·c)² over one page.
private func distance(
    _ v: UnsafePointer<Float>, _ f: UnsafePointer<Float>, _ a: UnsafePointer<Float>,
    _ c: UnsafePointer<Float>, _ count: Int
) -> Float {
    var sum = SIMD8<Float>.zero
    var i = 0
    while i < count {
        let d = load8(v + i) - load8(a + i) * load8(c + i)
        sum += load8(f + i) * d * d
        i += PageStore.lanes
    }
    return sum.sum()
}
