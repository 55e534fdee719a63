// From runs to the page: which sections there are, and which figures are in them.

/// A report of packing runs.
public struct Report: Sendable {
    struct Section: Sendable {
        let title: String
        let introduction: String
        let figures: [Figure]
    }

    let evidence: Evidence
    let sections: [Section]
    let title: String

    /// - Parameter runs: at least one.
    public init(runs: [PackRecord], title: String = "Packing report") {
        guard let evidence = Evidence(runs) else { preconditionFailure("a report has runs") }
        self.evidence = evidence
        self.title = title
        // Drawn twice, the second time for phones.
        let narrow = Figure.inNarrow { Self.sections(evidence).flatMap(\.figures) }
        sections = Self.sections(evidence).filter { !$0.figures.isEmpty }.map { section in
            Section(
                title: section.title, introduction: section.introduction,
                figures: section.figures.map { $0.with(narrow) })
        }
    }

    public var runCount: Int { evidence.groups.reduce(0) { $0 + $1.runs.count } }
    /// Groups of runs that differ by their seed alone.
    public var groupCount: Int { evidence.groups.count }
    public var figureCount: Int { sections.reduce(0) { $0 + $1.figures.count } }

    private static func sections(_ evidence: Evidence) -> [Section] {
        [
            Section(
                title: "Bytes",
                introduction:
                    "What the networks take before and after, with everything counted, and what more bytes would give.",
                figures: [
                    BytesPlot(evidence: evidence).figure, FrontierPlot(evidence: evidence).figure,
                    SearchPlot(evidence: evidence).figure,
                ].compactMap { $0 }),
            Section(
                title: "Accuracy, before and after",
                introduction:
                    "What packing does to each network, on samples that it was not chosen by where they are known.",
                figures: [
                    AccuracyPlot(evidence: evidence).figure, AgreementPlot(evidence: evidence).figure,
                ].compactMap { $0 }),
            Section(
                title: "Accuracy, by what was varied",
                introduction: """
                    Differences to each network's own original, because the originals of others are not ours. Published \
                    accuracies were chosen on the test set.
                    """,
                figures: curves(evidence)),
            Section(
                title: "Convergence",
                introduction: "How the networks come along when they are retrained together.",
                figures: [
                    ConvergencePlot(evidence: evidence, isLoss: false).figure,
                    ConvergencePlot(evidence: evidence, isLoss: true).figure,
                ].compactMap { $0 }),
            Section(
                title: "Fisher information and weights",
                introduction: "What the matching weighs by, and what joint training did to the weights.",
                figures: [
                    DistributionPlot(evidence: evidence, kind: .fisher).figure,
                    DistributionPlot(evidence: evidence, kind: .weights).figure,
                ].compactMap { $0 }),
            Section(
                title: "Sharing", introduction: "Which networks share frames, and what that costs.",
                figures: [
                    SharingCostPlot(evidence: evidence).figure, FrameMapPlot(evidence)?.figure,
                    FrameMapPlot(evidence).map { FrameBandPlot(use: $0.use, note: $0.note).figure },
                ].compactMap { $0 }),
            Section(
                title: "Memory and time", introduction: "What a packing run takes.",
                figures: [
                    CostPlot(evidence: evidence, kind: .memory).figure,
                    CostPlot(evidence: evidence, kind: .time).figure, StagePlot(evidence: evidence).figure,
                ].compactMap { $0 }),
        ]
    }

    private static func curves(_ evidence: Evidence) -> [Figure] {
        let replication = PublishedFigures.replication
        let isPublished = PublishedFigures.cover(evidence.featured.networks)
        let five = isPublished ? "The published pool has five networks." : ""
        let count = Curve.along(.networks, evidence.groups)
        let plots: [(String, String, CurveAxis, [Curve], [CurvePlot.Published], String)] = [
            (
                "ratio", "Accuracy by how much smaller the file is", .ratio, ratioCurves(evidence),
                PublishedFigures.differenceByRatio.map { entry in
                    CurvePlot.Published(source: entry.source, points: [(entry.x, entry.y)])
                },
                "Ours count every byte of the file\(isPublished ? "; the published ratios count weights (and page tables)" : "")."
            ),
            (
                "networks", "Accuracy by the number of networks", .networks, count,
                [CurvePlot.Published(source: replication, points: PublishedFigures.differenceByCount)],
                isPublished ? "A triangle at the lower edge is a value below the axis." : ""
            ),
            (
                "page", "Accuracy by page size", .page, Curve.along(.page, evidence.groups),
                [CurvePlot.Published(source: replication, points: PublishedFigures.differenceByPage)], five
            ),
            (
                "lambda", "Accuracy by λ", .lambda, Curve.along(.lambda, evidence.groups),
                [CurvePlot.Published(source: replication, points: PublishedFigures.differenceByLambda)], five
            ),
        ]
        var figures = plots.compactMap { id, title, axis, curves, published, note in
            CurvePlot(
                id: id, title: title, axis: axis, curves: curves, published: isPublished ? published : [],
                note: note
            ).figure
        }
        if let curve = count.first, let figure = CountPanels(curve: curve).figure {
            let place = figures.firstIndex { $0.id == "networks" }.map { $0 + 1 } ?? figures.count
            figures.insert(figure, at: place)
        }
        if let figure = MethodPlot(evidence: evidence).figure { figures.append(figure) }
        return figures
    }

    /// A lone run has its place beside the published ones too.
    private static func ratioCurves(_ evidence: Evidence) -> [Curve] {
        let curves = Curve.along(.ratio, evidence.groups)
        guard curves.isEmpty, let ratio = evidence.featured.number("ratio") else { return curves }
        return [Curve(label: "Pagefold", points: [(ratio, evidence.featured)])]
    }
}
