// The whole way from data as people keep them: a table and a folder of recordings, to a fold that answers a row and a sound.

import Foundation
import PagefoldPreprocessing
import PagefoldRuntime
import Testing

@Suite struct DataCommandTests {
    private final class Folder {
        let path = FileManager.default.temporaryDirectory.path + "/pagefold-people-\(UUID().uuidString)"

        func write(_ data: Data, _ name: String) throws {
            let place = URL(fileURLWithPath: path + "/" + name)
            try FileManager.default.createDirectory(
                at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
            try data.write(to: place)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    /// 8 kHz, 8 bits: a tone of a period in samples.
    private static func tone(_ period: Int) -> Data {
        func little(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(value >> (8 * $0) & 255) }
        }
        let samples = (0..<64).map { UInt8($0 / (period / 2) % 2 == 0 ? 200 : 56) }
        var bytes = Array("RIFF".utf8) + little(100, 4) + Array("WAVEfmt ".utf8) + little(16, 4)
        bytes +=
            little(1, 2) + little(1, 2) + little(8_000, 4) + little(8_000, 4) + little(1, 2) + little(8, 2)
        return Data(bytes + Array("data".utf8) + little(64, 4) + samples)
    }

    @Test func aTableAndSounds() throws {
        let folder = Folder()
        var rows = "kind;a;b\n"
        for index in 0..<40 { rows += index % 2 == 0 ? "dog;\(index % 7),5;10\n" : "cat;\(index % 5);-10\n" }
        try folder.write(Data(rows.utf8), "t.csv")
        for index in 0..<20 {
            try folder.write(Self.tone(4), "sounds/high/\(index).wav")
            try folder.write(Self.tone(16), "sounds/low/\(index).WAV")
        }
        let job = """
            budget: 2x
            steps: 20
            evaluate_every: 20
            format: float16
            networks:
              - name: pets
                input: [2, 1, 1]
                layers: [dense 8, relu, dense 2, softmax]
                train: {steps: 200, evaluate_every: 100}
                data: {transforms: [scale: 10], train: {samples: t.csv, label: kind}, test: {samples: t.csv, label: 0}}
              - name: tones
                input: [1, 1, 64]
                layers: [dense 8, relu, dense 2, softmax]
                train: {steps: 200, evaluate_every: 100}
                data:
                  transforms: [waveform: {sample_rate: 8000, length: 64}]
                  train: {samples: sounds}
                  test: {samples: sounds}
            """
        try folder.write(Data(job.utf8), "job.yaml")
        let path = folder.path
        for arguments in [
            ["train", "\(path)/job.yaml"], ["pack", "\(path)/job.yaml", "-o", "\(path)/packed.fold"],
        ] {
            let outcome = try Tool.run(arguments)
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        let row = try Tool.run(
            "run", "\(path)/packed.fold", "pets", "\(path)/t.csv", "--label", "kind", "--index", "1")
        #expect(
            row.output.split(separator: "\n").dropFirst().first { $0.contains("cat") || $0.contains("dog") }?
                .contains("cat") == true, "\(row.output) \(row.errors)")
        let sound = try Tool.run("run", "\(path)/packed.fold", "tones", "\(path)/sounds/low/3.WAV")
        #expect(sound.output.contains("low") && sound.output.contains("high"), "\(sound.errors)")
        try expectAnswers(ofPackedFileIn: path)
        let wrong = try Tool.run("run", "\(path)/packed.fold", "pets", "\(path)/t.csv")
        #expect(wrong.status == 1 && wrong.errors.contains("line 2, column 0 (\"kind\")"), "\(wrong.errors)")
    }

    /// An application that preprocesses by the fold file gets the numbers that the command prints.
    private func expectAnswers(ofPackedFileIn path: String) throws {
        let file = try FoldFile(path: "\(path)/packed.fold")
        let (sound, table) = ("\(path)/sounds/low/3.WAV", "\(path)/t.csv")
        let tone = try file.preprocessing(of: "tones").sample(fromRecording: sound)
        let row = try file.preprocessing(of: "pets").sample(from: [1, -10])
        for (name, sample, arguments) in [
            ("tones", tone, [sound]), ("pets", row, [table, "--label", "kind", "--index", "1"]),
        ] {
            let outcome = try Tool.run(["run", "\(path)/packed.fold", name] + arguments + ["--json"])
            let json = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
            let printed = try #require(json?["answers"] as? [[String: Any]], "\(outcome.errors)")
            let scores = try file.session(name).run(sample)
            #expect(printed.count == scores.count)
            for answer in printed {
                let index = try #require(answer["class"] as? Int)
                #expect((answer["score"] as? NSNumber)?.floatValue == scores[index])
            }
        }
    }
}
