// The table of messages in docs/pack-your-own.md: each of them is what the command says after the mistake that it is about.

import Foundation
import Testing

@Suite struct GuideMessageTests {
    /// How a mistake is made in the page's folder, after `init`: the part of the page's message that names it, and commands
    /// of which the last one says it.
    static let mistakes: [(part: String, commands: String)] = [
        ("gestur.onnx is not there", "\(edit("s/gesture.onnx/gestur.onnx/")); pagefold pack pagefold.yaml"),
        (
            "this is a Python pickle",
            #"printf '\200\002}q.' > models/model.pt; "# + edit("s/gesture.onnx/model.pt/")
                + "; pagefold pack pagefold.yaml"
        ),
        ("output foo", edit("12s/^/    output: foo\\n/") + "; pagefold pack pagefold.yaml"),
        ("transform is not known", edit("s/transforms:/transform:/") + "; pagefold pack pagefold.yaml"),
        (
            "'scaled' is unknown",
            edit("s/transforms: ../transforms: [scaled: 255]/") + "; pagefold pack pagefold.yaml"
        ),
        (
            "a sample is 2×1×1",
            edit("14s/label: state/&, columns: [x1, x2]/") + "; pagefold pack pagefold.yaml"
        ),
        (
            "4 numbers for 10 samples",
            #"{ printf '\0\0\10\2\0\0\0\12\0\0\0\30'; head -c 240 /dev/zero; } > x.idx; "#
                + #"printf '\0\0\10\1\0\0\0\4\0\1\2\3' > y.idx; "#
                + edit("14s#data/gesture-train.csv, label: state#x.idx, labels: y.idx#")
                + "; pagefold pack pagefold.yaml"
        ),
        ("budget: 600 bytes", edit("s/^budget:.*/budget: 600/") + "; pagefold pack pagefold.yaml"),
        ("steps: -1", edit("s/^budget:.*/&\\nsteps: -1/") + "; pagefold pack pagefold.yaml"),
        ("it is not trained yet", "\(addOwn("dense 4")); pagefold pack pagefold.yaml"),
        (
            "they have changed since",
            "\(addOwn("dense 4")); pagefold train pagefold.yaml own > log 2>&1; "
                + edit("s/dense 4/dense 8, dense 4/") + "; pagefold pack pagefold.yaml"
        ),
        ("there is an ONNX model", "pagefold pack pagefold.yaml -o models/gesture.onnx"),
        (
            "it belongs to another job",
            """
            pagefold pack pagefold.yaml --set format=int4 --steps 1000000 > log 2>&1 &
            n=0
            while [ ! -e pagefold.fold.checkpoint ] && [ $n -lt 600 ]; do sleep 0.1; n=$((n + 1)); done
            kill -9 $!
            pagefold pack pagefold.yaml --set format=int4 --steps 100
            """
        ),
        (
            "its checksum is wrong",
            "pagefold pack pagefold.yaml --set format=int8 --budget 20000 --steps 1 > log 2>&1; "
                + #"printf '\377\376\375' | dd of=pagefold.fold bs=1 seek=4000 conv=notrunc 2> log; "#
                + "pagefold info pagefold.fold"
        ),
    ]

    private static func edit(_ command: String) -> String { "sed -i '\(command)' pagefold.yaml" }

    /// A network from layers, as the job's first.
    private static func addOwn(_ layers: String) -> String {
        edit(
            "s#^networks:#&\\n  - {name: own, input: [24, 1, 1], layers: [\(layers), softmax], train: {steps: 10}, "
                + "data: {train: {samples: data/gesture-train.csv, label: state}}}#")
    }

    /// The first column of the table.
    static let messages: [String] = {
        let page = try? String(
            contentsOf: GuideWalkTests.root.appendingPathComponent("docs/pack-your-own.md"), encoding: .utf8)
        return (page ?? "").split(separator: "\n").filter { $0.hasPrefix("| `") }.compactMap {
            $0.dropFirst(3).split(separator: "`").first.map(String.init)
        }
    }()

    @Test func everyMessageHasItsMistake() {
        #expect(Self.messages.count == Self.mistakes.count)
        for message in Self.messages {
            #expect(Self.mistakes.filter { message.contains($0.part) }.count == 1, "\(message)")
        }
    }

    @Test func whatThePageSaysIsSaid() throws {
        let folder = NSTemporaryDirectory() + "pagefold-messages-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let made = try GuideWalkTests.run(
            "mkdir job && cd job && sh $PAGEFOLD/Examples/small-job.sh && pagefold init models data",
            in: folder)
        try #require(made.status == 0, "\(made.output)")
        for (part, commands) in Self.mistakes {
            let message = try #require(Self.messages.first { $0.contains(part) }, "the page has no \(part)")
            let told = try GuideWalkTests.run(
                "rm -rf mistake && cp -r job mistake && cd mistake || exit 9\n\(commands)", in: folder)
            #expect(told.status == 1, "\(commands): \(told.output)")
            let line = try #require(
                told.output.split(separator: "\n").last { $0.hasPrefix("Error: ") }, "\(commands)")
            // What the page leaves out stands as an ellipsis, but for the one between two bounds.
            var rest = line.dropFirst("Error: ".count)
            for (index, piece) in message.replacing("0…", with: "0\0").split(separator: "…").enumerated() {
                let words = piece.replacing("\0", with: "…")
                let place = try #require(rest.firstRange(of: words), "\(words)\n\(line)")
                #expect(index > 0 || place.lowerBound == rest.startIndex, "\(line)")
                rest = rest[place.upperBound...]
            }
            #expect(rest.isEmpty || message.hasSuffix("…"), "\(line)")
        }
    }
}
