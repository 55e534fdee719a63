// Exact assignment on a graph of candidates by shortest augmenting paths, begun from any prices.
// Not a judge of pairs outside the graph: SparseAssignment prices those.

/// State of an assignment on a growing graph. After `solve` each row sits where cost less price is its smallest
/// among its candidates. In a rectangular problem the columns left over are *spare*: all of one price, 0 at the
/// end, which no other exceeds. They are held by a row that stands for nothing and may take any column at no cost.
struct SparseSolver {
    private static let free: Int32 = -1
    private static let spare: Int32 = -2

    let rows: Int
    let columns: Int
    private(set) var columnOf: [Int32]
    private(set) var price: [Double]
    private var ownCost: [Float]
    private var rowOf: [Int32]
    /// Columns that may be free at the price of the spare ones.
    private var freeAtTop: [Int32] = []
    // Work of one augmentation.
    private var distance: [Double]
    private var previous: [Int32]
    private var touched: [Int32] = []
    private var heap = DistanceHeap()

    /// - Parameters:
    ///   - price: any first prices, one for each column; the nearer to the optimum the faster.
    init(rows: Int, columns: Int, price given: [Double]) {
        self.rows = rows
        self.columns = columns
        columnOf = Array(repeating: Self.free, count: rows)
        ownCost = Array(repeating: 0, count: rows)
        rowOf = Array(repeating: Self.free, count: columns)
        price = given
        distance = Array(repeating: .infinity, count: columns)
        previous = Array(repeating: 0, count: columns)
        guard columns > rows else { return }
        // The dearest columns are spare, the last ones among equals.
        let order = (0..<columns).sorted { (given[$0], $0) > (given[$1], $1) }
        let level = given[order[columns - rows - 1]]
        for column in order[..<(columns - rows)] { rowOf[column] = Self.spare }
        for column in 0..<columns { price[column] = min(given[column], level) - level }
        freeAtTop = (0..<Int32(columns)).filter { rowOf[Int($0)] == Self.free && price[Int($0)] == 0 }
            .reversed()
    }

    /// Cost of the assignment.
    var cost: Double { ownCost.reduce(0) { $0 + Double($1) } }

    /// Assigns every row. The graph must hold a complete assignment, and all candidates of earlier calls.
    mutating func solve(_ graph: CandidateGraph) {
        for row in 0..<rows where columnOf[row] >= 0 {
            let own = Int(columnOf[row])
            let tight = Double(ownCost[row]) - price[own]
            // Rounding of the prices must not free rows for nothing.
            let slack = 1e-13 * (abs(Double(ownCost[row])) + abs(price[own]))
            for place in graph.start[row]..<graph.start[row + 1]
            where Double(graph.cost[place]) - price[Int(graph.column[place])] < tight - slack {
                columnOf[row] = Self.free
                rowOf[own] = Self.free
                if price[own] == 0 { freeAtTop.append(Int32(own)) }
                break
            }
        }
        var waiting = (0..<rows).filter { columnOf[$0] < 0 }
        for _ in 0..<2 where !waiting.isEmpty { waiting = bid(for: waiting, graph) }
        for row in waiting { augment(from: row, graph) }
        guard columns > rows, let level = rowOf.firstIndex(of: Self.spare).map({ price[$0] }), level != 0
        else { return }
        for column in 0..<columns { price[column] -= level }
    }

    private mutating func assign(_ row: Int, _ place: Int, _ graph: CandidateGraph) {
        columnOf[row] = graph.column[place]
        rowOf[Int(graph.column[place])] = Int32(row)
        ownCost[row] = graph.cost[place]
    }

    /// Each waiting row takes its cheapest column and lowers that column's price to what its second-best would
    /// cost; a displaced row tries again at once. Returns the rows that are left.
    private mutating func bid(for list: [Int], _ graph: CandidateGraph) -> [Int] {
        var waiting = list
        var left: [Int] = []
        var next = 0
        var budget = 8 * rows
        while next < waiting.count {
            let row = waiting[next]
            next += 1
            var (first, second) = (-1, -1)
            var (lowest, secondLowest) = (Double.infinity, Double.infinity)
            for place in graph.start[row]..<graph.start[row + 1] {
                let reduced = Double(graph.cost[place]) - price[Int(graph.column[place])]
                guard reduced < secondLowest else { continue }
                if reduced < lowest {
                    (second, secondLowest) = (first, lowest)
                    (first, lowest) = (place, reduced)
                } else {
                    (second, secondLowest) = (place, reduced)
                }
            }
            var target = first
            var strictly = second >= 0 && secondLowest > lowest
            if !strictly, second >= 0, rowOf[Int(graph.column[first])] != Self.free { target = second }
            let column = Int(graph.column[target])
            if rowOf[column] == Self.spare {
                guard let other = takeFreeAtTop() else {
                    left.append(row)
                    continue
                }
                rowOf[other] = Self.spare
                rowOf[column] = Self.free
            }
            let lowered = price[column] - (secondLowest - lowest)
            if strictly {
                strictly = lowered < price[column]
                price[column] = lowered
            }
            let holder = Int(rowOf[column])
            assign(row, target, graph)
            guard holder >= 0 else { continue }
            columnOf[holder] = Self.free
            budget -= 1
            if strictly, budget > 0 {
                next -= 1
                waiting[next] = holder
            } else {
                left.append(holder)
            }
        }
        return left
    }

