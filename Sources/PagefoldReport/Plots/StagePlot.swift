// Where the time of a run goes: one bar a stage.

/// Bars of the stages' mean seconds.
struct StagePlot {
    let evidence: Evidence

    var figure: Figure? {
        guard let (run, note) = evidence.record({ $0.stages.contains { $0.seconds > 0 } }) else { return nil }
        let stages = run.stages
        let all = stages.reduce(0) { $0 + $1.seconds }
        let left =
            min(stages.map { SVG.width(of: $0.name, size: 13) }.max() ?? 0, Figure.isNarrow ? 120 : 220) + 14
        let bottom = 6 + Double(stages.count) * 26
        let area = PlotArea(
            x: Scale(
                from: 0, to: stages.map(\.seconds).max() ?? 1, start: left, end: Figure.fullWidth - 130),
            y: Scale(from: 0, to: 1, start: bottom, end: 6), xTitle: "seconds", yTitle: "", yTicks: [])
        var elements = area.axes
        for (index, stage) in stages.enumerated() {
            let y = 6 + Double(index) * 26
            elements.append(
                SVG.text(left - 8, y + 17, SVG.short(stage.name, left - 10, size: 13), "label", .end))
            let width = area.x(stage.seconds) - left
            elements.append(
                SVG.rect(left, y + 4, max(width, 1), 18, "tile q5 mark").titled(
                    "\(stage.name): \(NumberText.fixed(stage.seconds, 2)) s"))
            let share = "\(NumberText.fixed(100 * stage.seconds / max(all, 1e-9), 0)) %"
            elements.append(
                SVG.text(left + width + 8, y + 17, "\(NumberText.seconds(stage.seconds)), \(share)", "label"))
        }
        return Figure(
            id: "stages", title: "Where the time goes",
            description: "A bar for each stage of packing, as long as its seconds.",
            caption: "Wall-clock seconds of each stage of one run.\(note)", height: bottom + 46,
            content: elements,
            table: NumberTable(
                ["stage", "seconds"], stages.map { [$0.name, NumberText.fixed($0.seconds, 2)] }))
    }
}
