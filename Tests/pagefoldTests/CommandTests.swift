// The command line as its users meet it: the whole way from layers to answers, exit codes, one line for each error.

import Foundation
import PagefoldCore
import PagefoldFold
import PagefoldRuntime
import PagefoldTestCases
import Testing

@Suite struct CommandTests {
    @Test func helpAndVersion() throws {
        let help = try Tool.run("--help")
        #expect(help.status == 0)
        let commands = [
            "demo", "train", "pack", "eval", "info", "run", "list", "add", "remove", "sweep", "report",
        ]
        for command in commands {
            #expect(help.output.contains("  \(command) "))
        }
        #expect(!help.output.contains("sweep-run"))
        #expect(help.errors.isEmpty)
        #expect(try Tool.run("--version").output == "0.3.0\n")
        #expect(try Tool.run("pack", "--help").output.contains("--budget"))
    }

    @Test(arguments: [
        ["unknown"], ["pack"], ["pack", "a.yaml", "--threads", "0"], ["pack", "a.yaml", "--wrong"],
        ["run", "a.fold"], ["info"], ["eval"], ["pack", "a.yaml", "--steps", "many"],
        ["sweep", "a.yaml", "-o", "b"],
        ["sweep", "a.yaml", "--vary", "seed=1", "-o", "b", "--parallel", "0"],
        ["sweep-run"],
    ])
    func wrongUseExitsWith64(arguments: [String]) throws {
        let file = FileHandle.nullDevice
        let process = try Tool.start(arguments, in: NSTemporaryDirectory(), file, file)
        process.waitUntilExit()
        #expect(process.terminationStatus == 64)
    }

    @Test func infoShowsPatches() throws {
        let path = NSTemporaryDirectory() + "pagefold-\(UUID().uuidString).fold"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var step = Step(opcode: .dense, input: 0, output: 1)
        step.weights = 0
        let program = Program(
            values: [Shape(channels: 4), Shape(channels: 3)], steps: [step],
            outputs: [ProgramOutput(value: 1)], pagedCount: 12, weightCount: 12)
        let network = FoldedNetwork(
            text: NetworkText(name: "own"), program: program, pageTable: [0, 0],
            patches: Patches(size: 2, indices: [1, 5], values: [1, 2, 3, 4]), tail: [])
        let fold = Fold(pageSize: 8, pool: [Float](repeating: 1, count: 8), networks: [network])
        try Data(fold.encoded()).write(to: URL(fileURLWithPath: path))

        let text = try Tool.run("info", path).output.split(separator: "\n").map(String.init)
        let heading = try #require(text.firstIndex { $0.hasPrefix("patches of") })
        #expect(text[heading + 2].split(separator: " ") == ["own", "2", "2", "28"])
        #expect(text.contains { $0.split(separator: " ").starts(with: ["patches", "28"]) })

        let json = try JSONSerialization.jsonObject(
            with: Data(try Tool.run("info", path, "--json").output.utf8))
        let record = try #require((json as? [String: Any])?["networks"] as? [[String: Any]])
        #expect(record[0]["patches"] as? [String: Int] == ["size": 2, "count": 2, "bytes": 28])
        #expect(record[0]["arenaBytes"] as? Int == (try FoldFile(path: path).arenaBytes("own")))
    }

    /// Strides of 255 take an image apart into more planes than kernels have room for.
    @Test func whatTheInterpreterComputesIsTold() throws {
        let path = NSTemporaryDirectory() + "pagefold-\(UUID().uuidString).fold"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var step = Step(opcode: .convolution, input: 0, output: 1)
        step.weights = 0
        step.strideHeight = 255
        step.strideWidth = 255
        let program = Program(
            values: [Shape(channels: 1), Shape(channels: 1, height: 40, width: 40)], steps: [step],
            outputs: [ProgramOutput(value: 1)], pagedCount: 1, weightCount: 1)
        let plain = Program(
            values: [Shape(channels: 1)], steps: [], outputs: [ProgramOutput(value: 0)], pagedCount: 0,
            weightCount: 0)
        let fold = Fold(
            pageSize: 1, pool: [1],
            networks: [
                FoldedNetwork(text: NetworkText(name: "plain"), program: plain, pageTable: [], tail: []),
                FoldedNetwork(text: NetworkText(name: "absurd"), program: program, pageTable: [0], tail: []),
            ])
        try Data(fold.encoded()).write(to: URL(fileURLWithPath: path))
        let line =
            "interpreter: absurd, step 0 (convolution): its windows and strides are too large for its image"
        let told = try Tool.run("info", path)
        #expect(told.output.contains(line), "\(told.output) \(told.errors)")
        let json = try Tool.run("info", path, "--json").output
        let record = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
        let steps = (record?["networks"] as? [[String: Any]])?.map {
            $0["interpretedSteps"] as? [[String: Any]]
        }
        #expect(steps?[0]?.isEmpty == true)
        #expect(steps?[1]?[0]["operation"] as? String == "convolution")
    }

    @Test func fromLayersToAnswers() throws {
        let tiny = try TinyJob()
        let training = try Tool.run("train", tiny.job)
        #expect(training.status == 0, "\(training.errors)")
        let packing = try Tool.run("pack", tiny.job, "--json")
        #expect(packing.status == 0, "\(packing.errors)")
        let record = try #require(
            try JSONSerialization.jsonObject(with: Data(packing.output.utf8)) as? [String: Any])
        let size = try tiny.bytes(tiny.fold).count
        #expect(record["bytes"] as? Int == size)
        #expect(size <= 3_200)
        #expect(!FileManager.default.fileExists(atPath: tiny.checkpoint))

