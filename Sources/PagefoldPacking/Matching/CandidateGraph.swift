// The pairs of rows and columns that a sparse assignment may use. Not all pairs, and not their duals.

/// A row, a column and what the pair costs.
struct Candidate {
    let row: Int32
    let column: Int32
    let cost: Float
}

/// Candidates by rows: those of row `i` stand at `start[i]..<start[i + 1]`, columns rising, none twice.
struct CandidateGraph {
    private(set) var start: [Int]
    private(set) var column: [Int32] = []
    private(set) var cost: [Float] = []

    init(rows: Int) { start = Array(repeating: 0, count: rows + 1) }

    /// Adds candidates; those that are there already change nothing. Returns how many were new.
    mutating func add(_ added: [Candidate]) -> Int {
        let rows = start.count - 1
        var fill = [Int](repeating: 0, count: rows + 1)
        for row in 0..<rows { fill[row + 1] = start[row + 1] - start[row] }
        for candidate in added { fill[Int(candidate.row) + 1] += 1 }
        for row in 0..<rows { fill[row + 1] += fill[row] }
        var merged = [(column: Int32, cost: Float)](repeating: (0, 0), count: fill[rows])
        var bounds = fill
        for row in 0..<rows {
            for place in start[row]..<start[row + 1] {
                merged[fill[row]] = (column[place], cost[place])
                fill[row] += 1
            }
        }
        for candidate in added {
            merged[fill[Int(candidate.row)]] = (candidate.column, candidate.cost)
            fill[Int(candidate.row)] += 1
        }
        let before = column.count
        column.removeAll(keepingCapacity: true)
        cost.removeAll(keepingCapacity: true)
        for row in 0..<rows {
            merged[bounds[row]..<bounds[row + 1]].sort { $0.column < $1.column }
            start[row] = column.count
            for place in bounds[row]..<bounds[row + 1]
            where place == bounds[row] || merged[place].column != merged[place - 1].column {
                column.append(merged[place].column)
                cost.append(merged[place].cost)
            }
        }
        start[rows] = column.count
        bounds = []
        return column.count - before
    }
}
