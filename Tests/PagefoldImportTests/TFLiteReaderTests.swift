// TFLite files as a whole: ports, names, labels, options, and refusals that name everything.

import Foundation
import PagefoldCore
import PagefoldGraph
import Testing

@testable import PagefoldImport

struct TFLiteReaderTests {
    private func load(_ name: String, _ options: ModelOptions = ModelOptions()) throws(InputError) -> Network
    {
        try TFLiteGoldens.load(TFLiteGoldens.bytes(name), options)
    }

    private func refusal(_ name: String, _ options: ModelOptions = ModelOptions()) throws -> InputError {
        try #require(throws: InputError.self) { try load(name, options) }
    }

    // MARK: Refusals

    @Test func everyOperatorInTheWayIsNamed() throws {
        let error = try refusal("file-unfamiliar")
        #expect(error.field == "operators")
        #expect(
            error.problem
                == "4 of them are in the way: operator 0 (CUSTOM MyFilter): custom operators are not read: their "
                + "meaning is not in the file; operators 1 and 3 (LOCAL_RESPONSE_NORMALIZATION): this operator is not "
                + "read; operator 4 (RESHAPE): turns [1, 4, 4, 2] into [1, 33]")
        #expect(error.remedy.contains("end before it with output: t0"))
    }

    @Test func oneOperatorIsAFieldOfItsOwn() throws {
        let error = try refusal("file-front-end")
        #expect(error.field == "operator 0 (CUSTOM SignalFeatures)")
        #expect(
            error.remedy
                == "leave it outside: end before it with output: t0, or begin behind it with input: features")
    }

    @Test func otherVersionsAreRefused() throws {
        var bytes = TFLiteGoldens.bytes("reshape")
        let model = try TFLiteModel(bytes, file: "m")
        #expect(model.subgraphs.count == 1)
        // The version is the one 3 that, made 4, is found to be another version.
        let places = bytes.indices.filter { bytes[$0] == 3 }
        let error = places.lazy.compactMap { place -> InputError? in
            bytes[place] = 4
            defer { bytes[place] = 3 }
            do throws(InputError) { _ = try TFLiteModel(bytes, file: "m") } catch { return error }
            return nil
        }
        .first { $0.field == "version" }
        #expect(error?.problem == "is 4, 3 is read")
    }

    // MARK: Options

    @Test func aNetworkMayBeginAndEndInside() throws {
        let inside = try load("file-front-end", ModelOptions(input: "features"))
        #expect(inside.inputs.map(\.name) == ["features"])
        #expect(inside.outputs.map(\.port.meaning) == [.classes])
        let ended = try load("file-front-end", ModelOptions(output: "dense", input: "features"))
        #expect(ended.outputs.map(\.port.name) == ["dense;bias"])
        #expect(ended.nodes.allSatisfy { $0.operation != .softmax })
        let both = try load("file-front-end", ModelOptions(output: "bias, t5", input: "features"))
        #expect(both.outputs.map(\.port.name) == ["dense;bias", "t5"])
        let wrong = try refusal("file-front-end", ModelOptions(output: "nothing"))
        #expect(wrong.field == "output nothing")
        #expect(wrong.remedy == "name one of its tensors, such as t0, t5")
    }

    @Test func openAxesAreFilled() throws {
        func shapes(_ sizes: [String: [Int]]) throws(InputError) -> [Int] {
            let network = try load("file-open", ModelOptions(inputSizes: sizes))
            return (network.inputs[0].axes ?? []).map(\.size)
                + (network.outputs[0].port.axes ?? []).map(\.size)
        }
        #expect(try shapes([:]) == [1, 1, 3, 1, 1, 2])
        #expect(try shapes(["": [9, 8, 3]]) == [9, 8, 3, 5, 4, 2])
        #expect(try shapes(["t0": [4, 6, 3]]) == [4, 6, 3, 2, 3, 2])
        for sizes in [[9, 8], [9, 8, 4]] {
            let error = try refusal("file-open", ModelOptions(inputSizes: ["": sizes]))
            #expect(error.field == "input t0")
            #expect(error.problem.contains("does not fit"))
        }
    }

    @Test func aSignatureNamesPorts() throws {
        let network = try load("file-signatures")
        #expect(network.inputs.map(\.name) == ["image"])
        #expect(network.outputs.map(\.port.name) == ["scores"])
        for name in ["negate", "other"] {
            let other = try load("file-signatures", ModelOptions(network: name))
            #expect(other.inputs.map(\.name) == ["x"])
            #expect(other.outputs.map(\.port.name) == ["y"])
        }
        let error = try refusal("file-signatures", ModelOptions(network: "third"))
        #expect(error.remedy == "choose one of serving_default, negate, main, other, or leave it out")
    }

    // MARK: Ports

    @Test func wholeNumbersOutsideAreTold() throws {
        let network = try load("file-labels")
        let port = network.inputs[0]
        #expect(port.element == .uint8 && port.scale == 0.5 && port.zeroPoint == 10)
        #expect((port.axes ?? []).map(\.size) == [4, 4, 3])
        #expect(network.outputs[0].port.labels == ["cat", "dog", "bird"])
        #expect(try load("file-signatures").outputs[0].port.labels.isEmpty)
        #expect(try load("embedding").inputs[0].element == .int32)
        #expect(try load("quantised-int16").outputs[0].port.element == .int16)
    }

    @Test(arguments: [
        ("softmax", NetworkPort.Meaning.classes), ("softmax-beta", .raw), ("dense", .classes),
        ("relu", .reconstruction),
        ("conv-same", .raw), ("unpack", .raw), ("l2-normalization", .reconstruction), ("argmax-rows", .raw),
        ("quantised-chain", .raw), ("mean-1-2", .classes), ("file-labels", .classes),
    ])
    func outputsSayWhatTheyAreFor(_ name: String, _ meaning: NetworkPort.Meaning) throws {
        #expect(try load(name).outputs.allSatisfy { $0.port.meaning == meaning })
    }

    /// Boxes are picked outside; what the operator reads is the answer.
    @Test func aDetectorEndsBeforeItsBoxesArePicked() throws {
        let network = try load("file-detection")
        #expect(network.outputs.map(\.port.name) == ["boxes", "scores"])
        #expect(network.outputs.map { ($0.port.axes ?? []).map(\.size) } == [[16, 4], [16, 5]])
        #expect(network.outputs.allSatisfy { $0.port.meaning == .raw })
    }

    @Test func statesAreCounted() throws {
        #expect(try load("variables").states.count == 1)
        #expect(try load("lstm").states.count == 2)
        #expect(try load("bidirectional-lstm").states.count == 4)
        #expect(try load("svdf").states.count == 1)
        #expect(try load("svdf-moment").states.isEmpty)
    }

    // MARK: Descriptions

    @Test func aFileDescribesItself() throws {
        let model = try TFLiteModel(TFLiteGoldens.bytes("file-signatures"), file: "m")
        let description = model.description
        #expect(description.format == "TFLite")
        #expect(description.inputs.map(\.name) == ["image"])
        #expect(description.inputs.map(\.element) == ["uint8"])
        #expect(description.inputs.map(\.sizes) == [[1, 4, 4, 3]])
        #expect(description.operations["SOFTMAX"] == 1 && description.operations["NEG"] == 1)
        #expect(description.weights == 12)
        let open = try TFLiteModel(TFLiteGoldens.bytes("file-open"), file: "m").description
        #expect(open.inputs.map(\.sizes) == [[nil, nil, nil, 3]])
    }
}
