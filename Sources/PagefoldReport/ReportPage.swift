// The page of a report: its lead, its sections and where its figures come from.

import PagefoldCore

extension Report {
    /// One self-contained HTML document, UTF-8: it loads nothing, and needs no script.
    public var html: String {
        let overview = PageSection(
            title: "Overview", content: Overview(evidence: evidence).elements, isLinked: false)
        return Page(
            title: title, lead: lead,
            sections: [overview]
                + sections.map {
                    PageSection(
                        title: $0.title, introduction: $0.introduction, content: $0.figures.map(\.element))
                },
            footer: [
                Element("p", text: provenance),
                Element("details", [:], [Element("summary", text: "Commands of the runs"), commands]),
            ]
        ).html
    }

    private var lead: String {
        let group = evidence.featured
        let number = group.networks.count
        var text = "\(number) \(number == 1 ? "network" : "networks") on one pool of frames"
        if let before = group.first.originalBytes, let bytes = group.spread({ Double($0.bytes) }) {
            text +=
                ": \(NumberText.whole(before)) bytes of weights in a file of \(NumberText.fixed(bytes.mean, 0)) bytes"
        }
        return text + "."
    }

    private var provenance: String {
        let versions = Set(evidence.groups.flatMap(\.runs).compactMap(\.version)).sorted()
        let packed = versions.isEmpty ? "" : ", packed by version \(versions.joined(separator: ", "))"
        return """
            Made by pagefold report \(pagefoldVersion) from \(runCount) \(runCount == 1 ? "run" : "runs") in \
            \(groupCount) \(groupCount == 1 ? "group" : "groups") of equal settings\(packed). Runs of one group differ \
            by their seed alone.
            """
    }

    private var commands: Element {
        let lines = evidence.groups.flatMap(\.runs).map { run in
            run.command.isEmpty
                ? "\(run.output ?? "a run"): command not recorded" : run.command.joined(separator: " ")
        }
        return Element("pre", text: lines.joined(separator: "\n"))
    }
}
