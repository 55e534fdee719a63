// Parting of training sets: shares, groups, classes, determinism.
import Testing

@testable import PagefoldData

@Suite struct SplitTests {
    private func dataset(labels: [Int32]?, groups: [Int32]? = nil, origins: [Int32]? = nil, count: Int) throws
        -> Dataset
    {
        let array = NumericArray(shape: [count, 1], payload: .u8([UInt8](repeating: 0, count: count)))
        return try Dataset(array, labels: labels, groups: groups, origins: origins, file: "x")
    }

    @Test func classesGiveTheirShare() throws {
        let labels = (0..<1_000).map { Int32($0 < 900 ? 0 : 1) }
        let split = Split(of: try dataset(labels: labels, count: 1_000), validationFraction: 0.2, seed: 5)
        #expect(split.validation.count == 200)
        #expect(split.validation.filter { labels[$0] == 1 }.count == 20)
        #expect((split.training + split.validation).sorted() == Array(0..<1_000))
        #expect(split.validation == split.validation.sorted())
    }

    @Test func seedsDecide() throws {
        let set = try dataset(labels: nil, count: 100)
        let split = Split(of: set, validationFraction: 0.3, seed: 1)
        #expect(split == Split(of: set, validationFraction: 0.3, seed: 1))
        #expect(split != Split(of: set, validationFraction: 0.3, seed: 2))
        #expect(split.validation.count == 30)
    }

    @Test(arguments: [true, false]) func groupsStayTogether(byOrigin: Bool) throws {
        // 40 tracks of 15, shuffled through the set, each of one of four classes.
        let groups = (0..<600).map { Int32(($0 * 7) % 40) }
        let set = try dataset(
            labels: groups.map { $0 % 4 }, groups: byOrigin ? nil : groups, origins: byOrigin ? groups : nil,
            count: 600)
        let split = Split(of: set, validationFraction: 0.2, seed: 9)
        let held = Set(split.validation.map { groups[$0] })
        #expect(held.isDisjoint(with: split.training.map { groups[$0] }))
        #expect(held.count == 8)
        #expect((0..<4).allSatisfy { label in held.filter { $0 % 4 == label }.count == 2 })
    }

    @Test func groupsOfSeveralClasses() throws {
        // Five people doing four things.
        let groups = (0..<100).map { Int32($0 / 20) }
        let set = try dataset(labels: (0..<100).map { Int32($0 % 4) }, groups: groups, count: 100)
        let split = Split(of: set, validationFraction: 0.2, seed: 3)
        #expect(Set(split.validation.map { groups[$0] }).count == 1)
        #expect(split.validation.count == 20)
    }

    @Test(arguments: [(0.0, 0), (0.01, 1), (0.99, 2)]) func neitherSideIsEmpty(
        fraction: Double, expected: Int
    ) throws {
        let split = Split(of: try dataset(labels: nil, count: 3), validationFraction: fraction, seed: 1)
        #expect(split.validation.count == expected)
    }
}
