// What an application gets wrong and reads first: counts of numbers, and the best classes with their names.

import Foundation
import PagefoldCore
import PagefoldFold
import PagefoldGraph
import PagefoldRuntime
import PagefoldTestCases
import Testing

@Suite struct AnswerTests {
    /// y = x, three classes with two names.
    private func file() throws -> FoldFile {
        var builder = NetworkBuilder("echo", input: Shape(channels: 3), seed: 1)
        builder.add(.dense(outputs: 3))
        let program = try builder.network.lowered(for: .inference).program
        var text = NetworkText(name: "echo")
        text.outputs[0].labels = ["low", "middle"]
        // One page: the unit matrix. The biases are the tail.
        let fold = Fold(
            pageSize: 16, pool: (0..<16).map { $0 < 9 && $0 % 4 == 0 ? 1 : 0 },
            networks: [
                FoldedNetwork(
                    text: text, program: program, pageTable: [0], exclusivePages: [], tail: [0, 0, 0])
            ])
        let bytes = fold.encoded()
        let path = NSTemporaryDirectory() + "pagefold-answer-\(UUID().uuidString).fold"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try FoldFile(path: path)
    }

    @Test func aWrongCountIsAnError() throws {
        let file = try file()
        let session = try file.session("echo")
        #expect(try session.run([1, 2, 3]) == [1, 2, 3])
        for wrong in [[], [1, 2], [1, 2, 3, 4]] as [[Float]] {
            let error = #expect(throws: InputError.self) { try session.run(wrong) }
            #expect(error?.problem.hasPrefix("\(wrong.count) numbers") == true)
        }
        let batch = try file.batchSession("echo")
        #expect(try batch.run([1, 2, 3, 4, 5, 6]) == [1, 2, 3, 4, 5, 6])
        #expect(throws: InputError.self) { try batch.run([1, 2, 3, 4]) }
    }

    @Test func topClassesHaveNames() throws {
        let session = try file().session("echo")
        _ = try session.run([0.2, 0.7, 0.2])
        let best = session.topClasses(2)
        #expect(best.map(\.index) == [1, 0] && best.map(\.name) == ["middle", "low"])
        #expect(session.topClasses().map(\.name) == ["middle", "low", nil])
        #expect(best[0].score == 0.7)
    }
}
