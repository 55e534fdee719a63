// Safetensors files with lists of layers: PyTorch's answers, and what is damaged or does not fit.

import Foundation
import PagefoldCore
import PagefoldGraph
import Testing

@testable import PagefoldImport

@Suite struct SafetensorsTests {
    struct Golden: Decodable, Sendable, CustomStringConvertible {
        var file: String
        var input: [Int]
        var layers: [String]
        var samples: [[Float]]
        var answers: [[Float]]
        var description: String { file }

        var shape: Shape { Shape(channels: input[0], height: input[1], width: input[2]) }
        var path: String { SafetensorsTests.folder + file }

        static let all: [Golden] = {
            struct File: Decodable { var cases: [Golden] }
            let data = try? Data(contentsOf: URL(fileURLWithPath: folder + "safetensors_goldens.json"))
            return data.flatMap { try? JSONDecoder().decode(File.self, from: $0) }?.cases ?? []
        }()
    }

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Goldens/"

    @Test func thereAreGoldens() { #expect(Golden.all.count == 2) }

    @Test(arguments: Golden.all) func layersAnswerAsPyTorch(_ golden: Golden) throws {
        let options = ModelOptions(layers: golden.layers, layerInput: golden.shape)
        let network = try ModelContent(path: golden.path, options: options).lowered()
        let run = ModelRun(network)
        for (sample, answer) in zip(golden.samples, golden.answers) {
            let got = run([sample])[0]
            #expect(got.count == answer.count)
            for (a, b) in zip(got, answer) { #expect(abs(a - b) < 2e-5) }
        }
    }

    private func refusal(_ layers: [String], _ shape: Shape? = nil) throws -> String {
        let golden = try #require(Golden.all.first)
        let options = ModelOptions(layers: layers, layerInput: shape ?? golden.shape)
        return try #require(throws: InputError.self) { try ModelContent(path: golden.path, options: options) }
            .description
    }

    @Test func whatDoesNotFitIsNamed() throws {
        #expect(try refusal([]).contains("tensors: first.weight"))
        #expect(try refusal(["convolution 4 3x3"]).contains("write from NAME behind the layer"))
        #expect(try refusal(["convolution 4 3x3 from nowhere"]).contains("no tensor nowhere.weight"))
        #expect(try refusal(["convolution 5 3x3 from first"]).contains("72 numbers, 90 are due"))
        #expect(try refusal(["dense 5 from head"], Shape(channels: 3)).contains("head.weight"))
    }

    @Test func layersBesideANetworkAreRefused() throws {
        let folder = try ModelFolder()
        let path = try folder.write(ModelSamples.all.first { $0.kind == .fold }!.bytes, as: "small.fold")
        let options = ModelOptions(layers: ["relu"], layerInput: Shape(channels: 1))
        let error = try #require(throws: InputError.self) { try ModelContent(path: path, options: options) }
        #expect(error.problem == "the file has a network of its own")
    }

    @Test func damageIsTold() throws {
        let golden = try #require(Golden.all.last)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: golden.path)))
        for length in 0..<bytes.count {
            #expect(throws: InputError.self) { try SafetensorsFile(Array(bytes[..<length]), file: "cut") }
        }
        for index in 0..<min(bytes.count, 700) {
            var changed = bytes
            changed[index] ^= UInt8(1 << (index % 8))
            // It may still be a file; it must not trap.
            if let file = try? SafetensorsFile(changed, file: "changed") {
                for name in file.names { _ = file.tensor(name) }
            }
        }
    }
}
