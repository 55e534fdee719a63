// The phases of the Jonker–Volgenant method on one cost matrix: column reduction, reduction transfer, augmenting
// row reduction, shortest augmenting paths. Not a checker: LinearAssignment.solve has verified sizes and costs.

/// State of one solution. Invariant after each phase: `price[j]` are feasible duals, and each assigned row sits on
/// a column where `cost - price` is its smallest.
struct AssignmentSolver {
    /// `[rows][stride]`, infinite beyond the columns.
    private let costs: [Double]
    private let rows: Int
    private let columns: Int
    private let stride: Int
    private var columnOf: [Int]
    private var rowOf: [Int]
    private var price: [Double]
    private var freeRows: [Int] = []
    private var freeColumns: [Int] = []
    // Work of one augmentation, kept to avoid an allocation for each.
    private var distance: [Double]
    private var openPrice: [Double]
    private var previous: [Int64]

    init(costs given: UnsafeBufferPointer<Double>, rows: Int, columns: Int) {
        let stride = (columns + 7) / 8 * 8
        costs = [Double](unsafeUninitializedCapacity: rows * stride) { padded, count in
            padded.initialize(repeating: .infinity)
            for row in 0..<rows {
                for column in 0..<columns { padded[row * stride + column] = given[row * columns + column] }
            }
            count = rows * stride
        }
        self.rows = rows
        self.columns = columns
        self.stride = stride
        columnOf = Array(repeating: -1, count: rows)
        rowOf = Array(repeating: -1, count: columns)
        price = Array(repeating: 0, count: columns)
        distance = Array(repeating: 0, count: stride)
        openPrice = distance
        previous = Array(repeating: 0, count: stride)
    }

    mutating func solve() -> LinearAssignment {
        // Columns left free must keep price 0, so only a square problem may start from the column minima.
        if rows == columns { reduceColumns() }
        freeRows = (0..<rows).filter { columnOf[$0] < 0 }
        for _ in 0..<2 where !freeRows.isEmpty { reduceAugmentingRows() }
        freeColumns = (0..<columns).filter { rowOf[$0] < 0 }
        for row in freeRows { augment(from: row) }

        var rowDuals = [Double](repeating: 0, count: rows)
        var total = 0.0
        for row in 0..<rows {
            let cost = costs[row * stride + columnOf[row]]
            rowDuals[row] = cost - price[columnOf[row]]
            total += cost
        }
        return LinearAssignment(columnOfRow: columnOf, rowDuals: rowDuals, columnDuals: price, cost: total)
    }

    /// Prices each column at its smallest cost, gives it to that row if free, and then lowers the price of each
    /// assigned column by its row's lead over the second-best column.
    private mutating func reduceColumns() {
        var best = [Int](repeating: 0, count: columns)
        for column in 0..<columns { price[column] = costs[column] }
        for row in 1..<max(rows, 1) {
            let base = row * stride
            for column in 0..<columns where costs[base + column] < price[column] {
                price[column] = costs[base + column]
                best[column] = row
            }
        }
        for column in (0..<columns).reversed() where columnOf[best[column]] < 0 {
            columnOf[best[column]] = column
            rowOf[column] = best[column]
        }
        guard columns > 1 else { return }
        for row in 0..<rows where columnOf[row] >= 0 {
            let base = row * stride
            let own = columnOf[row]
            var lead = Double.infinity
            for column in 0..<columns where column != own {
                lead = min(lead, costs[base + column] - price[column])
            }
            price[own] -= max(lead, 0)
        }
    }

    /// Each free row takes its cheapest column and lowers that column's price to what the second-best would cost;
    /// a displaced row tries again at once.
    private mutating func reduceAugmentingRows() {
        var waiting = freeRows
        var left: [Int] = []
        var next = 0
        // Prices can fall by ever smaller steps; what the budget leaves is done by augmentation.
        var budget = 8 * rows
        while next < waiting.count {
            let row = waiting[next]
            next += 1
            let (first, lowest, second, secondLowest) = twoCheapest(of: row)
            let lowered = price[first] - (secondLowest - lowest)
            let strictly = second >= 0 && lowered < price[first]
            var target = first
            if strictly {
                price[first] = lowered
            } else if rowOf[first] >= 0, second >= 0, secondLowest == lowest {
                target = second
            }
            let holder = rowOf[target]
            columnOf[row] = target
            rowOf[target] = row
            guard holder >= 0 else { continue }
            columnOf[holder] = -1
            budget -= 1
            if strictly, budget > 0 {
                next -= 1
                waiting[next] = holder
            } else {
                left.append(holder)
            }
        }
        freeRows = left
    }

