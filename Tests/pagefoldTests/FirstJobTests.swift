// The first minutes of a stranger: a folder with a model and two tables becomes a job, which is checked before it is packed.

import Foundation
import Testing

@Suite struct FirstJobTests {
    private final class Folder {
        let path = NSTemporaryDirectory() + "pagefold-first-\(UUID().uuidString)"

        init() throws {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }

        func write(_ text: String, _ name: String) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private static func table(_ rows: Int, _ first: Int) -> String {
        (first..<first + rows).map { index in
            index % 2 == 0 ? "0,\(5 + index % 3),\(index % 5),9\n" : "1,\(index % 3),\(5 + index % 5),1\n"
        }.joined()
    }

    /// A folder with `pets.onnx`, trained on `pets-train.csv`, whose first column is the label.
    private static func folder() throws -> Folder {
        let folder = try Folder()
        try folder.write(table(120, 0), "pets-train.csv")
        try folder.write(table(40, 7), "pets-test.csv")
        try folder.write(
            """
            budget: 2x
            steps: 20
            networks:
              - name: pets
                input: [3, 1, 1]
                layers: [dense 16, relu, dense 2, softmax]
                train: {steps: 200, evaluate_every: 100}
                data: {train: {samples: pets-train.csv, label: 0}}
            """, "first.yaml")
        for arguments in [
            ["train", "first.yaml"], ["export", "pets.fold", "pets", "-o", "pets.onnx"],
        ] {
            let outcome = try Tool.run(arguments, in: folder.path)
            #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
        }
        return folder
    }

    @Test func aFolderBecomesAJob() throws {
        let folder = try Self.folder()
        let made = try Tool.run("init", ".", in: folder.path)
        #expect(
            made.status == 0 && made.output.contains("1 networks with samples"),
            "\(made.output)\(made.errors)")
        let job = try String(contentsOfFile: folder.path + "/pagefold.yaml", encoding: .utf8)
        #expect(job.contains("train: {samples: pets-train.csv, label: 0}"), "\(job)")
        #expect(job.contains("test: {samples: pets-test.csv, label: 0}"), "\(job)")
        #expect(job.contains("100.0 % right of 120 training samples"), "\(job)")
        // What is there is not replaced.
        let again = try Tool.run("init", ".", in: folder.path)
        #expect(again.status == 1 && again.errors.contains("it is there already"), "\(again.errors)")

        let check = try Tool.run("check", "pagefold.yaml", "--budget", "4KiB", in: folder.path)
        #expect(check.status == 0, "\(check.output)\(check.errors)")
        #expect(check.output.contains("nothing keeps the job from being packed"))
        #expect(check.output.contains("packing takes about"))
        let packed = try Tool.run(
            "pack", "pagefold.yaml", "--budget", "4KiB", "--set", "steps=20", "--set", "evaluate_every=20",
            in: folder.path)
        #expect(packed.status == 0, "\(packed.errors)")
    }

    @Test func aCheckNamesEveryMistake() throws {
        let folder = try Self.folder()
        func network(_ name: String, _ model: String, _ data: String) -> String {
            "  - {name: \(name), weights: \(model), data: {\(data)}}\n"
        }
        let good = "train: {samples: pets-train.csv, label: 0}"
        try folder.write(
            "budget: 4KiB\nnetworks:\n" + network("a", "none.onnx", good)
                + network("b", "pets.onnx", "train: {samples: none.csv, label: 0}")
                + network("c", "pets.onnx", good + ", test: {samples: pets-test.csv, label: 1}"),
            "wrong.yaml")
        let wrong = try Tool.run("check", "wrong.yaml", in: folder.path)
        #expect(wrong.status == 1)
        for part in ["none.onnx", "none.csv", "network c", "3 to mend"] {
            #expect(wrong.output.contains(part), "\(part): \(wrong.output)")
        }
        // A transform that the network was not trained with: it answers everything alike.
        try folder.write(
            "budget: 4KiB\nnetworks:\n"
                + network("a", "pets.onnx", "transforms: [standardise: {mean: 10000, deviation: 1}], " + good),
            "blind.yaml")
        let blind = try Tool.run("check", "blind.yaml", "--strict", in: folder.path)
        #expect(blind.status == 3, "\(blind.output)\(blind.errors)")
        #expect(blind.output.contains("warning: a: it answers all"), "\(blind.output)")
        let packed = try Tool.run(
            "pack", "blind.yaml", "--strict", "--set", "steps=20", "--set", "format=int8", in: folder.path)
        #expect(
            packed.status == 3 && packed.errors.contains("warning: a: it answers all"), "\(packed.errors)")
    }
}
