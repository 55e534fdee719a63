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
        try self.init(yaml: JobText.decoded(data, file: path), path: path)
    }

    /// Reads a job from text; `path` names it and is where relative paths begin.
    public init(yaml: String, path: String) throws(InputError) {
        let notes = JobNotes()
        let root = JobNode(
            node: try JobText.tree(yaml, file: path), file: path, place: "", notes: notes)
        let folder = FilePath.folder(of: path)
        self.init(path: path, networks: [])
        if let node = root.child("budget") {
            let text = try node.string()
            guard let budget = Budget(text) else {
                throw node.fail("\"\(text)\" is no budget", Budget.remedy(for: text))
            }
            self.budget = budget
        }
        for name in try root.keys() where name != "budget" && name != "networks" {
            settings[name] = try root.required(name).scalar()
        }
        let list = try root.required("networks")
        var lines: [String: TextPlace] = [:]
        for node in try list.list() {
            let network = try JobNetwork(node, folder: folder)
            let name = try node.required("name")
            guard let first = lines[network.name] else {
                lines[network.name] = name.position ?? TextPlace(line: 1, column: 1)
                networks.append(network)
                continue
            }
            throw name.fail(
                "two networks have the same name, \(network.name): here and in line \(first.line)",
                "give one of them another name")
        }
        guard !networks.isEmpty else { throw list.fail("names no networks", "add - name: … below it") }
        places = notes.places
        for index in networks.indices { networks[index].places = places }
    }
}

extension JobNetwork {
    fileprivate init(_ node: JobNode, folder: String) throws(InputError) {
        let nameless = node
        var name = ""
        if let node = nameless.child("name") {
            name = try node.string()
            guard let first = name.first, first != ".", !name.contains(where: { $0.isNewline || $0 == "/" })
            else {
                throw node.fail(
                    "\"\(name)\" is no name", "choose one that can be a file's name: no /, no dot in front")
            }
        }
        // From here on the network has its name in errors.
        let node = name.isEmpty ? nameless : nameless.named(Self.field(of: name), joint: ": ")
        try node.check(keys: [
            "name", "weights", "output", "network", "input", "layers", "classes", "importance", "batch",
            "data", "unseen_accuracy", "train", "objective", "input_shape", "states",
        ])
        _ = try node.required("name")
        self.init(name: name, weights: try Self.weights(of: name, node, folder))
        if let classes = node.child("classes") { self.classes = try classes.strings() }
        if let accuracy = node.child("unseen_accuracy") {
            let share = try accuracy.number()
            guard (0...1).contains(share) else {
                throw accuracy.fail("is not a share between 0 and 1", "write a number in 0…1, as 0.94")
            }
            unseenAccuracy = share
        }
        if let objective = node.child("objective") {
            let text = try objective.string()
            guard let meaning = NetworkPort.Meaning.allCases.first(where: { $0.name == text }) else {
                let names = NetworkPort.Meaning.allCases.map(\.name)
                throw objective.fail(
                    "\"\(text)\" is no objective", Spelling.remedy(for: text, among: names, verb: "write"))
            }
            self.objective = meaning
        }
        if let importance = node.child("importance") {
            self.importance = Float(try importance.number())
            guard self.importance > 0, self.importance.isFinite else {
                throw importance.fail("is not above 0", "write a number above 0 and below 1e38, 1 is usual")
            }
        }
        batch = try node.child("batch")?.whole(in: 1...65_536)
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
            guard sizes.count == 3 else {
                throw try node.required("input").fail(
                    "input is not [channels, height, width]", "write three whole numbers, as [1, 28, 28]")
            }
            var numbers = [Int]()
            for size in sizes { numbers.append(try size.whole(in: 1...1 << 20)) }
            let shape = Shape(channels: numbers[0], height: numbers[1], width: numbers[2])
            guard numbers[0] * numbers[1] <= 1 << 24, shape.count <= 1 << 24 else {
                throw try node.required("input").fail(
                    "its input is too large", "write sizes whose product is at most \(1 << 24)")
            }
            guard let weights = node.child("weights") else {
                return .layers(try layers.strings(), input: shape)
            }
            let options = ModelOptions(name: name, layers: try layers.strings(), layerInput: shape)
            return .model(path: absolute(try weights.string(), folder), options: options)
        }
        guard let source = node.child("weights") else {
            throw node.fail(
                "has neither weights nor layers",
                "add weights: FILE, or layers and input to train from scratch")
        }
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
        guard shape.isMapping else { return ["": try sizes(shape)] }
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
            let description = try TransformDescription(item)
            do { _ = try Transform(description, file: item.file) } catch { throw item.placing(error) }
            transforms.append(description)
        }
        var augmentations = [TransformDescription]()
        for item in try data.child("augmentations")?.list() ?? [] {
            let description = try TransformDescription(item)
            do { _ = try Augmentation([description], seed: 0, file: item.file) } catch {
                throw item.placing(error)
            }
            augmentations.append(description)
        }
        var layout = Dataset.Layout.channelsLast
        if let node = data.child("layout") {
            let text = try node.string()
            switch text {
            case "channels_last": break
            case "channels_first": layout = .channelsFirst
            default:
                throw node.fail(
                    "\"\(text)\" is not a layout",
                    Spelling.remedy(for: text, among: ["channels_last", "channels_first"], verb: "write"))
            }
        }
        func files(_ node: JobNode, _ part: DatasetDescription.Part) throws(InputError) -> DatasetDescription
        {
            try node.check(keys: TableLayout.keys.union(["samples", "labels", "groups"]))
            var labels = try node.child("labels")?.strings() ?? []
            let takesLabels = labels != ["none"]
            if !takesLabels { labels = [] }
            let labelsAreSpeakers = labels == ["by_speaker"]
            var description = DatasetDescription(
                samples: try node.required("samples").strings().map { absolute($0, folder) },
                labels: labelsAreSpeakers ? [] : labels.map { absolute($0, folder) },
                layout: layout, transforms: transforms, augmentations: augmentations)
            description.labelsAreSpeakers = labelsAreSpeakers
            description.table = try TableLayout(node)
            (description.part, description.takesLabels) = (part, takesLabels)
            if let groups = node.child("groups") {
                let names = try groups.strings()
                description.groups =
                    names == ["by_file"] ? .byFile : .files(names.map { absolute($0, folder) })
            }
            return description
        }
        if let node = data.child("train") { train = try files(node, .training) }
        if let node = data.child("test") { test = try files(node, .test) }
        if let node = data.child("validation") {
            if node.isMapping {
                validation = .files(try files(node, .validation))
            } else {
                validation = .fraction(try node.share())
            }
        }
    }
}

private func absolute(_ path: String, _ folder: String) -> String { FilePath.joined(folder, path) }
