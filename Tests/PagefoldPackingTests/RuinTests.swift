// When a network counts as ruined, by each measure.

import PagefoldEngine
import PagefoldPacking
import Testing

@Suite struct RuinTests {
    private static func accuracy(_ value: Double, _ count: Int = 10_000) -> Measure {
        Measure(accuracy: value, agreement: 1, count: count)
    }

    private static func agreement(_ value: Double) -> Measure {
        Measure(accuracy: nil, agreement: value, count: 10_000)
    }

    private static func measure(_ unit: Measure.Unit, _ value: Double, _ error: Double = 0.001) -> Measure {
        Measure(unit: unit, value: value, count: 1_000, standardError: error)
    }

    static let cases: [(name: String, before: Measure, after: Measure, chance: Double?, ruin: Ruin?)] = [
        ("as before", accuracy(0.98), accuracy(0.98), 0.1, nil),
        ("better", accuracy(0.9), accuracy(0.98), 0.1, nil),
        ("four points", accuracy(0.98), accuracy(0.94), 0.1, nil),
        ("seven points", accuracy(0.98), accuracy(0.91), 0.1, .loss),
        ("60 points", accuracy(0.98), accuracy(0.38), 0.1, .loss),
        // 24 samples say little: two standard errors are 20 points.
        ("few samples", accuracy(0.58, 24), accuracy(0.42, 24), 0.33, nil),
        ("few samples, much lost", accuracy(1, 24), accuracy(0.4, 24), 0.33, .loss),
        ("fell to chance", accuracy(0.54), accuracy(0.5), 0.5, .chance),
        ("was chance before", accuracy(0.5), accuracy(0.49), 0.5, nil),
        ("14 answers of 100", agreement(1), agreement(0.86), nil, nil),
        ("17 answers of 100", agreement(1), agreement(0.83), nil, .loss),
        ("area, 0.04", measure(.areaUnderCurve, 0.9), measure(.areaUnderCurve, 0.86), 0.5, nil),
        ("area, 0.06", measure(.areaUnderCurve, 0.9), measure(.areaUnderCurve, 0.84), 0.5, .loss),
        ("area of guessing", measure(.areaUnderCurve, 0.54), measure(.areaUnderCurve, 0.5), 0.5, .chance),
        ("error, 9 %", measure(.relativeError, 0), measure(.relativeError, 0.09), 1, nil),
        ("error, 12 %", measure(.relativeError, 0), measure(.relativeError, 0.12), 1, .loss),
        ("error of the mean", measure(.relativeError, 0.95), measure(.relativeError, 1.01), 1, .chance),
    ]

    @Test(arguments: cases.map(\.name))
    func theRule(name: String) throws {
        let (_, before, after, chance, ruin) = try #require(Self.cases.first { $0.name == name })
        #expect(after.ruin(from: before, chance: chance) == ruin)
    }

    @Test func chanceIsThatOfTheCommonestLabel() {
        #expect(Measure.chance(.accuracy, labels: [0, 1, 1, 1, -1, -1] as [Int32]) == 0.75)
        #expect(Measure.chance(.accuracy, labels: [-1] as [Int32]) == nil)
        #expect(Measure.chance(.areaUnderCurve, labels: []) == 0.5)
        #expect(Measure.chance(.relativeError, labels: []) == 1)
        #expect(Measure.chance(.agreement, labels: [1] as [Int32]) == nil)
    }
}
