// Exact linear assignment by shortest augmenting paths (Jonker & Volgenant, Computing 38, 1987).
// Not an approximation: the dual values returned prove the optimum.

public import PagefoldCore

/// The cheapest way to give each row a column of its own, with the dual values that prove it.
public struct LinearAssignment: Sendable, Equatable {
    /// Column of each row.
    public let columnOfRow: [Int]
    /// Dual value of each row.
    public let rowDuals: [Double]
    /// Dual value of each column: `rowDuals[i] + columnDuals[j] <= cost[i][j]`, equal on assigned pairs; never
    /// above 0 in a rectangular problem, and 0 on columns left free there.
    public let columnDuals: [Double]
    /// Sum of the costs of the assigned pairs.
    public let cost: Double

    /// Solves the assignment of `rows` rows to `columns` columns exactly, up to rounding in Double.
    ///
    /// Among equally cheap columns the first is preferred, so equal input gives equal output.
    ///
    /// - Parameters:
    ///   - costs: row-major `[rows][columns]`, finite, of either sign.
    ///   - rows: rows, at most as many as columns.
    ///   - columns: columns.
    /// - Throws: `InputError` for sizes that do not fit, and for costs that are NaN, infinite or so large that sums
    ///   of them overflow.
    public static func solve(
        costs: [Double], rows: Int, columns: Int
    ) throws(InputError) -> LinearAssignment {
        guard rows >= 0, columns >= rows else {
            throw InputError(
                .part("assignment"), field: "shape", problem: "\(rows) rows and \(columns) columns",
                remedy: "give at least as many columns as rows")
        }
        let (size, overflow) = rows.multipliedReportingOverflow(by: columns)
        guard !overflow, size == costs.count else {
            throw InputError(
                .part("assignment"), field: "costs", problem: "\(costs.count) costs for \(rows) x \(columns)",
                remedy: "give one cost for each row and column")
        }
        // Written so that NaN fails the comparison.
        let limit = Double.greatestFiniteMagnitude / (16 * Double(columns + 1))
        for (index, cost) in costs.enumerated() where !(abs(cost) <= limit) {
            throw InputError(
                .part("assignment"), field: "costs[\(index / columns)][\(index % columns)]",
                problem: "\(cost) is not a usable number", remedy: "give finite costs")
        }
        guard rows > 0 else {
            return LinearAssignment(
                columnOfRow: [], rowDuals: [], columnDuals: [Double](repeating: 0, count: columns), cost: 0)
        }
        return costs.withUnsafeBufferPointer { buffer in
            var solver = AssignmentSolver(costs: buffer, rows: rows, columns: columns)
            return solver.solve()
        }
    }

    /// The same for costs in Float, such as those of the matching kernel; the work is done in Double.
    public static func solve(costs: [Float], rows: Int, columns: Int) throws(InputError) -> LinearAssignment {
        try solve(costs: costs.map { Double($0) }, rows: rows, columns: columns)
    }

    /// The same for costs that are computed when asked for, as one matrix.
    public static func solve(_ costs: AssignmentCosts) throws(InputError) -> LinearAssignment {
        try solve(costs: costs.matrix(), rows: costs.rows, columns: costs.columns)
    }
}
