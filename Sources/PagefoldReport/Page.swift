// The HTML document around sections of figures and tables. Colours and type are Style's.

import PagefoldCore

/// A heading with what belongs under it.
struct PageSection: Sendable {
    let title: String
    /// A sentence under the heading; empty: none.
    var introduction = ""
    let content: [Element]
    /// Whether the links at the top name it.
    var isLinked = true

    fileprivate var anchor: String {
        "section-" + title.lowercased().filter { $0.isLetter || $0 == " " }.replacing(" ", with: "-")
    }
}

/// One self-contained HTML document: it loads nothing, and needs no script.
struct Page: Sendable {
    let title: String
    /// A sentence under the title.
    let lead: String
    let sections: [PageSection]
    let footer: [Element]

    /// UTF-8.
    var html: String {
        let header = Element(
            "header", [:],
            [Element("h1", text: title), Element("p", ["class": "lead"], text: lead), navigation])
        let body =
            [header] + sections.map(element) + [Element("footer", [:], footer)]
            + [Element("script", verbatim: Style.script)]
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

    private var navigation: Element {
        Element(
            "nav", [:],
            sections.filter(\.isLinked).map { Element("a", ["href": "#\($0.anchor)"], text: $0.title) })
    }

    private func element(_ section: PageSection) -> Element {
        Element(
            "section", ["id": section.anchor],
            [Element("h2", text: section.title)]
                + (section.introduction.isEmpty ? [] : [Element("p", text: section.introduction)])
                + section.content)
    }
}
