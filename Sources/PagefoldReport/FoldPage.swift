// One fold file as a page: its frames, its page tables, who shares with whom, and the memory that it asks for. Runs are
// Report's.

public import PagefoldCore

/// What a fold file holds, for people.
public struct FoldPage: Sendable {
    /// A figure of memory.
    public struct Amount: Sendable {
        public var name: String
        public var bytes: Int
        /// What is counted.
        public var note: String

        public init(name: String, bytes: Int, note: String) {
            self.name = name
            self.bytes = bytes
            self.note = note
        }
    }

    private let page: Page

    /// - Parameters:
    ///   - reader: copied from, not kept.
    ///   - name: of the file, for the heading.
    ///   - arenas: bytes of each network's arena.
    ///   - memory: what the whole set takes.
    public init(_ reader: FoldReader, name: String, arenas: [Int], memory: [Amount]) {
        page = FoldContent(reader, arenas: arenas, memory: memory).page(name)
    }

    /// One self-contained HTML document, UTF-8: it loads nothing, and needs no script.
    public var html: String { page.html }
}

/// The sections of the page.
struct FoldContent {
    private let reader: FoldReader
    private let arenas: [Int]
    private let memory: [FoldPage.Amount]
    private let names: [String]
    private let tables: [[Int]]

    init(_ reader: FoldReader, arenas: [Int], memory: [FoldPage.Amount]) {
        self.reader = reader
        self.arenas = arenas
        self.memory = memory
        names = reader.networks.map(\.text.name)
        tables = reader.networks.map(\.pageTable)
    }

    func page(_ name: String) -> Page {
        let original = reader.networks.reduce(0) { $0 + 4 * $1.program.plainWeightCount }
        let ratio = NumberText.fixed(Double(original) / Double(max(reader.fileSize, 1)), 2)
        return Page(
            title: name,
            lead: """
                \(names.count) \(names.count == 1 ? "network" : "networks") on \
                \(NumberText.whole(reader.frameCount)) frames of \(NumberText.whole(reader.pageSize)) weights as \
                \(reader.formats.pool): \(NumberText.whole(reader.fileSize)) bytes instead of \
                \(NumberText.whole(original)), \(ratio)× smaller.
                """,
            sections: [
                PageSection(title: "Networks", content: [networks.element, ports]),
                PageSection(
                    title: "Memory", introduction: "What a device needs to hold all of them.",
                    content: [memoryTable.element] + figures([bytes])),
                PageSection(
                    title: "Sharing", introduction: "Which networks stand on which frames.",
                    content: figures(sharing)),
                PageSection(
                    title: "Page tables",
                    introduction: "Where the pages of each network lie, in the order of its weights.",
                    content: figures([tablePlot]) + [entries]),
            ].filter { !$0.content.isEmpty },
            footer: [Element("p", text: "Made by pagefold info \(pagefoldVersion).")])
    }

    private func figures(_ draw: @autoclosure () -> [Figure]) -> [Element] {
        let narrow = Figure.inNarrow(draw)
        return draw().map { $0.with(narrow).element }
    }

    // MARK: Tables

    private var networks: NumberTable {
        var table = NumberTable([
            "network", "weights", "float32 bytes", "pages", "frames", "exclusive pages", "own bytes", "arena",
            "states",
        ])
        for (index, network) in reader.networks.enumerated() {
            let shared = tables[index].filter { $0 < reader.frameCount }
            let own = reader.sectionSizes.filter { $0.network == index }.reduce(0) { $0 + $1.bytes }
            table.rows.append(
                [names[index]]
                    + [
                        network.program.plainWeightCount, 4 * network.program.plainWeightCount,
                        tables[index].count, Set(shared).count, network.exclusivePageCount, own,
                        index < arenas.count ? arenas[index] : 0, 4 * network.program.stateCount,
                    ].map(NumberText.whole))
        }
        return table
    }

    /// Inputs and outputs, folded away.
    private var ports: Element {
        var table = NumberTable(["network", "port", "name", "type", "sizes", "labels or preprocessing"])
        for network in reader.networks {
            let (text, program) = (network.text, network.program)
            func row(_ kind: String, _ port: NetworkPort, _ shape: Shape, _ more: String) {
                let sizes = port.axes(of: shape).map { NumberText.whole($0.size) }.joined(separator: "×")
                table.rows.append([
                    text.name, kind, port.name, "\(port.element)", sizes.isEmpty ? "1" : sizes,
                    more.isEmpty ? "–" : more,
                ])
            }
            for (index, port) in text.inputs.enumerated() {
                row("input", port, program.values[index], port.preprocessing)
            }
            for (port, output) in zip(text.outputs, program.outputs) {
                let labels = port.labels.prefix(12).joined(separator: ", ")
                row(
                    "output", port, program.values[output.value],
                    labels + (port.labels.count > 12 ? ", … (\(port.labels.count))" : ""))
            }
        }
        return Element("details", [:], [Element("summary", text: "Inputs and outputs"), table.element])
    }

    private var memoryTable: NumberTable {
        NumberTable(
            ["memory", "bytes", "counted"],
            memory.map { [$0.name, NumberText.whole($0.bytes), $0.note] })
    }

    /// The tables themselves; of very large folds the beginning.
    private var entries: Element {
        let most = 4_000
        let text = zip(names, tables).map { name, table in
            let pages = table.prefix(most).map {
                $0 < reader.frameCount ? "\($0)" : "x\($0 - reader.frameCount)"
            }.joined(separator: " ")
            return "\(name): \(pages)\(table.count > most ? " … (\(table.count) pages)" : "")"
        }.joined(separator: "\n\n")
        return Element(
            "details", [:],
            [
                Element("summary", text: "The tables: page by page its frame, x an exclusive page"),
                Element("pre", ["class": "wrapped"], text: text),
            ])
    }

    // MARK: Figures

    private var bytes: Figure {
        var sizes: [(name: String, bytes: Int)] = []
        for section in reader.sectionSizes {
            if let place = sizes.firstIndex(where: { $0.name == section.kind.name }) {
                sizes[place].bytes += section.bytes
            } else {
                sizes.append((section.kind.name, section.bytes))
            }
        }
        sizes.append(("headers", reader.fileSize - sizes.reduce(0) { $0 + $1.bytes }))
        return SectionPlot(parts: sizes.filter { $0.bytes > 0 }.sorted { $0.bytes > $1.bytes }).figure
    }

    private var use: FrameUse? { FrameUse(frames: reader.frameCount, names: names, tables: tables) }

    private var sharing: [Figure] {
        guard let use else { return [] }
        var figures = [
            FrameMapPlot(use: use, pageSize: reader.pageSize).figure, FrameBandPlot(use: use).figure,
        ]
        guard names.count > 1, names.count <= 40 else { return figures }
        let common = names.indices.map { first in
            names.indices.map { first == $0 ? 0 : Double(use.common(first, $0)) }
        }
        let map = HeatMap(names: names, values: common, unit: "frames") { NumberText.fixed($0, 0) }
        figures.append(
            Figure(
                id: "pairs", title: "Who shares with whom",
                description: "A heat map: the frames that each pair of networks has in common.",
                caption: "Frames that two networks have in common. Colour follows the square root.",
                height: map.height, content: map.content, table: map.table))
        return figures
    }

    private var tablePlot: Figure { PageTablePlot(names: names, tables: tables, use: use).figure }
}
