// The page as people see it: opened in headless Chromium, light and dark; no figure may be empty.

import Foundation
import PagefoldCore
import Testing

@testable import PagefoldReport

@Suite(.enabled(if: Browser.path != nil, "needs chromium"), .serialized)
struct BrowserTests {
    /// Every figure that the page can have, and the fewest marks that it must show of `SampleRecords.sweep`.
    static let figures = [
        "bytes": 10, "frontier": 4, "search": 6, "accuracy": 30, "agreement": 6, "ratio": 12, "networks": 12,
        "networks-each": 40,
        "page": 12, "lambda": 12, "methods": 6, "convergence": 10, "loss": 10, "fisher": 10, "weights": 20,
        "sharing-cost": 100, "frames": 5, "bands": 30, "memory": 5, "time": 5, "stages": 4,
    ]

    @Test(arguments: Browser.Scheme.allCases)
    func noFigureIsEmpty(scheme: Browser.Scheme) throws {
        let report = Report(runs: SampleRecords.sweep)
        // PAGEFOLD_PAGE=page.html swift test --filter noFigureIsEmpty leaves the page to be looked at.
        if let file = ProcessInfo.processInfo.environment["PAGEFOLD_PAGE"] {
            try report.html.write(toFile: file, atomically: true, encoding: .utf8)
        }
        let measured = try Browser.measure(report.html, scheme)
        #expect(measured.isDark == (scheme == .dark))
        #expect(measured.loaded.isEmpty)
        #expect(Set(measured.figures.map(\.id)) == Set(Self.figures.keys))
        for figure in measured.figures {
            #expect(figure.visible >= Self.figures[figure.id] ?? 1, "\(figure.id)")
            #expect(figure.outside == 0, "\(figure.id)")
            #expect(figure.lostTexts.isEmpty, "\(figure.id)")
            #expect(figure.collisions.isEmpty, "\(figure.id)")
            #expect(figure.titles == 2, "\(figure.id)")
            #expect(figure.rows > 0, "\(figure.id)")
        }
    }

    /// As a phone shows it: every figure has a drawing of its own there, and nothing is cut.
    @Test(arguments: Browser.Scheme.allCases)
    func nothingIsCutOnAPhone(scheme: Browser.Scheme) throws {
        let pages = [
            Report(runs: SampleRecords.sweep).html, SampleFolds.page(networks: 5).html,
            SampleFolds.page(networks: 1).html,
        ]
        for html in pages {
            let measured = try Browser.measure(html, scheme, isPhone: true)
            #expect(measured.isDark == (scheme == .dark))
            #expect(measured.width < 400 && measured.overflow <= 0 && measured.cutTables == 0)
            for figure in measured.figures {
                #expect(figure.isNarrow && figure.visible > 0 && figure.outside == 0, "\(figure.id)")
                #expect(figure.lostTexts.isEmpty, "\(figure.id)")
                #expect(figure.collisions.isEmpty, "\(figure.id)")
            }
        }
    }

    @Test func thePageOfAFoldHasItsFigures() throws {
        let measured = try Browser.measure(SampleFolds.page(networks: 5).html, .light)
        #expect(Set(measured.figures.map(\.id)) == ["sections", "frames", "bands", "pairs", "tables"])
        for figure in measured.figures {
            #expect(figure.visible > 3 && figure.outside == 0 && figure.rows > 0, "\(figure.id)")
            #expect(figure.lostTexts.isEmpty && figure.collisions.isEmpty, "\(figure.id)")
        }
        #expect(measured.loaded.isEmpty && measured.overflow <= 0)
    }

    @Test func tablesAreSortedByTheirHeads() throws {
        let html = Report(runs: SampleRecords.sweep).html
        let click = """
            <script>{const t=document.querySelector('.whole table'),h=t.tHead.rows[0].cells;
            const at=[...h].findIndex(c=>c.textContent==='bytes');h[at].click();
            document.title=[...t.tBodies[0].rows].map(r=>r.cells[at].textContent.replace(/,/g,'')).join(' ')}</script>
            """
        let page = html.replacingOccurrences(of: "</body>", with: click + "</body>")
        let bytes = try Browser.measure(page, .light).title.split(separator: " ").compactMap { Int($0) }
        #expect(bytes.count > 10 && bytes == bytes.sorted(by: >))
    }

    /// The measurement above can fail: a page without its marks, or with marks as pale as the ground, is noticed.
    @Test func emptyFiguresAreNoticed() throws {
        var run = SampleRecords(networks: 3).record
        run.pageTables = nil
        let html = Report(runs: [run]).html
        let emptied = html.replacingOccurrences(of: " mark\"", with: "\"")
        #expect(try Browser.measure(emptied, .light).figures.allSatisfy { $0.visible == 0 })
        let pale = html.replacingOccurrences(
            of: "</style>", with: ".mark{fill:var(--paper)!important;stroke:none!important}</style>")
        let measured = try Browser.measure(pale, .dark)
        #expect(measured.figures.allSatisfy { $0.visible == 0 && $0.marks > 0 })
    }

    /// Names and settings are whatever users write.
    @Test func oddRecordsAreDrawnToo() throws {
        var run = SampleRecords(networks: 3).record
        run.networks[0].name =
            "<script>document.title='owned'</script> & \"a name that is long beyond all measure\""
        run.networks[1].name = "x"
        run.networks[2].packed.accuracy = 1
        run.parameters["<b>"] = "&"
        run.seconds = 1e9
        run.peakMemory = 0
        run.sharingCost = [[0, 0, 0], [0, 0, 1e-30], [0, 5, 0]]
        let html = Report(runs: [run, SampleRecords(networks: 3, seed: 2).record], title: "a<b>&\"").html
        let measured = try Browser.measure(html, .light)
        #expect(measured.figures.allSatisfy { $0.visible > 0 && $0.outside == 0 })
        #expect(!html.contains("<script>document"))
    }
}
