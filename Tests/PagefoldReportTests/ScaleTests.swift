// Places on axes, and ticks that people like to read.

import Testing

@testable import PagefoldReport

@Suite struct ScaleTests {
    @Test(arguments: [
        (0.0, 10.0, 5, [0.0, 2, 4, 6, 8, 10]), (0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (-1.2, 1.3, 5, [-1, -0.5, 0, 0.5, 1]), (97.1, 98.2, 5, [97.2, 97.4, 97.6, 97.8, 98, 98.2]),
        (0, 16_000, 4, [0, 5_000, 10_000, 15_000]), (0.0001, 0.0004, 3, [0.0001, 0.0002, 0.0003, 0.0004]),
    ])
    func linearTicksAreRound(low: Double, high: Double, wanted: Int, expected: [Double]) {
        let scale = Scale(from: low, to: high, start: 0, end: 100)
        let ticks = scale.ticks(wanted)
        #expect(ticks.count == expected.count)
        for (tick, value) in zip(ticks, expected) { #expect(abs(tick - value) < 1e-9 * max(1, abs(value))) }
    }

    @Test(arguments: [
        (0.05, 150.0, [0.1, 1, 10, 100]), (8, 12_000, [10, 100, 1_000, 10_000]), (40, 300, [50, 100, 200]),
        (1e-9, 1e9, [1e-8, 1e-4, 1, 1e4, 1e8]),
    ])
    func logarithmicTicksAreRound(low: Double, high: Double, expected: [Double]) {
        let ticks = Scale(from: low, to: high, logarithmic: true, start: 0, end: 100).ticks(5)
        #expect(ticks.count == expected.count, "\(ticks)")
        for (tick, value) in zip(ticks, expected) { #expect(abs(tick / value - 1) < 1e-9) }
    }

    @Test func placesFollowValues() {
        let scale = Scale(from: 10, to: 20, start: 100, end: 0)
        #expect(scale(10) == 100)
        #expect(scale(15) == 50)
        #expect(scale(20) == 0)
        let logarithmic = Scale(from: 1, to: 100, logarithmic: true, start: 0, end: 10)
        #expect(abs(logarithmic(10) - 5) < 1e-9)
        #expect(logarithmic(0) == 0)
        #expect(logarithmic(-3) == 0)
    }

    /// Whatever values come, the axis is finite and has a length.
    @Test(
        arguments: [
            [], [0], [5, 5, 5], [1e59, -1e59], [1e-300, 2e-300], [.nan, .infinity], [-4, -4.0000001],
        ] as [[Double]], [false, true])
    func noValuesBreakAnAxis(values: [Double], logarithmic: Bool) {
        let scale = Scale(covering: values, logarithmic: logarithmic, start: 0, end: 100)
        #expect(scale.high > scale.low)
        let ticks = scale.ticks()
        #expect(ticks.filter { !$0.isFinite }.isEmpty)
        for value in values where value.isFinite {
            #expect(scale(value).isFinite)
            for tick in ticks { #expect(!scale.text(tick, ticks).isEmpty) }
        }
    }

    @Test func boundsHold() {
        let scale = Scale(covering: [98, 99.9], room: 0.5, bounds: 0...100, start: 0, end: 100)
        #expect(scale.high == 100)
        #expect(scale.low < 98)
    }

    @Test(
        arguments: [
            ([0, 0.5, 1], ["0.0", "0.5", "1.0"]), ([0, 50, 100], ["0", "50", "100"]),
            ([-0.02, 0, 0.02], ["−0.02", "0.00", "0.02"]), ([1000, 2000], ["1,000", "2,000"]),
        ] as [([Double], [String])])
    func tickTexts(ticks: [Double], expected: [String]) {
        let scale = Scale(from: ticks[0], to: ticks[ticks.count - 1], start: 0, end: 1)
        #expect(ticks.map { scale.text($0, ticks) } == expected)
    }

    @Test func logarithmicTickTexts() {
        let scale = Scale(from: 1e-6, to: 1e7, logarithmic: true, start: 0, end: 1)
        #expect(
            [1e-6, 0.01, 1, 1000, 1e7].map { scale.text($0, []) } == ["10⁻⁶", "0.01", "1", "1,000", "10⁷"])
    }

    /// No two ticks have one text, whatever values they stand at.
    @Test(
        arguments: [
            [1.2, 1.4, 1.9, 2.1], [100, 101, 1_000], [10_000_000, 10_010_000, 10_020_000], [64, 64.5],
            [1e-5, 1.2e-5, 1.4e-5], [1_500_000, 1_520_000], [0.1, 0.11, 0.111],
        ] as [[Double]], [false, true])
    func ticksHaveTextsOfTheirOwn(ticks: [Double], logarithmic: Bool) {
        let scale = Scale(
            from: ticks[0], to: ticks[ticks.count - 1], logarithmic: logarithmic, start: 0, end: 1)
        #expect(Set(ticks.map { scale.text($0, ticks) }).count == ticks.count)
        let own = scale.ticks()
        #expect(Set(own.map { scale.text($0, own) }).count == own.count)
    }

    @Test func labelsKeepApart() {
        let places = PlotArea.apart([50, 51, 10, 52], gap: 16, within: 0...200)
        let sorted = places.sorted()
        for (first, second) in zip(sorted, sorted.dropFirst()) { #expect(second - first > 15.5) }
        #expect(places[0] < places[1] && places[1] < places[3])
        #expect(abs(places[2] - 10) < 6)
    }

    @Test func curvesEndAtTheEdge() throws {
        let area = PlotArea(
            x: Scale(from: 0, to: 2, start: 0, end: 200), y: Scale(from: 0, to: 10, start: 100, end: 0),
            xTitle: "", yTitle: "")
        let curve = area.curve([(0, -10), (1, 10), (2, 10)], "curve")
        try #require(curve.count == 1)
        #expect(curve[0].markup.contains("M50 100L100 0L200 0"))
        #expect(area.curve([(0, -10), (1, -5)], "curve").isEmpty)
    }
}
