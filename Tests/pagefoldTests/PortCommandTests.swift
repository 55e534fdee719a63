// The command line on networks with several inputs, outputs and states.

import Foundation
import PagefoldCore
import PagefoldFold
import PagefoldGraph
import PagefoldRuntime
import PagefoldTestCases
import Testing

@Suite struct PortCommandTests {
    private final class Folder {
        let path = NSTemporaryDirectory() + "pagefold-\(UUID().uuidString)"
        var fold: String { path + "/ports.fold" }
        init() throws {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            let lowered = try PortCase.network().lowered(for: .inference)
            let pages = lowered.program.pageCount(pageSize: 16)
            let padding = [Float](repeating: 0, count: pages * 16 - lowered.program.pagedCount)
            let network = FoldedNetwork(
                text: lowered.text, program: lowered.program, pageTable: Array(0..<pages),
                tail: Array(lowered.weights[lowered.program.pagedCount...]))
            let pool = Array(lowered.weights[..<lowered.program.pagedCount]) + padding
            try Data(Fold(pageSize: 16, pool: pool, networks: [network]).encoded())
                .write(to: URL(fileURLWithPath: fold))
        }
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    /// A .npz file with arrays of float32, nothing compressed.
    private static func archive(_ arrays: [(name: String, shape: [Int], values: [Float])]) -> Data {
        func bytes(_ numbers: (value: Int, size: Int)...) -> Data {
            Data(
                numbers.flatMap { number in (0..<number.size).map { UInt8(number.value >> (8 * $0) & 255) } })
        }
        var (files, directory) = (Data(), Data())
        for array in arrays {
            var header =
                "{'descr': '<f4', 'fortran_order': False, 'shape': (\(array.shape.map { "\($0)," }.joined())), }"
            header += String(repeating: " ", count: 63 - (header.utf8.count + 10) % 64) + "\n"
            let content =
                Data([0x93] + "NUMPY".utf8 + [1, 0]) + bytes((header.utf8.count, 2)) + Data(header.utf8)
                + array.values.withUnsafeBytes { Data($0) }
            var check = UInt32.max
            for byte in content {
                check ^= UInt32(byte)
                for _ in 0..<8 { check = check & 1 == 1 ? check >> 1 ^ 0xEDB8_8320 : check >> 1 }
            }
            let name = Data((array.name + ".npy").utf8)
            let entry =
                bytes(
                    (20, 2), (0, 8), (Int(~check), 4), (content.count, 4), (content.count, 4), (name.count, 2)
                )
                + bytes((0, 2))
            directory += bytes((0x0201_4B50, 4), (20, 2)) + entry + bytes((0, 10), (files.count, 4)) + name
            files += bytes((0x0403_4B50, 4)) + entry + name + content
        }
        return files + directory
            + bytes(
                (0x0605_4B50, 4), (0, 4), (arrays.count, 2), (arrays.count, 2), (directory.count, 4),
                (files.count, 4), (0, 2))
    }

    @Test(arguments: ["info", "list"]) func portsAreShown(command: String) throws {
        let folder = try Folder()
        let outcome = try Tool.run(command, folder.fold)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let rows = outcome.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(
            rows.contains([
                "stream", "image", "2×5×4", "5×4×2", "HWC", "uint8", "·", "0.5", "−", "128", "input",
            ]))
        #expect(rows.contains(["stream", "class", "4×1×1", "4", "C", "float32", "classes"]))
        #expect(rows.contains(["stream", "state", "48", "bytes"]))
        let json = try JSONSerialization.jsonObject(
            with: Data(try Tool.run(command, folder.fold, "--json").output.utf8))
        let networks = try #require(
            (json as? [String: Any])?["networks"] as? [[String: Any]] ?? json as? [[String: Any]])
        let outputs = try #require(networks[0]["outputs"] as? [[String: Any]])
        #expect(outputs.map { $0["name"] as? String } == ["class", "level"])
        #expect(outputs[1]["meaning"] as? String == "numbers")
        #expect(networks[0]["stateBytes"] as? Int == 48)
    }

