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

    static let fullWidth = 860.0

    init(
        id: String, title: String, description: String, caption: String, width: Double = fullWidth,
        height: Double, content: [Element], table: NumberTable
    ) {
        self.id = id
        self.title = title
        self.description = description
        self.caption = caption
        self.width = width
        self.height = height
        self.content = content
        self.table = table
    }

    var element: Element {
        let image = Element(
            "svg",
            [
                "viewBox": "0 0 \(SVG.place(width)) \(SVG.place(height))", "role": "img",
                "aria-labelledby": "\(id)-title \(id)-desc", "xmlns": "http://www.w3.org/2000/svg",
            ],
            [
                Element("title", ["id": "\(id)-title"], text: title),
                Element("desc", ["id": "\(id)-desc"], text: description),
            ] + content)
        return Element(
            "figure", ["id": id],
            [
                Element("h3", text: title), Element("div", ["class": "plot"], [image]),
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

    var element: Element {
        let head = Element("tr", [:], header.map { Element("th", ["scope": "col"], text: $0) })
        let body = rows.map { row in
            Element(
                "tr", [:],
                row.enumerated().map { column, cell in
                    column == 0
                        ? Element("th", ["scope": "row"], text: cell) : Element("td", text: cell)
                })
        }
        return Element(
            "div", ["class": "table"],
            [Element("table", [:], [Element("thead", [:], [head]), Element("tbody", [:], body)])])
    }
}
