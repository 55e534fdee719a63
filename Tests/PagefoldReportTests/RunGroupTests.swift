// Which runs are one group, which groups are one curve, and what a mean over seeds is.

import Testing

@testable import PagefoldReport

@Suite struct RunGroupTests {
    @Test func runsThatDifferBySeedAreOneGroup() {
        let runs = (1...4).map { SampleRecords(networks: 3, seed: $0).record }
        let groups = RunGroup.grouped(runs)
        #expect(groups.count == 1)
        #expect(groups[0].runs.count == 4)
        #expect(groups[0].label == "all runs")
        let differences = runs.compactMap(\.meanDifference)
        let spread = groups[0].spread(\.meanDifference)
        #expect(spread?.least == differences.min())
        #expect(spread?.most == differences.max())
        #expect(abs((spread?.mean ?? 0) - differences.reduce(0, +) / 4) < 1e-12)
    }

    @Test func settingsThatNoParameterNamesKeepRunsApart() {
        let first = SampleRecords(networks: 3).record
        var second = SampleRecords(networks: 3, seed: 2).record
        second.settings["steps"] = "500"
        let groups = RunGroup.grouped([first, second])
        #expect(groups.count == 2)
        #expect(Set(groups.map(\.label)).count == 2)
    }

    @Test func labelsNameWhatWasVariedAndNothingElse() {
        let labels = RunGroup.grouped(SampleRecords.sweep).map(\.label)
        #expect(labels.count == 1 + 4 + 4 + 3 + 2 + 4)
        #expect(Set(labels).count == labels.count)
        let some = RunGroup.grouped([SampleRecords(networks: 3).record, SampleRecords(networks: 5).record])
        #expect(some.map(\.label) == ["3 networks", "5 networks"])
        let pages = RunGroup.grouped([SampleRecords(page: 1_000).record, SampleRecords(page: 64).record])
        #expect(pages.map(\.label) == ["pages of 64", "pages of 1,000"])
    }

    @Test(
        arguments: [
            (CurveAxis.networks, [3.0, 5, 7, 9, 10]), (.page, [10, 64, 100, 1_000, 10_000]),
            (.lambda, [0.1, 1, 10, 100]),
        ] as [(CurveAxis, [Double])])
    func groupsThatDifferByOneParameterAreACurve(axis: CurveAxis, expected: [Double]) {
        let curves = Curve.along(axis, RunGroup.grouped(SampleRecords.sweep))
        #expect(curves.count == 1)
        #expect(curves.first?.points.map(\.x) == expected)
        #expect(curves.first?.points.allSatisfy { $0.group.runs.count == 3 } ?? false)
        #expect(curves.first?.label == "Pagefold")
    }

    @Test func budgetsMakeACurveOfRatios() {
        let curves = Curve.along(.ratio, RunGroup.grouped(SampleRecords.sweep))
        let ratios = curves.first?.points.map { $0.x.rounded() }
        #expect(curves.count == 1)
        #expect(ratios == [4, 6, 8, 10, 12])
    }

    /// A ratio in the job file reaches the settings as bytes, which depend on the networks.
    @Test func ratiosAreFoundInBytes() {
        var run = SampleRecords(networks: 3).record
        run.parameters = [:]
        run.originalBytes = 1_074_708
        run.settings["budget"] = "182154"
        #expect(run.parameter("budget") == "5.9x")
        run.settings["budget"] = "283000"
        #expect(run.parameter("budget") == "283000")
        run.command = ["pagefold", "pack", "--budget", "256KiB"]
        #expect(run.parameter("budget") == "256KiB")
    }

    @Test func theFeaturedGroupHasMostNetworksThenMostSeeds() {
        let runs = SampleRecords.sweep + [SampleRecords(budget: 4, seed: 4).record]
        let featured = RunGroup.featured(RunGroup.grouped(runs))
        #expect(featured?.networks.count == 10)
        #expect(featured?.runs.count == 4)
        // The centre of the sweep, where all seeds are equally many.
        let centre = RunGroup.featured(RunGroup.grouped(SampleRecords.sweep))
        #expect(centre?.first.parameters["budget"] == "6x")
        #expect(centre?.first.parameters["page"] == "64")
    }

    @Test func spreads() {
        #expect(Spread([]) == nil)
        #expect(Spread([2])?.text(NumberText.points) == "+2.00")
        #expect(Spread([1, 3, -1])?.text(NumberText.points) == "+1.00 (−1.00…+3.00)")
        let same = Spread([0.1, 0.1, 0.1])
        #expect(same?.mean == 0.1)
    }

    @Test func publishedMeansFollowFromTheirTables() {
        #expect(abs(PublishedFigures.fiveAlone - 79.47) < 0.005)
        let byCount = PublishedFigures.differenceByCount
        #expect(byCount.map(\.x) == [3, 5, 7, 8, 9, 10])
        #expect(abs(byCount[1].y - (82.43 - 79.47)) < 0.01)
        #expect(byCount[5].y < -60)
        let ratios = PublishedFigures.differenceByRatio
        #expect(abs(ratios[0].y - (82.26 - 79.63)) < 0.01)
        #expect(abs(ratios[1].y + 0.22) < 0.01)
        #expect(PublishedFigures.isSame("cifar10", "CIFAR-10"))
        #expect(PublishedFigures.isSame("fashion_mnist", "FMNIST"))
        #expect(!PublishedFigures.isSame("mnist", "FMNIST"))
    }
}
