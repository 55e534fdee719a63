// The sparse assignment against the exact one: its bound is true, its gap closes, its answer is complete.

import PagefoldCore
import Testing

@testable import PagefoldPacking

private enum SparseKind: CaseIterable { case uniform, ties, equal, negative, heavy, separable, graded }

private func matrix(_ kind: SparseKind, rows: Int, columns: Int, seed: UInt64) -> [Float] {
    var generator = TestGenerator(seed: seed)
    let rowFactors = (0..<rows).map { _ in generator.power(from: -4, to: 2) }
    let columnFactors = (0..<columns).map { _ in generator.power(from: -4, to: 2) }
    return (0..<(rows * columns)).map { index in
        switch kind {
        case .uniform: Float(generator.unit())
        case .ties: Float(generator.next() % 3)
        case .equal: 3
        case .negative: Float(generator.unit() * 10 - 5)
        case .heavy: Float(generator.power(from: -6, to: 4))
        // Many rows that cost next to nothing wherever they go: sums of prices then round.
        case .graded:
            Float(index / columns % 3 == 0 ? rowFactors[index / columns] : 1e-9)
                * Float(columnFactors[index % columns]) * Float(1 + generator.unit())
        case .separable: Float(rowFactors[index / columns] * columnFactors[index % columns])
        }
    }
}

@Suite struct SparseAssignmentTests {
    @Test(arguments: [(1, 1), (1, 9), (5, 5), (5, 7), (60, 60), (60, 61), (60, 200), (300, 300), (250, 320)])
    func boundAndCostEncloseTheOptimum(shape: (rows: Int, columns: Int)) throws {
        for kind in SparseKind.allCases {
            for tolerance in [0, 1e-3, 0.1] {
                let costs = matrix(
                    kind, rows: shape.rows, columns: shape.columns, seed: UInt64(shape.rows + shape.columns))
                let exact = try LinearAssignment.solve(
                    costs: costs, rows: shape.rows, columns: shape.columns)
                let lazy = AssignmentCosts(matrix: costs, rows: shape.rows, columns: shape.columns)
                let found = try SparseAssignment.solve(lazy, tolerance: tolerance)
                let slack = 1e-9 * Double(costs.map(abs).max() ?? 0) * Double(shape.rows)
                let own = found.columnOfRow.enumerated().reduce(0.0) {
                    $0 + Double(costs[$1.offset * shape.columns + $1.element])
                }
                #expect(Set(found.columnOfRow).count == shape.rows)
                #expect(abs(own - found.cost) <= slack)
                #expect(found.bound <= exact.cost + slack, "\(kind)")
                #expect(found.cost >= exact.cost - slack, "\(kind)")
                if found.gap <= tolerance {
                    #expect(found.cost - exact.cost <= tolerance * abs(exact.cost) + slack, "\(kind)")
                }
                #expect(found.cost - exact.cost <= max(tolerance, 0.01) * abs(exact.cost) + slack, "\(kind)")
                #expect(try SparseAssignment.solve(lazy, tolerance: tolerance) == found)
            }
        }
    }

    @Test(arguments: [(300, 300), (250, 320)])
    func dualsProveTheBound(shape: (rows: Int, columns: Int)) throws {
        let costs = matrix(.heavy, rows: shape.rows, columns: shape.columns, seed: 5)
        let found = try SparseAssignment.solve(
            AssignmentCosts(matrix: costs, rows: shape.rows, columns: shape.columns), tolerance: 0)
        var proved = found.columnDuals.reduce(0, +)
        for row in 0..<shape.rows {
            proved +=
                (0..<shape.columns).map { Double(costs[row * shape.columns + $0]) - found.columnDuals[$0] }
                .min() ?? 0
        }
        #expect(found.gap <= 1e-9)
        #expect(abs(proved - found.cost) <= 1e-9 * found.cost)
        guard shape.rows < shape.columns else { return }
        let used = Set(found.columnOfRow)
        let highest = Double(costs.max() ?? 0) * 1e-12
        for column in 0..<shape.columns {
            #expect(found.columnDuals[column] <= highest)
            if !used.contains(column) { #expect(abs(found.columnDuals[column]) <= highest) }
        }
    }

    /// Sizes beyond the matrix: both ways of refilling costs, kept and computed again, see the same.
    @Test func agreesWithExactOnPages() throws {
        let networks = try makeNetworks([16_200, 16_200], pageSize: 20, seed: 11)
        let store = try PageStore(networks)
        var contents = FrameContents(store: store, frameCount: 810)
        for page in 0..<810 { contents.add(page, to: page) }
        let costs = contents.costs(of: Array(810..<1_620), on: Array(0..<810))
        #expect(costs.rows * costs.columns > SparseAssignment.densePairs)
        let exact = try LinearAssignment.solve(costs)
        let found = try SparseAssignment.solve(costs)
        #expect(found.cost >= exact.cost * (1 - 1e-9))
        #expect(found.cost <= exact.cost * 1.001)
        #expect(found.bound <= exact.cost * (1 + 1e-9))
    }

    @Test func spentWorkEndsRefinement() throws {
        let networks = try makeNetworks([1_000, 950, 531], pageSize: 20, seed: 3)
        var settings = MatchingSettings()
        settings.mostComparisons = 1
        let short = try match(networks, onto: 50, settings: settings)
        #expect(short.history.count == 2)
        #expect(try match(networks, onto: 50).loss < short.loss)
    }

    @Test(arguments: [(3, 2), (-1, 4)])
    func refusesWrongShapes(shape: (rows: Int, columns: Int)) {
        let costs = AssignmentCosts(rows: shape.rows, columns: shape.columns) { _, _, _ in }
        #expect(throws: InputError.self) { _ = try SparseAssignment.solve(costs) }
    }

    @Test func refusesCostsThatAreNotFinite() {
        let costs = AssignmentCosts(matrix: [1, .nan, .nan, .nan], rows: 2, columns: 2)
        #expect(throws: InputError.self) { _ = try SparseAssignment.solve(costs) }
    }
}
