// How every network comes along during joint training: small panels of the validation measure, and of the loss.

/// Small multiples over training steps: one panel a network, one colour a group, one thin line a seed.
struct ConvergencePlot {
    let evidence: Evidence
    let isLoss: Bool

    private struct Point {
        let step: Double
        let value: Double
    }

    private static let size = (width: 205.0, height: 176.0)

    private func points(_ run: PackRecord, _ index: Int) -> [Point] {
        run.history.compactMap { look in
            if isLoss {
                // Before the first step there is no loss; it is recorded as 0.
                let loss = Double(look.losses[index])
                return loss > 0 ? Point(step: Double(look.step), value: loss) : nil
            }
            return Point(step: Double(look.step), value: 100 * look.scores[index].measure)
        }
    }

    private var shown: [RunGroup] {
        let some = evidence.peers.filter(hasCurve)
        // The featured group may be old or known from its evaluation alone.
        return some.isEmpty ? evidence.groups.filter(hasCurve).prefix(1).map { $0 } : some
    }

    private func hasCurve(_ group: RunGroup) -> Bool {
        group.runs.contains { run in
            run.networks.indices.contains { points(run, $0).count > 1 }
        }
    }

    var figure: Figure? {
        guard let first = shown.first else { return nil }
        let names = first.networks
        let head = shown.count > 1 ? 34.0 : 4
        let rows = (names.count + Figure.columns - 1) / Figure.columns
        let what = isLoss ? "Training loss" : "Validation accuracy"
        return Figure(
            id: isLoss ? "loss" : "convergence", title: "\(what) of each network during joint training",
            description: "A panel for each network: \(what.lowercased()) over the steps of joint training.",
            caption: isLoss
                ? "Mean training loss between two looks, logarithmic, over thousands of steps. \(evidence.note(shown))"
                : """
                Accuracy (agreement where there are no labels) on validation samples over thousands of steps. Dotted: \
                the original. A curve that enters from below starts at the value in the table. \(evidence.note(shown))
                """,
            height: head + Double(rows) * Self.size.height + 8,
            content: Evidence.key(shown, x: 34, y: 18)
                + names.enumerated().flatMap { index, name in
                    panel(
                        index, name, Double(index % Figure.columns) * (Self.size.width + 12),
                        head + Double(index / Figure.columns) * Self.size.height)
                }, table: table)
    }

    private func panel(_ index: Int, _ name: String, _ x: Double, _ y: Double) -> [Element] {
        let curves = shown.enumerated().flatMap { number, group in
            group.runs.map { (number: number, points: points($0, index)) }
        }
        let labelled = shown[0].first.networks[index].labelled
        let before = shown[0].first.networks[index].original
        let original = before.measure * 100
        // The first looks lie far below; the axis is for what comes after them.
        let late = curves.flatMap { curve in
            !isLoss && curve.points.count > 4 ? Array(curve.points.dropFirst()) : curve.points
        }
        let steps = curves.flatMap { $0.points.map { $0.step / 1000 } }
        let area = PlotArea(
            x: Scale(from: 0, to: steps.max() ?? 1, start: x + 36, end: x + Self.size.width - 6),
            y: Scale(
                covering: late.map(\.value) + (!isLoss && labelled ? [original] : []), logarithmic: isLoss,
                least: isLoss ? 1.5 : 1, bounds: isLoss ? nil : before.bounds,
                start: y + Self.size.height - 44,
                end: y + 30), xTitle: "thousand steps", yTitle: "", xTickCount: 4, yTickCount: 4,
            isSmall: true)
        var elements = area.axes
        elements.append(SVG.text(area.left, y + 18, name, "label strong"))
        elements.append(
            SVG.text(
                area.right, y + 18, isLoss ? "loss, nats" : before.axisTitle, "tick", .end))
        if !isLoss && labelled { elements.append(area.level(original)) }
        for curve in curves {
            let style = "\(shown.count == 1 && curves.count == 1 ? "curve" : "fine") s\(curve.number) mark"
            let title = shown.count > 1 ? "\(name), \(shown[curve.number].label)" : name
            elements += area.curve(curve.points.map { ($0.step / 1000, $0.value) }, style).map {
                $0.titled(title)
            }
        }
        return elements
    }

    private var table: NumberTable {
        var table = NumberTable(
            ["network", "step"] + (isLoss ? ["mean", "least", "most"] : ["mean %", "least %", "most %"]))
        for group in shown {
            for (index, name) in group.networks.enumerated() {
                let looks = group.runs.flatMap { points($0, index) }
                for step in Set(looks.map(\.step)).sorted() {
                    guard let spread = Spread(looks.filter { $0.step == step }.map(\.value)) else { continue }
                    let decimals = isLoss ? 4 : 2
                    table.rows.append(
                        [shown.count > 1 ? "\(name), \(group.label)" : name, NumberText.fixed(step, 0)]
                            + [spread.mean, spread.least, spread.most].map { NumberText.fixed($0, decimals) })
                }
            }
        }
        return table
    }
}
