// Linear assignment too large for a matrix: exact on a graph of candidates that grows until the duals prove that
// nothing better is far. Not exact by itself: `bound` says how near to the optimum the answer is.

public import PagefoldCore

/// A complete assignment of rows to columns, and a proof of how much cheaper any other can be.
public struct SparseAssignment: Sendable, Equatable {
    /// Column of each row.
    public let columnOfRow: [Int]
    /// Dual value of each column; never above 0 in a rectangular problem, and 0 on columns left free there.
    public let columnDuals: [Double]
    /// Sum of the costs of the assigned pairs.
    public let cost: Double
    /// No assignment costs less, up to rounding in Double: the largest Σ_j v_j + Σ_i min_j (cost_ij − v_j) seen.
    public let bound: Double
    /// Times that all costs were computed.
    public let scans: Int

    /// How much cheaper than this another assignment can be at most, as a fraction of the bound; 0 where the
    /// optimum is proved.
    public var gap: Double { cost <= bound ? 0 : bound == 0 ? .infinity : (cost - bound) / abs(bound) }
}

extension SparseAssignment {
    /// Problems up to this many pairs are given to `LinearAssignment`.
    static let densePairs = 500_000
    /// One row and column in this many makes the sample for the first prices.
    private static let sampling = 4
    /// Most scans; three or four are usual.
    private static let mostScans = 12
    /// Costs up to this many are computed once and kept: 64 MB.
    private static let keptPairs = 16_000_000

    /// Solves the assignment by column generation (Dantzig & Wolfe 1960): exactly on a graph of the cheapest pairs,
    /// which a scan of all costs extends by those that the duals show to be missing. The first prices come from an
    /// assignment of a sample. Equal input gives equal output; the graph always holds a complete assignment.
    ///
    /// - Parameters:
    ///   - given: finite, of either sign; computed some four times, never kept above 64 MB.
    ///   - tolerance: the gap at which the work ends; 0 asks for the optimum. It may end above after 12 scans.
    /// - Throws: `InputError` for more rows than columns, and where NaN or infinite costs leave a row without a column.
    public static func solve(
        _ given: AssignmentCosts, tolerance: Double = 1e-3
    ) throws(InputError) -> SparseAssignment {
        guard given.rows >= 0, given.columns >= given.rows, given.columns <= Int(Int32.max) else {
            throw InputError(
                .part("assignment"), field: "shape",
                problem: "\(given.rows) rows and \(given.columns) columns",
                remedy: "give at least as many columns as rows")
        }
        let costs = given.keeping(upTo: keptPairs)
        guard costs.rows > 0 else {
            return SparseAssignment(
                columnOfRow: [], columnDuals: Array(repeating: 0, count: costs.columns), cost: 0, bound: 0,
                scans: 0)
        }
        let price = try firstPrices(costs)
        return try generate(costs, price: price, tolerance: tolerance)
    }

    /// Scan, add what the prices suggest, solve, and again, until the last scan proves enough.
    private static func generate(
        _ costs: AssignmentCosts, price: [Double], tolerance: Double
    ) throws(InputError) -> SparseAssignment {
        var solver = SparseSolver(rows: costs.rows, columns: costs.columns, price: price)
        var graph = CandidateGraph(rows: costs.rows)
        var bound = -Double.infinity
        var scans = 0
        while scans < mostScans {
            let first = scans == 0
            let scan = CandidateScan(
                costs, price: solver.price, perRow: first ? 24 : 12, perColumn: first ? 6 : 4,
                findsGreedy: first)
            scans += 1
            guard scan.isComplete else {
                throw InputError(
                    .part("assignment"), field: "costs", problem: "not all of them are usable numbers",
                    remedy: "give finite costs")
            }
            bound = max(bound, scan.rowMinima + solver.price.reduce(0, +))
            if !first, solver.cost - bound <= tolerance * abs(bound) { break }
            guard graph.add(scan.candidates + scan.greedy) > 0 else { break }
            solver.solve(graph)
        }
        return SparseAssignment(
            columnOfRow: solver.columnOf.map { Int($0) }, columnDuals: solver.price, cost: solver.cost,
            bound: min(bound, solver.cost), scans: scans)
    }

    /// Prices from the exact duals of a sample of rows and columns: the highest that those rows allow.
    private static func firstPrices(_ costs: AssignmentCosts) throws(InputError) -> [Double] {
        let rows = max(costs.rows / sampling, 1)
        let columns = max(costs.columns / sampling, rows)
        var generator = RandomSource(seed: UInt64(costs.rows), UInt64(costs.columns))
        let sampleRows = generator.permutation(costs.rows)[..<rows].map { Int32($0) }.sorted()
        let sampleColumns = generator.permutation(costs.columns)[..<columns].map { Int32($0) }.sorted()
        let sample = costs.selecting(rows: sampleRows, columns: sampleColumns)
        var samplePrice: [Double]
        if rows * columns <= densePairs {
            samplePrice = try LinearAssignment.solve(sample).columnDuals
        } else {
            samplePrice = try generate(sample, price: firstPrices(sample), tolerance: 1e-2).columnDuals
        }
        var price = [Double](repeating: costs.rows < costs.columns ? 0 : .infinity, count: costs.columns)
        costs.selecting(rows: sampleRows, columns: (0..<Int32(costs.columns)).map { $0 }).forEachRow {
            _, row in
            var lowest = Double.infinity
            for (place, column) in sampleColumns.enumerated() {
                lowest = min(lowest, Double(row[Int(column)]) - samplePrice[place])
            }
            for column in price.indices { price[column] = min(price[column], Double(row[column]) - lowest) }
        }
        return price
    }
}
