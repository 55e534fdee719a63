// The table of messages in docs/pack-your-own.md: those that a small job can bring about are what the command says.

import Foundation
import PagefoldTestCases
import Testing

@Suite struct GuideMessageTests {
    private static let page: String = {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        return
            (try? String(contentsOf: root.appendingPathComponent("docs/pack-your-own.md"), encoding: .utf8))
            ?? ""
    }()

    /// What a job is changed to, and the part of the message that stands in the page.
    static let messages: [(from: String, to: String, command: String, told: String)] = [
        (
            "transforms: [scale: 255]", "transforms: [scaled: 255]", "pack",
            "data.transforms[0].scaled: 'scaled' is unknown; did you mean scale? possible are scale, standardise, l2norm, "
        ),
        (
            "transforms:", "transform:", "pack",
            "data: transform is not known here; did you mean transforms? possible are"
        ),
        (
            "steps: 30", "steps: -1", "pack",
            "steps: -1 is out of bounds; choose a whole number in 0…1073741824"
        ),
        ("steps: 30", "steps: 3", "pack", "it is not trained yet ("),
        (
            "input: [1, 6, 5]", "input: [1, 7, 5]", "train",
            "; add the transform that makes them fit"
        ),
    ]

    @Test(arguments: messages)
    func whatThePageSaysIsSaid(from: String, to: String, command: String, told: String) throws {
        #expect(Self.page.contains(told), "the page has no such message")
        let tiny = try TinyJob()
        let text = try String(contentsOfFile: tiny.job, encoding: .utf8)
        try text.replacing(from, with: to).write(toFile: tiny.job, atomically: true, encoding: .utf8)
        let outcome = try Tool.run(command, tiny.job)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains(told), "\(outcome.errors)")
    }
}
