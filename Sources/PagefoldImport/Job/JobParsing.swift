// From a YAML file to a job. Paths in it are relative to the file itself. Unknown keys are mistakes.

import Foundation
public import PagefoldCore
import PagefoldData
import Yams

extension Job {
    /// Reads a job file (docs/job-file.md).
    /// - Throws: `InputError` naming the line and the key.
    public init(path: String) throws(InputError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw InputError(
                file: path, field: "job file", problem: "it cannot be read",
                remedy: "name a job file that is there")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw InputError(
                file: path, field: "job file", problem: "it is not UTF-8", remedy: "save it as UTF-8")
        }
        try self.init(yaml: text, path: path)
    }

    /// Reads a job from text; `path` names it and is where relative paths begin.
    public init(yaml: String, path: String) throws(InputError) {
        let composed: Node?
        do { composed = try Yams.compose(yaml: yaml) } catch {
            throw InputError(
                file: path, field: "YAML", problem: "\(error)".replacing("\n", with: " "),
                remedy: "correct the syntax")
        }
        guard let composed else {
            throw InputError(
                file: path, field: "job file", problem: "it is empty", remedy: "see docs/job-file.md")
        }
        let root = JobNode(node: composed, file: path, place: "")
        let folder = (path as NSString).deletingLastPathComponent
        self.init(path: path, networks: [])
        if let node = root.child("budget") {
            guard let budget = Budget(try node.string()) else {
                throw node.fail("is no budget", "write bytes, as 283000 or 256KiB, or a ratio, as 3.8x")
            }
            self.budget = budget
        }
        for name in try root.keys() where name != "budget" && name != "networks" {
            settings[name] = try root.required(name).scalar()
        }
        for node in try root.required("networks").list() {
            networks.append(try JobNetwork(node, folder: folder))
        }
        guard !networks.isEmpty else { throw root.fail("names no networks") }
        let names = networks.map(\.name)
        guard Set(names).count == names.count else { throw root.fail("two networks have the same name") }
    }
}

extension JobNetwork {
    fileprivate init(_ node: JobNode, folder: String) throws(InputError) {
        try node.check(keys: [
            "name", "weights", "output", "network", "input", "layers", "classes", "importance", "data",
            "unseen_accuracy", "train", "objective", "input_shape", "states",
        ])
        let name = try node.required("name").string()
        guard let first = name.first, first != ".", !name.contains(where: { $0.isNewline || $0 == "/" })
        else {
            throw node.fail("\"\(name)\" is no name", "choose one that can be a file's name")
        }
        self.init(name: name, weights: try Self.weights(of: name, node, folder))
        if let classes = node.child("classes") { self.classes = try classes.strings() }
        if let accuracy = node.child("unseen_accuracy") {
            let share = try accuracy.number()
            guard (0...1).contains(share) else { throw accuracy.fail("is not a share between 0 and 1") }
            unseenAccuracy = share
        }
        if let objective = node.child("objective") {
            let text = try objective.string()
            guard let meaning = NetworkPort.Meaning.allCases.first(where: { $0.name == text }) else {
                throw objective.fail(
                    "is no objective",
                    "write \(NetworkPort.Meaning.allCases.map(\.name).joined(separator: ", "))")
            }
            self.objective = meaning
        }
        if let importance = node.child("importance") {
            self.importance = Float(try importance.number())
            guard self.importance > 0, self.importance.isFinite else {
                throw importance.fail("is not above 0")
            }
        }
        if let training = node.child("train") {
            let keys: Set<String> = ["steps", "learning_rate", "batch", "seed", "evaluate_every"]
            try training.check(keys: keys)
            for key in keys { self.training[key] = try training.child(key)?.number() }
        }
        if let data = node.child("data") { try readData(data, folder) }
    }

