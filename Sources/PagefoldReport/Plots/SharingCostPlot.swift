// What sharing costs each pair of networks: the second-order loss between their pages on common frames.

/// A heat map, network × network.
struct SharingCostPlot {
    let evidence: Evidence

    var figure: Figure? {
        guard let (run, note) = evidence.record({ ($0.sharingCost ?? []).joined().contains { $0 > 0 } }),
            let costs = run.sharingCost
        else { return nil }
        let names = run.networks.map(\.name)
        let map = HeatMap(names: names, values: costs, unit: "nats", format: { NumberText.short($0) })
        return Figure(
            id: "sharing-cost", title: "Sharing cost between networks",
            description:
                "A heat map: the second-order loss of every pair of networks on their common frames.",
            caption: """
                Second-order loss in nats between the pages of two networks on common frames, before joint training. \
                Colour follows its square root.\(note)
                """,
            height: map.height, content: map.content, table: map.table)
    }
}
