// Escaping, numbers as text, histograms, and which sections a page has.

import Testing

@testable import PagefoldReport

@Suite struct MarkupTests {
    @Test func textAndAttributesAreEscaped() {
        let element = Element("text", ["class": #"a"b<c>&'"#], text: #"<script>"x" & 'y'"#)
        #expect(
            element.markup
                == #"<text class="a&quot;b&lt;c&gt;&amp;'">&lt;script&gt;&quot;x&quot; &amp; 'y'</text>"#)
        #expect(Element.escaped("a\u{0}b\u{1B}c\u{7F}d\n") == "abcd\n")
        #expect(Element("p", text: "λ ≤ 10⁻⁵").markup == "<p>λ ≤ 10⁻⁵</p>\n")
    }

    @Test func onlyShapesCloseThemselves() {
        #expect(Element("rect").markup == "<rect/>")
        #expect(Element("meta", ["charset": "utf-8"]).markup == #"<meta charset="utf-8">"#)
        #expect(Element("td").markup == "<td></td>")
        #expect(Element("rect").titled("a<b").markup.hasPrefix("<rect><title>a&lt;b</title>"))
    }

    @Test(arguments: [
        (0.0, "0"), (1.5, "1.5"), (-0.001, "0"), (12.345, "12.35"), (3.04, "3.04"), (-7.1, "-7.1"),
        (.nan, "0"), (.infinity, "0"), (1e300, "0"), (-0.05, "-0.05"),
    ])
    func placesAreShort(value: Double, expected: String) {
        #expect(NumberText.place(value) == expected)
    }

    @Test(arguments: [
        (0.0, "0"), (1.234, "1.23"), (1234.5, "1,234"), (0.00012, "1.2×10⁻⁴"), (-2.5e7, "−2.5×10⁷"),
        (.nan, "–"), (0.5, "0.500"),
    ])
    func shortNumbers(value: Double, expected: String) {
        #expect(NumberText.short(value) == expected)
    }

    @Test func numbersForPeople() {
        #expect(NumberText.points(0) == "+0.00")
        #expect(NumberText.points(-0.001) == "+0.00")
        #expect(NumberText.points(-1.005) == "−1.00" || NumberText.points(-1.005) == "−1.01")
        #expect(NumberText.whole(-1_074_708) == "−1,074,708")
        #expect(NumberText.bytes(283_000) == "276 KiB")
        #expect(NumberText.seconds(4315) == "72 min")
    }

    @Test func histogramsCountEveryValueOnce() throws {
        let plain = try #require(PackRecord.Histogram(of: [0, 1, 2, 3, 4], bins: 4))
        #expect(plain.edges == [0, 1, 2, 3, 4])
        #expect(plain.counts == [1, 1, 1, 2])
        let logarithmic = try #require(
            PackRecord.Histogram(of: [0, -1, .nan, 1, 10, 100, .infinity], bins: 2, logarithmic: true))
        #expect(logarithmic.counts == [1, 2])
        #expect(abs(logarithmic.edges[1] - 10) < 1e-9)
        let within = try #require(PackRecord.Histogram(of: [-5, 0.5, 5], bins: 1, range: 0...1))
        #expect(within.counts == [1])
        #expect(PackRecord.Histogram(of: [Float.nan]) == nil)
        let same = try #require(PackRecord.Histogram(of: [3, 3, 3], bins: 3))
        #expect(same.counts == [0, 3, 0])
    }

    @Test func frameUseCountsNetworksNotPages() throws {
        var run = SampleRecords(networks: 3).record
        run.frames = 4
        run.pageTables = [[0, 0, 1], [1, 2, 9], [1]]
        let use = try #require(FrameUse(run))
        #expect(use.users == [1, 3, 1, 0])
        #expect(use.byUsers == [1, 2, 0, 1])
        #expect(use.exclusivePages == 1)
        #expect(use.uses[0] == [2, 1, 0, 0])
    }

    /// A section stands only where its data are.
    @Test func sectionsFollowTheData() throws {
        let score = PackRecord.Score(accuracy: 0.9, agreement: 1, count: 10)
        let bare = PackRecord(
            bytes: 100, networks: [PackRecord.Network(name: "a", original: score, packed: score)])
        let report = Report(runs: [bare])
        #expect(report.sections.flatMap(\.figures).map(\.id) == ["frontier", "accuracy"])
        let full = Report(runs: SampleRecords.sweep)
        #expect(full.sections.count == 7)
        #expect(Set(full.sections.flatMap(\.figures).map(\.id)) == Set(BrowserTests.figures.keys))
    }

    /// Others' means stand beside ours where the networks are theirs.
    @Test func publishedFiguresAreOfPublishedNetworks() {
        let published = ["MobiSys", "PerCom", "course L46", "replication"]
        let sweep = SampleRecords.sweep
        let html = Report(runs: sweep).html
        #expect(published.filter { !html.contains($0) } == [])
        let others = sweep.map { run in
            var run = run
            for index in run.networks.indices { run.networks[index].name = "own-\(index)" }
            return run
        }
        let own = Report(runs: others).html
        #expect(published.filter { own.contains($0) } == [])
    }

    /// One run is a point too; what another beats in both is not on the line.
    @Test func theFrontierIsOfWhatNoneBeats() throws {
        func run(_ bytes: Int, _ packed: Double, budget: String) -> PackRecord {
            func score(_ accuracy: Double) -> PackRecord.Score {
                PackRecord.Score(accuracy: accuracy, agreement: 1, count: 100)
            }
            var run = PackRecord(
                bytes: bytes,
                networks: [.init(name: "a", original: score(0.9), packed: score(packed))])
            run.parameters = ["budget": budget]
            return run
        }
        let runs = [run(100, 0.8, budget: "1"), run(200, 0.7, budget: "2"), run(300, 0.9, budget: "3")]
        let evidence = try #require(Evidence(runs))
        let figure = try #require(FrontierPlot(evidence: evidence).figure)
        #expect(figure.table.rows.map { $0[figure.table.header.count - 1] } == ["yes", "no", "yes"])
        let alone = try #require(Evidence([runs[1]]))
        let one = try #require(FrontierPlot(evidence: alone).figure)
        #expect(one.table.rows.count == 1)
        #expect(one.content.contains { $0.markup.contains("mark") })
    }

    /// The page loads nothing: no address but the name of SVG's vocabulary.
    @Test func thePageIsSelfContained() {
        let html = Report(runs: SampleRecords.sweep).html
        let rest = html.replacing("http://www.w3.org/2000/svg", with: "")
        for foreign in ["http:", "https:", "src=", "@import", "url(", "<link"] {
            #expect(!rest.contains(foreign), "\(foreign)")
        }
    }

    @Test func theSameRunsGiveTheSamePage() {
        let runs = SampleRecords.sweep
        #expect(Report(runs: runs).html == Report(runs: runs).html)
    }
}
