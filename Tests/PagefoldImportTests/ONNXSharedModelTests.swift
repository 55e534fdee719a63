// ONNX files as people have them: those of the shared device answer as ONNX Runtime did, those of the shared corpus import
// or are refused for the known reason.

import Foundation
import PagefoldCore
import PagefoldData
import PagefoldGraph
import PagefoldTestCases
import Testing

@testable import PagefoldImport

@Suite(.enabled(if: SharedData.folder != nil, "no shared data here"))
struct ONNXSharedModelTests {
    private static let models =
        (SharedData.folder.map { String($0.dropLast("/datasets".count)) } ?? "/nowhere") + "/models"

    private static let sizes = [
        "text-direction": [3, 48, 192], "rapidocr_onnxr__ch_ppocr_mobile_v2.0_cls_infer": [3, 48, 192],
        "libfacedetecti__yunet_n_dynamic": [3, 96, 128],
    ]

    private static func network(_ folder: String, _ name: String) throws -> Network {
        var options = ModelOptions()
        if let sizes = sizes[name] { options.inputSizes = ["": sizes] }
        if name.hasPrefix("swift_f0") { options.inputSizes = ["audio": [4096]] }
        guard
            case .network(let network) = try ModelContent(
                path: "\(models)/\(folder)/\(name).onnx", options: options)
        else {
            throw InputError(file: name, field: "", problem: "no network", remedy: "")
        }
        return network
    }

    /// Within 1e-4 of the spread of each output. Scores of faces are sigmoids near 0, of which ONNX Runtime's are off by
    /// 1e-7: that is more than 1e-4 of their spread, 2e-4.
    @Test(arguments: ["digits", "digits-gru", "signs", "text-direction", "face"])
    func answersAreThoseOfONNXRuntime(_ name: String) throws {
        let run = try PortRun(try Self.network("real", name))
        let path = "\(Self.models)/real/io/\(name).npz"
        let archive = try NumPyArchive(try FileBytes.read(path), file: path)
        let (x, scale, shift) = (
            try archive.array(named: "x"), try archive.array(named: "scale")[0],
            try archive.array(named: "shift")[0]
        )
        // A few samples will do: plain execution is slow.
        let samples = min(x.shape[0], name == "face" ? 1 : 8)
        let length = x.count / x.shape[0]
        for (index, output) in run.network.text.outputs.enumerated() {
            let due = try archive.array(named: "y\(index)")
            let own = due.count / due.shape[0]
            let all = (0..<due.count).map { due[$0] }
            let mean = all.reduce(0, +) / Double(all.count)
            let spread = (all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(all.count)).squareRoot()
            for sample in 0..<samples {
                let inputs = (0..<length).map { x[sample * length + $0] * scale + shift }
                let answer = run([inputs])[index]
                #expect(answer.count == own)
                let worst = zip(answer, all[sample * own..<(sample + 1) * own]).reduce(0) {
                    max($0, abs($1.0 - $1.1))
                }
                #expect(worst <= max(1e-4 * spread, 2e-7), "\(output.name) of sample \(sample)")
            }
        }
    }

    private static let corpus: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: models + "/corpus")) ?? []
        return names.filter { $0.hasSuffix(".onnx") }.map { String($0.dropLast(".onnx".count)) }.sorted()
    }()

    /// Files that need a part that only an application has.
    private static let refused = [
        "onnxruntime__pytorch_superresolution_with_pre_post_processing_op18":
            "com.microsoft.extensions.DecodeImage"
    ]

    @Test(arguments: corpus) func filesOfTheCorpusImport(_ name: String) throws {
        if let words = Self.refused[name] {
            let error = try #require(throws: InputError.self) { try Self.network("corpus", name) }
            #expect(error.problem.contains(words), "\(error)")
        } else {
            #expect(throws: Never.self) { try Self.network("corpus", name).lowered(for: .inference) }
        }
    }

    /// The network between the two parts that an application does.
    @Test func theMiddleOfAFileImports() throws {
        let name = "onnxruntime__pytorch_superresolution_with_pre_post_processing_op18"
        let path = "\(Self.models)/corpus/\(name).onnx"
        let model = try ONNXModel([UInt8](try FileBytes.read(path)), file: path)
        let first = try #require(model.graph.nodes.first { $0.operation == "Conv" })
        let shuffle = try #require(model.graph.nodes.first { $0.operation == "DepthToSpace" })
        let options = ModelOptions(
            output: shuffle.outputs[0], input: first.inputs[0], inputSizes: ["": [1, 24, 24]])
        guard case .network(let network) = try ModelContent(path: path, options: options) else { return }
        #expect(network.outputs[0].port.axes?.map(\.size) == [1, 72, 72])
    }
}