    private mutating func takeFreeAtTop() -> Int? {
        guard columns > rows else { return nil }
        while let column = freeAtTop.popLast() {
            if rowOf[Int(column)] == Self.free, price[Int(column)] == 0 { return Int(column) }
        }
        return nil
    }

    /// Dijkstra over reduced costs from a free row to the nearest free column, then the switch along the path.
    /// Columns farther than the nearest free one found so far are not looked at.
    private mutating func augment(from start: Int, _ graph: CandidateGraph) {
        var nearest = (column: -1, distance: Double.infinity)
        var reached: [(column: Int, distance: Double)] = []
        var spareDistance = Double.infinity
        var spareEntry = -1
        relax(start, offset: 0, graph, &nearest)
        while let (near, column) = heap.pop() {
            guard near < nearest.distance else { break }
            guard near == distance[column] else { continue }
            // Settled: no way back to it is shorter. Rounding may say otherwise, and would then go in circles.
            distance[column] = -.infinity
            let row = Int(rowOf[column])
            if row == Int(Self.spare) {
                guard spareEntry < 0 else { continue }
                spareEntry = column
                spareDistance = near
                relaxSpare(offset: near + price[column], &nearest)
            } else {
                reached.append((column, near))
                relax(row, offset: near - (Double(ownCost[row]) - price[column]), graph, &nearest)
            }
        }
        heap.removeAll()
        precondition(nearest.column >= 0, "the graph holds a complete assignment")
        for (column, near) in reached { price[column] += near - nearest.distance }
        if spareEntry >= 0 {
            let change = spareDistance - nearest.distance
            for column in 0..<columns where rowOf[column] == Self.spare { price[column] += change }
        }
        for column in touched { distance[Int(column)] = .infinity }
        touched.removeAll(keepingCapacity: true)
        var column = nearest.column
        while true {
            let row = previous[column]
            if row == Self.spare {
                rowOf[column] = Self.spare
                column = spareEntry
                continue
            }
            let next = columnOf[Int(row)]
            var place = graph.start[Int(row)]
            while graph.column[place] != Int32(column) { place += 1 }
            assign(Int(row), place, graph)
            if Int(row) == start { break }
            column = Int(next)
        }
    }

    /// Shortens distances by the way through a row.
    @inline(__always)
    private mutating func relax(
        _ row: Int, offset: Double, _ graph: CandidateGraph, _ nearest: inout (column: Int, distance: Double)
    ) {
        for place in graph.start[row]..<graph.start[row + 1] {
            let column = Int(graph.column[place])
            let through = offset + (Double(graph.cost[place]) - price[column])
            shorten(column, to: through, by: Int32(row), &nearest)
        }
    }

    /// The same through the row that holds the spare columns.
    private mutating func relaxSpare(offset: Double, _ nearest: inout (column: Int, distance: Double)) {
        for column in 0..<columns where rowOf[column] != Self.spare {
            shorten(column, to: offset - price[column], by: Self.spare, &nearest)
        }
    }

    @inline(__always)
    private mutating func shorten(
        _ column: Int, to through: Double, by row: Int32, _ nearest: inout (column: Int, distance: Double)
    ) {
        guard through < nearest.distance, through < distance[column] else { return }
        if distance[column] == .infinity { touched.append(Int32(column)) }
        distance[column] = through
        previous[column] = row
        if rowOf[column] == Self.free {
            nearest = (column, through)
        } else {
            heap.push(through, column)
        }
    }
}

/// A binary heap of columns by distance, the lower column first among equals.
private struct DistanceHeap {
    private var items: [(distance: Double, column: Int32)] = []

    mutating func removeAll() { items.removeAll(keepingCapacity: true) }

    mutating func push(_ distance: Double, _ column: Int) {
        let item = (distance: distance, column: Int32(column))
        items.append(item)
        var hole = items.count - 1
        while hole > 0 {
            let parent = (hole - 1) / 2
            guard item < items[parent] else { break }
            items[hole] = items[parent]
            hole = parent
        }
        items[hole] = item
    }

    mutating func pop() -> (distance: Double, column: Int)? {
        guard let top = items.first, let item = items.popLast() else { return nil }
        guard !items.isEmpty else { return (top.distance, Int(top.column)) }
        var hole = 0
        while true {
            var child = 2 * hole + 1
            guard child < items.count else { break }
            if child + 1 < items.count, items[child + 1] < items[child] { child += 1 }
            guard items[child] < item else { break }
            items[hole] = items[child]
            hole = child
        }
        items[hole] = item
        return (top.distance, Int(top.column))
    }
}
