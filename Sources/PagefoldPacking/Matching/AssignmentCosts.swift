// Costs of an assignment, computed when they are asked for. Not a matrix: a large one would not fit in memory.

/// Costs of giving each row a column, in Float, computed block by block.
public struct AssignmentCosts {
    /// Writes a block, row-major: the cost of each of some rows in each of some columns.
    public typealias Fill = (_ rows: [Int32], _ columns: [Int32], _ block: UnsafeMutablePointer<Float>) ->
        Void

    /// Rows, at most as many as columns.
    public let rows: Int
    /// Columns.
    public let columns: Int
    let fill: Fill
    /// All costs, `[rows][columns]`, where they are few enough to keep.
    private let kept: [Float]?

    /// - Parameters:
    ///   - rows: rows.
    ///   - columns: columns.
    ///   - fill: computes a block `[rows][columns]` of costs, always the same for the same row and column.
    public init(rows: Int, columns: Int, fill: @escaping Fill) {
        self.rows = rows
        self.columns = columns
        self.fill = fill
        kept = nil
    }

    /// Costs that stand in a matrix `[rows][columns]`.
    public init(matrix: [Float], rows: Int, columns: Int) {
        precondition(matrix.count == rows * columns, "one cost for each row and column")
        self.rows = rows
        self.columns = columns
        let width = columns
        kept = matrix
        fill = { rows, columns, block in
            var place = block
            for row in rows {
                for column in columns {
                    place.pointee = matrix[Int(row) * width + Int(column)]
                    place += 1
                }
            }
        }
    }

    /// The same costs, computed once and kept if they are at most `mostPairs`.
    func keeping(upTo mostPairs: Int) -> AssignmentCosts {
        guard kept == nil, rows * columns <= mostPairs else { return self }
        return AssignmentCosts(matrix: matrix(), rows: rows, columns: columns)
    }

    /// The same costs for some of the rows and columns.
    func selecting(rows chosenRows: [Int32], columns chosenColumns: [Int32]) -> AssignmentCosts {
        AssignmentCosts(rows: chosenRows.count, columns: chosenColumns.count) { rows, columns, block in
            fill(rows.map { chosenRows[Int($0)] }, columns.map { chosenColumns[Int($0)] }, block)
        }
    }

    /// All costs, `[rows][columns]`.
    func matrix() -> [Float] {
        if let kept { return kept }
        return [Float](unsafeUninitializedCapacity: rows * columns) { buffer, count in
            if let base = buffer.baseAddress { fill(Array(0..<Int32(rows)), Array(0..<Int32(columns)), base) }
            count = rows * columns
        }
    }

    /// Calls `body` with each row, its column in `columnOfRow` and the cost of the pair.
    func forEachPair(_ columnOfRow: [Int], _ body: (_ row: Int32, _ column: Int32, _ cost: Float) -> Void) {
        var cost: Float = 0
        for (row, column) in columnOfRow.enumerated() {
            fill([Int32(row)], [Int32(column)], &cost)
            body(Int32(row), Int32(column), cost)
        }
    }

    /// Rows of a block: enough to use a column's data several times while it is in the cache.
    static let rowsInBlock = 16

    /// Calls `body` with each row and its costs in all columns, row after row.
    func forEachRow(_ body: (_ row: Int, _ costs: UnsafePointer<Float>) -> Void) {
        if let kept {
            kept.withUnsafeBufferPointer { kept in
                guard let base = kept.baseAddress else { return }
                for row in 0..<rows { body(row, base + row * columns) }
            }
            return
        }
        let all = Array(0..<Int32(columns))
        withUnsafeTemporaryAllocation(of: Float.self, capacity: max(Self.rowsInBlock * columns, 1)) { block in
            guard let base = block.baseAddress else { return }
            for first in stride(from: 0, to: rows, by: Self.rowsInBlock) {
                let block = first..<min(first + Self.rowsInBlock, rows)
                fill(block.map { Int32($0) }, all, base)
                for row in block { body(row, UnsafePointer(base + (row - first) * columns)) }
            }
        }
    }
}
