// The linear assignment against brute force and against its own dual certificate.

import PagefoldCore
import PagefoldPacking
import Testing

/// Cheapest assignment by trying all of them, the columns taken so far as bits of `used`.
private func bruteForce(
    _ costs: [Double], rows: Int, columns: Int, row: Int = 0, used: Int = 0
) -> Double {
    if row == rows { return 0 }
    var best = Double.infinity
    for column in 0..<columns where used & (1 << column) == 0 {
        let rest = bruteForce(costs, rows: rows, columns: columns, row: row + 1, used: used | 1 << column)
        best = min(best, costs[row * columns + column] + rest)
    }
    return best
}

private func expectCertified(_ result: LinearAssignment, costs: [Double], rows: Int, columns: Int) {
    let scale = costs.map(abs).max() ?? 0
    let slack = 1e-9 * max(scale, .leastNormalMagnitude) * Double(columns)
    #expect(Set(result.columnOfRow).count == rows)
    #expect(result.columnOfRow.allSatisfy { (0..<columns).contains($0) })
    var violations = 0
    for row in 0..<rows {
        for column in 0..<columns {
            let reduced = costs[row * columns + column] - result.rowDuals[row] - result.columnDuals[column]
            if reduced < -slack { violations += 1 }
        }
        let own = result.columnOfRow[row]
        let tight = costs[row * columns + own] - result.rowDuals[row] - result.columnDuals[own]
        #expect(abs(tight) <= slack)
    }
    #expect(violations == 0)
    if rows < columns {
        let used = Set(result.columnOfRow)
        for column in 0..<columns {
            #expect(result.columnDuals[column] <= slack)
            if !used.contains(column) { #expect(result.columnDuals[column] == 0) }
        }
    }
}

private enum Kind: CaseIterable { case uniform, ties, negative, huge, separable }

private func randomCosts(_ kind: Kind, rows: Int, columns: Int, _ generator: inout TestGenerator) -> [Double]
{
    let rowFactors = (0..<rows).map { _ in generator.unit() }
    let columnFactors = (0..<columns).map { _ in generator.unit() }
    return (0..<(rows * columns)).map { index in
        switch kind {
        case .uniform: generator.unit()
        case .ties: Double(generator.next() % 3)
        case .negative: generator.unit() * 10 - 5
        case .huge: generator.power(from: -30, to: 30)
        case .separable: rowFactors[index / columns] * columnFactors[index % columns]
        }
    }
}

@Suite struct AssignmentTests {
    @Test(arguments: [(1, 1), (1, 5), (2, 2), (2, 6), (3, 3), (4, 4), (4, 6), (5, 5), (6, 6), (3, 7), (7, 7)])
    func agreesWithBruteForce(shape: (rows: Int, columns: Int)) throws {
        var generator = TestGenerator(seed: UInt64(shape.rows * 100 + shape.columns))
        for kind in Kind.allCases {
            for _ in 0..<(shape.rows < 6 ? 40 : 6) {
                let costs = randomCosts(kind, rows: shape.rows, columns: shape.columns, &generator)
                let result = try LinearAssignment.solve(
                    costs: costs, rows: shape.rows, columns: shape.columns)
                let best = bruteForce(costs, rows: shape.rows, columns: shape.columns)
                let scale = costs.map(abs).max() ?? 0
                #expect(abs(result.cost - best) <= 1e-12 * scale * Double(shape.columns), "\(kind) \(costs)")
                expectCertified(result, costs: costs, rows: shape.rows, columns: shape.columns)
            }
        }
    }

    @Test(arguments: [7, 30, 80], [0, 1, 25])
    func provesItsOptimum(rows: Int, spare: Int) throws {
        var generator = TestGenerator(seed: UInt64(rows * 1_000 + spare))
        for kind in Kind.allCases {
            let costs = randomCosts(kind, rows: rows, columns: rows + spare, &generator)
            let result = try LinearAssignment.solve(costs: costs, rows: rows, columns: rows + spare)
            expectCertified(result, costs: costs, rows: rows, columns: rows + spare)
            #expect(try LinearAssignment.solve(costs: costs, rows: rows, columns: rows + spare) == result)
        }
    }

    @Test func equalCostsKeepTheOrder() throws {
        let costs = [Double](repeating: 3, count: 12)
        let result = try LinearAssignment.solve(costs: costs, rows: 3, columns: 4)
        #expect(result.cost == 9)
        #expect(result.columnOfRow == [0, 1, 2])
    }

    @Test func noRowsCostNothing() throws {
        let result = try LinearAssignment.solve(costs: [Double](), rows: 0, columns: 3)
        #expect(result.cost == 0)
        #expect(result.columnOfRow.isEmpty)
    }

    @Test(arguments: [Double.nan, Double.infinity, -Double.infinity, Double.greatestFiniteMagnitude])
    func refusesUnusableCosts(bad: Double) {
        #expect(throws: InputError.self) {
            _ = try LinearAssignment.solve(costs: [1, 2, bad, 4], rows: 2, columns: 2)
        }
    }

    @Test(arguments: [(3, 2, 6), (2, 2, 3), (-1, 2, 0), (Int.max, Int.max, 1)])
    func refusesWrongShapes(shape: (rows: Int, columns: Int, count: Int)) {
        #expect(throws: InputError.self) {
            _ = try LinearAssignment.solve(
                costs: [Double](repeating: 1, count: shape.count), rows: shape.rows, columns: shape.columns)
        }
    }
}