    private func twoCheapest(of row: Int) -> (first: Int, lowest: Double, second: Int, secondLowest: Double) {
        let base = row * stride
        var first = 0
        var second = -1
        var lowest = costs[base] - price[0]
        var secondLowest = Double.infinity
        for column in 1..<max(columns, 1) {
            let reduced = costs[base + column] - price[column]
            if reduced < secondLowest {
                if reduced < lowest {
                    second = first
                    secondLowest = lowest
                    first = column
                    lowest = reduced
                } else {
                    second = column
                    secondLowest = reduced
                }
            }
        }
        return (first, lowest, second, secondLowest)
    }

    /// Dijkstra over reduced costs from a free row to the nearest free column, then the switch along the path.
    ///
    /// A column that has been reached leaves the scan by an infinite distance and an infinitely low price, so that
    /// the inner loop has no branches.
    private mutating func augment(from start: Int) {
        var reached: [(column: Int, distance: Double)] = []
        for column in 0..<stride { distance[column] = .infinity }
        for column in 0..<columns { openPrice[column] = price[column] }
        var (column, reach) = relax(row: start, offset: 0)
        while rowOf[column] >= 0 {
            reached.append((column, reach))
            distance[column] = .infinity
            openPrice[column] = -.infinity
            let row = rowOf[column]
            let offset = reach - (costs[row * stride + column] - price[column])
            (column, reach) = relax(row: row, offset: offset)
        }
        for (column, distance) in reached { price[column] += distance - reach }
        freeColumns.removeAll { $0 == column }
        while true {
            let row = Int(previous[column])
            let next = columnOf[row]
            rowOf[column] = row
            columnOf[row] = column
            if row == start { break }
            column = next
        }
    }

    /// Shortens the distances of open columns by the way through `row`; returns the nearest open column, a free one
    /// among equals, else the first.
    private mutating func relax(row: Int, offset: Double) -> (column: Int, distance: Double) {
        let base = row * stride
        let count = stride
        var nearest = SIMD8<Double>(repeating: .infinity)
        var places = SIMD8<Int64>(repeating: 0)
        let rows = SIMD8<Int64>(repeating: Int64(row))
        let lanes = SIMD8<Int64>(0, 1, 2, 3, 4, 5, 6, 7)
        costs.withUnsafeBufferPointer { costs in
            openPrice.withUnsafeBufferPointer { openPrice in
                distance.withUnsafeMutableBytes { distance in
                    previous.withUnsafeMutableBytes { previous in
                        guard let cost = costs.baseAddress, let price = openPrice.baseAddress else { return }
                        for column in Swift.stride(from: 0, to: count, by: 8) {
                            let bytes = column * 8
                            var known = distance.loadUnaligned(fromByteOffset: bytes, as: SIMD8<Double>.self)
                            let through = load8(cost + base + column) - load8(price + column) + offset
                            let shorter = through .< known
                            known.replace(with: through, where: shorter)
                            distance.storeBytes(of: known, toByteOffset: bytes, as: SIMD8<Double>.self)
                            var way = previous.loadUnaligned(fromByteOffset: bytes, as: SIMD8<Int64>.self)
                            way.replace(with: rows, where: shorter)
                            previous.storeBytes(of: way, toByteOffset: bytes, as: SIMD8<Int64>.self)
                            let nearer = known .< nearest
                            nearest.replace(with: known, where: nearer)
                            places.replace(with: lanes &+ Int64(column), where: nearer)
                        }
                    }
                }
            }
        }
        let reach = nearest.min()
        var column = columns
        for lane in 0..<8 where nearest[lane] == reach { column = min(column, Int(places[lane])) }
        for free in freeColumns where distance[free] == reach {
            column = free
            break
        }
        return (column, reach)
    }
}
