// Which reader takes a file, and what a user is told where none does.

import Foundation
import PagefoldCore
import PagefoldGraph
import PagefoldTestCases
import Testing

@testable import PagefoldImport

struct ModelReaderTests {
    private let folder: ModelFolder

    init() throws { folder = try ModelFolder() }

    private func refusal(_ path: String, _ options: ModelOptions = ModelOptions()) throws -> InputError {
        try #require(throws: InputError.self) { try ModelContent(path: path, options: options) }
    }

    private static let read = "this version reads \(ModelReaders.names)"

    // MARK: Other formats

    @Test(arguments: ModelSamples.all)
    func whatNoReaderTakesIsNamed(_ sample: ModelSamples.Sample) throws {
        let path = try folder.write(sample.bytes, as: "model.bin")
        let file = try ModelFile(path: path)
        guard !ModelReaders.all.contains(where: { $0.recognises(file) }) else { return }
        let error = try refusal(path)
        #expect(error.file == path)
        #expect(error.problem == "this is \(sample.kind.name)")
        #expect(error.remedy == (sample.kind.advice.map { $0 + "; " } ?? "") + Self.read)
    }

    @Test(arguments: [
        (ModelKind.kerasArchive, "model.keras", "this is a Keras 3 archive"),
        (.pyTorch, "model.pt", "this is a PyTorch checkpoint (pickle)"),
    ])
    func nobodyIsToldOfAMissingMeta(_ kind: ModelKind, _ name: String, _ problem: String) throws {
        let sample = try #require(ModelSamples.all.first { $0.kind == kind })
        let error = try refusal(try folder.write(sample.bytes, as: name))
        #expect(error.problem == problem)
        #expect(!error.file.hasSuffix(".meta"))
    }

    /// All samples × all readers × names that could mislead.
    @Test(arguments: ModelSamples.all)
    func noReaderTakesAnothersFile(_ sample: ModelSamples.Sample) throws {
        for name in ["model", "model.meta", "model.fold", "model.onnx", "model.meta.index"] {
            _ = try folder.write([], as: "\(name).meta")
            let file = try ModelFile(path: try folder.write(sample.bytes, as: name))
            #expect(file.kind == sample.kind)
            let readers = ModelReaders.all.filter { $0.recognises(file) }
            #expect(readers.count <= 1, "\(name)")
            let isModel = ![.text, .json, .yaml, .empty, .unknown, .tensorFlowMetaGraph].contains(sample.kind)
            if sample.kind == .fold {
                #expect(readers.first == FoldNetworks.self)
            } else if isModel {
                #expect(!TensorFlow1.recognises(file) && !FoldNetworks.recognises(file), "\(name)")
            }
        }
    }

    // MARK: What is no file

    @Test(
        arguments: ["model.onnx", "model", "model.meta", "model.fold", ".", ".."].map { "/nowhere/at/" + $0 })
    func aMissingFileIsMissingUnderItsName(_ path: String) throws {
        let error = try refusal(path)
        #expect(error.file == path)
        #expect(error.problem == "is not there")
    }

    @Test func foldersAndDevicesAreTold() throws {
        #expect(try refusal(folder.path).problem == "this is a folder")
        #expect(try refusal("/dev/null").problem == "is not a regular file")
        _ = try folder.write([8, 1], as: "saved_model.pb")
        #expect(try refusal(folder.path).problem == "this is a SavedModel of TensorFlow")
    }

    /// A regular file that even the superuser cannot read at its beginning.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/mem"), "no such file here"))
    func aFileThatCannotBeReadIsTold() throws {
        #expect(try refusal("/proc/self/mem").problem == "cannot be read")
    }

    // MARK: TensorFlow 1

    /// Copies a golden checkpoint under another name.
    private func checkpoint(_ suffixes: [String], as name: String = "copy") throws -> String {
        for suffix in suffixes {
            _ = try folder.write(try TensorFlow1Goldens.bytes("residual" + suffix), as: name + suffix)
        }
        return "\(folder.path)/\(name)"
    }

    private static let parts = [".meta", ".index", ".data-00000-of-00001"]

    @Test(arguments: ["copy", "model.ckpt-1000", "x"])
    func aCheckpointIsFoundByItsPrefixAndItsGraph(_ name: String) throws {
        let prefix = try checkpoint(Self.parts, as: name)
        for path in [prefix, prefix + ".meta"] {
            guard case .network(let network) = try ModelContent(path: path) else {
                Issue.record("no graph")
                continue
            }
            #expect(network.name == name)
            #expect(network.nodes.count > 3)
        }
        let options = ModelOptions(name: "given", output: "Relu")
        #expect(try ModelContent(path: prefix, options: options).lowered().name == "given")
    }

    @Test func aPrefixMayBeAFolderOrAnotherFile() throws {
        let prefix = try checkpoint(Self.parts)
        try FileManager.default.createDirectory(atPath: prefix, withIntermediateDirectories: false)
        #expect(try ModelContent(path: prefix).lowered().name == "copy")
        try FileManager.default.removeItem(atPath: prefix)
        _ = try folder.write(Array("notes".utf8), as: "copy")
        #expect(try ModelContent(path: prefix).lowered().name == "copy")
    }

