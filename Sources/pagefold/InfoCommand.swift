// `pagefold info`: what a fold file holds, what shares what, where its bytes are. Of model files: InfoModel.swift.

import ArgumentParser
import Foundation
import PagefoldCore
import PagefoldExperiments
import PagefoldImport
import PagefoldRuntime

struct Info: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows what a fold file or a model file holds.",
        discussion: """
            Of a fold file: bytes, sharing, a map of the frames. Of a model file (ONNX, TFLite, …): inputs and outputs, \
            operations, weights, and whether and as what it imports; the exit code is 1 where it does not.
            """)

    @Argument(help: "The fold file, or a model file.")
    var fold: String

    @Option(help: "Sizes of one sample where the model file leaves them open: 3x224x224, or x=3x224x224.")
    var inputShape: [String] = []

    @Option(help: "Write a page of the fold file: frames, page tables, who shares with whom.")
    var html: String?

    @Flag(help: "Write that page and open it in the browser.")
    var open = false

    @Flag(help: "Print one JSON document instead of text.")
    var json = false

    struct Record: Encodable {
        struct Patches: Encodable {
            /// Weights in a patch.
            var size: Int
            var count: Int
            var bytes: Int

            enum CodingKeys: String, CodingKey { case size = "size", count = "count", bytes = "bytes" }
        }
        struct Network: Encodable {
            var name: String
            var input: String
            var weights: Int
            var pages: Int
            /// Pages that are on frames of the pool.
            var sharedPages: Int
            var frames: Int
            var exclusivePages: Int
            var patches: Patches?
            /// Bytes of this network alone in the file: page table, exclusive pages, patches, tail, program, text.
            var ownBytes: Int
            /// What tail and patches are stored as.
            var tailFormat: String
            /// Of a session, for one sample.
            var arenaBytes: Int
            /// What a session leaves to the interpreter, for want of a kernel.
            var interpretedSteps: [InterpretedRecord]
            /// Bytes that live between runs.
            var stateBytes: Int
            /// Of the first input and the first output.
            var preprocessing: String
            var classes: [String]
            var inputs: [PortRecord]
            var outputs: [PortRecord]

            enum CodingKeys: String, CodingKey {
                case name = "name", input = "input", weights = "weights", pages = "pages"
                case sharedPages = "sharedPages", frames = "frames", exclusivePages = "exclusivePages"
                case patches = "patches", ownBytes = "ownBytes", tailFormat = "tailFormat"
                case arenaBytes = "arenaBytes"
                case interpretedSteps = "interpretedSteps", stateBytes = "stateBytes"
                case preprocessing = "preprocessing", classes = "classes"
                case inputs = "inputs", outputs = "outputs"
            }
        }
        var file: String
        var bytes: Int
        var originalBytes: Int
        var pageSize: Int
        var frames: Int
        /// What weights of the pool and of exclusive pages are stored as.
        var format: String
        var exclusiveFormat: String
        /// Bytes by kind of section; "headers" is everything else.
        var sections: [String: Int]
        var networks: [Network]
        var memory: Memory
        /// Frames by number of networks that use them.
        var framesByNetworks: [Int]
        /// Frames by number of pages on them.
        var framesByPages: [Int]

        enum CodingKeys: String, CodingKey {
            case file = "file", bytes = "bytes", originalBytes = "originalBytes", pageSize = "pageSize"
            case frames = "frames", format = "format", exclusiveFormat = "exclusiveFormat"
            case sections = "sections", networks = "networks", memory = "memory"
            case framesByNetworks = "framesByNetworks", framesByPages = "framesByPages"
        }
    }

    func run() throws {
        let model = try ModelFile(path: fold)
        if model.isOriginal {
            guard html == nil, !open else {
                throw InputError(
                    file: fold, field: "page", problem: "it is a model file and has no frames",
                    remedy: "name a fold file, or leave --html and --open out")
            }
            return try showModel(model)
        }
        let file = try FoldFile(path: fold)
        let record = try Self.record(file)
        if html != nil || open { try writePage(file, record) }
        if json { return try printJSON(record) }
        try say(withExtendedLifetime(file) { Self.text(record, map: Self.map(file.reader)) })
    }

    static func record(_ file: FoldFile) throws(InputError) -> Record {
        let reader = file.reader
        var sections = [String: Int]()
        for section in reader.sectionSizes { sections[key(section.kind), default: 0] += section.bytes }
        sections["headers"] = reader.fileSize - sections.values.reduce(0, +)
        let (networks, pages) = users(reader)
        let memory = try Memory(file)
        return Record(
            file: file.path, bytes: reader.fileSize,
            originalBytes: reader.networks.reduce(0) { $0 + 4 * $1.program.plainWeightCount },
            pageSize: reader.pageSize,
            frames: reader.frameCount, format: "\(reader.formats.pool)",
            exclusiveFormat: "\(reader.formats.exclusivePages)",
            sections: sections,
            networks: try reader.networks.enumerated().map { (index, view) throws(InputError) in
                let own = reader.sectionSizes.filter { $0.network == index }
                let ports = PortRecord.records(view)
                return Record.Network(
                    name: view.text.name, input: ports.inputs.map(\.shape).joined(separator: " + "),
                    weights: view.program.plainWeightCount,
                    pages: view.weights.pageTable.count,
                    sharedPages: view.pageTable.count { $0 < reader.frameCount },
                    frames: Set(view.pageTable.filter { $0 < reader.frameCount }).count,
                    exclusivePages: view.exclusivePageCount,
                    patches: view.patches.map {
                        Record.Patches(
                            size: $0.size, count: $0.count,
                            bytes: own.first { $0.kind == .patches }?.bytes ?? 0)
                    },
                    ownBytes: own.reduce(0) { $0 + $1.bytes }, tailFormat: "\(view.weights.vectorFormat)",
                    arenaBytes: try file.arenaBytes(view.text.name),
                    interpretedSteps: try InterpretedRecord.all(file, view.text.name),
                    stateBytes: 4 * view.program.stateCount, preprocessing: view.text.preprocessing,
                    classes: view.text.classes, inputs: ports.inputs, outputs: ports.outputs)
            }, memory: memory,
            framesByNetworks: histogram(networks), framesByPages: histogram(pages))
    }

    /// A kind of section in `Record.sections`.
    private static func key(_ kind: FoldSection) -> String {
        switch kind {
        case .pageTable: "pageTable"
        case .exclusivePages: "exclusivePages"
        default: kind.name
        }
    }

    /// For each frame: how many networks and how many pages are on it.
    private static func users(_ reader: FoldReader) -> (networks: [Int], pages: [Int]) {
        var networks = [Int](repeating: 0, count: reader.frameCount)
        var pages = networks
        for view in reader.networks {
            let shared = view.pageTable.filter { $0 < reader.frameCount }
            for frame in shared { pages[frame] += 1 }
            for frame in Set(shared) { networks[frame] += 1 }
        }
        return (networks, pages)
    }

    private static func histogram(_ values: [Int]) -> [Int] {
        var counts = [Int](repeating: 0, count: (values.max() ?? 0) + 1)
        for value in values { counts[value] += 1 }
        return counts
    }

    /// One character a frame: the number of pages on it.
    private static func map(_ reader: FoldReader) -> String {
        let glyphs = Array(".123456789")
        let pages = users(reader).pages
        return stride(from: 0, to: pages.count, by: 64).map { start in
            let row = pages[start..<min(start + 64, pages.count)].map { $0 < glyphs.count ? glyphs[$0] : "+" }
            return String(format: "%6d  ", start) + String(row)
        }.joined(separator: "\n")
    }

    private static func text(_ record: Record, map: String) -> String {
        var table = TextTable([
            "network", "input", "weights", "float32", "pages", "frames", "exclusive", "own bytes",
            "arena bytes",
        ])
        for network in record.networks {
            table.add([
                network.name, network.input, grouped(network.weights), grouped(4 * network.weights),
                "\(network.pages)", "\(network.frames)", "\(network.exclusivePages)",
                grouped(network.ownBytes), grouped(network.arenaBytes),
            ])
        }
        var bytes = TextTable(["section", "bytes", "share %"])
        for (name, size) in record.sections.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            let title = FoldSection.allCases.first { Self.key($0) == name }?.name ?? name
            bytes.add([title, grouped(size), percent(Double(size) / Double(max(record.bytes, 1)))])
        }
        var patches = TextTable(["patches of", "number", "weights each", "bytes"])
        for network in record.networks {
            guard let own = network.patches else { continue }
            patches.add([
                network.name, grouped(own.count), "\(own.size)", grouped(own.bytes),
            ])
        }
        let patched = record.networks.contains { $0.patches != nil }
        func line(_ counts: [Int], _ unit: String) -> String {
            counts.enumerated().filter { $1 > 0 }.map { "\($1) with \($0)" }.joined(separator: ", ")
                + " \(unit)"
        }
        let ratio = String(format: "%.2f", Double(record.originalBytes) / Double(max(record.bytes, 1)))
        return """
            \(record.file): \(grouped(record.bytes)) bytes for \(grouped(record.originalBytes)) (\(ratio)x), \
            \(record.frames) frames of \(record.pageSize) weights as \(record.format)

            \(table.text)

            \(PortRecord.table(record.networks).map { $0.text + "\n\n" } ?? "")\(patched ? patches.text + "\n\n" : "")\(bytes.text)

            \(record.memory.table.text)

            \(InterpretedRecord.text(record.networks.map { ($0.name, $0.interpretedSteps) }))
            frames by users: \(line(record.framesByNetworks, "networks"))
            frames by pages: \(line(record.framesByPages, "pages"))

            \(map)
            """
    }
}
