// Elements of SVG and HTML as values. Text and attributes are escaped here and nowhere else; knows no layout.

/// One element with its attributes and what is in it.
struct Element: Sendable {
    enum Child: Sendable {
        case element(Element)
        case text(String)
        /// Styles and scripts, which have an escaping of their own; never data.
        case verbatim(String)
    }

    let name: String
    private(set) var attributes: [(name: String, value: String)]
    private(set) var children: [Child]

    init(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ children: [Element] = []) {
        self.name = name
        self.attributes = attributes.map { ($0.key, $0.value) }
        self.children = children.map(Child.element)
    }

    init(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], text: String) {
        self.init(name, attributes)
        children = [.text(text)]
    }

    init(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], verbatim: String) {
        self.init(name, attributes)
        children = [.verbatim(verbatim)]
    }

    /// With a tooltip.
    func titled(_ title: String) -> Element {
        var result = self
        result.children.insert(.element(Element("title", text: title)), at: 0)
        return result
    }

    func with(_ attribute: String, _ value: String) -> Element {
        var result = self
        result.attributes.append((attribute, value))
        return result
    }

    /// The element as HTML; SVG within HTML is written the same.
    var markup: String {
        var text = ""
        write(to: &text)
        return text
    }

    func write(to text: inout String) {
        text += "<" + name
        for attribute in attributes {
            text += " \(attribute.name)=\"\(Self.escaped(attribute.value))\""
        }
        if children.isEmpty && Self.empty.contains(name) {
            text += Self.void.contains(name) ? ">" : "/>"
            return
        }
        text += ">"
        for child in children {
            switch child {
            case .element(let element): element.write(to: &text)
            case .text(let content): text += Self.escaped(content)
            case .verbatim(let content): text += content
            }
        }
        text += "</\(name)>"
        if Self.blocks.contains(name) { text += "\n" }
    }

    private static let void: Set = ["meta", "br"]
    private static let empty: Set = ["meta", "br", "path", "line", "rect", "circle"]
    private static let blocks: Set = [
        "figure", "section", "table", "tr", "p", "h1", "h2", "h3", "style", "svg", "g", "details", "title",
        "desc", "div",
    ]

    /// Safe within text and within attributes in double quotes. Control characters, which XML forbids, are left
    /// out.
    static func escaped(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\t", "\n": result.unicodeScalars.append(scalar)
            case _ where scalar.value < 32 || scalar.value == 127: break
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

/// The shapes that plots are made of. Places are in the units of the view box. A shape that stands for data has
/// `mark` among its classes; the rest is furniture.
enum SVG {
    static func circle(_ x: Double, _ y: Double, _ radius: Double, _ style: String) -> Element {
        Element("circle", ["cx": place(x), "cy": place(y), "r": place(radius), "class": style])
    }

    /// A square on its corner.
    static func diamond(_ x: Double, _ y: Double, _ radius: Double, _ style: String) -> Element {
        var path = Path()
        path.move(x - radius, y)
        for (toX, toY) in [(x, y - radius), (x + radius, y), (x, y + radius)] { path.line(toX, toY) }
        path.close()
        return path.element(style)
    }

    /// A triangle that points down: the value is farther that way.
    static func pointer(_ x: Double, _ y: Double, _ radius: Double, _ style: String) -> Element {
        var path = Path()
        path.move(x - radius, y - radius)
        path.line(x + radius, y - radius)
        path.line(x, y + radius)
        path.close()
        return path.element(style)
    }

    static func rect(
        _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ style: String
    ) -> Element {
        Element(
            "rect",
            [
                "x": place(x), "y": place(y), "width": place(max(width, 0)),
                "height": place(max(height, 0)), "class": style,
            ])
    }

    static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) -> Element {
        Element(
            "line",
            ["x1": place(x1), "y1": place(y1), "x2": place(x2), "y2": place(y2), "class": style])
    }

    enum Anchor: String { case start, middle, end }

    static func text(
        _ x: Double, _ y: Double, _ text: String, _ style: String, _ anchor: Anchor = .start
    ) -> Element {
        Element(
            "text", ["x": place(x), "y": place(y), "class": style, "text-anchor": anchor.rawValue],
            text: text)
    }

    static func group(_ style: String, _ children: [Element]) -> Element {
        Element("g", ["class": style], children)
    }

    /// About how wide a text is, for room at margins; no font is known here.
    static func width(of text: String, size: Double = 12) -> Double {
        text.reduce(0) { width, character in
            let share = "il.,:;|' ()ftj1".contains(character) ? 0.36 : character.isUppercase ? 0.7 : 0.62
            return width + share * size
        }
    }

    /// A text that is no wider than so much, with an ellipsis where it was.
    static func short(_ text: String, _ room: Double, size: Double = 12) -> String {
        guard width(of: text, size: size) > room else { return text }
        var text = text
        while width(of: text + "…", size: size) > room, text.count > 2 { text.removeLast() }
        return text + "…"
    }

    static func place(_ value: Double) -> String { NumberText.place(value) }
}

/// Outlines of lines and areas.
struct Path {
    private(set) var steps = ""

    mutating func move(_ x: Double, _ y: Double) { steps += "M\(SVG.place(x)) \(SVG.place(y))" }
    mutating func line(_ x: Double, _ y: Double) { steps += "L\(SVG.place(x)) \(SVG.place(y))" }
    mutating func close() { steps += "Z" }

    mutating func rect(_ x: Double, _ y: Double, _ width: Double, _ height: Double) {
        steps +=
            "M\(SVG.place(x)) \(SVG.place(y))h\(SVG.place(width))v\(SVG.place(height))h\(SVG.place(-width))Z"
    }

    init() {}

    /// A line through places.
    init(through places: [(x: Double, y: Double)]) {
        for (index, place) in places.enumerated() {
            if index == 0 { move(place.x, place.y) } else { line(place.x, place.y) }
        }
    }

    func element(_ style: String) -> Element { Element("path", ["d": steps, "class": style]) }
}