    private static func weights(
        of name: String, _ node: JobNode, _ folder: String
    ) throws(InputError) -> WeightSource {
        if let layers = node.child("layers") {
            let sizes = try node.required("input").list()
            guard sizes.count == 3 else { throw node.fail("input is not [channels, height, width]") }
            var numbers = [Int]()
            for size in sizes { numbers.append(try size.whole(in: 1...1 << 20)) }
            let shape = Shape(channels: numbers[0], height: numbers[1], width: numbers[2])
            guard numbers[0] * numbers[1] <= 1 << 24, shape.count <= 1 << 24 else {
                throw node.fail("its input is too large")
            }
            guard let weights = node.child("weights") else {
                return .layers(try layers.strings(), input: shape)
            }
            let options = ModelOptions(name: name, layers: try layers.strings(), layerInput: shape)
            return .model(path: absolute(try weights.string(), folder), options: options)
        }
        guard let source = node.child("weights") else { throw node.fail("has neither weights nor layers") }
        // What stands at the path is its reader's business, when it is read.
        let options = ModelOptions(
            name: name, network: try node.child("network")?.string(),
            output: try node.child("output")?.string(), input: try node.child("input")?.string(),
            inputSizes: try inputSizes(node), states: try states(node))
        return .model(path: absolute(try source.string(), folder), options: options)
    }

    /// `input_shape: [40, 3]`, or one list for each input by name.
    private static func inputSizes(_ node: JobNode) throws(InputError) -> [String: [Int]] {
        guard let shape = node.child("input_shape") else { return [:] }
        func sizes(_ node: JobNode) throws(InputError) -> [Int] {
            var sizes: [Int] = []
            for size in try node.list() { sizes.append(try size.whole(in: 1...1 << 24)) }
            return sizes
        }
        guard shape.node.mapping != nil else { return ["": try sizes(shape)] }
        var result: [String: [Int]] = [:]
        for name in try shape.keys() { result[name] = try sizes(try shape.required(name)) }
        return result
    }

    /// `states: {h0: hn}`
    private static func states(_ node: JobNode) throws(InputError) -> [String: String] {
        guard let states = node.child("states") else { return [:] }
        var result: [String: String] = [:]
        for name in try states.keys() { result[name] = try states.required(name).string() }
        return result
    }

    private mutating func readData(_ data: JobNode, _ folder: String) throws(InputError) {
        try data.check(keys: ["train", "validation", "test", "transforms", "augmentations", "layout"])
        var transforms = [TransformDescription]()
        for item in try data.child("transforms")?.list() ?? [] {
            transforms.append(try TransformDescription(item))
        }
        var augmentations = [TransformDescription]()
        for item in try data.child("augmentations")?.list() ?? [] {
            augmentations.append(try TransformDescription(item))
        }
        var layout = Dataset.Layout.channelsLast
        if let node = data.child("layout") {
            switch try node.string() {
            case "channels_last": break
            case "channels_first": layout = .channelsFirst
            default: throw node.fail("is not a layout", "write channels_last or channels_first")
            }
        }
        func files(_ node: JobNode) throws(InputError) -> DatasetDescription {
            try node.check(keys: ["samples", "labels", "groups"])
            let labels = try node.child("labels")?.strings() ?? []
            let labelsAreSpeakers = labels == ["by_speaker"]
            var description = DatasetDescription(
                samples: try node.required("samples").strings().map { absolute($0, folder) },
                labels: labelsAreSpeakers ? [] : labels.map { absolute($0, folder) },
                layout: layout, transforms: transforms, augmentations: augmentations)
            description.labelsAreSpeakers = labelsAreSpeakers
            if let groups = node.child("groups") {
                let names = try groups.strings()
                description.groups =
                    names == ["by_file"] ? .byFile : .files(names.map { absolute($0, folder) })
            }
            return description
        }
        if let node = data.child("train") { train = try files(node) }
        if let node = data.child("test") { test = try files(node) }
        if let node = data.child("validation") {
            if node.node.mapping != nil {
                validation = .files(try files(node))
            } else {
                let fraction = try node.number()
                guard fraction > 0, fraction < 1 else { throw node.fail("is not a share between 0 and 1") }
                validation = .fraction(fraction)
            }
        }
    }
}

private func absolute(_ path: String, _ folder: String) -> String {
    path.hasPrefix("/") || folder.isEmpty ? path : (folder as NSString).appendingPathComponent(path)
}
