// All runs of a page as the plots see them: in groups, one of which is featured. Draws nothing.

/// Groups of runs, and which of them the detailed figures show.
struct Evidence: Sendable {
    let groups: [RunGroup]
    /// The group of the figures that show one run.
    let featured: RunGroup
    /// Groups with the featured group's networks, itself included, that are compared network by network.
    let peers: [RunGroup]

    /// More lie on each other in a plot.
    static let mostPeers = 4

    /// - Returns: nil without runs.
    init?(_ runs: [PackRecord]) {
        groups = RunGroup.grouped(runs)
        guard let featured = RunGroup.featured(groups) else { return nil }
        self.featured = featured
        let like = groups.filter { $0.networks == featured.networks }
        peers = like.count <= Self.mostPeers ? like : [featured]
    }

    /// What the caption says about the runs that are shown.
    func note(_ shown: [RunGroup]) -> String {
        let seeds = shown.map(\.runs.count)
        let most = seeds.max() ?? 0
        let number =
            most <= 1
            ? "One run each."
            : seeds.allSatisfy { $0 == most } ? "\(most) seeds each." : "Up to \(most) seeds each."
        guard shown.count == 1 else { return number }
        let text = most == 1 ? "one run" : "\(most) seeds"
        return groups.count == 1 ? "\(text.capitalizedFirst)." : "Shown: \(shown[0].label), \(text)."
    }

    /// The first of the featured runs that has something; else the first of all runs that has it.
    func record(_ has: (PackRecord) -> Bool) -> (run: PackRecord, note: String)? {
        for group in [featured] + groups {
            if let run = group.runs.first(where: has) {
                let seed = run.parameter("seed").map { "seed \($0)" }
                let parts = [groups.count > 1 ? group.label : nil, group.runs.count > 1 ? seed : nil]
                let text = parts.compactMap { $0 }.joined(separator: ", ")
                return (run, text.isEmpty ? "" : " Shown: \(text).")
            }
        }
        return nil
    }

    /// Names of groups in their colours, in one line, where there is more than one.
    static func key(_ groups: [RunGroup], x: Double, y: Double) -> [Element] {
        guard groups.count > 1 else { return [] }
        var place = x
        var elements: [Element] = []
        for (number, group) in groups.enumerated() {
            elements.append(SVG.circle(place + 5, y - 4, 4.5, "dot s\(number)"))
            let room = (Figure.fullWidth - x) / Double(groups.count) - 36
            let label = Figure.isNarrow ? SVG.short(group.label, room) : group.label
            elements.append(SVG.text(place + 14, y, label, "label tone s\(number)"))
            place += 34 + SVG.width(of: label)
        }
        return elements
    }
}

extension String {
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
