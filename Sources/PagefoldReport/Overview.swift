// The head of the page: key figures of the featured runs, and a table of all groups. No plot.

/// What was packed, in numbers.
struct Overview {
    let evidence: Evidence

    var elements: [Element] { [tiles, Element("div", ["class": "whole"], [runs.element])] }

    private var tiles: Element {
        let group = evidence.featured
        var tiles = [tile("networks", "\(group.networks.count)", group.networks.joined(separator: ", "))]
        if let bytes = group.spread({ Double($0.bytes) }) {
            let before = group.first.originalBytes.map {
                "of \(NumberText.whole($0))\(group.spread(\.ratio).map { ", \(NumberText.fixed($0.mean, 2))× smaller" } ?? "")"
            }
            tiles.append(tile("bytes, all counted", NumberText.fixed(bytes.mean, 0), before ?? ""))
        }
        if let mean = group.spread(\.meanDifference) {
            tiles.append(
                tile(
                    "mean difference, points", NumberText.points(mean.mean),
                    [range(mean, NumberText.points), "\(group.samples) samples"].filter { !$0.isEmpty }
                        .joined(separator: ", ")))
        }
        if let worst = group.spread(\.worstDifference) {
            tiles.append(
                tile("worst difference, points", NumberText.points(worst.least), worstName(worst.least)))
        }
        if let agreement = group.spread(\.leastAgreement) {
            tiles.append(
                tile("least agreement, %", NumberText.percent(agreement.least), "networks without labels"))
        }
        if let seconds = group.spread(\.seconds) {
            tiles.append(
                tile("time of a run", NumberText.seconds(seconds.mean), range(seconds, NumberText.seconds)))
        }
        if let memory = group.spread({ $0.peakMemory.map(Double.init) }) {
            tiles.append(tile("peak memory", NumberText.bytes(memory.most), "largest of all seeds"))
        }
        return Element("dl", ["class": "tiles"], tiles)
    }

    private func tile(_ name: String, _ value: String, _ detail: String) -> Element {
        Element(
            "div", [:],
            [
                Element("dt", text: name), Element("dd", ["class": "value"], text: value),
                Element("dd", ["class": "detail"], text: detail),
            ])
    }

    private func range(_ spread: Spread, _ format: (Double) -> String) -> String {
        let (least, most) = (format(spread.least), format(spread.most))
        return least == most ? "" : "\(least) … \(most)"
    }

    private func worstName(_ value: Double) -> String {
        for run in evidence.featured.runs {
            for network in run.networks where network.outcome.difference == value {
                let seed =
                    evidence.featured.runs.count > 1 ? run.parameter("seed").map { ", seed \($0)" } : nil
                return network.name + (seed ?? "")
            }
        }
        return ""
    }

    private var runs: NumberTable {
        var table = NumberTable([
            "runs", "seeds", "bytes", "ratio", "mean", "worst", "agreement %", "time",
            "memory",
        ])
        for group in evidence.groups {
            table.rows.append([
                group.label, "\(group.runs.count)",
                group.spread { Double($0.bytes) }.map { NumberText.fixed($0.mean, 0) } ?? "–",
                group.spread(\.ratio).map { NumberText.fixed($0.mean, 2) + "×" } ?? "–",
                group.spread(\.meanDifference).map { $0.text(NumberText.points) } ?? "–",
                group.spread(\.worstDifference).map { NumberText.points($0.least) } ?? "–",
                group.spread(\.leastAgreement).map { NumberText.percent($0.least) } ?? "–",
                group.spread(\.seconds).map { NumberText.seconds($0.mean) } ?? "–",
                group.spread { $0.peakMemory.map(Double.init) }.map { NumberText.bytes($0.most) } ?? "–",
            ])
        }
        return table.withoutEmptyColumns
    }
}