    @Test func aSampleOfSeveralInputsIsAnArchive() throws {
        let folder = try Folder()
        let sample = PortCase.samples(1)[0]
        let place = folder.path + "/sample.npz"
        try Self.archive([("vector", [1, 3], sample[1]), ("image", [1, 2, 5, 4], sample[0])])
            .write(to: URL(fileURLWithPath: place))
        let outcome = try Tool.run("run", folder.fold, "stream", place, "--raw", "--json")
        try #require(outcome.status == 0, "\(outcome.errors)")
        let json = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
        let outputs = try #require(json?["outputs"] as? [[String: Any]])
        let due = try FoldFile(path: folder.fold).session("stream").run([
            "image": sample[0], "vector": sample[1],
        ])
        for (name, output) in zip(["class", "level"], outputs) {
            #expect(output["name"] as? String == name)
            for answer in try #require(output["answers"] as? [[String: Any]]) {
                let (number, score) = (
                    try #require(answer["class"] as? Int), try #require(answer["score"] as? Double)
                )
                #expect(abs(score - Double(try #require(due[name])[number])) < 1e-6)
            }
        }
        let text = try Tool.run("run", folder.fold, "stream", place, "--raw").output
        #expect(text.hasPrefix("class\n") && text.contains("\n\nlevel\nnumber"))
    }

    /// As `pack` reads them: whole numbers of a quantised input are what they stand for, without any transform.
    @Test func wholeNumbersOfAnArrayAreTheInputs() throws {
        let path = NSTemporaryDirectory() + "pagefold-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        var step = Step(opcode: .dense, input: 0, output: 1)
        step.weights = 0
        let program = Program(
            values: [Shape(channels: 4), Shape(channels: 2)], steps: [step],
            outputs: [ProgramOutput(value: 1)], pagedCount: 8, weightCount: 8)
        // The first number, and the sum of the others.
        let fold = Fold(
            pageSize: 8, pool: [1, 0, 0, 0, 0, 1, 1, 1],
            networks: [
                FoldedNetwork(
                    text: NetworkText(
                        name: "own",
                        inputs: [NetworkPort(name: "x", element: .int8, scale: 0.5, zeroPoint: -10)],
                        outputs: [NetworkPort(name: "y", meaning: .numbers)]),
                    program: program, pageTable: [0], tail: [])
            ])
        try Data(fold.encoded()).write(to: URL(fileURLWithPath: path + "/own.fold"))
        let numbers: [Int8] = [-10, 0, 2, -128]
        let header: [UInt8] = [0, 0, 9, 2, 0, 0, 0, 1, 0, 0, 0, 4]
        try Data(header + numbers.map { UInt8(bitPattern: $0) })
            .write(to: URL(fileURLWithPath: path + "/x.idx"))
        let outcome = try Tool.run("run", path + "/own.fold", "own", path + "/x.idx", "--json")
        try #require(outcome.status == 0, "\(outcome.errors)")
        let json = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
        let answers = try #require(json?["answers"] as? [[String: Any]])
        #expect(answers.map { $0["score"] as? Double } == [0, (10.0 + 12 - 118) / 2])
        try Data([0, 0, 9, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3])
            .write(to: URL(fileURLWithPath: path + "/short.idx"))
        let short = try Tool.run("run", path + "/own.fold", "own", path + "/short.idx")
        #expect(short.status == 1 && short.errors.contains("takes 4, a sample is 3"), "\(short.errors)")
    }

    @Test func whatIsMissingIsTold() throws {
        let folder = try Folder()
        let place = folder.path + "/sample.npz"
        try Self.archive([("image", [1, 2, 5, 4], PortCase.samples(1)[0][0])]).write(
            to: URL(fileURLWithPath: place))
        let missing = try Tool.run("run", folder.fold, "stream", place, "--raw")
        #expect(missing.status == 1 && missing.errors.contains("there is no array 'vector'"))
        let plain = try Tool.run("run", folder.fold, "stream", folder.path + "/sample.npy")
        #expect(plain.errors.contains("give an .npz file with the arrays image, vector"))
    }

    @Test(arguments: [["run"], ["memory"], ["switch"]]) func benchesTellThatTheyTakeOneInput(bench: [String])
        throws
    {
        let folder = try Folder()
        let outcome = try Tool.run(["bench"] + bench + [folder.fold])
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("it has 2 inputs and 2 outputs, one of each is possible here"))
    }

    /// A packed network as ONNX answers as it does in its fold, in the axes of its ports; states stand beside.
    @Test func anExportedNetworkIsAModelFile() throws {
        let folder = try Folder()
        let model = folder.path + "/stream.onnx"
        let export = try Tool.run("export", folder.fold, "stream", "-o", model)
        try #require(export.status == 0, "\(export.errors)")
        #expect(export.output.contains("stream.onnx: "))
        let info = try Tool.run("info", model)
        #expect(info.status == 0, "\(info.errors)")
        #expect(info.output.contains("ONNX, opset 18") && info.output.contains("it imports: "))
        #expect(info.output.contains("state0_in"))

        let sample = PortCase.samples(1)[0]
        let (image, vector) = (sample[0], sample[1])
        // Outside, the image has rows, columns, channels; states begin with zeros.
        var arrays: [(name: String, shape: [Int], values: [Float])] = [("vector", [1, 1, 3], vector)]
        arrays.append(
            ("image", [1, 5, 4, 2], (0..<40).map { image[$0 % 2 * 20 + $0 / 2] }))
        for (index, shape) in PortCase.network().states.map({ $0.input }).enumerated() {
            let count = try PortCase.network().shapes()[shape].count
            arrays.append(("state\(index)_in", [1, count, 1, 1], [Float](repeating: 0, count: count)))
        }
        let place = folder.path + "/model.npz"
        try Self.archive(arrays).write(to: URL(fileURLWithPath: place))
        let outcome = try Tool.run("run", model, place, "--json")
        try #require(outcome.status == 0, "\(outcome.errors)")
        let json = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
        let outputs = try #require(json?["outputs"] as? [[String: Any]])
        let due = try FoldFile(path: folder.fold).session("stream").run(["image": image, "vector": vector])
        for output in outputs {
            guard let name = output["name"] as? String, let numbers = due[name] else { continue }
            let values = try #require(output["values"] as? [Double])
            #expect(values.count == numbers.count)
            for (a, b) in zip(values, numbers) { #expect(abs(a - Double(b)) < 1e-5) }
        }
        #expect(outputs.count == 4)
        let there = try Tool.run("export", folder.fold, "stream", "-o", folder.fold)
        #expect(there.status != 0 && there.errors.contains("there is a fold file"))
    }

    @Test func whatIsNoModelIsTold() throws {
        let folder = try Folder()
        let place = folder.path + "/model.h5"
        try Data([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0]).write(
            to: URL(fileURLWithPath: place))
        for command in [["info", place], ["run", place, place]] {
            let outcome = try Tool.run(command)
            #expect(outcome.status == 1)
            #expect(
                outcome.errors.contains("this is an HDF5 file") && outcome.errors.contains("from_keras_model")
            )
        }
    }
}
