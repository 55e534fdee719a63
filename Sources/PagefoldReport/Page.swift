// The HTML document around the figures. Colours and type are Style's.

import Foundation
import PagefoldCore

extension Report {
    /// One self-contained HTML document, UTF-8: it loads nothing, and needs no script.
    public var html: String {
        var body = [
            Element(
                "header", [:],
                [
                    Element("h1", text: title),
                    Element("p", ["class": "lead"], text: lead),
                    navigation,
                ]),
            section("Overview", "", Overview(evidence: evidence).elements),
        ]
        body += sections.map { part in section(part.title, part.introduction, part.figures.map(\.element)) }
        body.append(
            Element(
                "footer", [:],
                [
                    Element("p", text: provenance),
                    Element("details", [:], [Element("summary", text: "Commands of the runs"), commands]),
                ]))
        body.append(Element("script", verbatim: Style.script))
        let head = Element(
            "head", [:],
            [
                Element("meta", ["charset": "utf-8"]),
                Element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
                Element("meta", ["name": "color-scheme", "content": "light dark"]),
                Element("title", text: title), Element("style", verbatim: Style.sheet),
            ])
        let document = Element(
            "html", ["lang": "en"], [head, Element("body", [:], [Element("main", [:], body)])])
        return "<!DOCTYPE html>\n" + document.markup + "\n"
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

    private var navigation: Element {
        Element(
            "nav", [:],
            sections.map { Element("a", ["href": "#\(Self.anchor($0.title))"], text: $0.title) })
    }

    private static func anchor(_ title: String) -> String {
        "section-" + title.lowercased().filter { $0.isLetter || $0 == " " }.replacing(" ", with: "-")
    }

    private func section(_ title: String, _ introduction: String, _ content: [Element]) -> Element {
        Element(
            "section", ["id": Self.anchor(title)],
            [Element("h2", text: title)]
                + (introduction.isEmpty ? [] : [Element("p", text: introduction)]) + content)
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
