// One look at all costs under given prices: what they prove about the optimum, and which pairs are worth keeping.
// Not a solver: it keeps no assignment.

/// What a scan found.
struct CandidateScan {
    /// Sum over the rows of the smallest cost less price.
    private(set) var rowMinima = 0.0
    /// The cheapest pairs of each row and of each column by cost less the duals.
    private(set) var candidates: [Candidate] = []
    /// Column of each row where each row in turn takes the cheapest column left; only if asked for.
    private(set) var greedy: [Candidate] = []
    /// Whether every row found a usable cost, and a column of its own where that was asked for.
    private(set) var isComplete = true

    /// - Parameters:
    ///   - costs: of all pairs.
    ///   - price: of each column.
    ///   - perRow: candidates of each row.
    ///   - perColumn: candidates of each column.
    ///   - findsGreedy: whether to make a complete assignment on the way.
    init(
        _ costs: AssignmentCosts, price: [Double], perRow: Int, perColumn: Int, findsGreedy: Bool
    ) {
        let columns = costs.columns
        let width = (columns + 7) / 8 * 8
        let paddedPrice = price + [Double](repeating: -.infinity, count: width - columns)
        var taken = [Double](repeating: 0, count: findsGreedy ? width : 0)
        var best = Shortlists(lists: 1, length: min(perRow, columns))
        var bestOfColumn = Shortlists(lists: columns, length: min(perColumn, costs.rows), padding: width)
        candidates.reserveCapacity(costs.rows * perRow + columns * perColumn)
        paddedPrice.withUnsafeBufferPointer { price in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: max(width, 1)) { reduced in
                guard let price = price.baseAddress, let reduced = reduced.baseAddress else { return }
                costs.forEachRow { row, rowCosts in
                    best.clear()
                    reduce(rowCosts, by: price, columns: columns, into: reduced)
                    best.offer(reduced, width: width) { rowCosts[$0] }
                    rowMinima += best.value[0]
                    for place in 0..<best.length where best.value[place] < .infinity {
                        candidates.append(
                            Candidate(row: Int32(row), column: best.place[place], cost: best.cost[place]))
                    }
                    if bestOfColumn.length > 0 {
                        bestOfColumn.offerEach(
                            reduced, width: width, above: best.value[0], place: row
                        ) { rowCosts[$0] }
                    }
                    isComplete = isComplete && best.value[0].isFinite
                    guard findsGreedy else { return }
                    let pick = cheapest(reduced, width: width, besides: taken)
                    guard pick >= 0 else {
                        isComplete = false
                        return
                    }
                    taken[pick] = .infinity
                    greedy.append(Candidate(row: Int32(row), column: Int32(pick), cost: rowCosts[pick]))
                }
            }
        }
        for column in 0..<columns {
            for place in (column * bestOfColumn.length)..<((column + 1) * bestOfColumn.length)
            where bestOfColumn.value[place] < .infinity {
                candidates.append(
                    Candidate(
                        row: bestOfColumn.place[place], column: Int32(column), cost: bestOfColumn.cost[place])
                )
            }
        }
    }
}

/// Costs of a row less the prices; infinite beyond the columns.
private func reduce(
    _ costs: UnsafePointer<Float>, by price: UnsafePointer<Double>, columns: Int,
    into reduced: UnsafeMutablePointer<Double>
) {
    let whole = columns / 8 * 8
    for first in stride(from: 0, to: whole, by: 8) {
        store8(SIMD8<Double>(load8(costs + first)) - load8(price + first), reduced + first)
    }
    for column in whole..<((columns + 7) / 8 * 8) {
        reduced[column] = column < columns ? Double(costs[column]) - price[column] : .infinity
    }
}

/// The first of the smallest values besides those taken, -1 where none is a number.
private func cheapest(_ values: UnsafePointer<Double>, width: Int, besides taken: [Double]) -> Int {
    var pick = -1
    var least = Double.infinity
    taken.withUnsafeBufferPointer { taken in
        guard let taken = taken.baseAddress else { return }
        for first in stride(from: 0, to: width, by: 8) {
            let open = load8(values + first) + load8(taken + first)
            guard any(open .< least) else { continue }
            for lane in 0..<8 where open[lane] < least {
                least = open[lane]
                pick = first + lane
            }
        }
    }
    return pick
}

/// Short lists of the smallest values seen, each rising; the first of equal ones stays.
private struct Shortlists {
    let length: Int
    private(set) var value: [Double]
    private(set) var place: [Int32]
    private(set) var cost: [Float]
    /// The largest value of each list, below which a value enters it; minus infinity in the padding.
    private var limit: [Double]

    init(lists: Int, length: Int, padding: Int = 0) {
        self.length = length
        value = Array(repeating: .infinity, count: lists * length)
        place = Array(repeating: 0, count: lists * length)
        cost = Array(repeating: 0, count: lists * length)
        limit = Array(repeating: .infinity, count: lists)
        limit += Array(repeating: -.infinity, count: max(padding - lists, 0))
    }

    mutating func clear() {
        for place in value.indices { value[place] = .infinity }
        for list in limit.indices { limit[list] = .infinity }
    }

    /// Offers all values to the first list, each with its place.
    mutating func offer(
        _ values: UnsafePointer<Double>, width: Int, cost: (Int) -> Float
    ) {
        var limit = self.limit[0]
        for first in stride(from: 0, to: width, by: 8) {
            let offered = load8(values + first)
            guard any(offered .< limit) else { continue }
            for lane in 0..<8 where offered[lane] < limit {
                insert(offered[lane], first + lane, cost(first + lane), in: 0)
                limit = self.limit[0]
            }
        }
    }

    /// Offers each value less `base` to a list of its own, all with one place.
    mutating func offerEach(
        _ values: UnsafePointer<Double>, width: Int, above base: Double, place: Int, cost: (Int) -> Float
    ) {
        for first in stride(from: 0, to: width, by: 8) {
            let offered = load8(values + first) - base
            let better = limit.withUnsafeBufferPointer { limit in
                limit.baseAddress.map { offered .< load8($0 + first) } ?? SIMDMask(repeating: false)
            }
            guard any(better) else { continue }
            for lane in 0..<8 where better[lane] {
                insert(offered[lane], place, cost(first + lane), in: first + lane)
            }
        }
    }

    private mutating func insert(_ new: Double, _ newPlace: Int, _ newCost: Float, in list: Int) {
        let first = list * length
        var spot = first + length - 1
        while spot > first, value[spot - 1] > new {
            value[spot] = value[spot - 1]
            place[spot] = place[spot - 1]
            cost[spot] = cost[spot - 1]
            spot -= 1
        }
        value[spot] = new
        place[spot] = Int32(newPlace)
        cost[spot] = newCost
        limit[list] = value[first + length - 1]
    }
}

@inline(__always)
private func store8(_ values: SIMD8<Double>, _ pointer: UnsafeMutablePointer<Double>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: values, as: SIMD8<Double>.self)
}
