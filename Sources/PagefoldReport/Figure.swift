// A plot with what belongs to it on the page: title, description, caption, and its numbers in a table. What is
// drawn comes from the files in Plots/.

/// One figure of the page.
struct Figure: Sendable {
    /// Unique on the page; also the name of the file when the figure is saved.
    let id: String
    let title: String
    /// What the figure shows, for those who cannot see it.
    let description: String
    /// Stands below it.
    let caption: String
    let width: Double
    let height: Double
    let content: [Element]
    let table: NumberTable
    /// The drawing for phones.
    private var narrow: Element?

    /// Widths of the two drawings that a page has of a figure: for screens and paper, and for phones.
    static let widths = (wide: 860.0, narrow: 434.0)
    /// That of the drawing that is being made.
    @TaskLocal static var fullWidth = widths.wide
    static var isNarrow: Bool { fullWidth < widths.wide }
    /// Of small panels beside each other.
    static var columns: Int { isNarrow ? 2 : 4 }

    /// The drawings for phones, by the ids of their figures.
    static func inNarrow(_ draw: () -> [Figure]) -> [String: Element] {
        $fullWidth.withValue(widths.narrow) {
            Dictionary(draw().map { ($0.id, $0.image) }) { first, _ in first }
        }
    }

    /// With its drawing for phones.
    func with(_ narrow: [String: Element]) -> Figure {
        var figure = self
        figure.narrow = narrow[id]
        return figure
    }

    init(
        id: String, title: String, description: String, caption: String, width: Double? = nil,
        height: Double, content: [Element], table: NumberTable
    ) {
        self.id = id
        self.title = title
        self.description = description
        self.caption = caption
        self.width = width ?? Self.fullWidth
        self.height = height
        self.content = content
        self.table = table
    }

    private var image: Element {
        let name = id + (Self.isNarrow ? "-narrow" : "")
        return Element(
            "svg",
            [
                "viewBox": "0 0 \(SVG.place(width)) \(SVG.place(height))", "role": "img",
                "class": Self.isNarrow ? "narrow" : "wide", "aria-labelledby": "\(name)-title \(name)-desc",
                "xmlns": "http://www.w3.org/2000/svg",
            ],
            [
                Element("title", ["id": "\(name)-title"], text: title),
                Element("desc", ["id": "\(name)-desc"], text: description),
            ] + content)
    }

    var element: Element {
        Element(
            "figure", ["id": id],
            [
                Element("h3", text: title),
                Element("div", ["class": "plot"], [image] + (narrow.map { [$0] } ?? [])),
                Element("figcaption", text: caption),
                Element(
                    "details", [:],
                    [Element("summary", text: "The numbers"), table.element]),
            ])
    }
}

/// Rows under a header; the first column is flush left, the others flush right.
struct NumberTable: Sendable {
    let header: [String]
    var rows: [[String]] = []

    init(_ header: [String], _ rows: [[String]] = []) {
        self.header = header
        self.rows = rows
    }

    /// Without columns that hold dashes alone.
    var withoutEmptyColumns: NumberTable {
        let kept = header.indices.filter { column in
            rows.contains { column < $0.count && $0[column] != "–" }
        }
        return NumberTable(kept.map { header[$0] }, rows.map { row in kept.map { row[$0] } })
    }

    /// More columns than a phone has room for.
    private var isWide: Bool { header.count > 3 }

    var element: Element {
        let head = Element("tr", [:], header.map { Element("th", ["scope": "col"], text: $0) })
        let body = rows.map { row in
            Element(
                "tr", [:],
                row.enumerated().map { column, cell in
                    guard column > 0 else { return Element("th", ["scope": "row"], text: cell) }
                    // Where a row is a card, each cell says what it is.
                    return isWide
                        ? Element("td", ["data-name": header[column]], text: cell) : Element("td", text: cell)
                })
        }
        return Element(
            "div", ["class": isWide ? "table cards" : "table"],
            [Element("table", [:], [Element("thead", [:], [head]), Element("tbody", [:], body)])])
    }
}