    @Test func whatACheckpointLacksIsNamed() throws {
        let index = try checkpoint([".index"], as: "a")
        #expect(try refusal(index).file == index + ".meta")
        let graph = try checkpoint([".meta"], as: "b")
        #expect(try refusal(graph).file == graph + ".index")
        #expect(try refusal(graph + ".meta").file == graph + ".index")
        #expect(try refusal(index + ".index").problem == "this is a table of a TensorFlow checkpoint")
    }

    @Test func aDamagedGraphIsStillAGraph() throws {
        let path = try checkpoint(Self.parts) + ".meta"
        _ = try folder.write([UInt8](repeating: 7, count: 500), as: "copy.meta")
        #expect(try refusal(path).field == "MetaGraphDef")
    }

    // MARK: Fold files

    @Test func aFoldGivesTheNetworkThatIsNamed() throws {
        let path = try folder.write(ModelSamples.fold(["a", "b"]), as: "two.fold")
        let network = try ModelContent(path: path, options: ModelOptions(name: "given", network: "b"))
            .lowered()
        #expect(network.name == "given")
        let original = try Network(
            name: "a", input: Shape(channels: 2), layers: ["dense 4", "softmax"], seed: 1
        )
        .lowered(for: .inference)
        #expect(network.weights == original.weights)
        #expect(network.program == original.program)
        // Its name does not matter.
        let one = try folder.write(ModelSamples.fold(["only"]), as: "one")
        #expect(try ModelContent(path: one).lowered().name == "only")
    }

    @Test func aFoldThatDoesNotHaveItSaysSo() throws {
        let path = try folder.write(ModelSamples.fold(["a", "b"]), as: "two.fold")
        #expect(try refusal(path).problem == "it holds 2")
        #expect(try refusal(path, ModelOptions(network: "c")).remedy == "choose one of a, b")
    }

    @Test func aDamagedFoldIsRefused() throws {
        let whole = ModelSamples.fold(["a"])
        for length in stride(from: 1, to: whole.count, by: 7) {
            #expect(try refusal(try folder.write(Array(whole.prefix(length)), as: "a.fold")).problem != "")
        }
        let odd = try folder.write([UInt8](repeating: 7, count: 500), as: "a.fold")
        #expect(try refusal(odd).problem == "it does not begin as a fold file does")
    }
}

/// Files as people have them: skipped where ../shared is missing.
@Suite(.enabled(if: SharedData.folder != nil, "no shared data here"))
struct RealModelFileTests {
    /// Paths below a folder of `shared` that end so.
    private static func files(_ folder: String, _ suffixes: [String]) -> [String] {
        guard let shared = SharedData.folder?.dropLast("/datasets".count) else { return [] }
        let names = FileManager.default.enumerator(atPath: "\(shared)/\(folder)")?.compactMap {
            $0 as? String
        }
        return (names ?? []).filter { name in suffixes.contains { name.hasSuffix($0) } }.sorted()
            .map { "\(shared)/\(folder)/\($0)" }
    }

    private static let models = ["models/corpus", "models/real", "cases"].flatMap {
        files($0, [".onnx", ".tflite"])
    }

    @Test(.enabled(if: !models.isEmpty, "no shared models here"), arguments: models)
    func everyModelIsTold(_ path: String) throws {
        #expect(try ModelFile(path: path).kind == (path.hasSuffix(".onnx") ? .onnx : .tfLite))
    }

    private static let checkpoints = files("models/ws", [".meta"]) + files("cases/tf", [".meta"])

    @Test(.enabled(if: !checkpoints.isEmpty, "no shared checkpoints here"), arguments: checkpoints)
    func everyCheckpointIsOne(_ path: String) throws {
        let file = try ModelFile(path: path)
        #expect(file.kind == .tensorFlowMetaGraph)
        #expect(TensorFlow1.recognises(file))
        let prefix = try ModelFile(path: String(path.dropLast(5)))
        // Checkpoints of version 1 are files under the prefix itself.
        #expect(TensorFlow1.recognises(prefix) == (prefix.kind != .checkpointIndex))
    }

    private static let others: [(String, ModelKind)] =
        files("cases", [".npy"]).map { ($0, .numPyArray) }
        + files("cases", ["dup.npz"]).map { ($0, .numPyArchive) }
        + files("cases", [".fold"]).map { ($0, .fold) } + files("cases", [".yaml"]).map { ($0, .yaml) }
        + files("cases", [".tar.gz"]).map { ($0, .gzip) }
        + files("models", [".index"]).map { ($0, .checkpointIndex) }

    @Test(.enabled(if: !others.isEmpty, "no shared cases here"))
    func otherFilesAreTold() throws {
        for (path, kind) in Self.others { #expect(try ModelFile(path: path).kind == kind, "\(path)") }
    }
}