        let evaluation = try Tool.run("eval", tiny.fold, "--job", tiny.job)
        #expect(evaluation.status == 0, "\(evaluation.errors)")
        #expect(evaluation.output.contains("original %"))
        try packing.output.write(toFile: tiny.folder + "/pack.json", atomically: true, encoding: .utf8)
        let page = tiny.folder + "/page.html"
        let report = try Tool.run("report", tiny.folder, "-o", page, "--json")
        #expect(report.status == 0, "\(report.errors)")
        #expect(report.output.contains(#""runs" : 1"#))
        #expect(try String(contentsOfFile: page, encoding: .utf8).contains("</figure>"))
        let info = try Tool.run("info", tiny.fold)
        #expect(info.status == 0, "\(info.errors)")
        #expect(info.output.contains("scale") || info.output.contains("frames of 16 weights"))

        // Sample 2 of the file is of the third class, and the network has learnt that much.
        let answer = try Tool.run(
            "run", tiny.fold, "a", tiny.folder + "/a-images.idx", "--index", "2", "--json")
        #expect(answer.status == 0, "\(answer.errors)")
        let answers = try #require(
            try JSONSerialization.jsonObject(with: Data(answer.output.utf8)) as? [String: Any])["answers"]
        let best = try #require((answers as? [[String: Any]])?.first)
        #expect(best["name"] as? String == "right")
        let session = try FoldFile(path: tiny.fold).session("a")
        #expect(session.text.preprocessing == "scale divisor=255")
        #expect(session.text.classes == ["left", "middle", "right"])
    }

    @Test(arguments: [
        ["info", "missing.fold"], ["run", "missing.fold", "a", "b"], ["pack", "missing.yaml"],
        ["eval", "missing.fold", "--job", "missing.yaml"], ["train", "missing.yaml"],
        ["report", "missing.json"],
    ])
    func aMissingFileIsNamedInOneLine(arguments: [String]) throws {
        let folder = NSTemporaryDirectory()
        let place = folder + "pagefold-\(UUID().uuidString).err"
        try Data().write(to: URL(fileURLWithPath: place))
        defer { try? FileManager.default.removeItem(atPath: place) }
        let errors = try FileHandle(forWritingTo: URL(fileURLWithPath: place))
        let process = try Tool.start(arguments, in: folder, FileHandle.nullDevice, errors)
        process.waitUntilExit()
        let told = String(decoding: try Data(contentsOf: URL(fileURLWithPath: place)), as: UTF8.self)
        #expect(process.terminationStatus == 1)
        #expect(told.hasPrefix("Error: missing."), "\(told)")
        #expect(told.split(separator: "\n").count == 1, "\(told)")
    }

    @Test func damagedInputIsToldByFile() throws {
        let tiny = try TinyJob()
        let untrained = try Tool.run("pack", tiny.job)
        #expect(untrained.status == 1)
        #expect(untrained.errors.contains("network a: it is not trained yet"))

        try Data("no images".utf8).write(to: URL(fileURLWithPath: tiny.folder + "/a-images.idx"))
        let training = try Tool.run("train", tiny.job, "a")
        #expect(training.status == 1)
        #expect(training.errors.contains("a-images.idx"))
        #expect(!FileManager.default.fileExists(atPath: tiny.folder + "/a.fold"))

        try Data(repeating: 7, count: 500).write(to: URL(fileURLWithPath: tiny.fold))
        let info = try Tool.run("info", tiny.fold)
        #expect(info.status == 1)
        #expect(info.errors.contains("tiny.fold: header: it does not begin as a fold file does"))
    }

    @Test func aPresetOfTheCommandLineIsInPlaceOfTheJobs() throws {
        let tiny = try TinyJob(steps: 2)
        #expect(try Tool.run("train", tiny.job).status == 0)
        let text = try String(contentsOfFile: tiny.job, encoding: .utf8)
        try ("preset: ws\n" + text).write(toFile: tiny.job, atomically: true, encoding: .utf8)
        for (preset, separation) in [("pagefold", "none"), ("wv", "none"), ("ws", "density")] {
            let outcome = try Tool.run("pack", tiny.job, "--preset", preset, "--json", "-o", tiny.fold)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let record = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
            #expect((record?["settings"] as? [String: String])?["separation"] == separation)
        }
    }

    @Test(arguments: [
        "steps: 1e300", "steps: 2.5", "evaluate_every: 0", "batch: 0", "learning_rate: -1", "seed: -3",
    ])
    func absurdTrainingNumbersAreTold(number: String) throws {
        let tiny = try TinyJob()
        let text = try String(contentsOfFile: tiny.job, encoding: .utf8)
            .replacing(
                "train: {steps: 40, batch: 20, evaluate_every: 20, learning_rate: 0.01}",
                with: "train: {\(number)}")
        try text.write(toFile: tiny.job, atomically: true, encoding: .utf8)
        let outcome = try Tool.run("train", tiny.job)
        #expect(outcome.status == 1, "\(outcome.errors)")
        #expect(outcome.errors.contains(number.split(separator: ":")[0]), "\(outcome.errors)")
    }
}
