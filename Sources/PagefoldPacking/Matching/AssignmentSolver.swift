// The phases of the Jonker–Volgenant method on one cost matrix: column reduction, reduction transfer, augmenting
// row reduction, shortest augmenting paths. Not a checker: LinearAssignment.solve has verified sizes and costs.

/// State of one solution. Invariant after each phase: `price[j]` are feasible duals, and each assigned row sits on
/// a column where `cost - price` is its smallest.
struct AssignmentSolver {
    private let costs: UnsafeBufferPointer<Double>
    private let rows: Int
    private let columns: Int
    private var columnOf: [Int]
    private var rowOf: [Int]
    private var price: [Double]
    private var freeRows: [Int] = []
    // Work of one augmentation, kept to avoid an allocation for each.
    private var distance: [Double]
    private var previous: [Int]
    private var open: [Int]

    init(costs: UnsafeBufferPointer<Double>, rows: Int, columns: Int) {
        self.costs = costs
        self.rows = rows
        self.columns = columns
        columnOf = Array(repeating: -1, count: rows)
        rowOf = Array(repeating: -1, count: columns)
        price = Array(repeating: 0, count: columns)
        distance = price
        previous = Array(repeating: 0, count: columns)
        open = previous
    }

    mutating func solve() -> LinearAssignment {
        // Columns left free must keep price 0, so only a square problem may start from the column minima.
        if rows == columns { reduceColumns() }
        freeRows = (0..<rows).filter { columnOf[$0] < 0 }
        for _ in 0..<2 where !freeRows.isEmpty { reduceAugmentingRows() }
        for row in freeRows { augment(from: row) }

        var rowDuals = [Double](repeating: 0, count: rows)
        var total = 0.0
        for row in 0..<rows {
            let cost = costs[row * columns + columnOf[row]]
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
            let base = row * columns
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
            let base = row * columns
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
        let base = row * columns
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
    private mutating func augment(from start: Int) {
        for column in 0..<columns {
            distance[column] = costs[start * columns + column] - price[column]
            previous[column] = start
            open[column] = column
        }
        var openCount = columns
        var sink = -1
        var reach = 0.0
        while sink < 0 {
            // The nearest open column; a free one wins a tie, then the lower index.
            var place = 0
            for candidate in 1..<max(openCount, 1) where isNearer(open[candidate], open[place]) {
                place = candidate
            }
            let column = open[place]
            reach = distance[column]
            openCount -= 1
            open[place] = open[openCount]
            open[openCount] = column
            let row = rowOf[column]
            if row < 0 {
                sink = column
                break
            }
            let base = row * columns
            let offset = reach - (costs[base + column] - price[column])
            for index in 0..<openCount {
                let other = open[index]
                let through = costs[base + other] - price[other] + offset
                if through < distance[other] {
                    distance[other] = through
                    previous[other] = row
                }
            }
        }
        // Columns were moved to the end of `open` as they were reached, the sink last of all.
        for index in (openCount + 1)..<max(columns, openCount + 1) {
            price[open[index]] += distance[open[index]] - reach
        }
        var column = sink
        while true {
            let row = previous[column]
            let next = columnOf[row]
            rowOf[column] = row
            columnOf[row] = column
            if row == start { break }
            column = next
        }
    }

    private func isNearer(_ a: Int, _ b: Int) -> Bool {
        if distance[a] != distance[b] { return distance[a] < distance[b] }
        if (rowOf[a] < 0) != (rowOf[b] < 0) { return rowOf[a] < 0 }
        return a < b
    }
}
